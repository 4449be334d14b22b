"""What a row of the op database is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.device import Array


class Draw:
    """Random operands in float64, away from the places where a function has no derivative."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, *shape: int) -> Array:
        """Any number."""
        return self.rng.standard_normal(shape)

    def positive(self, *shape: int) -> Array:
        """Numbers in [0.5, 2)."""
        return self.rng.uniform(0.5, 2.0, shape)

    def nonzero(self, *shape: int) -> Array:
        """Numbers of either sign, at least 0.5 and less than 2 in magnitude."""
        return self.positive(*shape) * self.rng.choice([-1.0, 1.0], shape)

    def uniform(self, low: float, high: float, *shape: int) -> Array:
        """Numbers in [low, high)."""
        return self.rng.uniform(low, high, shape)

    def distinct(self, *shape: int) -> Array:
        """Numbers at least 0.1 apart, in random order: no ties, so that max and sort are smooth."""
        n = int(np.prod(shape))
        return (self.rng.permutation(n) * 0.1 + 0.05 - 0.05 * n).reshape(shape)

    def integers(self, low: int, high: int, *shape: int) -> Array:
        """Integers in [low, high), in int64."""
        return self.rng.integers(low, high, shape)

    def bools(self, *shape: int) -> Array:
        """Truth values."""
        return self.rng.random(shape) < 0.5


class Sample:
    """Operands and params of one call. Arrays (also inside lists and tuples) become tensors, those
    of float64 tensors that require a gradient; everything else is passed as it is."""

    def __init__(self, *args: Any, **params: Any) -> None:
        self.args = tuple(_array(x) for x in args)
        self.params = {name: _array(x) for name, x in params.items()}

    def __repr__(self) -> str:
        shown = [_shown(x) for x in self.args] + [
            f"{k}={_shown(v)}" for k, v in self.params.items()
        ]
        return f"({', '.join(shown)})"


def _array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, np.generic) else x  # NumPy has scalars for 0-d arrays


def _shown(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"{x.dtype}{list(x.shape)}"
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(_shown(item) for item in x)}]"
    return repr(x)


@dataclass(frozen=True)
class Row:
    """One function.

    Attributes:
        name: its dotted name under minigrad ("mul", "nn.functional.relu"); for an op that users do
            not meet, the op's name.
        call: the function of tensors.
        samples: operands to try it on: several shapes (broadcast, 0-d, empty where it is defined),
            every param at least once.
        formula: what it computes, in mathematical notation; "" where the op of that name says it.
        ops: the ops that this row covers; by default the one of that name, if there is one.
        torch: the dotted name in PyTorch ("" where it has none).
        torch_call: how to call PyTorch where its arguments differ.
        numpy: the truth in NumPy, on arrays (None where PyTorch serves as truth).
        differentiable: whether it has a derivative at all.
        second: whether the second derivative is checked (not where it is zero or does not exist).
        types_differ: why results and errors for other types than float64 are not PyTorch's; by
            default they are, and are compared.
        tolerance: relative, of forward and gradient against PyTorch in float64.
        random: the numbers are random: only shapes and types are compared.
    """

    name: str
    call: Callable[..., Any]
    samples: Callable[[Draw], Sequence[Sample]]
    formula: str = ""
    ops: tuple[str, ...] | None = None
    torch: str | None = None
    torch_call: Callable[..., Any] | None = None
    numpy: Callable[..., Any] | None = None
    differentiable: bool = True
    second: bool = True
    types_differ: str = ""
    tolerance: float = 1e-10
    random: bool = False

    @property
    def torch_name(self) -> str:
        """The dotted name in PyTorch, "" for none."""
        return self.name if self.torch is None else self.torch

    def __repr__(self) -> str:
        return self.name
