"""A network drawn by its modules, one box a call: `draw_model`."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence

from minigrad.autograd import enable_grad
from minigrad.draw.calls import Call, tensors_in, watched
from minigrad.draw.drawing import Drawing
from minigrad.draw.graph import LIMIT, drawn
from minigrad.draw.labels import leaf_box, module_box, node_box, result_box
from minigrad.draw.traced import Item, Traced, traced
from minigrad.nn import Module
from minigrad.tape import Node
from minigrad.tensor import Tensor


def draw_model(
    model: Module,
    inputs: Tensor | Sequence[Tensor],
    path: str | os.PathLike[str] | None = None,
    *,
    depth: int | None = None,
    limit: int = LIMIT,
) -> Drawing:
    """A box for every call of a layer, with its settings, parameters and result's shape.

    ``model(*inputs)`` runs once, in evaluation mode; what it computes outside of its layers is
    drawn as ops. With ``depth`` modules that many names deep become one box: 1 for the children of
    ``model``, 2 for theirs. Shown and saved as `draw_graph`'s drawing is.
    Errors: TypeError for arguments of another kind; ValueError for a ``depth`` below 1, for results
    that no input and no parameter went into, and for more than ``limit`` boxes.

    Args:
        inputs: what the model is called with, a tensor or several.
        path: where the picture is saved, in the form of its ending; None only draws.
    """
    if not isinstance(model, Module):
        raise TypeError(f"draw_model: expected a Module, got {type(model).__name__}")
    given = [inputs] if isinstance(inputs, Tensor) else inputs
    if not isinstance(given, (list, tuple)) or not all(isinstance(x, Tensor) for x in given):
        raise TypeError(
            "draw_model: expected inputs as a tensor, or several in a list, got "
            f"{type(inputs).__name__}"
        )
    if depth is not None and depth < 1:
        raise ValueError(f"draw_model: expected a depth of 1 or more, got {depth}")

    def wanted(name: str, module: Module) -> bool:
        level = name.count(".") + 1 if name else 0
        return level == depth or (not module._modules and (depth is None or level < depth))

    entries = [x.detach() for x in given]
    for x in entries:
        if x.is_floating_point():
            x.requires_grad_()
    with enable_grad(), watched(model, wanted) as calls:
        results = tensors_in(model(*entries))
    results = [x for x in results if x.requires_grad] or results
    found = traced("draw_model", results, None)
    names: dict[Item, str] = {x: name for name, x in model.named_parameters()}
    names |= {x: "input" if len(entries) == 1 else f"input {i}" for i, x in enumerate(entries)}
    drawing = _merged(found, calls, entries, results, names, limit)
    if path is not None:
        drawing.save(path)
    return drawing


def _merged(
    found: Traced,
    calls: list[Call],
    entries: list[Tensor],
    results: list[Tensor],
    names: dict[Item, str],
    limit: int,
) -> Drawing:
    """The tape, with all that happened in a call as one box.

    A box goes by the serial number of its beginning, the call's or the op's, so that the order of
    these numbers is the order of the flow. Leaves, which were there before, get numbers below zero.
    """
    starts = [call.start for call in calls]
    leaves = list(dict.fromkeys(x for x in (*entries, *found.items) if isinstance(x, Tensor)))
    begins: dict[Item, int] = {leaf: i - len(leaves) for i, leaf in enumerate(leaves)}
    boxes = {begins[leaf]: leaf_box([(leaf, names.get(leaf, ""), "")]) for leaf in leaves}
    for item in found.items:
        if isinstance(item, Node):
            i = bisect_right(starts, item.serial) - 1
            inside = i >= 0 and item.serial < calls[i].end
            begins[item] = starts[i] if inside else item.serial
            boxes[begins[item]] = node_box(item)
    boxes |= {call.start: module_box(call.name, call.module, call.results) for call in calls}

    # A call has its weights in its box; an input of indices is on no tape, but known to the call.
    own, whole = {begins[x] for x in entries}, set(starts)
    links = dict.fromkeys(
        (begins[x], call.start)
        for call in calls
        for x in call.inputs
        if begins.get(x) in own and not x.tracked
    )
    for a, b in found.edges:
        source, link = found.items[a], (begins[found.items[a]], begins[found.items[b]])
        if isinstance(source, Tensor) and link[0] not in own:
            if link[1] in whole or not source.tracked:
                continue
        if link[0] != link[1]:
            links[link] = None
    ends = [begins[found.items[root]] for root in found.roots]
    order = sorted({*ends, *(end for link in links for end in link)})
    if len(order) > limit:
        raise ValueError(
            f"draw_model: {len(order):,} boxes, more than {limit:,}, could not be read; draw less "
            "with a smaller depth=, or give a larger limit="
        )
    place = {end: i for i, end in enumerate(order)}
    edges = [(place[a], place[b]) for a, b in links]
    edges += [(place[end], len(order) + i) for i, end in enumerate(ends)]
    shown = [boxes[end] for end in order]
    shown += [
        result_box("output" if len(ends) == 1 else f"output {i}", x) for i, x in enumerate(results)
    ]
    side = [place[end] for end in order if end < 0 and end not in own]
    return drawn(shown, edges, side, "a network")
