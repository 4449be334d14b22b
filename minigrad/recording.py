"""Who is told of what is done, and whether marks are left at all: the switches of each thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.op import Op
    from minigrad.tape import Node, Source
    from minigrad.tensor import Tensor


class Recorder:
    """Told of what a step does while it is `followed`. A kind of recorder overrides what it needs;
    this one notes nothing, and is told where nobody follows.

    Where these are called, the numbers have been computed already.

    Attributes:
        phase: what the step is at: "forward", "backward" or "update".
        hollow: the ids of arrays without memory of their own, into which no write is done.
        replays: whether what is done is going to be replayed.
    """

    phase = "forward"
    hollow: frozenset[int] = frozenset()
    replays = False

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        """An op passed the door; ``into`` is the result where it was written in place."""

    def overwrites(self, into: Tensor) -> bool:
        """This tensor is about to be written over. True leaves that out: it is only noted."""
        return False

    def draws(self, stream: Any) -> None:
        """Numbers are about to be drawn from a stream of NumPy's."""

    def made(self, tensor: Tensor) -> None:
        """A tensor was made of numbers that passed no door: of a constant, or of data."""

    def alias(self, alias: Tensor, of: Tensor) -> None:
        """A tensor outside the tape was made around the array of another."""

    def turns(self, tensor: Tensor, what: str) -> None:
        """A tensor is about to get another array, or another shape, by ``what``."""

    def read(self, what: str) -> None:
        """Numbers of a tensor are about to become Python's or NumPy's by ``what``."""

    def forgets(self, leaf: Tensor, wholly: bool) -> None:
        """The gradient of a leaf is about to be set to None (``wholly``) or to zeros."""

    def receives(self, leaf: Tensor) -> None:
        """The gradient of a leaf is about to be set, by backward or by an assignment."""

    def lacks(self, leaf: Tensor) -> None:
        """A leaf is passed over by an optimizer, as it has no gradient."""

    def depends(self, thing: Any) -> None:
        """The step takes plain settings from a module (``training``) or from an optimizer."""

    def applied(self, function: Any, args: tuple[Any, ...], outputs: list[Any]) -> None:
        """A `Function` was applied, and gave these results."""

    def opaque(self, node: Node, args: tuple[Any, ...], result: Tensor) -> None:
        """A `Function` has left this node, of these arguments; the tensor is its whole result."""

    def hooking(self, source: Source, g: Tensor) -> None:
        """Hooks are about to see the complete cotangent of a source, or a leaf's ``.grad``."""

    def hooked(self, source: Source, g: Tensor) -> None:
        """They have seen it, and made this of it."""

    def walks(self, tensors: Sequence[Tensor], create_graph: bool, adds: bool) -> None:
        """A walk back from these tensors is about to begin; ``adds``: to ``.grad``."""

    def walked(self) -> None:
        """It is done, and the gradients are where they belong."""

    def enters(self, module: Any, args: tuple[Any, ...]) -> None:
        """A module is called with these arguments."""

    def exits(self, module: Any, result: Any) -> None:
        """The call of a module has given this."""

    def modes(self, module: Any, training: bool) -> None:
        """A module is about to be set to training mode, or to evaluation mode."""

    def loads(self, loader: Any) -> None:
        """A data loader was made."""

    def optimizes(self, optimizer: Any) -> None:
        """An optimizer was made."""

    def stepped(self, optimizer: Any) -> None:
        """An optimizer has done a step."""

    def batches(self, loader: Any, jobs: Iterator[Any]) -> Iterator[Any]:
        """An epoch of a data loader begins; what it goes through may be made shorter."""
        return jobs

    def departs(self, roots: Sequence[tuple[Source, Tensor]]) -> None:
        """A walk back that adds to ``.grad`` begins at these sources, with these cotangents."""

    def pulls(self, node: Node, g: Tensor | None) -> None:
        """The rules of a node are about to be asked; g is the complete cotangent of its result."""

    def pulled(self, node: Node, sources: Sequence[Source | None], made: list[Any]) -> None:
        """The rules have been asked, for each operand that has a source, and made this."""


NOBODY = Recorder()


class Relay(Recorder):
    """A recorder that tells another one of everything: several can follow one thread."""

    def __init__(self, outer: Recorder) -> None:
        self.outer = outer

    @property
    def phase(self) -> str:
        """The other one's, which is set through this one."""
        return self.outer.phase

    @phase.setter
    def phase(self, name: str) -> None:
        self.outer.phase = name

    @property
    def hollow(self) -> frozenset[int]:  # type: ignore[override]
        """The other one's."""
        return self.outer.hollow

    @property
    def replays(self) -> bool:  # type: ignore[override]
        """The other one's."""
        return self.outer.replays

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        self.outer.op(op, operands, params, result, into)

    def overwrites(self, into: Tensor) -> bool:
        return self.outer.overwrites(into)

    def batches(self, loader: Any, jobs: Iterator[Any]) -> Iterator[Any]:
        return self.outer.batches(loader, jobs)


def _relayed(name: str) -> Callable[..., None]:
    def tell(self: Relay, *told: Any) -> None:
        getattr(self.outer, name)(*told)

    tell.__name__ = name
    return tell


for _name in (
    *("draws", "made", "alias", "turns", "read", "forgets", "receives", "lacks", "depends"),
    *("applied", "walks", "walked", "enters", "exits", "modes", "loads", "optimizes", "stepped"),
    *("departs", "pulls", "pulled", "opaque", "hooking", "hooked"),
):
    setattr(Relay, _name, _relayed(_name))


class _Switch(threading.local):
    """Whether the door leaves marks, whether what it gives is for inference only, who looks for nan
    and inf (`minigrad.anomaly`), and who follows what is done. One for each thread, so that a data
    loader's worker is not affected by a no_grad elsewhere."""

    recording = True
    inference = False
    anomaly: Any = None
    recorder: Recorder = NOBODY


switch = _Switch()
following: list[Any] = []
"""Those that follow any thread: recorders, and blocks of inference mode. Nearly always none: then
the door need not look at the switch."""
inferred: list[bool] = []
"""Not empty from the first block of inference mode on: only then is a kept value looked at."""


@contextmanager
def recording(mode: bool) -> Iterator[None]:
    """Set the recording switch for a block."""
    before = switch.recording
    switch.recording = mode
    try:
        yield
    finally:
        switch.recording = before


@contextmanager
def followed(recorder: Recorder) -> Iterator[None]:
    """Have a recorder told of everything that this thread does in the block."""
    before = switch.recorder
    switch.recorder = recorder
    following.append(recorder)
    try:
        yield
    finally:
        following.remove(recorder)
        switch.recorder = before


def being_recorded() -> bool:
    """Whether what this thread does is being recorded."""
    return switch.recorder is not NOBODY


def reads(what: str) -> None:
    """Say that numbers of a tensor are about to become Python's or NumPy's by ``what``."""
    if following:
        switch.recorder.read(what)


def blank() -> str:
    """Which of NumPy's functions makes memory that a tensor shall only have: of a recorded step it
    holds zeros. What happens to lie in memory would be another number at each call."""
    return "zeros" if being_recorded() else "empty"


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Have what is done in the block recorded as a part of this phase of the step."""
    recorder = switch.recorder
    before, recorder.phase = recorder.phase, name
    try:
        yield
    finally:
        recorder.phase = before
