"""What there is to draw of a tape: its nodes, leaves and kept data, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from minigrad.draw.layers import Edge
from minigrad.tape import Node, source_of
from minigrad.tensor import Tensor

Item: TypeAlias = Node | Tensor


@dataclass(frozen=True)
class Traced:
    """The tape under some results.

    Attributes:
        items: leaves, kept operands and nodes; sources come before what is computed from them.
        edges: as pairs of places in ``items``, for each node in the order of its operands.
        uses: for each item, the name of the operand that it first was.
        roots: where the results are in ``items``.
    """

    items: list[Item]
    edges: list[Edge]
    uses: list[str]
    roots: list[int]


def traced(caller: str, results: Sequence[Tensor], limit: int | None) -> Traced:
    """Everything that the results were computed from. Operands that took no gradient (a batch of
    images, targets, a mask) are there as long as the tape keeps them.

    Nothing recurses. Errors: ValueError for a result off the tape, and for more than ``limit``
    items, which are not gathered to the end.
    """
    roots = [_source(caller, result) for result in results]
    seen: set[Item] = set()
    stack = list(roots)
    while stack:
        item = stack.pop()
        if item in seen:
            continue
        seen.add(item)
        if limit is not None and len(seen) > limit:
            raise ValueError(
                f"{caller}: the graph has more than {limit:,} ops and leaves, which nobody could "
                "read; draw a result of a smaller input or a part of the network, its modules with "
                "draw_model(model, x, depth=1), or give a larger limit="
            )
        if isinstance(item, Node):
            stack.extend(source for source in item.inputs if source is not None)
    nodes = sorted((item for item in seen if isinstance(item, Node)), key=lambda node: node.serial)

    places: dict[Item, int] = {}
    uses: list[str] = []

    def place(item: Item, use: str) -> int:
        if item not in places:
            places[item] = len(places)
            uses.append(use)
        return places[item]

    edges = []
    for node in nodes:
        sources = [place(source, operand_name(node, i)) for i, source in operand_sources(node)]
        target = place(node, "")
        edges += [(source, target) for source in sources]
    ends = [place(root, "") for root in roots]
    return Traced(list(places), edges, uses, ends)


def _source(caller: str, result: Tensor) -> Item:
    result.catch_up()
    source = source_of(result)
    if source is None:
        raise ValueError(
            f"{caller}: a tensor of shape {tuple(result.shape)} is on no tape: it was computed "
            "from nothing that requires grad, or under no_grad"
        )
    return source


def operand_sources(node: Node) -> Iterator[tuple[int, Item]]:
    """Where each operand came from; a kept one that came from nowhere is itself."""
    for i, source in enumerate(node.inputs):
        kept = node.saved[i] if source is None and node.saved else source
        if isinstance(kept, (Node, Tensor)):
            yield i, kept


def operand_name(node: Node, i: int) -> str:
    """What the op calls its i-th operand."""
    names = node.op.operands
    return names[i] if i < len(names) else node.op.variadic or ""
