"""A step as the data that the page's script interprets."""

from __future__ import annotations

import linecache
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad.device import CPU, Array
from minigrad.device import place as place_on
from minigrad.explainer.drawing import drawings
from minigrad.explainer.folding import folds, told
from minigrad.explainer.follower import DRAWN
from minigrad.explainer.formulas import formulas
from minigrad.explainer.links import links
from minigrad.explainer.opaque import NAME as FUNCTION
from minigrad.explainer.plain import numbers, param, plain, type_of
from minigrad.explainer.stack import place
from minigrad.explainer.trace import Row, Trace, Value

PHASES = ("forward", "backward", "update")
SIGNS_FREE = {"svd", "eigh"}
"""Of whose results the signs are free: the page takes those that minigrad has found."""


def program(trace: Trace, peer: Mapping[tuple[int, int], Array], title: str) -> dict[str, Any]:
    """The trace in JSON; ``peer`` has PyTorch's gradients by (pass, leaf)."""
    _name_the_rest(trace)
    lines = _Lines()
    forward, update = folds(trace)
    return {
        "title": title,
        "values": [_value(value) for value in trace.values],
        "rows": [_row(trace, row, lines) for row in trace.rows],
        "passes": [
            {
                "end": each.end,
                "roots": [[root.number, seed.number] for root, seed in each.roots],
                "cot": {row: value.number for row, value in each.cotangents.items()},
                "notes": each.notes,
                "direct": {f"{r},{k}": numbers(g) for (r, k), g in each.direct.items()},
                "hooks": [
                    [v, numbers(hook.added) if hook.factor is None else hook.factor]
                    for (v, _), hook in sorted(each.hooks.items(), key=lambda item: item[0])
                    if hook.factor != 1
                ],
                "same": [
                    [later.number, g.leaf.number] for g in each.gradients for later in g.later
                ],
                "shares": {f"{r},{k}": value.number for (r, k), value in each.shares.items()},
                "grads": [
                    [
                        g.leaf.number,
                        g.value.number,
                        None if g.before is None else g.before.number,
                        numbers(g.numbers),
                        _beside(g.numbers, peer.get((n, g.leaf.number))),
                    ]
                    for g in each.gradients
                ],
            }
            for n, each in enumerate(trace.passes)
        ],
        "carried": [[first.number, last.number] for first, last in trace.carried],
        "results": [value.number for value in trace.results],
        "lines": lines.told,
        "rules": formulas({row.name for row in trace.rows}),
        "links": links({row.name for row in trace.rows}),
        "folds": {"forward": told(forward), "update": told(update)},
        "drawings": drawings(trace, forward),
    }


def _name_the_rest(trace: Trace) -> None:
    """What nobody has named goes by its op and the number of its row."""
    used = {value.name for value in trace.values}
    counts: dict[str, int] = {}
    for row in trace.rows:
        if row.into is not None and row.into.name and not row.result.name:
            row.result.name = f"{row.into.name}′"  # a weight as the update leaves it
            while row.result.name in used:
                row.result.name += "′"
            used.add(row.result.name)
        if row.result.name or row.phase == "backward":
            continue
        while True:
            own = row.title.replace(" ", "_") or row.name
            counts[own] = counts.get(own, 0) + 1
            name = f"{own}{counts[own]}"
            if name not in used:
                break
        row.result.name = name
        used.add(name)
    for value in trace.values:
        if value.origin in ("state", "constant") and not value.name:
            value.name = f"{value.origin}{value.number}"


def _value(value: Value) -> dict[str, Any]:
    told: dict[str, Any] = {"s": list(value.array.shape), "t": type_of(value.array.dtype)}
    if value.name:
        told["n"] = value.name
    if value.origin != "value":
        told["origin"] = value.origin
    if value.trained:
        told["trained"] = True
    if value.origin != "value" or (value.data is not None and value.origin == "drawn"):
        told["d"] = numbers(value.numbers)
    return told


def _row(trace: Trace, row: Row, lines: _Lines) -> dict[str, Any]:
    first = row.given[0] if row.given else None
    shape = first.array.shape if isinstance(first, Value) else ()
    told: dict[str, Any] = {
        "op": row.name,
        "i": [x.number if isinstance(x, Value) else {"n": plain(x)} for x in row.given],
        "p": {name: param(name, value, shape) for name, value in row.params.items()},
        "o": row.result.number,
        "f": [bool(flow) for flow in row.flows],
        "phase": PHASES.index(row.phase),
        "line": lines.number(row),
        "call": row.call,
    }
    if row.into is not None:
        told["into"] = row.into.number
    if row.past:
        told["past"] = row.past
    if row.path and trace.modules.get(id(row.path[-1])):
        own = row.path[-1]
        told["module"] = f"{trace.modules[id(own)]} · {type(own).__name__}"
    elif row.path:
        told["module"] = type(row.path[-1]).__name__
    if row.cause is not None:
        told["by"] = [row.cause.row, row.cause.why]
    if row.name == FUNCTION:
        told |= {"title": row.title, "sealed": not _through(trace, row)}
        told["slopes"] = {
            k: [
                numbers(x.results.astype("i4")),
                numbers(x.operands.astype("i4")),
                numbers(x.slopes),
            ]
            for k, x in row.slopes.items()
            if x is not None
        }
    if row.name in DRAWN:
        told["drawn"] = True
    if row.name in SIGNS_FREE:
        told["like"] = plain(row.result.array.ravel().tolist())
    return told


def _through(trace: Trace, function: Row) -> bool:
    """Whether the forward of a function is made of rows, so that the page can do it again."""
    *given, inner = (x for x in function.given if isinstance(x, Value))
    makers = {row.result.number: row for row in trace.rows}
    todo, seen = [inner], set()
    while todo:
        value = todo.pop()
        if value in given:
            return True
        row = makers.get(value.number)
        if row is not None and value.number not in seen:
            todo += [x for x in row.given if isinstance(x, Value)]
        seen.add(value.number)
    return False


EXACT = 4096
"""So many numbers of PyTorch's stand in a page as they are; of more, their gaps to minigrad's do,
in 127ths of the greatest: pages stay small."""


def _beside(own: Array, peer: Array | None) -> Any:
    if peer is None or peer.size <= EXACT:
        return None if peer is None else numbers(peer)
    gap = peer.astype(np.float64) - np.asarray(place_on(own, CPU), np.float64)
    unit = float(np.abs(gap).max()) / 127 or 1.0
    if not np.isfinite(unit):
        return numbers(peer)
    return {"unit": unit, "d": numbers(np.rint(gap / unit).astype(np.int8))}


class _Lines:
    """The user's lines, each once: [file, number, text]."""

    def __init__(self) -> None:
        self.told: list[list[Any]] = []
        self._known: dict[tuple[str, int], int] = {}

    def number(self, row: Row) -> int:
        key = place(row.where)
        if key not in self._known:
            self._known[key] = len(self.told)
            file, number = key
            name = os.path.basename(file)
            self.told.append([name, number, linecache.getline(file, number).strip()])
        return self._known[key]
