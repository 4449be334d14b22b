"""Datasets: things with samples, by number or one after the other."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from minigrad.random import Generator, default_generator
from minigrad.tensor import Tensor
from minigrad.utils.data.columns import Columns

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by number: a subclass gives ``__getitem__(index)`` and usually ``__len__()``.

    It may also give ``__getitems__(indices)``, which returns the samples of a whole batch; the
    DataLoader then reads with one call a batch. Datasets of arrays return `Columns` from it.

    Example:
        >>> class Squares(minigrad.utils.data.Dataset):
        ...     def __len__(self):
        ...         return 5
        ...
        ...     def __getitem__(self, i):
        ...         return i, float(i**2)
        >>> loader = minigrad.utils.data.DataLoader(Squares(), batch_size=3)
        >>> for x, y in loader:
        ...     print(x, y)
        tensor([0, 1, 2]) tensor([0., 1., 4.], dtype=float64)
        tensor([3, 4]) tensor([ 9., 16.], dtype=float64)
    """

    def __getitem__(self, index: int) -> T_co:
        raise NotImplementedError(f"{type(self).__name__}: a Dataset must define __getitem__")

    def __add__(self, other: Dataset[T_co]) -> ConcatDataset[T_co]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co]):
    """Samples one after the other: a subclass gives ``__iter__()``. It has no random access, so
    the DataLoader reads it in its own order and takes neither ``shuffle`` nor a sampler for it.

    Example:
        >>> class Countdown(minigrad.utils.data.IterableDataset):
        ...     def __iter__(self):
        ...         return iter([3, 2, 1])
        >>> list(minigrad.utils.data.DataLoader(Countdown(), batch_size=2))
        [tensor([3, 2]), tensor([1])]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(f"{type(self).__name__}: an IterableDataset must define __iter__")

    def __add__(self, other: Dataset[T_co]) -> ChainDataset[T_co]:  # type: ignore[override]
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample i is ``(tensors[0][i], tensors[1][i], ...)``; a batch is one gather a tensor.

    Errors: AssertionError, as PyTorch's, where the first sizes of the tensors differ.

    Example:
        >>> x, y = minigrad.arange(6.0).reshape(3, 2), minigrad.tensor([0, 1, 0])
        >>> dataset = minigrad.utils.data.TensorDataset(x, y)
        >>> len(dataset), dataset[1]
        (3, (tensor([2., 3.]), tensor(1)))
    """

    def __init__(self, *tensors: Tensor) -> None:
        """
        Args:
            tensors: as many as parts a sample has, each with the samples in its first dimension.
        """
        sizes = [len(tensor) for tensor in tensors]
        if len(set(sizes)) != 1:
            raise AssertionError(
                f"TensorDataset: expected tensors with one first size, got first sizes {sizes}"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __getitems__(self, indices: Sequence[int]) -> Columns:
        return Columns(tuple(tensor[indices] for tensor in self.tensors))

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset[T_co]):
    """Sample i is ``dataset[indices[i]]``; a batch is read with the dataset's own batch method. A
    slice or a list of numbers gives what the dataset gives for the list of their indices.

    Errors: NotImplementedError for a subclass with a ``__getitem__`` of its own and no
    ``__getitems__``, which batches would pass by.

    Example:
        >>> whole = minigrad.utils.data.TensorDataset(minigrad.arange(10))
        >>> part = minigrad.utils.data.Subset(whole, [7, 3])
        >>> len(part), part[0]
        (2, (tensor(7),))
    """

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        """
        Args:
            dataset: whose samples are taken.
            indices: their numbers, in the order of the subset.
        """
        self.dataset, self.indices = dataset, indices
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{own.__name__}: it overrides __getitem__ but not __getitems__, which reads "
                "batches; define both"
            )

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]  # type: ignore[index]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> Sequence[T_co]:
        return gather(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


class ChainDataset(IterableDataset[T_co]):
    """The samples of several datasets without random access, one dataset after another.

    Errors: AssertionError, in the iteration, for what is no `IterableDataset`.

    Example:
        >>> class Counting(minigrad.utils.data.IterableDataset):
        ...     def __init__(self, start):
        ...         self.start = start
        ...
        ...     def __iter__(self):
        ...         return iter(range(self.start, self.start + 2))
        >>> list(minigrad.utils.data.ChainDataset([Counting(0), Counting(10)]))
        [0, 1, 10, 11]
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        """
        Args:
            datasets: the datasets in their order.
        """
        self.datasets = datasets

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self.datasets:
            _require_stream(dataset)
            yield from dataset  # type: ignore[misc]

    def __len__(self) -> int:
        for dataset in self.datasets:
            _require_stream(dataset)
        return sum(map(length, self.datasets))


def _require_stream(dataset: Any) -> None:
    if not isinstance(dataset, IterableDataset):
        raise AssertionError(
            f"ChainDataset: expected IterableDatasets, got {type(dataset).__name__}"
        )


class ConcatDataset(Dataset[T_co]):
    """The samples of the datasets one after another; ``cumulative_sizes`` are the ends.

    Errors: AssertionError for no dataset, and for one without random access.

    Example:
        >>> first = minigrad.utils.data.TensorDataset(minigrad.tensor([1, 2]))
        >>> second = minigrad.utils.data.TensorDataset(minigrad.tensor([3]))
        >>> both = minigrad.utils.data.ConcatDataset([first, second])
        >>> len(both), both[2], both.cumulative_sizes
        (3, (tensor(3),), [2, 3])
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        """
        Args:
            datasets: the datasets in their order.
        """
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset: expected at least one dataset, got none")
        for dataset in self.datasets:
            if isinstance(dataset, IterableDataset):
                raise AssertionError("ConcatDataset: an IterableDataset has no samples by number")
        self.cumulative_sizes = list(itertools.accumulate(map(length, self.datasets)))

    def __getitem__(self, index: int) -> T_co:
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"ConcatDataset: index {index} is out of range for {count} samples")
        index %= count
        part = bisect.bisect_right(self.cumulative_sizes, index)
        start = self.cumulative_sizes[part - 1] if part else 0
        return self.datasets[part][index - start]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def gather(dataset: Dataset[T_co], indices: Sequence[int]) -> Sequence[T_co]:
    """The samples at these indices: in one call where the dataset offers ``__getitems__``.

    Errors: the dataset's own, with a note that names the sample or the batch.
    """
    given = indices.tolist() if isinstance(indices, (Tensor, np.ndarray)) else indices
    indices = given if isinstance(given, list) else list(given)
    batch = getattr(dataset, "__getitems__", None)
    index: int | None = None
    try:
        if batch is not None:
            whole: Sequence[T_co] = batch(indices)
            return whole
        samples = []
        for index in indices:
            samples.append(dataset[index])
        return samples
    except Exception as error:
        what = f"the samples {list(indices)}" if index is None else f"sample {index}"
        error.add_note(f"while reading {what} of {type(dataset).__name__}")
        raise


