"""Truth: a value with its first and second derivatives, carried through formulas in mpmath.

A formula is written as it is defined, whatever cancels in it: `truth` raises the precision until
two precisions agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
from mpmath import mp, mpf
from mpmath.libmp import fzero, mpf_abs, mpf_le, mpf_shift, mpf_sub

PRECISIONS = (160, 420, 1300, 4200)
"""In bits."""
ZERO, ONE = mpf(0), mpf(1)


@dataclass(frozen=True)
class Jet:
    """v, ∂v/∂xᵢ and ∂²v/∂xᵢ∂xⱼ."""

    v: Any
    g: tuple[Any, ...]
    h: tuple[tuple[Any, ...], ...]

    def lifted(self, v: Any, d: Any, s: Any) -> Jet:
        """f of this, given f, f' and f'' at its value."""
        n = range(len(self.g))
        return Jet(
            v,
            tuple(d * a for a in self.g),
            tuple(tuple(d * self.h[i][j] + s * self.g[i] * self.g[j] for j in n) for i in n),
        )

    def __add__(self, other: Any) -> Jet:
        o = self._of(other)
        n = range(len(self.g))
        return Jet(
            self.v + o.v,
            tuple(a + b for a, b in zip(self.g, o.g, strict=True)),
            tuple(tuple(self.h[i][j] + o.h[i][j] for j in n) for i in n),
        )

    def __neg__(self) -> Jet:
        return self.lifted(-self.v, -1, 0)

    def __sub__(self, other: Any) -> Jet:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __mul__(self, other: Any) -> Jet:
        o = self._of(other)
        n = range(len(self.g))
        return Jet(
            self.v * o.v,
            tuple(a * o.v + self.v * b for a, b in zip(self.g, o.g, strict=True)),
            tuple(
                tuple(
                    self.h[i][j] * o.v
                    + self.g[i] * o.g[j]
                    + self.g[j] * o.g[i]
                    + self.v * o.h[i][j]
                    for j in n
                )
                for i in n
            ),
        )

    def __truediv__(self, other: Any) -> Jet:
        o = self._of(other)
        return self * o.lifted(1 / o.v, -1 / o.v**2, 2 / o.v**3)

    def __rtruediv__(self, other: Any) -> Jet:
        return self._of(other) / self

    def __pow__(self, n: int) -> Jet:
        x = self.v
        return (
            self.lifted(
                x**n,
                n * x ** (n - 1) if n else mpf(0),
                n * (n - 1) * x ** (n - 2) if n > 1 else mpf(0),
            )
            if n >= 0
            else (1 / self) ** -n
        )

    __radd__, __rmul__ = __add__, __mul__

    def _of(self, x: Any) -> Jet:
        if isinstance(x, Jet):
            return x
        n = len(self.g)
        return Jet(mpf(x) if not isinstance(x, mpf) else x, (ZERO,) * n, ((ZERO,) * n,) * n)


def constant(x: Jet, value: Any) -> Jet:
    """A number that depends on nothing."""
    return x._of(value)


def lift(
    f: Callable[[Any], Any], d: Callable[[Any], Any], s: Callable[[Any], Any]
) -> Callable[[Jet], Jet]:
    """A function of mpmath with its two derivatives, for jets."""
    return lambda x: x.lifted(f(x.v), d(x.v), s(x.v))


exp = lift(mp.exp, mp.exp, mp.exp)
log = lift(mp.log, lambda x: 1 / x, lambda x: -1 / x**2)
sqrt = lift(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * mp.sqrt(x) * x))
sin = lift(mp.sin, mp.cos, lambda x: -mp.sin(x))
cos = lift(mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x))
atan = lift(mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2)
asin = lift(mp.asin, lambda x: 1 / mp.sqrt(1 - x * x), lambda x: x / mp.sqrt(1 - x * x) ** 3)
erf = lift(
    mp.erf,
    lambda x: 2 / mp.sqrt(mp.pi) * bell(x, 1),
    lambda x: -4 * x / mp.sqrt(mp.pi) * bell(x, 1),
)
lgamma = lift(lambda x: mp.re(mp.loggamma(x)), lambda x: mp.psi(0, x), lambda x: mp.psi(1, x))


def psi(n: int) -> Callable[[Jet], Jet]:
    """polygamma of that order."""
    return lift(lambda x: mp.psi(n, x), lambda x: mp.psi(n + 1, x), lambda x: mp.psi(n + 2, x))


sinh = lift(mp.sinh, mp.cosh, mp.sinh)
cosh = lift(mp.cosh, mp.sinh, mp.cosh)
expm1 = lift(mp.expm1, mp.exp, mp.exp)
log1p = lift(mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2)
asinh = lift(mp.asinh, lambda x: 1 / mp.sqrt(1 + x * x), lambda x: -x / mp.sqrt(1 + x * x) ** 3)
acosh = lift(mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1), lambda x: -x / mp.sqrt(x * x - 1) ** 3)
atanh = lift(mp.atanh, lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2)


def _erfc(x: Any) -> Any:
    return mp.erfc(x) if x < 1000 else mpf(0)


