"""A loss that was computed, as a step: the ops on its tape, done once more, and the walk back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.device import CPU, place
from minigrad.errors import GraphError
from minigrad.explainer.follower import Follower
from minigrad.lines import show_line
from minigrad.op import register
from minigrad.tape import Node
from minigrad.tensor import Tensor, wrap


def on_the_tape(loss: Tensor) -> list[Node]:
    """The nodes under a loss, oldest first. Errors: GraphError for a loss without a tape."""
    if loss.node is None:
        raise GraphError(
            "explain: the loss has no tape: nothing that it was computed from requires a gradient; "
            "pass the tensor that .backward() is called on, or the step itself"
        )
    found: dict[int, Node] = {}
    todo = [loss.node]
    while todo:
        node = todo.pop()
        if id(node) not in found:
            found[id(node)] = node
            todo += [source for source in node.inputs if isinstance(source, Node)]
    return sorted(found.values(), key=lambda node: node.serial)


def again(loss: Tensor, follower: Follower) -> Callable[[], Tensor]:
    """What does it once more. The numbers that the tape has let go of are found as long as somebody
    else has them.

    Errors: GraphError, with the user's line, for an operand that is gone, for a `Function` of the
    user's, and where the result is another one by now.
    """
    nodes = on_the_tape(loss)

    def step() -> Tensor:
        made: dict[int, Tensor] = {}
        for leaf in {
            id(x): x for node in nodes for x in node.inputs if isinstance(x, Tensor)
        }.values():
            leaf.grad = None
        for node in nodes:
            if register.get(node.op.name) is not node.op:
                raise GraphError(
                    f"explain: {node.op.name} ({show_line(node.where)}) is a Function of its own, "
                    "which the tape cannot do again; pass the step itself: explain(step, x, y)"
                )
            follower.line = node.where
            given = [_operand(node, i, made) for i in range(len(node.inputs))]
            made[id(node)] = node.op(*given, **node.params)
        follower.line = None
        result = made[id(loss.node)]
        if not _alike(result, loss):
            raise GraphError(
                "explain: what the loss was computed from has changed since then: explain it "
                "before optimizer.step(), or pass the step itself: explain(step, x, y)"
            )
        result.backward()
        return result

    return step


def _operand(node: Node, i: int, made: dict[int, Tensor]) -> Any:
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
        f"explain: the tape no longer has {names[i] if i < len(names) else f'operand {i}'} of "
        f"{node.op.name} ({show_line(node.where)}), and nobody else has it: keep it in a variable, "
        "or pass the step itself: explain(step, x, y)"
    )


def _aside(node: Node, i: int) -> Iterator[Any]:
    for place_, found in node.aside:
        if place_ == i:
            array = found() if callable(found) else found
            if isinstance(array, np.ndarray):
                yield wrap(array)
            elif array is not None:
                yield array


def _alike(a: Tensor, b: Tensor) -> bool:
    x, y = (np.asarray(place(t.array, CPU)) for t in (a, b))
    small = 1e-3 if x.dtype.itemsize < 4 else 1e-5
    return x.shape == y.shape and np.allclose(x, y, rtol=small, atol=small, equal_nan=True)
