"""A NumPy or CuPy array of anything that holds numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.device import Array, cupy
from minigrad.methods.core import Core
from minigrad.tape import blank, reads


def as_array(caller: str, data: Any, dtype: Any = None) -> Array:
    """The data as an array, without a copy where it is one already.

    Arrays and tensors keep their type, Python's floats take the default type, integers int64.
    Errors, as in PyTorch: RuntimeError for what holds no numbers and for numbers that do not fit
    the type, TypeError for text and for types that no tensor can have, ValueError for ragged lists,
    for text in lists and as `at_whole_steps`.
    """
    kind = None if dtype is None else dtypes.as_dtype(dtype)
    if isinstance(data, Core):
        reads(f"{caller}()")
        array = data.array
    elif isinstance(data, (np.ndarray, np.generic)):
        array = at_whole_steps(caller, np.asarray(data))
    elif hasattr(data, "__cuda_array_interface__"):
        array = cupy().asarray(data)
    else:
        return _from_python(caller, data, kind)
    _check(caller, data, array)
    return array if kind is None or kind == array.dtype else array.astype(kind)


def at_whole_steps(caller: str, array: Array) -> Array:
    """The array. Errors: ValueError for one whose numbers are no whole number of their size apart,
    such as a field of records: no stride says how it lies."""
    if any(step % array.itemsize for step in array.strides):
        raise ValueError(
            f"{caller}: given numpy array strides not a multiple of the element byte size: "
            f"{array.strides} for {array.itemsize}; copy() it"
        )
    return array


def spelled(caller: str, data: tuple[Any, ...], kind: dtypes.DType) -> Array:
    """What ``FloatTensor(2, 3)`` (lengths: whatever is in memory) and ``FloatTensor([[1, 2]])``
    (data) mean. Errors: TypeError for anything else."""
    if all(isinstance(n, int) for n in data):
        return getattr(np, blank())(data or 0, kind)
    if len(data) > 1 or isinstance(data[0], float):
        raise TypeError(f"{caller}: expected lengths or a sequence of data, got {data!r}")
    return np.array(as_array(caller, data[0], kind))


def _from_python(caller: str, data: Any, kind: dtypes.DType | None) -> Array:
    if isinstance(data, (str, bytes)):
        raise TypeError(f"{caller}: invalid data type '{type(data).__name__}'")
    first = _first(data)
    if not isinstance(
        first, (int, float, list, tuple, range, str, np.generic, Core)
    ) and not hasattr(first, "__array__"):
        raise RuntimeError(f"{caller}: Could not infer dtype of {type(first).__name__}")
    try:
        array = np.array(_plain(data))
    except ValueError as error:
        raise ValueError(
            f"{caller}: expected sequences of equal length in every dimension: {error}"
        ) from error
    if array.dtype == object or (array.dtype == np.uint64 and isinstance(first, int)):
        if kind is None or kind.kind in "iu":
            raise ValueError(f"{caller}: expected numbers that fit into int64, got {data!r}")
        array = array.astype(kind)
    if array.dtype.kind in "US":
        raise ValueError(f"{caller}: too many dimensions 'str': expected numbers, got text")
    _check(caller, data, array)
    if kind is None and (array.size == 0 or _takes_default(array, first)):
        kind = dtypes.DEFAULT
    if kind is None or kind == array.dtype:
        return array
    if kind.kind in "iu" and array.dtype.kind == "i" and array.size:
        bounds = np.iinfo(kind)
        if array.min() < bounds.min or array.max() > bounds.max:
            raise RuntimeError(
                f"{caller}: value cannot be converted to type {kind} without overflow"
            )
    return array.astype(kind)


def _check(caller: str, data: Any, array: Array) -> None:
    if array.dtype not in dtypes.SUPPORTED:
        raise TypeError(f"{caller}: expected numbers, got {type(data).__name__} of {array.dtype}")


def _takes_default(array: Array, first: Any) -> bool:
    return array.dtype.kind == "f" and not isinstance(first, (np.ndarray, np.generic, Core))


def _first(data: Any) -> Any:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return data


def _plain(data: Any) -> Any:
    """Lists with the tensors in them as numbers. Errors: ValueError for several in one."""
    if isinstance(data, Core):
        if data.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        reads("a tensor among numbers")
        number: Any = data.detach().cpu().array.reshape(-1)[0]
        return number
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data
