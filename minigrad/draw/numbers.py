"""The values and gradients on the edges of a graph: `numbered`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.device import CPU, place
from minigrad.draw.boxes import Box, Style, Words
from minigrad.draw.traced import Traced, operand_sources
from minigrad.errors import GraphError
from minigrad.gradients import grad
from minigrad.recording import recording
from minigrad.replay import alike, done_again, operand
from minigrad.tape import Node
from minigrad.tensor import Tensor

BACKWARD = "#b3401f"
"""The colour of what flows back."""
EDGE = Style("#ffffff", "#ffffff", 0.0)
MOST = 6
"""Numbers of an array that are written out."""
INSTEAD = "draw it before backward()"


@dataclass
class Flow:
    """What passes an edge: the value on the way there, the gradient on the way back (of this use
    alone), None where none flows."""

    value: np.ndarray[Any, Any]
    gradient: np.ndarray[Any, Any] | None


def numbered(found: Traced, results: Sequence[Tensor]) -> tuple[list[Flow], dict[int, Flow]]:
    """For each edge what passes it, and for each leaf its value and whole gradient, by its place.

    The ops on the tape are done once more, each operand through a copy of its own, so that a number
    that is used twice has a gradient for each use. Errors: GraphError for operands that are gone,
    and where a leaf has other numbers than then.
    """
    made: dict[int, Tensor] = {}
    uses: list[Tensor] = []
    with recording(True):
        for node in (item for item in found.items if isinstance(item, Node)):
            given: list[Any] = []
            seen = {i for i, _ in operand_sources(node)}
            for i in range(len(node.inputs)):
                x = operand("draw_graph", node, i, made, INSTEAD)
                if isinstance(x, Tensor) and i in seen:
                    x = x.clone()
                    uses.append(x)
                given.append(x)
            made[id(node)] = done_again("draw_graph", node, given, INSTEAD)
        ends = [_end(made, result) for result in results]
    if not all(map(alike, ends, results)):
        raise GraphError(
            "draw_graph: what the result was computed from has changed since then: draw its values "
            "before optimizer.step()"
        )
    leaves = [
        (k, item) for k, item in enumerate(found.items) if isinstance(item, Tensor) and item.tracked
    ]
    wanted = [x for x in uses if x.requires_grad] + [leaf for _, leaf in leaves]
    seeds = [end.new_ones(end.shape) for end in ends]
    grads = iter(grad(ends, wanted, seeds, allow_unused=True))
    flows = [Flow(_array(x), _maybe(next(grads)) if x.requires_grad else None) for x in uses]
    whole = {k: Flow(_array(leaf), _maybe(next(grads))) for k, leaf in leaves}
    ones = [np.ones(end.shape) for end in ends]
    flows += [Flow(_array(end), one) for end, one in zip(ends, ones, strict=True)]
    return flows, whole


def _end(made: dict[int, Tensor], result: Tensor) -> Tensor:
    return result if result.node is None else made[id(result.node)]


def _array(x: Tensor) -> np.ndarray[Any, Any]:
    return np.asarray(place(x.detach().array, CPU))


def _maybe(x: Tensor | None) -> np.ndarray[Any, Any] | None:
    return None if x is None else _array(x)


def edge_box(flow: Flow) -> Box:
    """A value above, a gradient below."""
    lines = [[Words(line)] for line in written(flow.value)]
    if flow.gradient is not None:
        lines += [[Words(line, color=BACKWARD)] for line in written(flow.gradient)]
    return Box(lines, EDGE, "above what flows there, below what flows back")


def with_total(box: Box, flow: Flow) -> Box:
    """A leaf's box with its whole gradient below."""
    if flow.gradient is None:
        return box
    told = written(flow.gradient)
    told = [f"grad {told[0]}"] if len(told) == 1 else ["grad", *told]
    lines = [[Words(line, color=BACKWARD)] for line in told]
    return Box([*box.lines, *lines], box.style, box.note)


def written(x: np.ndarray[Any, Any]) -> list[str]:
    """The numbers of an array, or of a large one its ends and its shape."""
    if x.size == 1:
        return [_number(x.reshape(())[()])]
    if x.ndim <= 2 and 0 < x.size <= MOST:
        rows = x.reshape(1, -1) if x.ndim < 2 else x
        return [f"[{'  '.join(map(_number, row))}]" for row in rows]
    shape = "×".join(map(str, x.shape))
    if not x.size:
        return [shape]
    return [f"{shape}: {_number(x.min())} … {_number(x.max())}"]


def _number(value: Any) -> str:
    if isinstance(value, (np.floating, float)):
        text = f"{float(value):.4g}"
        return "0" if text == "-0" else text.replace("-", "−")
    return str(value).replace("-", "−")
