"""Calls out of the op database: every public function, with all its params."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from minigrad.tensor import Tensor

sys.path.insert(0, str(Path(__file__).parents[2]))  # as a command it does not know the tests
import opdb

from ..drawing import Drawing


@cache
def rows() -> list[tuple[opdb.Row, str]]:
    """Rows with the text that calls them: by their name, or as a method."""
    found = []
    for row in opdb.rows():
        if row.random or row.torch_call is not None or not row.torch_name or row.tolerance > 1e-10:
            continue
        thing: Any = torch
        for part in row.name.split("."):
            thing = getattr(thing, part, None)
        if callable(thing):
            found.append((row, f"torch.{row.name}"))
        elif callable(getattr(torch.Tensor, row.name, None)) and hasattr(Tensor, row.name):
            found.append((row, "method"))
    return found


def call(d: Drawing) -> str | None:
    row, name = d.one(rows())
    seed = d.whole(0, 999)
    drawn = [row.samples(opdb.Draw(seed + i)) for i in range(d.program.calls)]
    k = d.whole(0, len(drawn[0]) - 1)
    samples = [x[k] for x in drawn]
    args = [_text(d, [s.args[i] for s in samples]) for i in range(len(samples[0].args))]
    params = {n: _text(d, [s.params[n] for s in samples]) for n in samples[0].params}
    if any(x is None for x in (*args, *params.values())):
        return None
    named = [f"{n}={x}" for n, x in params.items()]
    if name == "method" or (hasattr(Tensor, row.name) and d.chance(0.3)):
        return f"{args[0]}.{row.name}({', '.join([*args[1:], *named])})"  # type: ignore[list-item]
    return f"{name}({', '.join([*args, *named])})"  # type: ignore[list-item]


def _text(d: Drawing, at_calls: list[Any]) -> str | None:
    """An argument as text, given what the sample of each call has in its place."""
    x = at_calls[0]
    if isinstance(x, np.ndarray):
        if len({y.shape for y in at_calls}) > 1:
            at_calls = [x] * len(at_calls)
        if x.dtype.kind == "f":
            if d.chance(0.35):
                return d.like(x.shape)
            rounded = [np.round(y, 4).astype(d.dtype) for y in at_calls]
            return d.argument(x.shape, make=lambda i: rounded[i].copy())
        name = d.argument(x.shape, make=lambda i: at_calls[i].copy())
        d.names.remove(name)
        return name
    if isinstance(x, (list, tuple)):
        inner = [_text(d, [y[i] for y in at_calls]) for i in range(len(x))]
        if any(y is None for y in inner):
            return None
        parts = ", ".join(inner)  # type: ignore[arg-type]
        return f"[{parts}]" if isinstance(x, list) else f"({parts}{',' * (len(x) == 1)})"
    if isinstance(x, np.dtype):
        return f"torch.{x.name}"
    if isinstance(x, (int, float, str, bool, slice)) or x is None or x is Ellipsis:
        return "..." if x is Ellipsis else repr(x)
    return None


MAKERS = [(call, 14)]
