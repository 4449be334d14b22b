"""What approximations of special functions are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from minigrad.device import Array
from minigrad.ops.arithmetic import stored


def precisely(dtype: str) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """A forward that computes in this type where the operand's is narrower."""

    def decorate(forward: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(forward)
        def compute(xp: Any, x: Array, *, out: Array | None = None, **params: Any) -> Array:
            narrow = x.dtype.itemsize < xp.dtype(dtype).itemsize
            y = forward(xp, x.astype(dtype) if narrow else x, **params).astype(x.dtype, copy=False)
            return stored(xp, y, out)

        return compute

    return decorate


def polynomial(xp: Any, x: Array, coefficients: list[float]) -> Array:
    """Σ cₖ xⁿ⁻ᵏ by Horner's rule, the highest power first."""
    total = xp.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        xp.multiply(total, x, out=total)
        xp.add(total, c, out=total)
    return total


def ratio(xp: Any, x: Array, over: list[float], under: list[float]) -> Array:
    """The quotient of two polynomials."""
    return polynomial(xp, x, over) / polynomial(xp, x, under)


def horner(x: str, coefficients: list[float]) -> str:
    """What `polynomial` does, in the language of `minigrad.notation`; x is a name."""
    text = str(coefficients[0])
    for c in coefficients[1:]:
        text = f"({text}) * {x} + {c}"
    return f"({text})"


def quotient(x: str, over: list[float], under: list[float]) -> str:
    """What `ratio` does, in the language of `minigrad.notation`; x is a name."""
    return f"{horner(x, over)} / {horner(x, under)}"
