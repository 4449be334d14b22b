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
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad.device import Array
from minigrad.errors import GraphError
from minigrad.lines import BEHIND_THE_DOOR, Line, line, show_line
from minigrad.op import Op

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_new = object.__new__
serial = itertools.count(1)
"""The clock of nodes and writes."""


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


class Node:
    """The mark of one op on the tape.

    Attributes:
        inputs: for each operand, where it came from: its node, itself if it is a leaf that
            requires a gradient, None if it takes none.
        saved: for each operand its value if a rule reads it, else None; empty if none is read.
        aside: for operands that take no gradient and are not kept, a way to their numbers as long
            as somebody else has these: for `minigrad.explain`, and for nobody else.
        shape, dtype: of the result.
        hooks: called with the result's cotangent once it is complete.
    """

    __slots__ = (
        "_result",
        "aside",
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
    aside: tuple[tuple[int, Any], ...]
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
            self.aside += tuple(
                (i, glimpse(x))
                # What a Function saves need be no operand, nor as many.
                for i, (x, source) in enumerate(zip(self.saved, self.inputs, strict=False))
                if x is not None and source is None
            )
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
    aside: tuple[tuple[int, Any], ...] = (),
) -> Node:
    """A node for what an op has made. A function, for every op passes here and ``__init__`` would
    take twice the time."""
    node: Node = _new(Node)
    node.op, node.inputs, node.saved, node.shapes = op, inputs, saved, shapes
    node.params, node.shape, node.dtype = params, array.shape, array.dtype
    node._result, node.hooks, node.aside = kept, None, aside
    node.serial, node.where = next(serial), line(BEHIND_THE_DOOR)
    return node


def glimpse(x: Any) -> Any:
    """A number, or a way to the array of a tensor that does not keep it alive. Of a view it goes by
    the memory that the view looks into."""
    array = getattr(x, "array", None)
    if not isinstance(array, np.ndarray):
        return x if array is None else lambda: None
    root = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    if root is array:
        return weakref.ref(array)
    start = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return partial(_seen_again, weakref.ref(root), start, array.shape, array.strides, array.dtype)


def _seen_again(
    root: Callable[[], Array | None], start: int, shape: Any, strides: Any, dtype: Any
) -> Array | None:
    memory = root()
    if memory is None or not memory.flags.c_contiguous:
        return None
    return np.ndarray(shape, dtype, memory.data, start, strides)


Source: TypeAlias = "Node | Tensor"
"""Where a gradient can go: a node, or a leaf tensor."""
Hook: TypeAlias = "Callable[[Tensor], Tensor | None]"


def source_of(tensor: Tensor) -> Source | None:
    """The place on the tape that this tensor's gradient belongs to."""
    if not tensor.tracked:
        return None
    return tensor.node if tensor.node is not None else tensor
