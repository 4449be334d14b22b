"""What the ops on a tape were given, to do them once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from minigrad.device import CPU, place
from minigrad.errors import GraphError
from minigrad.lines import show_line
from minigrad.op import register
from minigrad.tape import Node
from minigrad.tensor import Tensor, wrap


def done_again(caller: str, node: Node, given: list[Any], instead: str) -> Tensor:
    """The node's op once more. Errors: GraphError for a `Function` of the user's."""
    if register.get(node.op.name) is not node.op:
        raise GraphError(
            f"{caller}: {node.op.name} ({show_line(node.where)}) is a Function of its own, "
            f"which the tape cannot do again; {instead}"
        )
    result: Tensor = node.op(*given, **node.params)
    return result


def operand(caller: str, node: Node, i: int, made: Mapping[int, Tensor], instead: str) -> Any:
    """What the node's op was given as its i-th operand; ``made`` are results that were computed
    again, by the ids of their nodes. Numbers that the tape has let go of are found as long as
    somebody else has them.

    Errors: GraphError, with the user's line, for an operand that is gone.
    """
    source = node.inputs[i]
    if isinstance(source, Node):
        return made[id(source)]
    if source is not None:
        return source
    kept = node.saved[i] if node.saved else None
    if kept is not None:
        return kept.detach() if isinstance(kept, Tensor) else kept
    for found in _aside(node, i):
        return found
    names = node.op.operands
    raise GraphError(
        f"{caller}: the tape no longer has {names[i] if i < len(names) else f'operand {i}'} of "
        f"{node.op.name} ({show_line(node.where)}), and nobody else has it: keep it in a variable, "
        f"or {instead}"
    )


def _aside(node: Node, i: int) -> Iterator[Any]:
    for place_, found in node.aside:
        if place_ == i:
            array = found() if callable(found) else found
            if isinstance(array, np.ndarray):
                yield wrap(array)
            elif array is not None:
                yield array


def alike(a: Tensor, b: Tensor) -> bool:
    """Whether two results are the same numbers, up to rounding."""
    x, y = (np.asarray(place(t.array, CPU)) for t in (a, b))
    small = 1e-3 if x.dtype.itemsize < 4 else 1e-5
    return x.shape == y.shape and np.allclose(x, y, rtol=small, atol=small, equal_nan=True)
