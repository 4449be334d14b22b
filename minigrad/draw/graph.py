"""The graph of a computation, drawn from its tape: `draw_graph`."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from minigrad.draw.boxes import Box
from minigrad.draw.drawing import Drawing
from minigrad.draw.labels import leaf_box, node_box, result_box
from minigrad.draw.layers import Edge
from minigrad.draw.layout import lay_out
from minigrad.draw.numbers import edge_box, numbered, with_total
from minigrad.draw.traced import Traced, traced
from minigrad.nn import Module, Parameter
from minigrad.tape import Node
from minigrad.tensor import Tensor

LIMIT = 1000
"""Ops and leaves in a drawing, unless more are asked for."""


def draw_graph(
    output: Tensor | Sequence[Tensor],
    path: str | os.PathLike[str] | None = None,
    *,
    params: Mapping[str, Tensor] | None = None,
    model: Module | None = None,
    limit: int = LIMIT,
    values: bool = False,
) -> Drawing:
    """Parameters, ops and result shapes, from the data above down to ``output`` below.

    Tensors are named by ``params`` and by ``model.named_parameters()``; name a batch as well with
    ``params={"images": x}``. Operands that took no gradient are drawn while the tape keeps them,
    that is before ``backward()``. A notebook shows the drawing; ``path`` (.svg, .pdf, .png) or
    ``save`` writes it, with text that can be selected.

    With ``values`` each edge shows the numbers that pass it: above what flows there, below, in
    colour, what flows back through it, and each leaf its whole gradient, that of the sum of
    ``output``. A number that is used twice has two edges, whose gradients add up. For that the ops
    are done once more.
    Errors: TypeError for arguments of another kind; ValueError for an output that is on no tape,
    for more than ``limit`` ops and leaves (see `draw_model` for large networks), and for a path
    with another ending; GraphError for ``values`` that the tape cannot tell any more; OSError from
    the disk.

    Example:
        >>> w, x = (minigrad.tensor(v, requires_grad=True) for v in (-0.5, 2.0))
        >>> y = (w * x).sigmoid()
        >>> minigrad.draw_graph(y, values=True, params={"w": w, "x": x})
        <Drawing of 9 boxes and 4 arrows>
    """
    results = [output] if isinstance(output, Tensor) else output
    several = isinstance(results, (list, tuple)) and len(results) > 0
    if not several or not all(isinstance(x, Tensor) for x in results):
        raise TypeError(
            f"draw_graph: expected a tensor, or several in a list, got {type(output).__name__}"
        )
    names = _names(params, model)
    found = traced("draw_graph", results, limit)
    groups = [[i] for i in range(len(found.items))] if values else _grouped(found)
    box_of = {item: box for box, group in enumerate(groups) for item in group}
    boxes = []
    for group in groups:
        members = [(found.items[i], found.uses[i]) for i in group]
        leaves = [(x, names.get(id(x), ""), use) for x, use in members if isinstance(x, Tensor)]
        nodes = [x for x, _ in members if isinstance(x, Node)]
        boxes.append(leaf_box(leaves) if leaves else node_box(nodes[0]))
    edges = [(box_of[a], box_of[b]) for a, b in found.edges]
    if not values:
        edges = list(dict.fromkeys(edges))
    side = {box_of[item] for item in _aside(found)}
    for number, (root, result) in enumerate(zip(found.roots, results, strict=True)):
        edges.append((box_of[root], len(boxes)))
        if box_of[root] in side:
            side.add(len(boxes))
        name = names.get(id(result), "output" if len(results) == 1 else f"output {number}")
        boxes.append(result_box(name, result))
    if values:
        drawing = _with_values(found, results, boxes, edges)
    else:
        drawing = drawn(boxes, edges, side, "graph of a computation")
    if path is not None:
        drawing.save(path)
    return drawing


def make_dot(
    var: Tensor | Sequence[Tensor],
    params: Mapping[str, Tensor] | None = None,
    *,
    values: bool = False,
) -> Drawing:
    """`draw_graph` under torchviz's name: the graph of ``var``, whose tensors ``params`` names;
    ``values`` and errors as there.

    Example:
        >>> w = minigrad.ones(3, requires_grad=True)
        >>> minigrad.draw.make_dot(w.exp().sum(), {"w": w})
        <Drawing of 4 boxes and 3 arrows>
    """
    return draw_graph(var, params=params, values=values)


def _with_values(
    found: Traced, results: Sequence[Tensor], boxes: list[Box], edges: Sequence[Edge]
) -> Drawing:
    """The drawing with a box of numbers on each edge, through which its arrow passes."""
    flows, whole = numbered(found, results)
    boxes = [with_total(box, whole[i]) if i in whole else box for i, box in enumerate(boxes)]
    order: list[Box] = []
    at: list[int] = []
    on: dict[int, int] = {}
    for b, box in enumerate(boxes):  # what comes from above stands before what it leads to
        for i, (_, target) in enumerate(edges):
            if target == b:
                on[i] = len(order)
                order.append(edge_box(flows[i]))
        at.append(len(order))
        order.append(box)
    halves = [half for i, (a, b) in enumerate(edges) for half in ((at[a], on[i]), (on[i], at[b]))]
    layout = lay_out([box.size for box in order], halves, gap=(14.0, 16.0))
    lines = []
    for there, further in zip(layout.lines[::2], layout.lines[1::2], strict=True):
        lines.append([*there, (there[-1][-1], further[0][0]), *further])
    placed = list(zip(order, layout.centres, strict=True))
    return Drawing(layout.width, layout.height, placed, lines, "values and gradients of a graph")


def _grouped(found: Traced) -> list[list[int]]:
    """The items that share a box, in the order of the items: the parameters that nothing but one
    op uses are written together."""
    targets: dict[int, list[int]] = {}
    for source, target in found.edges:
        targets.setdefault(source, []).append(target)
    groups: dict[tuple[str, int], list[int]] = {}
    for i, item in enumerate(found.items):
        own = targets.get(i, [])
        together = isinstance(item, Parameter) and len(own) == 1
        groups.setdefault(("of", own[0]) if together else ("at", i), []).append(i)
    return list(groups.values())


def _aside(found: Traced) -> set[int]:
    """What stands beside the main flow. The flow is all that is computed from the inputs: leaves
    that are no parameters, or where there is none, the data that is used first."""
    leaves = [
        (i, item.tracked)
        for i, item in enumerate(found.items)
        if isinstance(item, Tensor) and not isinstance(item, Parameter)
    ]
    flow = {i for i, tracked in leaves if tracked} or {i for i, _ in leaves[:1]}
    for source, target in found.edges:  # in the order of the targets
        if source in flow:
            flow.add(target)
    return set(range(len(found.items))) - flow


def drawn(
    boxes: Sequence[Box], edges: Sequence[Edge], side: Collection[int], title: str
) -> Drawing:
    """The boxes in their places, and the arrows."""
    layout = lay_out([box.size for box in boxes], edges, side)
    return Drawing(
        layout.width,
        layout.height,
        list(zip(boxes, layout.centres, strict=True)),
        layout.lines,
        title,
    )


def _names(params: Mapping[str, Tensor] | None, model: Module | None) -> dict[int, str]:
    """The names by the tensors' ids. Errors: TypeError."""
    if params is not None and not isinstance(params, Mapping):
        raise TypeError(
            "draw_graph: expected params as a dict of names and tensors, such as "
            f"dict(model.named_parameters()), got {type(params).__name__}"
        )
    if model is not None and not isinstance(model, Module):
        raise TypeError(f"draw_graph: expected model as a Module, got {type(model).__name__}")
    names = {} if model is None else {id(p): name for name, p in model.named_parameters()}
    for name, tensor in (params or {}).items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise TypeError(
                "draw_graph: expected params of names and tensors, got "
                f"{type(name).__name__}: {type(tensor).__name__}"
            )
        names[id(tensor)] = name
    return names
