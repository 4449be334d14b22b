"""A walk back that looks at what the rules make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minigrad.anomaly.telling import counted, described, finite, named, path
from minigrad.cotangents import Cotangents, Made
from minigrad.lines import show_line
from minigrad.tape import Node, Source

if TYPE_CHECKING:
    from minigrad.anomaly.detector import Detector
    from minigrad.tensor import Tensor


class Judged(Cotangents):
    """Cotangents that are looked at where they leave what the user called: between the ops inside
    of one `norm` they may be nan, as long as none of it comes out."""

    def __init__(self, detector: Detector, wanted: Sequence[Source] | None, in_place: bool) -> None:
        super().__init__(wanted, in_place)
        self.detector, self._outer = detector, detector.node

    def start(self, root: Source, seed: Tensor) -> None:
        super().start(root, seed)
        if not finite(seed.array):
            told = f"the gradient that was given to start from is {described(seed)}"
            self.detector.tell(told, "backward", "backward")

    def newest(self) -> tuple[Node, Tensor | None]:
        node, g = super().newest()
        self.detector.node = node
        return node, g

    def end(self) -> None:
        super().end()
        self.detector.node = self._outer

    def take(self, made: Made, node: Node, given: Tensor | None) -> None:
        made = list(made)
        for goal, g in made:
            if g is not None and _comes_out(node, goal) and not finite(g.array):
                self._blame(node, goal, g, given)
        super().take(made, node, given)
        for goal, g in made:
            held = self._pending.get(goal)
            if held is not None and g is not None and held is not g and not finite(held.array):
                if _comes_out(node, goal) and finite(g.array):
                    self._blame(node, goal, held, given)

    def _blame(self, node: Node, goal: Source, g: Tensor, given: Tensor | None) -> None:
        place = next((i for i, source in enumerate(node.inputs) if source is goal), 0)
        told = (
            f"anomaly: {_kind(node)} ({show_line(node.where)}) returned nan values or inf: "
            f"{counted(g)} of the gradient for its operand {place} of shape {tuple(goal.shape)}"
        )
        if given is not None:
            told += f"; the gradient that came to it is {described(given)}"
        for i, kept in enumerate(node.saved):
            if kept is not None:
                told += f"; operand {i} is {described(kept)}"
        way = path(node, self.detector.names())
        self.detector.raised(
            "backward: " + told + (f"; from the parameter: {way}" if way else ""),
            named(node),
            "backward",
            node.where,
        )


def _kind(node: Node) -> str:
    """PyTorch's kind of name, of what the user called."""
    return "".join(p[:1].upper() + p[1:] for p in named(node).strip("_").split("_")) + "Backward"


def _comes_out(node: Node, goal: Any) -> bool:
    """Whether what goes to this goal leaves the call that the node is a part of."""
    if not isinstance(goal, Node):
        return True
    here = node.where
    return goal.where is not here or not hasattr(here, "name")
