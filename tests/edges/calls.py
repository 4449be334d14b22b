"""How rows call the two sides, and the domains that they share."""

from __future__ import annotations

import math
from typing import Any


def functional(name: str, **params: Any) -> Any:
    """A function of ``nn.functional``."""
    return lambda s, *xs: getattr(s.nn.functional, name)(*xs, **params)


def method(name: str, *args: Any, **params: Any) -> Any:
    """A method of the first tensor."""
    return lambda s, x, *xs: getattr(x, name)(*xs, *args, **params)


def inside(x: float) -> bool:
    return abs(x) < 1


def positive(x: float) -> bool:
    return x > 0


def isnan(*x: float) -> bool:
    return any(math.isnan(v) for v in x)


def infinite(*x: float) -> bool:
    return any(math.isinf(v) for v in x)


NEXT_TO_ONE = (0.96875, 0.99951171875, -0.96875, -0.99951171875)
