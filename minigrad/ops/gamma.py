"""The gamma function's logarithm and its derivatives, in array operations alone.

Accurate to 1e-15 in float64, relative to the result or, close to the zeros of digamma and to those
of lgamma on the negative axis, to the terms of which it is the difference.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad.device import Array
from minigrad.op import op
from minigrad.ops.polynomial import polynomial, precisely

# Recurrences to where a series converges fast; M. Abramowitz and I. Stegun, "Handbook of
# Mathematical Functions" (1964): 6.1.15-17, 6.1.33, 6.1.40-41 for lgamma, 6.3.5-7 and 6.3.18 for
# digamma, 6.4.6-7 and 6.4.10 for polygamma; Hurwitz's zeta function by 23.1.30 (Euler, Maclaurin).

BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
"""B₂, B₄, ... B₁₆"""
EULER = 0.57721566490153286061


def zeta(s: int, a: Any) -> Any:
    """Σ (a + i)⁻ˢ over i = 0, 1, 2 ... for a > 0, a number or an array."""
    total: Any = 0.0
    for i in range(10):
        total = total + (a + i) ** -float(s)
    a = a + 10
    total = total + a ** (1.0 - s) / (s - 1) + a ** -float(s) / 2
    rising = float(s)  # s (s + 1) ... (s + 2k - 2) / (2k)!
    for k, b in enumerate(BERNOULLI, 1):
        if k > 1:
            rising *= (s + 2 * k - 3) * (s + 2 * k - 2)
        total = total + b * rising / math.factorial(2 * k) * a ** (1.0 - s - 2 * k)
    return total


# lgamma(2 + w) = Σ cₖ wᵏ for |w| < 2, the highest power first.
AROUND_TWO = [(-1) ** k * zeta(k, 2.0) / k for k in range(28, 1, -1)] + [1 - EULER, 0.0]
STIRLING = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)][::-1]
HALF_LOG_TAU = math.log(2 * math.pi) / 2


@op(
    "log(abs(gamma(x)))",
    promote="float",
    elementwise=True,
    uncompiled="it is computed in float64, in rounds, for float32 as well",
)
@precisely("float64")
def lgamma(xp: Any, x: Array) -> Array:
    """y = ln |Γ(x)|, ∞ at 0, -1, -2 ..."""
    size = xp.where(x < 0, -x, x)
    w = xp.where(size < 0.5, size, xp.where(size < 1.5, size - 1, size - 2))
    product = xp.ones_like(x)
    for _ in range(6):  # from below 8 down to 2.5
        high = xp.logical_and(w >= 0.5, size < 8)
        product = xp.where(high, product * (w + 1), product)
        w = xp.where(high, w - 1, w)
    shift = xp.where(size < 0.5, xp.log1p(size), 0) + xp.where(size < 1.5, xp.log(size), 0)
    near = polynomial(xp, w, AROUND_TWO) + xp.log(product) - shift
    z = 1 / size
    series = z * polynomial(xp, z * z, STIRLING)
    far = (size - 0.5) * xp.log(size) - size + HALF_LOG_TAU + series
    positive = xp.where(size == math.inf, math.inf, xp.where(size < 8, near, far))
    # ln |Γ(-x)| = ln(π / |x sin πx|) - ln |Γ(x)|
    mirror = math.log(math.pi) - xp.log(size * xp.absolute(_sin_pi(xp, size))) - positive
    mirror = xp.where(size < 1e-100, positive, mirror)  # where the product may be 0
    mirror = xp.where(xp.logical_and(size == xp.floor(size), x <= 0), math.inf, mirror)
    return xp.where(x < 0, mirror, positive)


lgamma.derivatives(x=lambda g, x: g * x.digamma())


def _sin_pi(xp: Any, x: Array) -> Array:
    """sin πx up to its sign, precise next to integers."""
    return xp.sin(math.pi * (x - xp.rint(x)))


@op(
    "digamma(x)",
    promote="float",
    elementwise=True,
    uncompiled="it is computed in float64, in rounds, for float32 as well",
)
@precisely("float64")
def digamma(xp: Any, x: Array) -> Array:
    """y = d ln Γ(x) / dx, -∞ at 0, NaN at -1, -2 ..."""
    a = xp.where(x < 0, 1 - x, x)
    total = xp.zeros_like(x)
    for _ in range(10):
        low = a < 10
        total = total - xp.where(low, 1 / a, 0)
        a = xp.where(low, a + 1, a)
    z = 1 / (a * a)
    series = z * polynomial(xp, z, [-b / (2 * k) for k, b in enumerate(BERNOULLI, 1)][::-1])
    total = total + xp.log(a) - 0.5 / a + series
    mirror = total - math.pi / xp.tan(math.pi * (x - xp.rint(x)))
    mirror = xp.where(x == xp.floor(x), math.nan, mirror)
    return xp.where(x < 0, mirror, total)


@op(
    "polygamma(n, x)",
    promote="float",
    elementwise=True,
    uncompiled="it is computed in float64, in rounds, for float32 as well",
)
@precisely("float64")
def polygamma(xp: Any, x: Array, *, n: int) -> Array:
    """y = dⁿ⁺¹ ln Γ(x) / dxⁿ⁺¹ for n ≥ 1"""
    a = xp.where(x < 0, 1 - x, x)
    values = (-1) ** (n + 1) * math.factorial(n) * zeta(n + 1, a)
    cot = 1 / xp.tan(math.pi * (x - xp.rint(x)))
    mirror = (-1) ** n * values - math.pi ** (n + 1) * polynomial(xp, cot, _cotangent(n))
    return xp.where(x < 0, mirror, values)


digamma.derivatives(x=lambda g, x: g * polygamma(x, n=1))
polygamma.derivatives(x=lambda g, x, n: g * polygamma(x, n=n + 1))


def _cotangent(n: int) -> list[float]:
    """The n-th derivative of c = cot x as a polynomial in c, whose derivative is -(1 + c²)."""
    powers = [0.0, 1.0]  # the lowest first
    for _ in range(n):
        slope = [k * p for k, p in enumerate(powers)][1:]
        powers = [-p for p in [*slope, 0.0, 0.0]]
        for k, p in enumerate(slope):
            powers[k + 2] -= p
    return powers[::-1]
