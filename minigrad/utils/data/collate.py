"""From the samples of a batch to tensors."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from minigrad.creation import from_numpy
from minigrad.functions import stack
from minigrad.tensor import Tensor
from minigrad.utils.data.columns import Columns


def default_collate(batch: Sequence[Any]) -> Any:
    """The samples as one tensor a part, with the batch as first dimension.

    Tensors and arrays are stacked, ints become int64, floats float64, bools bool; strings stay a
    list; mappings and sequences are collated part by part, at any depth, and keep their type where
    it can be made (tuples become lists, named tuples stay). `Columns` are taken whole.

    Args:
        batch: the samples, in a list.

    Errors: TypeError for a part of another type, RuntimeError for parts of different sizes.

    Example:
        >>> minigrad.utils.data.default_collate([(minigrad.zeros(2), 3), (minigrad.ones(2), 4)])
        [tensor([[0., 0.],
                [1., 1.]]), tensor([3, 4])]
    """
    if isinstance(batch, Columns):
        return [_column(column) for column in batch.columns]
    first = batch[0]
    if isinstance(first, Tensor):
        _check_alike("tensors", [tuple(x.shape) for x in batch])
        return stack(list(batch))
    if isinstance(first, np.ndarray | np.generic):
        _check_alike("arrays", [np.shape(x) for x in batch])
        return _tensor(np.stack(batch))
    if isinstance(first, bool | int):
        return from_numpy(np.asarray(batch))
    if isinstance(first, float):
        return from_numpy(np.asarray(batch, dtype=np.float64))
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Mapping):
        parts = {key: default_collate([sample[key] for sample in batch]) for key in first}
        return _of_type(first, parts)
    if isinstance(first, Sequence):
        _check_alike("sequences", [(len(sample),) for sample in batch])
        return _of_type(first, [default_collate(part) for part in zip(*batch, strict=True)])
    raise TypeError(
        "default_collate: expected samples of tensors, arrays, numbers, strings, dicts, tuples "
        f"or lists, got {type(first).__name__}; give the DataLoader a collate_fn"
    )


def default_convert(data: Any) -> Any:
    """One sample with its arrays as tensors; what is no array stays as it is.

    Args:
        data: the sample; mappings and sequences are gone through at any depth.

    Example:
        >>> import numpy as np
        >>> minigrad.utils.data.default_convert({"x": np.array([1.0]), "name": "a"})
        {'x': tensor([1.], dtype=float64), 'name': 'a'}
    """
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in "biuf":
        return from_numpy(np.asarray(data))
    if isinstance(data, Mapping):
        return _of_type(data, {key: default_convert(part) for key, part in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _of_type(data, [default_convert(part) for part in data])
    return data


def _of_type(model: Any, parts: Any) -> Any:
    """The parts, a dict or a list, as a container like the model."""
    kind = type(model)
    if kind in (dict, list, tuple):
        return parts
    if hasattr(model, "_fields"):
        return kind(*parts)
    try:
        if isinstance(model, MutableMapping):
            merged = copy(model)
            merged.update(parts)
            return merged
        if isinstance(model, MutableSequence):
            filled = copy(model)
            filled[:] = parts
            return filled
        return kind(parts)
    except TypeError:  # as a class may be made from something else
        return parts


def _column(column: Any) -> Any:
    if isinstance(column, Tensor):
        return column
    return _tensor(column) if isinstance(column, np.ndarray) else default_collate(column)


def _tensor(array: np.ndarray) -> Tensor:
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"default_collate: expected arrays of numbers, got {array.dtype}; "
            "give the DataLoader a collate_fn"
        )
    return from_numpy(array)


def _check_alike(what: str, shapes: list[tuple[int, ...]]) -> None:
    for place, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise RuntimeError(
                f"default_collate: expected {what} of equal size in a batch, got {shapes[0]} in "
                f"sample 0 and {shape} in sample {place} of the batch"
            )