def bell(x: Any, rate: Any) -> Any:
    """e^(-r x²), 0 where mpmath has no room for its exponent."""
    return mp.exp(-rate * x * x) if abs(x) < 1000 else mpf(0)


erfc = lift(
    _erfc,
    lambda x: -2 / mp.sqrt(mp.pi) * bell(x, 1),
    lambda x: 4 * x / mp.sqrt(mp.pi) * bell(x, 1),
)


def ndtr(x: Jet) -> Jet:
    """The normal distribution."""
    d = bell(x.v, mpf(0.5)) / mp.sqrt(2 * mp.pi)
    return x.lifted(_erfc(-x.v / mp.sqrt(2)) / 2, d, -x.v * d)


def sinc(x: Jet) -> Jet:
    if abs(x.v) > 1e-5:
        return sin(x * mp.pi) / (x * mp.pi)
    square, term, total = (x * mp.pi) ** 2, constant(x, 1), constant(x, 1)
    for k in range(1, 9):
        term = -term * square / (2 * k * (2 * k + 1))
        total = total + term
    return total


def tanh(x: Jet) -> Jet:
    v = mp.tanh(x.v)
    d = 1 / mp.cosh(x.v) ** 2
    return x.lifted(v, d, -2 * v * d)


def sigmoid(x: Jet) -> Jet:
    e = mp.exp(-abs(x.v))
    d = e / (1 + e) ** 2
    v = 1 / (1 + e) if x.v >= 0 else e / (1 + e)
    t = mp.tanh(x.v / 2)
    return x.lifted(v, d, -d * t)


def softplus(x: Jet) -> Jet:
    e = mp.exp(-abs(x.v))
    s = sigmoid(Jet(x.v, (mpf(1),), ((mpf(0),),)))
    return x.lifted(max(x.v, mpf(0)) + mp.log1p(e), s.v, s.g[0])


def power(x: Jet, y: Jet) -> Jet:
    """x^y for x > 0."""
    v, z, ln = x.v**y.v, y.v, mp.log(x.v)
    slope = z * x.v ** (z - 1)
    bend = z * (z - 1) * x.v ** (z - 2)
    mixed = x.v ** (z - 1) * (1 + z * ln)
    n = range(len(x.g))
    d, s = (slope, v * ln), ((bend, mixed), (mixed, v * ln**2))
    inner = (x, y)
    return Jet(
        v,
        tuple(sum(d[a] * inner[a].g[i] for a in (0, 1)) for i in n),
        tuple(
            tuple(
                sum(d[a] * inner[a].h[i][j] for a in (0, 1))
                + sum(s[a][b] * inner[a].g[i] * inner[b].g[j] for a in (0, 1) for b in (0, 1))
                for j in n
            )
            for i in n
        ),
    )


def absolute(x: Jet) -> Jet:
    return x if x.v >= 0 else -x


def maximum(x: Jet, y: Any) -> Jet:
    y = x._of(y)
    return x if x.v >= y.v else y


def minimum(x: Jet, y: Any) -> Jet:
    y = x._of(y)
    return x if x.v <= y.v else y


Numbers = tuple[Any, ...]
"""The value, the first derivatives, the second (by pairs i ≤ j), as numbers of mpmath; None for
what is not defined."""


def truth(formula: Callable[..., Jet], at: tuple[float, ...]) -> Numbers | None:
    """Value and derivatives there; None where the formula is not defined in real numbers."""
    before: Numbers | None = None
    for precision in PRECISIONS:
        with mpmath.workprec(precision):
            try:
                found = flat(formula(*variables(at)))
            except (ZeroDivisionError, ValueError):
                return None
            if any(isinstance(x, mpmath.mpc) for x in found):
                return None
        with mpmath.workprec(precision):
            if before is not None and all(map(_agree, before, found)):
                return found
        before = found
    raise AssertionError(f"no precision is enough at {at}: {before} {found}")


def variables(at: tuple[float, ...]) -> list[Jet]:
    n = len(at)
    zero = ((ZERO,) * n,) * n
    return [
        Jet(mpf(x), tuple(ONE if i == j else ZERO for j in range(n)), zero)
        for i, x in enumerate(at)
    ]


def flat(jet: Jet) -> Numbers:
    n = len(jet.g)
    return (jet.v, *jet.g, *(jet.h[i][j] for i in range(n) for j in range(i, n)))


def _agree(a: Any, b: Any) -> bool:
    """To 75 bits, or both far below what float64 can hold."""
    x, y = mpf(a)._mpf_, mpf(b)._mpf_
    if not (x[1] or x == fzero) or not (y[1] or y == fzero):  # NaN or infinite
        return bool(x == y)
    if all(not m or e + bits <= -1150 for _, m, e, bits in (x, y)):
        return bool(mp.prec >= PRECISIONS[2])  # else 0 may be all that cancelling left
    away = mpf_sub(x, y, mp.prec)
    return not away[1] or bool(mpf_le(mpf_abs(away), mpf_shift(mpf_abs(y), -75)))
