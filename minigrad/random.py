"""Random numbers, from generators whose state can be kept and set."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.device import Array
from minigrad.op import Op
from minigrad.tape import reads, switch

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Generator:
    """A stream of random numbers. The same seed gives the same numbers on every platform.

    The masks of dropout do not come from the stream, but are computed from their `position`: see
    `minigrad.ops.random`.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from this seed."""
        reads("manual_seed()")
        self._seed = int(seed)
        self.__dict__.pop("_stream", None)
        if "position" in self.__dict__:
            self.position.array[...] = _start(self._seed)
        return self

    @cached_property
    def _stream(self) -> np.random.Generator:
        # Made when first drawn from: numpy.random is slow to import.
        return np.random.Generator(np.random.PCG64(self._seed))

    @property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator. What is drawn from it passes no door."""
        reads("Generator.numpy")
        return self._stream

    @cached_property
    def position(self) -> Tensor:
        """Where the masks of dropout are: (seed, count of masks), in int64, always in the same
        memory, so that a recorded step goes on from there."""
        return Op.wrap(_start(self._seed))

    def seed(self) -> int:
        """Start again from a seed that nobody knows; returns it."""
        seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that this stream started from."""
        return self._seed

    def get_state(self) -> dict[str, Any]:
        """Where the stream and the masks are, as plain data (numbers, lists and strings)."""
        reads("get_state()")
        state = copy.deepcopy(dict(self._stream.bit_generator.state))
        return {**state, "position": self.position.array.tolist()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go to where `get_state` was called. Errors: KeyError for a state without the position of
        the masks, as earlier versions gave it."""
        reads("set_state()")
        if "position" not in state:
            raise KeyError(
                "set_state: expected a state with 'position', where the masks of dropout are; got "
                f"{sorted(state)}: it is not from get_state() of this version"
            )
        self._stream.bit_generator.state = copy.deepcopy(state)
        self.position.array[...] = state["position"]


def _start(seed: int) -> Array:
    """The position of the first mask. The seed counts modulo 2⁶⁴."""
    return np.array([seed % 2**64, 0], np.uint64).view(np.int64)


default_generator = Generator()
"""The stream that functions draw from when they are given none."""


def stream(generator: Generator | None) -> np.random.Generator:
    """NumPy's generator behind the one given, or behind the default: for what passes the door."""
    found = (generator or default_generator)._stream
    if switch.recorder is not None:
        switch.recorder.draws(found)
    return found


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
