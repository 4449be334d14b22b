"""How far a number is from the truth, in units in the last place of the truth."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf


class Format:
    """A floating type of NumPy's: its digits and its range."""

    def __init__(self, dtype: str) -> None:
        facts = np.finfo(dtype)
        self.name = dtype
        self.digits = facts.nmant + 1
        self.least = mpf(float(facts.smallest_subnormal))
        self.most = mpf(float(facts.max))
        self.tiny = mpf(float(facts.tiny))
        self.low = int(facts.minexp)

    def normal(self, x: Any) -> bool:
        """Whether x is 0 or neither too large nor so small that it loses digits."""
        return bool(x == 0 or self.tiny <= abs(x) <= self.most)

    def ulp(self, x: Any) -> Any:
        """The distance of neighbours around x; of subnormal numbers the smallest one."""
        x = abs(mpf(x))
        if x == 0:
            return self.least
        exponent = max(int(mpmath.frexp(x)[1]) - 1, self.low)
        return mpf(2) ** (exponent - self.digits + 1)

    def error(self, got: float, want: Any) -> float:
        """|got - want| in ulps of want; a number too large for the type counts as infinite."""
        if mpmath.isnan(want):
            return 0.0 if math.isnan(got) else math.inf
        if math.isnan(got):
            return math.inf
        if mpmath.isinf(want) or abs(want) > self.most:
            # The largest number is as near to the border as an infinity.
            if math.isinf(got):
                return 0.0 if (got > 0) == (want > 0) else math.inf
            if mpmath.isinf(want):
                return math.inf
            return float(min(abs(mpf(got) - want) / self.ulp(self.most), mpf(1e300)))
        if math.isinf(got):
            # Rounded up over the border: as wrong as the next number would be.
            if (got > 0) != (want > 0):
                return math.inf
            return float(
                min((self.most + self.ulp(self.most) - abs(want)) / self.ulp(want), mpf(1e300))
            )
        return self._apart(got, want)

    def _apart(self, got: float, want: Any) -> float:
        """|got - want| in ulps of want, of finite numbers, in whole numbers: got and want are
        mantissa · 2^exponent."""
        sign, mantissa, exponent, bits = want._mpf_
        if exponent + bits < self.low - self.digits - 200:
            mantissa = exponent = 0  # so far below the smallest number of the type
        top, bottom = got.as_integer_ratio()
        low = 1 - bottom.bit_length()  # got is top · 2^low
        ulp = max(exponent + bits - 1, self.low) if mantissa else self.low
        ulp -= self.digits - 1
        least = min(exponent, low, ulp)
        away = (top << low - least) - ((-mantissa if sign else mantissa) << exponent - least)
        try:
            return float(min(abs(away) / (1 << ulp - least), 1e300))
        except OverflowError:
            return 1e300


FORMATS = {name: Format(name) for name in ("float16", "float32", "float64")}
