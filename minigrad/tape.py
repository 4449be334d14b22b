"""The tape: what was computed from what.

A node is the mark that one op left. It points only backwards: to the nodes (or leaf tensors) that
its operands came from, never to its result, so a graph is freed by reference counting. (One case
waits for the collector: a kept operand that is overwritten by something computed from it.)

Serial numbers order everything that happens, the making of nodes and the writing of memory alike.
Hence the order of creation is a topological order, and a kept value is stale exactly when its
memory was written after the node that keeps it was made.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeAlias

from minigrad.device import Array
from minigrad.errors import GraphError
from minigrad.op import Op

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_new = object.__new__
serial = itertools.count(1)
"""The clock of nodes and writes."""


class Recorder:
    """Told of what a step does while it is `followed`. A kind of recorder overrides what it needs;
    this one notes nothing, and is told where nobody follows.

    Where these are called, the numbers have been computed already.

    Attributes:
        phase: what the step is at: "forward", "backward" or "update".
        hollow: the ids of arrays without memory of their own, into which no write is done.
    """

    phase = "forward"
    hollow: frozenset[int] = frozenset()

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


NOBODY = Recorder()


class _Switch(threading.local):
    """Whether the door leaves marks, whether what it gives is for inference only, whether backward
    looks for nan and inf, and who follows what is done. One for each thread, so that a data
    loader's worker is not affected by a no_grad elsewhere."""

    recording = True
    inference = False
    anomaly = False
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


class Memory:
    """The writing history of one piece of memory, shared by a tensor and its views."""

    __slots__ = ("by", "serial", "where")

    def __init__(self) -> None:
        self.serial = 0  # of the last write; 0 for none
        self.by = ""
        self.where: Line | None = None

    def written(self, by: str) -> None:
        """Take note of a write by the op of that name."""
        self.serial, self.by, self.where = next(serial), by, line(BEHIND_THE_DOOR)


Line: TypeAlias = tuple[CodeType, int]
_PACKAGE = os.path.dirname(__file__) + os.sep


class _Ours(dict[str, bool]):
    """Whether a file belongs to minigrad. A look-up takes half the time of comparing names."""

    def __missing__(self, file: str) -> bool:
        self[file] = ours = file.startswith(_PACKAGE)
        return ours


_ours = _Ours()


INSIDE = 3
"""Frames of minigrad's that are on top, at least, when a line is taken: `line`, who takes it, and
what told that one."""
BEHIND_THE_DOOR = 4
"""The same where an op leaves its mark or writes: the door is among them. With more frames than
that nothing goes wrong; `line` looks on. One fewer, and it would pass over the user's: that is
tried for every way to get here in tests/test_lines.py."""


def line(skipped: int = INSIDE) -> Line:
    """The innermost line outside minigrad, in a form that is cheap to take: (code, offset).
    ``skipped`` frames, this one among them, are known to be minigrad's."""
    frame = sys._getframe(skipped)
    code = frame.f_code
    while _ours[code.co_filename] and (back := frame.f_back) is not None:
        frame, code = back, back.f_code
    return code, frame.f_lasti


def show_line(where: Line | None) -> str:
    """``file.py:12`` for a line taken by `line`."""
    if where is None:
        return "an unknown line"
    code, offset = where
    number = next(
        (n for start, end, n in code.co_lines() if n is not None and start <= offset < end),
        code.co_firstlineno,
    )
    return f"{code.co_filename}:{number}"


class Node:
    """The mark of one op on the tape.

    Attributes:
        inputs: for each operand, where it came from: its node, itself if it is a leaf that
            requires a gradient, None if it takes none.
        saved: for each operand its value if a rule reads it, else None; empty if none is read.
        shape, dtype: of the result.
        hooks: called with the result's cotangent once it is complete.
    """

    __slots__ = (
        "_result",
        "dtype",
        "hooks",
        "inputs",
        "op",
        "params",
        "saved",
        "serial",
        "shape",
        "shapes",
        "where",
    )
    op: Op
    inputs: Sequence[Source | None]
    saved: Sequence[Any]
    shapes: Sequence[tuple[int, ...]]
    params: dict[str, Any]
    shape: tuple[int, ...]
    dtype: Any
    hooks: list[Hook] | None
    serial: int
    where: Line
    _result: tuple[Array, Memory] | None

    def __repr__(self) -> str:
        return f"<{self.name()} made at {show_line(self.where)}>"

    def name(self) -> str:
        """PyTorch's kind of name: ``MulBackward``."""
        return "".join(part[:1].upper() + part[1:] for part in self.op.name.split("_")) + "Backward"

    @property
    def next_functions(self) -> tuple[tuple[Source | None, int], ...]:
        """Where the operands came from, in PyTorch's form of pairs."""
        return tuple((source, 0) for source in self.inputs)

    def operand(self, i: int) -> Any:
        """The kept value of an operand. Errors: GraphError if it was freed or overwritten."""
        value = self.saved[i] if self.saved else None
        if value is None:
            raise self._freed()
        memory = getattr(value, "memory", None)  # a number has none
        if memory is not None and memory.serial > self.serial:
            names = self.op.operands
            what = f"operand {names[i] if i < len(names) else i}"
            raise self._stale(what, memory)
        return value

    def result(self) -> Tensor:
        """The kept result as a tensor on this node. Errors as for `operand`."""
        if self._result is None:
            raise self._freed()
        array, memory = self._result
        if memory.serial > self.serial:
            raise self._stale("its result", memory)
        return Op.wrap(array, self, memory)

    def free(self) -> None:
        """Let go of the kept values; links stay, which hold no numbers, and plain numbers do."""
        if self.saved:
            self.saved = [None if hasattr(x, "memory") else x for x in self.saved]
        self._result = None

    def _freed(self) -> GraphError:
        return GraphError(
            f"backward: Trying to backward through the graph a second time: {self.op.name} "
            f"({show_line(self.where)}) has freed the values it kept; pass retain_graph=True to "
            "the first backward"
        )

    def _stale(self, what: str, memory: Memory) -> GraphError:
        return GraphError(
            f"backward: {self.op.name} ({show_line(self.where)}) needs {what}, but one of the "
            "variables needed for gradient computation has been modified by an inplace operation: "
            f"{memory.by} ({show_line(memory.where)}); clone() it before the write"
        )


def mark(
    op: Op,
    inputs: Sequence[Source | None],
    saved: Sequence[Any],
    shapes: Sequence[tuple[int, ...]],
    params: dict[str, Any],
    array: Array,
    kept: tuple[Array, Memory] | None,
) -> Node:
    """A node for what an op has made. A function, for every op passes here and ``__init__`` would
    take twice the time."""
    node: Node = _new(Node)
    node.op, node.inputs, node.saved, node.shapes = op, inputs, saved, shapes
    node.params, node.shape, node.dtype = params, array.shape, array.dtype
    node._result, node.hooks = kept, None
    node.serial, node.where = next(serial), line(BEHIND_THE_DOOR)
    return node


Source: TypeAlias = "Node | Tensor"
"""Where a gradient can go: a node, or a leaf tensor."""
Hook: TypeAlias = "Callable[[Tensor], Tensor | None]"


def source_of(tensor: Tensor) -> Source | None:
    """The place on the tape that this tensor's gradient belongs to."""
    if not tensor.tracked:
        return None
    return tensor.node if tensor.node is not None else tensor
