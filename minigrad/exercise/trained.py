"""An answer that learns: a network or a program that has to get above a bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minigrad.exercise.calling import tried
from minigrad.exercise.exercise import Wrong
from minigrad.random import manual_seed


@dataclass(frozen=True)
class Bar:
    """What comes of the answer has to lie between two numbers.

    Attributes:
        run: from the answer to what is measured, by name.
        bars: for each of them the least and the most, with what to say of one below and above.
    """

    run: Callable[[Any], Mapping[str, float]]
    bars: Mapping[str, tuple[float, float, str, str]] = field(default_factory=dict)
    kind: str = "network"

    def grade(self, answer: Any) -> None:
        """Errors: Wrong, with the class of fault."""
        if not callable(answer):
            raise Wrong("type", f"expected something to call, got a {type(answer).__name__}")
        manual_seed(0)
        measured = tried(lambda: self.run(answer))
        for name, (low, high, below, above) in self.bars.items():
            value = measured[name]
            if value != value:
                raise Wrong("nan", f"{name} is nan: a step was too large, or a logarithm of zero")
            if value < low:
                raise Wrong(below, f"{name} is {value:.4g}, expected at least {low:g}")
            if value > high:
                raise Wrong(above, f"{name} is {value:.4g}, expected at most {high:g}")
