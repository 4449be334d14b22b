"""A loss that was computed, as a step: the ops on its tape, done once more, and the walk back."""

from __future__ import annotations

from collections.abc import Callable

from minigrad.errors import GraphError
from minigrad.explainer.follower import Follower
from minigrad.replay import alike, done_again, operand
from minigrad.tape import Node
from minigrad.tensor import Tensor

INSTEAD = "pass the step itself: explain(step, x, y)"


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
            follower.line = node.where
            given = [operand("explain", node, i, made, INSTEAD) for i in range(len(node.inputs))]
            made[id(node)] = done_again("explain", node, given, INSTEAD)
        follower.line = None
        result = made[id(loss.node)]
        if not alike(result, loss):
            raise GraphError(
                "explain: what the loss was computed from has changed since then: explain it "
                "before optimizer.step(), or pass the step itself: explain(step, x, y)"
            )
        result.backward()
        return result

    return step
