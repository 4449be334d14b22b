"""New tensors like this one, and this one filled with random numbers.

Random numbers are drawn on the CPU in float64, by an op.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import dtypes
from minigrad.arrays import as_array, spelled
from minigrad.device import Array, place
from minigrad.device import device as as_device
from minigrad.dtypes import DType, Number
from minigrad.methods.core import Core
from minigrad.methods.spelling import lengths, number, whole
from minigrad.op import Op
from minigrad.ops.comparison import lt
from minigrad.ops.random import draw
from minigrad.ops.update import copy
from minigrad.random import Generator, stream
from minigrad.recording import blank, reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_DIGITS = {8: 53, 4: 24, 2: 11}


def uniform_array(source: np.random.Generator, shape: tuple[int, ...], kind: DType) -> Array:
    """Uniform numbers in [0, 1), none of which rounds up to 1 in a narrower type."""
    scale = 2.0 ** _DIGITS[kind.itemsize]
    return (np.floor(source.random(shape) * scale) / scale).astype(kind)


def normal_array(source: np.random.Generator, shape: tuple[int, ...], kind: DType) -> Array:
    """Normal numbers, mean 0 and variance 1."""
    return np.asarray(source.standard_normal(shape)).astype(kind)


class Filling:
    """new_zeros, uniform_ and their like."""

    # -- new tensors in this one's type and place -----------------------------------------------

    def new_tensor(
        self: Tensor,
        data: Any,
        *,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """A copy of the data in this tensor's type and place.

        Args:
            data: numbers, nested lists or an array.
            dtype: the type of the numbers; None is this tensor's.
            device: where they stand; None is this tensor's place.
            requires_grad: whether it is a leaf that collects a gradient.
        """
        kind = self.dtype if dtype is None else dtypes.as_dtype(dtype)
        if not isinstance(data, Core):
            array = np.array(as_array("new_tensor", data, kind), order="C")
            return _made(self, array, device, requires_grad)
        place = self.device if device is None else device
        result = data.detach().clone().to(dtype=kind, device=place)
        return result.requires_grad_() if requires_grad else result

    def new_empty(
        self: Tensor,
        *sizes: int | Sequence[int],
        size: Sequence[int] | None = None,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Whatever was in memory, in this tensor's type and place.

        Args:
            sizes: the lengths, ``(2, 3)`` or one by one.
            size: the lengths, by that name.
            dtype: the type of the numbers; None is this tensor's.
            device: where they stand; None is this tensor's place.
            requires_grad: whether it is a leaf that collects a gradient.
        """
        return _constant(blank(), self, lengths(sizes, size), dtype, device, requires_grad)

    def new_zeros(
        self: Tensor,
        *sizes: int | Sequence[int],
        size: Sequence[int] | None = None,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Zeros in this tensor's type and place.

        Args:
            sizes: the lengths, ``(2, 3)`` or one by one.
            size: the lengths, by that name.
            dtype: the type of the numbers; None is this tensor's.
            device: where they stand; None is this tensor's place.
            requires_grad: whether it is a leaf that collects a gradient.
        """
        return _constant("zeros", self, lengths(sizes, size), dtype, device, requires_grad)

    def new_ones(
        self: Tensor,
        *sizes: int | Sequence[int],
        size: Sequence[int] | None = None,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """Ones in this tensor's type and place.

        Args:
            sizes: the lengths, ``(2, 3)`` or one by one.
            size: the lengths, by that name.
            dtype: the type of the numbers; None is this tensor's.
            device: where they stand; None is this tensor's place.
            requires_grad: whether it is a leaf that collects a gradient.
        """
        return _constant("ones", self, lengths(sizes, size), dtype, device, requires_grad)

    def new_full(
        self: Tensor,
        size: int | Sequence[int],
        fill_value: Number,
        *,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        """One number in this tensor's type and place.

        Args:
            size: the lengths.
            fill_value: the number.
            dtype: the type of the numbers; None is this tensor's.
            device: where they stand; None is this tensor's place.
            requires_grad: whether it is a leaf that collects a gradient.
        """
        kind = self.dtype if dtype is None else dtypes.as_dtype(dtype)
        value = dtypes.fitting("new_full", number(fill_value), kind)
        array = np.full(lengths((size,)), value, kind)
        return _made(self, array, device, requires_grad)

    def new(self: Tensor, *data: Any) -> Tensor:
        """A tensor in this one's type and place, of lengths or of data, as ``Tensor(...)`` makes
        one.

        Args:
            data: lengths, one by one, or nested lists.
        """
        return _made(self, spelled("new", data, self.dtype), None, False)

    def fill_diagonal_(self: Tensor, fill_value: Number, wrap: bool = False) -> Tensor:
        """Take one number on the main diagonal; ``wrap`` begins another one below the end of a
        matrix that is higher than wide.

        Args:
            fill_value: the number.

        Errors: RuntimeError for a vector, and for more than two dimensions of different lengths.
        """
        if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
            raise RuntimeError(
                "fill_diagonal_: expected a matrix, or dimensions of equal length; got shape "
                f"{self.shape}"
            )
        rows = np.arange(self.shape[0] if wrap else min(self.shape))
        columns = rows % (self.shape[1] + 1)  # of each diagonal; one row lies between two
        rows, columns = rows[columns < self.shape[1]], columns[columns < self.shape[1]]
        index = (rows, *[columns] * (self.ndim - 1))
        self[tuple(Op.fresh(place(i, self.device)) for i in index)] = number(fill_value)
        return self

    # -- random numbers in place ----------------------------------------------------------------

    def uniform_(
        self: Tensor,
        a: float = 0,
        b: float = 1,
        *,
        generator: Generator | None = None,
        **range: float,
    ) -> Tensor:
        """Uniform numbers in [a, b), in place. PyTorch calls a and b ``from`` and ``to``.

        Args:
            a, b: the bounds; ``from`` and ``to`` name them too, as ``**range``.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.

        Errors: RuntimeError for a > b, NotImplementedError for integers.
        """
        a, b = number(range.get("from", a)), number(range.get("to", b))
        _check_floating(self, "uniform_")
        if a > b:
            raise RuntimeError(
                f"uniform_: expects to return a [from, to) range, but found from={a} > to={b}"
            )
        shape, kind = self.shape, self.dtype

        def make() -> Array:
            unit = uniform_array(stream(generator), shape, kind)
            return np.asarray(unit * kind.type(b - a) + kind.type(a))

        return _filled(self, make)

    def normal_(
        self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Normal numbers, in place. Errors: RuntimeError for a negative deviation.

        Args:
            mean: the middle.
            std: the deviation.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        """
        _check_floating(self, "normal_")
        mean, std = number(mean), number(std)
        if std < 0:
            raise RuntimeError(f"normal_: expects std >= 0.0, but found std {std}")
        shape = self.shape
        return _filled(
            self, lambda: np.asarray(stream(generator).standard_normal(shape) * std + mean)
        )

    def exponential_(
        self: Tensor, lambd: float = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Numbers of density λ exp(-λ x), in place. Errors: RuntimeError unless λ > 0.

        Args:
            lambd: λ.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        """
        _check_floating(self, "exponential_")
        lambd = number(lambd)
        if lambd <= 0:
            raise RuntimeError(f"exponential_: expects lambda > 0.0, but found lambda={lambd}")
        shape = self.shape
        return _filled(
            self, lambda: np.asarray(stream(generator).standard_exponential(shape) / lambd)
        )

    def bernoulli_(
        self: Tensor, p: float | Tensor = 0.5, *, generator: Generator | None = None
    ) -> Tensor:
        """1 with probability p, else 0, in place. Errors: RuntimeError for p outside [0, 1].

        Args:
            p: the probability, a number or a tensor.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        """
        shape = self.shape
        chance: Any = p.detach().cpu() if isinstance(p, Core) else p
        _check_chance("bernoulli_", chance.array if isinstance(chance, Core) else chance)
        unit = draw(make=lambda: np.asarray(stream(generator).random(shape)))
        return copy(self, lt(unit, chance).to(device=self.device), into=self)

    def bernoulli(
        self: Tensor, p: float | None = None, *, generator: Generator | None = None
    ) -> Tensor:
        """1 with the probability that each number says (or with ``p``), else 0.

        Args:
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        """
        if p is None:
            _check_floating(self, "bernoulli")
        else:
            p = number(p)
        result = self.new_empty(self.shape)
        return result.bernoulli_(self.detach() if p is None else p, generator=generator)

    def random_(
        self: Tensor, a: int = 0, b: int | None = None, *, generator: Generator | None = None
    ) -> Tensor:
        """Whole numbers in [a, b), in place; ``random_(b)`` starts from 0, ``random_()`` takes all
        that the type holds exactly. Errors: RuntimeError where there is no number to draw.

        Args:
            a, b: the bounds, b not included.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        """
        if b is None:
            a, b = 0, whole(a) or _limit(self.dtype)
        a, b = whole(a), whole(b)
        if a >= b:
            raise RuntimeError(
                f"random_: expects 'from' to be less than 'to', but got from={a} >= to={b}"
            )
        for bound, end in (("from", a), ("to - 1", b - 1)):
            low, high = dtypes.bounds(self.dtype)
            if not low <= end <= high:
                raise RuntimeError(f"random_: {bound} is out of bounds for {self.dtype}: {end}")
        shape, kind, end = self.shape, self.dtype, b
        return _filled(
            self, lambda: np.asarray(stream(generator).integers(a, end, shape)).astype(kind)
        )

    def multinomial(
        self: Tensor,
        num_samples: int,
        replacement: bool = False,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Indices drawn with probabilities proportional to the numbers in each row.

        Args:
            num_samples: how many indices of each row.
            replacement: whether an index may be drawn twice.
            generator: draws the random numbers; None is the default one, which `manual_seed` seeds.

        Shapes: (K) gives (num_samples), (N, K) gives (N, num_samples), in int64.
        Errors: RuntimeError for weights that are negative, not finite or all zero, and for more
        samples than a row has without replacement.
        """
        reads("multinomial()")
        num_samples = whole(num_samples)
        weights = _weights(self, num_samples, replacement)
        source = stream(generator)
        rows = weights.reshape(-1, weights.shape[-1])
        if replacement:
            heights = np.cumsum(rows, axis=1)
            draws = source.random((len(rows), num_samples)) * heights[:, -1:]
            found = np.array(
                [np.searchsorted(h, d, side="right") for h, d in zip(heights, draws, strict=True)]
            ).reshape(len(rows), num_samples)
        else:
            # The first of several exponential clocks to ring: Efraimidis and Spirakis, 2006.
            with np.errstate(divide="ignore"):
                times = source.standard_exponential(rows.shape) / rows
            found = np.argsort(times, axis=1)[:, :num_samples]
        shape = (*weights.shape[:-1], num_samples)
        return Op.fresh(place(found.astype(np.int64).reshape(shape), self.device))


def _limit(kind: DType) -> int:
    """One above the largest whole number up to which a type has all of them."""
    if kind.kind == "f":
        return int(2 ** _DIGITS[kind.itemsize]) + 1
    return 2 if kind.kind == "b" else int(np.iinfo(kind).max)


def _made(like: Tensor, array: Array, device: Any, requires_grad: bool) -> Tensor:
    goal = like.device if device is None else as_device(device)
    result = Op.fresh(place(array, goal))
    return result.requires_grad_() if requires_grad else result


def _constant(
    name: str,
    like: Tensor,
    shape: tuple[int, ...],
    dtype: Any,
    device: Any,
    requires_grad: bool,
) -> Tensor:
    """One number everywhere, made where it belongs."""
    goal = like.device if device is None else as_device(device)
    result = Op.fresh(goal.call(name, shape, dtype or like.dtype))
    return result.requires_grad_() if requires_grad else result


def _filled(goal: Tensor, make: Callable[[], Array]) -> Tensor:
    return copy(goal, draw(make=make).to(device=goal.device), into=goal)


def _check_chance(caller: str, p: Any) -> None:
    if not np.all((np.asarray(p) >= 0) & (np.asarray(p) <= 1)):
        raise RuntimeError(f"{caller}: expects p to be in [0, 1], but got p={p}")


def _check_floating(x: Tensor, caller: str) -> None:
    if x.dtype.kind != "f":
        raise NotImplementedError(f"{caller}: not implemented for {x.dtype}")


def _weights(input: Tensor, num_samples: int, replacement: bool) -> Array:
    if input.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: prob_dist must be 1 or 2 dim, got shape {input.shape}")
    if not input.is_floating_point():
        raise RuntimeError(
            f"multinomial: only supports floating-point dtypes for input, got {input.dtype}"
        )
    weights: Array = input.detach().cpu().array.astype(np.float64)
    if num_samples <= 0:
        raise RuntimeError(f"multinomial: cannot sample n_sample <= 0 samples, got {num_samples}")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError(
            f"multinomial: cannot sample n_sample > prob_dist.size(-1) samples without "
            f"replacement: {num_samples} of {weights.shape[-1]}"
        )
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise RuntimeError(
            "multinomial: probability tensor contains either `inf`, `nan` or element < 0: "
            f"{weights.min():g} to {weights.max():g}"
        )
    if np.any(weights.sum(axis=-1) <= 0):
        raise RuntimeError(
            "multinomial: invalid multinomial distribution (sum of probabilities <= 0)"
        )
    return weights
