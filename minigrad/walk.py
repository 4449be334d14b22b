"""The walk back over the tape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minigrad.cotangents import Cotangents, Made
from minigrad.recording import following, recording, switch
from minigrad.tape import Node, Source

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def walk_back(
    roots: Sequence[tuple[Source, Tensor]],
    *,
    wanted: Sequence[Source] | None = None,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> Cotangents:
    """The cotangents of the leaves (or of the wanted sources) under the roots.

    Nodes are taken newest first. Nothing recurses, so a graph may be of any depth.
    """
    kind = Cotangents if switch.anomaly is None else switch.anomaly.cotangents
    cotangents: Cotangents = kind(wanted, in_place=not create_graph)
    useful = None if wanted is None else _leading_to(wanted, [root for root, _ in roots])
    with recording(create_graph):
        for root, seed in roots:
            if useful is None or root in useful:
                cotangents.start(root, seed)
        while cotangents.waiting:
            node, g = cotangents.newest()
            sources = node.inputs
            if useful is not None:
                sources = [s if s in useful else None for s in sources]
            if following:
                switch.recorder.pulls(node, g)
            if g is None:  # zeros, of which every rule makes zeros
                made: Made = [(source, None) for source in sources if source is not None]
            elif node.op.accumulate is not None:
                made = cotangents.absorb(node, g, sources)
            else:
                made = node.op.pull(node, g, sources)
            if following:
                made = list(made)
                switch.recorder.pulled(node, sources, made)
            cotangents.take(made, node, g)
            if not retain_graph:
                node.free()
        cotangents.end()
    return cotangents


def _leading_to(wanted: Sequence[Source], roots: Sequence[Source]) -> set[Source]:
    """The sources under the roots from which a wanted one is reached: the rest need no gradient."""
    seen: set[Source] = set()
    stack = list(roots)
    while stack:
        source = stack.pop()
        if source not in seen:
            seen.add(source)
            if isinstance(source, Node):
                stack.extend(s for s in source.inputs if s is not None)
    useful = seen.intersection(wanted)
    for node in sorted((s for s in seen if isinstance(s, Node)), key=lambda node: node.serial):
        if any(s in useful for s in node.inputs if s is not None):
            useful.add(node)
    return useful
