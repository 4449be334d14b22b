"""Where the boxes of the graph stand: values that the step begins with, ops, and folds. The whole
has a drawing, and so has the inside of each fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minigrad.draw.layout import Segment, lay_out
from minigrad.explainer.folding import VIEWS, Fold, Part
from minigrad.explainer.trace import Row, Trace, Value

MANY = 160
"""So many boxes are drawn; of more, the first."""


def drawings(trace: Trace, parts: Sequence[Part]) -> dict[int, Any]:
    """The drawing of the forward pass, as number 0, and that of each fold."""
    found = {0: _Drawing(trace, parts, True).told()}
    todo = list(parts)
    while todo:
        part = todo.pop()
        if isinstance(part, Fold):
            found[part.number] = _Drawing(trace, part.parts, False).told()
            todo += part.parts
    return found


class _Drawing:
    """Boxes and lines. A view is part of the line that goes through it."""

    def __init__(self, trace: Trace, parts: Sequence[Part], whole: bool) -> None:
        self.trace, self.whole = trace, whole
        self.makers = {row.result.number: row for row in trace.rows}
        self.roots = {root.number for each in trace.passes for root, _ in each.roots}
        self.boxes: list[dict[str, Any]] = []
        self.place: dict[int, int] = {}  # of values
        self.edges: list[tuple[int, int]] = []
        self.side: list[int] = []
        for part in [part for part in parts if self._shown(part)][:MANY]:
            if isinstance(part, Fold):
                rows = [trace.rows[n] for n in part.rows()]
                last = rows[-1].result
                self._put(rows, {"v": last.number, "fold": part.number, "title": part.title})
            else:
                row = trace.rows[part]
                name = row.title or row.name
                self._put([row], {"v": row.result.number, "row": part, "title": name})

    def _shown(self, part: Part) -> bool:
        if isinstance(part, Fold):
            return True
        row = self.trace.rows[part]
        if row.name in VIEWS:
            return any(row.flows) and row.result.number in self.roots
        return any(row.flows) or row.result.array.ndim > 0

    def _put(self, rows: Sequence[Row], box: dict[str, Any]) -> None:
        """A box for these rows, and lines from all that they read."""
        own = {row.result.number for row in rows}
        sources = []
        for row in rows:
            for x in row.given:
                if not isinstance(x, Value):
                    continue
                start = self._origin(x)
                if start.number in own or ("fold" in box and start.trained):
                    continue  # a fold's weights are drawn inside
                if start.number not in self.place and self._begins(start):
                    self._value(start)
                if start.number in self.place:
                    sources.append(self.place[start.number])
        number = len(self.boxes)
        self.boxes.append(box | {"kind": "fold" if "fold" in box else "op"})
        self.place |= dict.fromkeys(own, number)
        self.edges += [(source, number) for source in dict.fromkeys(sources)]

    def _value(self, value: Value) -> None:
        self.place[value.number] = len(self.boxes)
        if value.trained:
            self.side.append(len(self.boxes))
        kind = "weight" if value.trained else "data"
        self.boxes.append({"v": value.number, "kind": kind, "title": value.name})

    def _begins(self, value: Value) -> bool:
        """Whether a box stands for what comes from outside."""
        if value.number in self.makers:
            return not self.whole
        return value.array.ndim > 0 or value.trained or value.origin == "argument"

    def _origin(self, value: Value) -> Value:
        row = self.makers.get(value.number)
        while row is not None and row.name in VIEWS and isinstance(row.given[0], Value):
            value = row.given[0]
            row = self.makers.get(value.number)
        return value

    def told(self) -> dict[str, Any]:
        """With places, in JSON."""
        sizes = [_size(box) for box in self.boxes]
        found = lay_out(sizes, self.edges, self.side, (16.0, 34.0))
        for box, (x, y), (w, h) in zip(self.boxes, found.centres, sizes, strict=True):
            box |= {"x": round(x, 1), "y": round(y, 1), "w": w, "h": h}
        lines = zip(self.edges, found.lines, strict=True)
        return {
            "width": round(found.width, 1),
            "height": round(found.height, 1),
            "boxes": self.boxes,
            "edges": [[a, b, _path(line)] for (a, b), line in lines],
        }


def _size(box: dict[str, Any]) -> tuple[float, float]:
    width = min(6.6 * len(box["title"]) + 18, 190.0)
    return (
        (max(92.0, width), 36.0) if box["kind"] in ("weight", "data") else (max(96.0, width), 44.0)
    )


def _path(line: Iterable[Segment]) -> str:
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
