"""Random numbers, from generators whose state can be kept and set."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import numpy as np


class Generator:
    """A stream of random numbers. The same seed gives the same numbers on every platform."""

    def __init__(self, device: Any = "cpu") -> None:
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from this seed."""
        self._seed = int(seed)
        self.__dict__.pop("numpy", None)
        return self

    @cached_property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator. Made when first drawn from: numpy.random is slow to import."""
        return np.random.Generator(np.random.PCG64(self._seed))

    def seed(self) -> int:
        """Start again from a seed that nobody knows; returns it."""
        seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that this stream started from."""
        return self._seed

    def get_state(self) -> dict[str, Any]:
        """Where the stream is, as plain data (numbers and strings)."""
        return copy.deepcopy(dict(self.numpy.bit_generator.state))

    def set_state(self, state: dict[str, Any]) -> None:
        """Go to where `get_state` was called."""
        self.numpy.bit_generator.state = copy.deepcopy(state)


default_generator = Generator()
"""The stream that functions draw from when they are given none."""


def stream(generator: Generator | None) -> np.random.Generator:
    """NumPy's generator behind the one given, or behind the default."""
    return (generator or default_generator).numpy


def manual_seed(seed: int) -> Generator:
    """Start the default stream from this seed."""
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed that the default stream started from."""
    return default_generator.initial_seed()


def get_rng_state() -> dict[str, Any]:
    """Where the default stream is."""
    return default_generator.get_state()


def set_rng_state(state: dict[str, Any]) -> None:
    """Set the default stream to where `get_rng_state` was called."""
    default_generator.set_state(state)
