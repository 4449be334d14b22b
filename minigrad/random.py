"""Random numbers, from generators whose state can be kept and set."""

from __future__ import annotations

import copy
from functools import cached_property
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.device import CPU, Array, Device, place
from minigrad.device import device as as_device
from minigrad.op import Op
from minigrad.recording import reads, switch

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "set_rng_state",
]


class Generator:
    """A stream of random numbers. The same seed gives the same numbers on every platform.

    The masks of dropout do not come from the stream, but are computed from their `position`: see
    `minigrad.ops.random`.

    Args:
        device: where the numbers are for; one stream serves all devices.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self._elsewhere: dict[Device, Tensor] = {}
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from this seed: a whole number in [-2⁶³, 2⁶⁴), negative ones counting modulo
        2⁶⁴. Errors: ValueError outside, TypeError for what is no whole number.

        Args:
            seed: the number.
        """
        reads("manual_seed()")
        seed = index(seed)
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"manual_seed: expected a seed in [-2**63, 2**64), got {seed}")
        self._seed = seed % 2**64
        self.__dict__.pop("_stream", None)
        if "position" in self.__dict__:
            _set(self.position, _start(self._seed))
        for position in self._elsewhere.values():
            _set(position, _start(self._seed))
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

    def position_on(self, device: Device) -> Tensor:
        """The `position` on a device. A mask is computed where it is used, and each device counts
        its own, all from the same seed: a network draws the same masks wherever it is trained.

        Args:
            device: the device.
        """
        if device == CPU:
            return self.position
        if device not in self._elsewhere:
            self._elsewhere[device] = Op.wrap(place(_start(self._seed), device))
        return self._elsewhere[device]

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
        state["position"] = self.position.array.tolist()
        for device, position in self._elsewhere.items():
            state[f"position on {device}"] = position.array.tolist()
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Go to where `get_state` was called. Errors: KeyError for a state without the position of
        the masks, as earlier versions gave it.

        Args:
            state: what `get_state` gave.
        """
        reads("set_state()")
        if "position" not in state:
            raise KeyError(
                "set_state: expected a state with 'position', where the masks of dropout are; got "
                f"{sorted(state)}: it is not from get_state() of this version"
            )
        own = {name: value for name, value in state.items() if not name.startswith("position")}
        self._stream.bit_generator.state = copy.deepcopy(own)
        _set(self.position, np.array(state["position"]))
        names = (name.removeprefix("position on ") for name in state if name not in own)
        for where in {*self._elsewhere, *(as_device(name) for name in names if name != "position")}:
            start = [state["position"][0], 0]  # of a device that had drawn nothing yet
            _set(self.position_on(where), np.array(state.get(f"position on {where}", start)))


def _set(position: Tensor, numbers: Array) -> None:
    """Go to another position, in the same memory."""
    where = position.device
    where.call("copyto", position.array, place(numbers, where))


def _start(seed: int) -> Array:
    """The position of the first mask. The seed counts modulo 2⁶⁴."""
    return np.array([seed % 2**64, 0], np.uint64).view(np.int64)


default_generator = Generator()
"""The stream that functions draw from when they are given none."""


def stream(generator: Generator | None) -> np.random.Generator:
    """NumPy's generator behind the one given, or behind the default: for what passes the door."""
    found = (generator or default_generator)._stream
    switch.recorder.draws(found)
    return found


def manual_seed(seed: int) -> Generator:
    """Start the default stream from this seed, brought to a whole number by ``int``. Errors:
    ValueError outside [-2⁶³, 2⁶⁴).

    Args:
        seed: a whole number.
    """
    return default_generator.manual_seed(int(seed))


def initial_seed() -> int:
    """The seed that the default stream started from."""
    return default_generator.initial_seed()


def get_rng_state() -> dict[str, Any]:
    """Where the default stream is."""
    return default_generator.get_state()


def set_rng_state(new_state: dict[str, Any]) -> None:
    """Set the default stream to where `get_rng_state` was called.

    Args:
        new_state: what it gave.
    """
    default_generator.set_state(new_state)
