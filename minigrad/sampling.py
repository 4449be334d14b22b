"""New tensors of random numbers.

They are drawn on the CPU in float64 whatever the type and the device, so that a seed means the same
numbers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.arguments import number, whole
from minigrad.creation import Size, like
from minigrad.device import Array
from minigrad.functions.method import function
from minigrad.methods.filling import normal_array, uniform_array
from minigrad.methods.spelling import common_shape, lengths
from minigrad.names import public
from minigrad.ops.random import draw
from minigrad.random import Generator, stream
from minigrad.tensor import Tensor


def rand(
    *sizes: Size,
    size: Sequence[int] | None = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform random numbers in [0, 1). Errors: NotImplementedError for integers.

    Args:
        sizes: the lengths, ``(2, 3)`` or one by one.
        size: the lengths, by that name.
        generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    kind = _floating("rand", dtype)
    shape = lengths(sizes, size)
    return _drawn(lambda: uniform_array(stream(generator), shape, kind), device, requires_grad)


def randn(
    *sizes: Size,
    size: Sequence[int] | None = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal random numbers, mean 0 and variance 1. Errors: NotImplementedError for integers.

    Args:
        sizes: the lengths, ``(2, 3)`` or one by one.
        size: the lengths, by that name.
        generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    kind = _floating("randn", dtype)
    shape = lengths(sizes, size)
    return _drawn(lambda: normal_array(stream(generator), shape, kind), device, requires_grad)


def rand_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """`rand` in the shape, type and place of another tensor.

    Args:
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("rand_like", input, dtype, device)
    return rand(input.shape, **where, requires_grad=requires_grad)


def randn_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """`randn` in the shape, type and place of another tensor.

    Args:
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("randn_like", input, dtype, device)
    return randn(input.shape, **where, requires_grad=requires_grad)


def _floating(caller: str, dtype: Any) -> dtypes.DType:
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    if kind.kind != "f":
        raise NotImplementedError(f"{caller}: not implemented for {kind}; use randint")
    return kind


def randint(
    low: int = 0,
    high: Any = None,
    size: Size | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers in [low, high); ``randint(high, size)`` starts from 0.

    Args:
        low, high: the bounds, high not included.
        size: the lengths.
        generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        dtype: the type of the numbers; None is int64.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.

    Errors: RuntimeError where there is no number to draw.
    """
    if high is None:
        low, high = 0, low
    elif not hasattr(high, "__index__"):
        low, high, size = 0, low, high
    if size is None:
        raise TypeError("randint: missing the size")
    low, high = whole("randint", "low", low), whole("randint", "high", high)
    if low >= high:
        raise RuntimeError(
            f"randint: random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    kind = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    shape, start, end = lengths((size,)), low, high

    def make() -> Array:
        return np.asarray(stream(generator).integers(start, end, shape)).astype(kind)

    return _drawn(make, device, requires_grad)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`randint` in the shape, type and place of another tensor.

    Args:
        low, high: the bounds, high not included; one alone is high.
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    low, high = (0, low) if high is None else (low, high)
    where = like("randint_like", input, dtype, device)
    return randint(low, high, input.shape, **where).requires_grad_(requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """0 ... n - 1 in random order.

    Args:
        n: how many numbers.
        generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        dtype: the type of the numbers; None is int64.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    n = whole("randperm", "n", n)
    if n < 0:
        raise RuntimeError(f"randperm: Trying to create tensor with negative dimension {n}")
    kind = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    drawn = _drawn(lambda: stream(generator).permutation(n).astype(kind), device)
    return drawn.requires_grad_(requires_grad)


def normal(
    mean: float | Tensor = 0.0,
    std: float | Tensor = 1.0,
    size: Size | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal random numbers; mean and deviation are numbers (then with a size), or tensors that
    are broadcast. Errors: RuntimeError for a negative deviation.

    Args:
        mean: the middle, a number or a tensor.
        std: the deviation, a number or a tensor.
        size: the lengths, where both are numbers.
        generator: draws the random numbers; None is the default one, which `manual_seed` seeds.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    given = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not given:
        if size is None:
            raise TypeError("normal: expected tensors, or numbers and a size")
        shape = lengths((size,))
        kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    else:
        shape = common_shape("normal", [x.shape for x in given])
        kind, device = given[0].dtype, given[0].device
    mu, sigma = (
        x.detach().cpu().double() if isinstance(x, Tensor) else number("normal", name, x)
        for name, x in (("mean", mean), ("std", std))
    )
    least = sigma.array.min(initial=0) if isinstance(sigma, Tensor) else sigma
    if least < 0:
        raise RuntimeError(f"normal: expects all elements of std >= 0.0, but found {least}")
    unit = draw(make=lambda: np.asarray(stream(generator).standard_normal(shape)))
    result = (unit * sigma + mu).to(dtype=kind, device=device)
    return result.requires_grad_() if requires_grad else result


def _drawn(make: Callable[[], Array], device: Any, requires_grad: bool = False) -> Tensor:
    result = draw(make=make).to(device=device)
    return result.requires_grad_() if requires_grad else result


bernoulli = function(Tensor.bernoulli)
multinomial = function(Tensor.multinomial)

public(globals())
