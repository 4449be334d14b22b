"""Where the boxes of the graph stand: values that the step begins with, and the forward ops."""

from __future__ import annotations

from typing import Any

from minigrad.draw.layout import Segment, lay_out
from minigrad.explainer.trace import Trace, Value

VIEWS = {"reshape", "permute", "expand", "slice", "clone", "transfer", "cast", "overlay"}
MANY = 160
"""So many boxes are drawn; of more, the first."""


def drawing(trace: Trace) -> dict[str, Any]:
    """Boxes and lines of the forward pass. A view is part of the line that goes through it."""
    makers = {row.result.number: row for row in trace.rows}
    rows = [
        row
        for row in trace.rows
        if row.phase == "forward"
        and (any(row.flows) or (row.name not in VIEWS and row.result.array.ndim))
    ]

    def origin(value: Value) -> Value:
        row = makers.get(value.number)
        while row is not None and row.name in VIEWS and isinstance(row.given[0], Value):
            value = row.given[0]
            row = makers.get(value.number)
        return value

    roots = {root.number for each in trace.passes for root, _ in each.roots}
    shown = [row for row in rows if row.name not in VIEWS or row.result.number in roots][:MANY]
    boxes: list[dict[str, Any]] = []
    place: dict[int, int] = {}
    edges: list[tuple[int, int]] = []
    side: list[int] = []
    for row in shown:
        sources = []
        for x in row.given:
            if not isinstance(x, Value):
                continue
            start = origin(x)
            if start.number not in place and start.number not in makers and start.array.ndim:
                place[start.number] = len(boxes)
                if start.trained:
                    side.append(len(boxes))
                boxes.append({"v": start.number, "kind": "weight" if start.trained else "data"})
            if start.number in place:
                sources.append(place[start.number])
        number = len(boxes)
        boxes.append({"v": row.result.number, "row": trace.rows.index(row), "kind": "op"})
        place[row.result.number] = number
        edges += [(source, number) for source in dict.fromkeys(sources)]
    sizes = [(96.0, 44.0) if box["kind"] == "op" else (92.0, 36.0) for box in boxes]
    found = lay_out(sizes, edges, side, (16.0, 34.0))
    for box, (x, y), (w, h) in zip(boxes, found.centres, sizes, strict=True):
        box |= {"x": round(x, 1), "y": round(y, 1), "w": w, "h": h}
    return {
        "width": round(found.width, 1),
        "height": round(found.height, 1),
        "boxes": boxes,
        "edges": [[a, b, _path(line)] for (a, b), line in zip(edges, found.lines, strict=True)],
    }


def _path(line: list[Segment]) -> str:
    parts = []
    for i, segment in enumerate(line):
        if not i:
            parts.append(f"M{_point(segment[0])}")
        if len(segment) == 2:
            parts.append(f"L{_point(segment[1])}")
        else:
            parts.append("C" + " ".join(_point(p) for p in segment[1:]))
    return "".join(parts)


def _point(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
