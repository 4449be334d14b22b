"""Samplers: in which order the samples of an epoch are read.

A sampler draws the whole order at ``iter(sampler)``, so that an epoch's order is a function of
the generator's state at its start, however far ahead the DataLoader then reads. More draws than an
order has, of which there may be any number, are made some at a time by a stream of their own, which
starts from a number drawn at ``iter(sampler)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np

from minigrad.random import Generator, default_generator
from minigrad.tensor import Tensor

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """An order of samples: a subclass gives ``__iter__()`` and, if it is known, ``__len__()``.

    Example:
        >>> class Backwards(minigrad.utils.data.Sampler):
        ...     def __init__(self, data):
        ...         self.data = data
        ...
        ...     def __iter__(self):
        ...         return iter(range(len(self.data) - 1, -1, -1))
        >>> dataset = minigrad.utils.data.TensorDataset(minigrad.arange(3))
        >>> order = Backwards(dataset)
        >>> next(iter(minigrad.utils.data.DataLoader(dataset, batch_size=3, sampler=order)))
        [tensor([2, 1, 0])]
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(f"{type(self).__name__}: a Sampler must define __iter__")


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ... to the end.

    Example:
        >>> list(minigrad.utils.data.SequentialSampler("abc"))
        [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        """
        Args:
            data_source: what has the length.
        """
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """A new random order each epoch.

    Without replacement, more samples than the dataset has are several orders in a row.
    Errors: ValueError where ``num_samples`` is not a positive integer.

    Example:
        >>> sampler = minigrad.utils.data.RandomSampler(range(5))
        >>> sorted(sampler)
        [0, 1, 2, 3, 4]
        >>> len(minigrad.utils.data.RandomSampler(range(5), num_samples=12))
        12
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        """
        Args:
            data_source: what has the length.
            replacement: draw every number independently, so that one may come twice.
            num_samples: how many numbers an epoch has; None is the length.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
        """
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement should be a bool, got {replacement!r}")
        if num_samples is not None:
            check_count("RandomSampler", num_samples)
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples

    @property
    def num_samples(self) -> int:
        """How many samples an epoch has; the dataset's size where it was not given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count, wanted = len(self.data_source), self.num_samples
        draw = (self.generator or default_generator).numpy
        if count == 0:
            return iter(())
        if self.replacement:
            if wanted <= PIECE:
                return iter(draw.integers(count, size=wanted).tolist())
            return _independent(int(draw.integers(2**63)), count, wanted)
        if wanted <= max(count, PIECE):
            orders = [draw.permutation(count) for _ in range(-(-wanted // count))]
            return iter(np.concatenate(orders)[:wanted].tolist())
        return _orders(int(draw.integers(2**63)), count, wanted)

    def __len__(self) -> int:
        return self.num_samples


PIECE = 1 << 16
"""Draws that are made at once."""


def _independent(seed: int, count: int, wanted: int) -> Iterator[int]:
    draw = np.random.default_rng(seed)
    for start in range(0, wanted, PIECE):
        yield from draw.integers(count, size=min(PIECE, wanted - start)).tolist()


def _orders(seed: int, count: int, wanted: int) -> Iterator[int]:
    draw = np.random.default_rng(seed)
    for start in range(0, wanted, count):
        yield from draw.permutation(count)[: wanted - start].tolist()


def _weighted(seed: int, p: np.ndarray, wanted: int) -> Iterator[int]:
    draw = np.random.default_rng(seed)
    for start in range(0, wanted, PIECE):
        yield from draw.choice(len(p), min(PIECE, wanted - start), p=p).tolist()


class SubsetRandomSampler(Sampler[int]):
    """The given indices in a new random order each epoch.

    Example:
        >>> sorted(minigrad.utils.data.SubsetRandomSampler([2, 5, 7]))
        [2, 5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        """
        Args:
            indices: the numbers.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
        """
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = (self.generator or default_generator).numpy.permutation(len(self.indices))
        return iter([self.indices[i] for i in order.tolist()])

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """``num_samples`` draws of 0 ... len(weights) - 1, index i with a probability
    proportional to ``weights[i]``: a way to see rare classes as often as the others.

    Errors: ValueError for weights that are not one row of finite numbers of at least 0 with a
    positive sum, or for more draws without replacement than there are positive weights.

    Example:
        >>> list(minigrad.utils.data.WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=4))
        [1, 1, 1, 1]
    """

    def __init__(
        self,
        weights: Any,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        """
        Args:
            weights: one number for each sample; they need not sum to 1.
            num_samples: how many draws an epoch has.
            replacement: whether a sample may come twice.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
        """
        check_count("WeightedRandomSampler", num_samples)
        _check_switch("WeightedRandomSampler", "replacement", replacement)
        given = weights.detach().cpu().array if isinstance(weights, Tensor) else weights
        rows = np.asarray(given, dtype=np.float64)
        if rows.ndim != 1 or not np.isfinite(rows).all() or (rows < 0).any() or not rows.any():
            raise ValueError(
                "WeightedRandomSampler: expected one row of finite weights of at least 0 with a "
                f"positive sum, got shape {rows.shape} with values {rows}"
            )
        positive = int(np.count_nonzero(rows))
        if not replacement and num_samples > positive:
            raise ValueError(
                f"WeightedRandomSampler: cannot draw {num_samples} samples without replacement "
                f"from {positive} positive weights"
            )
        self.weights = rows
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        draw = (self.generator or default_generator).numpy
        p = self.weights / self.weights.sum()
        if self.replacement and self.num_samples > PIECE:
            return _weighted(int(draw.integers(2**63)), p, self.num_samples)
        return iter(draw.choice(len(p), self.num_samples, replace=self.replacement, p=p).tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The order of another sampler, cut into lists of ``batch_size``.

    Example:
        >>> list(minigrad.utils.data.BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        """
        Args:
            sampler: an iterable of numbers.
            batch_size: how many a list has.
            drop_last: whether the last list is left out where it is shorter.
        """
        check_count("BatchSampler", batch_size, "batch_size")
        _check_switch("BatchSampler", "drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        return batches(iter(self.sampler), self.batch_size, self.drop_last)

    def __len__(self) -> int:
        return count_batches(self.sampler, self.batch_size, self.drop_last)


Item = TypeVar("Item")


def batches(items: Iterator[Item], batch_size: int, drop_last: bool) -> Iterator[list[Item]]:
    """The items in lists of ``batch_size``."""
    while batch := list(islice(items, batch_size)):
        if len(batch) == batch_size or not drop_last:
            yield batch


def count_batches(items: Any, batch_size: int, drop_last: bool) -> int:
    """How many lists `batches` makes of the items."""
    count = len(items)
    return count // batch_size if drop_last else -(-count // batch_size)


def _check_switch(owner: str, name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{owner}: {name} should be a bool, got {name}={value!r}")


def check_count(owner: str, value: object, name: str = "num_samples") -> None:
    """Errors: ValueError for what is no positive integer."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{owner}: {name} should be a positive integer, got {name}={value!r}")