def length(dataset: Any) -> int:
    """``len(dataset)``, with an error that says what the dataset lacks."""
    try:
        return len(dataset)
    except TypeError as error:
        raise TypeError(
            f"{type(dataset).__name__}: its number of samples is needed here; define __len__"
        ) from error


def random_split(
    dataset: Dataset[T_co],
    lengths: Sequence[int | float],
    generator: Generator | None = None,
) -> list[Subset[T_co]]:
    """Subsets of these lengths without a common sample, drawn by the generator.

    Args:
        dataset: what is divided.
        lengths: counts that add up to ``len(dataset)``, or fractions that add up to 1: each part
            then gets its share rounded down, and what is left goes one each to the first parts.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for other sums, or a fraction outside 0..1.

    Example:
        >>> dataset = minigrad.utils.data.TensorDataset(minigrad.arange(10))
        >>> train, test = minigrad.utils.data.random_split(dataset, [0.8, 0.2])
        >>> len(train), len(test)
        (8, 2)
        >>> sorted(train.indices + test.indices) == list(range(10))
        True
    """
    count = length(dataset)
    total = sum(lengths)
    if math.isclose(total, 1):
        for fraction in lengths:
            if not 0 <= fraction <= 1:
                raise ValueError(f"random_split: expected fractions of 0 to 1, got {fraction}")
        sizes = [math.floor(count * fraction) for fraction in lengths]
        for part in range(count - sum(sizes)):
            sizes[part % len(sizes)] += 1
    else:
        sizes = [int(size) for size in lengths]
    if sum(sizes) != count or min(sizes) < 0:
        raise ValueError(
            f"random_split: expected lengths that add up to the dataset's {count} samples, "
            f"or fractions that add up to 1; got {list(lengths)}"
        )
    order = (generator or default_generator).numpy.permutation(count)
    return [Subset(dataset, part.tolist()) for part in np.split(order, np.cumsum(sizes)[:-1])]
