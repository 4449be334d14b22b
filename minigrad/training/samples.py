"""What `fit`, `evaluate` and `predict` take: arrays, a Dataset or a DataLoader."""

from __future__ import annotations

from typing import Any

from minigrad.creation import as_tensor
from minigrad.random import Generator, default_generator
from minigrad.tensor import Tensor
from minigrad.training.splits import Loader, Samples, hold_out
from minigrad.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset
from minigrad.utils.data.dataset import length


def pairs(caller: str, x: Any, y: Any) -> Samples | Loader:
    """Samples of an input and a target: those of a Dataset or a DataLoader, or x[i] and y[i] of
    tensors, arrays or lists.

    Errors: ValueError for different numbers of x and y, none at all, or a y too many; TypeError
    for a y that is missing, and for what is no array.
    """
    if isinstance(x, Dataset | DataLoader):
        if y is not None:
            raise ValueError(
                f"{caller}: a {type(x).__name__} brings its own targets; expected no y beside it"
            )
        return _some(caller, x)
    if y is None:
        raise TypeError(
            f"{caller}: expected targets y beside the inputs x, or a Dataset or DataLoader of both"
        )
    inputs, targets = _tensor(caller, "x", x), _tensor(caller, "y", y)
    if len(inputs) != len(targets):
        raise ValueError(
            f"{caller}: x and y differ in the number of samples: {len(inputs)} and {len(targets)}"
        )
    return _some(caller, TensorDataset(inputs, targets))


def inputs(caller: str, x: Any) -> Samples | Loader:
    """Samples that begin with an input. Errors: as `pairs`."""
    if isinstance(x, Dataset | DataLoader):
        return _some(caller, x)
    return _some(caller, TensorDataset(_tensor(caller, "x", x)))


def parts(
    x: Any, y: Any, validation_split: float, validation_data: Any
) -> tuple[Samples | Loader, Samples | Loader | None]:
    """What `fit` trains on, and what it looks at after each epoch, if anything.

    Errors: as `pairs`; ValueError for a share outside 0..1, for one that leaves a part without
    samples, beside other data, or of samples that have no order.
    """
    samples = pairs("fit", x, y)
    if validation_data is not None:
        if validation_split:
            raise ValueError("fit: expected validation_split or validation_data, got both")
        if isinstance(validation_data, list | tuple) and len(validation_data) == 2:
            return samples, pairs("fit: validation_data", *validation_data)
        if not isinstance(validation_data, Dataset | DataLoader):
            raise TypeError(
                "fit: expected validation_data to be (x, y), a Dataset or a DataLoader, got "
                f"{type(validation_data).__name__}"
            )
        return samples, pairs("fit: validation_data", validation_data, None)
    if not 0 <= validation_split < 1:
        raise ValueError(
            f"fit: expected validation_split from 0 to below 1, got {validation_split}"
        )
    if not validation_split:
        return samples, None
    if isinstance(samples, DataLoader | IterableDataset):
        raise ValueError(
            f"fit: the last samples of a {type(samples).__name__} cannot be kept back; expected "
            "validation_data in place of validation_split"
        )
    train, held = hold_out(samples, validation_split)
    left, back = length(train), length(held)
    if not left or not back:
        raise ValueError(
            f"fit: validation_split {validation_split} of {left + back} samples leaves {left} to "
            f"train on and {back} to look at"
        )
    return train, held


def batches(samples: Samples | Loader, size: int, shuffle: bool, seed: int | None) -> Loader:
    """The loader of the batches to train on; the seed, or a draw, decides their order."""
    if isinstance(samples, DataLoader):
        return samples
    if seed is None:
        seed = int(default_generator.numpy.integers(2**63))
    return DataLoader(
        samples,
        batch_size=size,
        shuffle=shuffle and not isinstance(samples, IterableDataset),
        generator=Generator().manual_seed(seed),
    )


def _tensor(caller: str, name: str, data: Any) -> Tensor:
    try:
        tensor = as_tensor(data).detach()
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{caller}: expected {name} to be a tensor, an array or a list of numbers, or x a "
            f"Dataset or DataLoader; got {type(data).__name__}: {error}"
        ) from error
    if not tensor.ndim:
        raise ValueError(f"{caller}: expected {name} to have samples along its first dimension")
    return tensor


def _some(caller: str, samples: Samples | Loader) -> Samples | Loader:
    """The samples, unless they are known to be none."""
    try:
        found = len(samples)  # type: ignore[arg-type]
    except TypeError:
        return samples
    if not found:
        raise ValueError(f"{caller}: there is nothing to learn from or to look at: no samples")
    return samples
