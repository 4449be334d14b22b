"""The values of index notation: arrays by places, sums over indices, integrals.

An array may have more dimensions than there are indices: then the last index stands for all that
are left, or, of several named k, p and s (the place in a window, the window's, the image's), each
for as many.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.notation.plain import Reader

REDUCED: dict[str, Callable[..., Any]] = {
    "all": np.all,
    "any": np.any,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "max": np.max,
    "mean": np.mean,
    "min": np.min,
    "prod": np.prod,
    "sum": np.sum,
}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(160)


class IndexReader(Reader):
    """An expression that also counts places."""

    def read_Call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Subscript) and isinstance(node.func.value, ast.Name):
            return self.over(node.func.value.id, _items(node.func.slice), node.args[0])
        return super().read_Call(node)

    def read_Subscript(self, node: ast.Subscript) -> Any:
        array, items = np.asarray(self.value(node.value)), _items(node.slice)
        if not array.ndim and not self.along:
            return array[()]  # a bias that is not there
        front = self.along or _dots(items)
        places = [self.value(item) for item in items if not _is_dots(item)]
        flat = _flat(places)
        sizes = array.shape[array.ndim - len(flat) :] if front else array.shape[: len(flat)]
        if not all(0 <= i < n for i, n in zip(flat, sizes, strict=True)):
            return np.zeros(array.shape[: array.ndim - len(flat)] if front else ())
        key: Any = (..., *flat) if front else tuple(flat)
        return array[key]

    def filled(self, target: ast.Subscript, value: ast.expr, shape: tuple[int, ...]) -> Any:
        """A result of this shape, number by number."""
        items = _items(target.slice)
        names = [item.id for item in items if isinstance(item, ast.Name)]
        assert len(names) == len(items) - _dots(items), ast.unparse(target)
        front = self.along or _dots(items)
        sizes = shape[len(shape) - len(names) :] if front else shape
        spans = self.spans(items, len(sizes)) if not front else [slice(i, i + 1) for i in range(9)]
        cells: dict[tuple[int, ...], Any] = {}
        for place in np.ndindex(*sizes):
            for name, span in zip(names, spans, strict=False):
                self.indices[name] = _index(place[span])
            cells[place] = self.value(value)
        for name in names:
            self.indices.pop(name, None)
        result: Any = np.zeros(shape, np.result_type(*cells.values()) if cells else float)
        for place, cell in cells.items():
            result[(..., *place) if front else place] = cell
        return result

    def over(self, name: str, items: list[ast.expr], body: ast.expr) -> Any:
        if name == "integral":
            return self.integral(items, body)
        if _dots(items):
            return REDUCED[name](self.value(body))
        fresh, conditions = self.split(items)
        found = []
        ranges = [self.range_of(index, [body, *conditions]) for index in fresh]
        for places in itertools.product(*ranges):
            self.indices |= dict(zip(fresh, places, strict=True))
            if all(np.all(self.value(each)) for each in conditions):
                found.append(self.value(body))
        for index in fresh:
            self.indices.pop(index, None)
        if not found:
            return {"sum": 0.0, "prod": 1.0, "any": False, "all": True}.get(name, math.nan)
        return REDUCED[name](np.stack(np.broadcast_arrays(*found)), axis=0)

    def split(self, items: list[ast.expr]) -> tuple[list[str], list[ast.expr]]:
        """The indices that are new here, and the conditions on them."""
        names = [x.id for item in items for x in ast.walk(item) if isinstance(x, ast.Name)]
        known = {*self.indices, *self.given, *self.parts, *self.functions}
        fresh = [x for x in dict.fromkeys(names) if x not in known]
        return fresh, [item for item in items if isinstance(item, ast.Compare)]

    def range_of(self, index: str, nodes: list[ast.expr]) -> Iterator[Any]:
        """The places that an index takes: those of a dimension where it stands alone."""
        for node in self.nodes(nodes):
            if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
                continue
            items = _items(node.slice)
            alone = [isinstance(item, ast.Name) and item.id == index for item in items]
            if True not in alone or node.value.id not in (*self.given, *self.parts):
                continue
            shape, at = np.shape(self.value(node.value)), alone.index(True)
            if not shape:
                continue
            if self.along or _dots(items):
                return iter(range(shape[at - len(items)]))
            return map(_index, np.ndindex(*shape[self.spans(items, len(shape))[at]]))
        for node in self.nodes(nodes):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt):
                if isinstance(node.left, ast.Name) and node.left.id == index:
                    return map(np.array, np.ndindex(*self.value(node.comparators[0])))
        raise KeyError(f"how far {index} runs is not said")

    def spans(self, items: list[ast.expr], ndim: int) -> list[slice]:
        """Which dimensions each of the items between brackets stands for."""
        more = ndim - len(items)
        wide = [
            i for i, item in enumerate(items) if isinstance(item, ast.Name) and item.id in "kps"
        ]
        if len(wide) < 2 or more % len(wide):
            wide = [len(items) - 1]
        starts = [i + more // len(wide) * sum(j < i for j in wide) for i in range(len(items) + 1)]
        return [slice(a, b) for a, b in itertools.pairwise(starts)]

    def nodes(self, nodes: list[ast.expr]) -> Iterator[ast.AST]:
        """All nodes, also those of parts that have names."""
        for node in nodes:
            for each in ast.walk(node):
                yield each
                if isinstance(each, ast.Name) and each.id in self.parts:
                    yield from self.nodes([self.parts[each.id]])

    def integral(self, items: list[ast.expr], body: ast.expr) -> Any:
        """By Gauss and Legendre; an infinite bound is brought near by t = a + u / (1 - u)."""
        assert isinstance(items[0], ast.Name)
        low, high = (np.asarray(self.value(item)) for item in items[1:])
        if low.size and np.all(low == -math.inf):
            u = (NODES + 1) / 2
            t, scale = high[..., None] - u / (1 - u), 0.5 / (1 - u) ** 2
        elif high.size and np.all(high == math.inf):
            u = (NODES + 1) / 2
            t, scale = low[..., None] + u / (1 - u), 0.5 / (1 - u) ** 2
        else:
            half = (high - low)[..., None] / 2
            t, scale = low[..., None] + half * (NODES + 1), half
        self.indices[items[0].id] = t
        total = (self.value(body) * scale) @ WEIGHTS
        del self.indices[items[0].id]
        return total


def _items(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _dots(items: list[ast.expr]) -> bool:
    return any(map(_is_dots, items))


def _flat(places: list[Any]) -> list[int]:
    return [int(i) for place in places for i in np.atleast_1d(place)]


def _index(place: tuple[int, ...]) -> Any:
    """The place as an index: a number, or several at once."""
    return place[0] if len(place) == 1 else np.array(place, dtype=int)
