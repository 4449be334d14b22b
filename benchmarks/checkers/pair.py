"""A forward and a backward on arrays, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Pair:
    """``forward(*arrays)`` gives an array or a tuple, ``backward(g, *arrays)`` a gradient an
    argument, None for integers. ``make`` gives them anew, so that state starts afresh."""

    name: str
    make: Callable[[], tuple[Callable[..., Any], Callable[..., Any]]]
    draw: Callable[[np.random.Generator], Sequence[Any]]
    fault: str = ""
    """The class of fault, "" for a right one."""
    hard: bool = False
    kind: str = ""

    @property
    def right(self) -> bool:
        return not self.fault
