"""A table of every layer: the settings to build it with and the inputs to call it on.

Settings may hold what differs between the two sides: a NumPy array becomes a tensor of the side,
a lambda is called with the side (``minigrad`` or ``torch``). Inputs are shapes of normal numbers,
arrays, or lists of these for a tuple of tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Given = tuple[tuple[Any, ...], dict[str, Any]]


def of(*args: Any, **options: Any) -> Given:
    """What the class is called with."""
    return args, options


@dataclass(frozen=True)
class Case:
    """One layer with one setting. ``call`` holds keyword arguments of the call; ``tolerance`` is
    that of float64; ``twin`` builds PyTorch's side where PyTorch has no layer of this name."""

    name: str
    given: Given
    inputs: tuple[Any, ...]
    train: bool = True
    call: dict[str, Any] = field(default_factory=dict)
    tolerance: float = 1e-10
    build: Callable[..., Any] | None = None
    twin: Callable[..., Any] | None = None


CASES: list[Case] = []


def layer(name: str, inputs: list[Any], *settings: Given, **more: Any) -> None:
    """Add a case for each of the settings."""
    CASES.extend(Case(name, given, tuple(inputs), **more) for given in settings or (of(),))


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng([17, *shape]).standard_normal(shape)


def whole(below: int, *shape: int) -> np.ndarray:
    return np.random.default_rng([18, *shape]).integers(below, size=shape)


def positive(*shape: int) -> np.ndarray:
    """Numbers between 0 and 1, away from both."""
    return 0.05 + 0.9 * np.random.default_rng([19, *shape]).random(shape)


def signs(*shape: int) -> np.ndarray:
    """±1, for losses of pairs."""
    return np.where(normal(*shape) > 0, 1.0, -1.0)
