"""A step for a terminal."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator

import numpy as np

from minigrad.device import CPU
from minigrad.device import place as at
from minigrad.explainer.stack import place
from minigrad.explainer.trace import Given, Row, Trace, Value
from minigrad.notation.rules import rule
from minigrad.op import register

SMALL = 8


def text(trace: Trace) -> str:
    """The rows of the step, the rules that are used on the way back, and the gradients."""
    return "\n".join(line.rstrip() for line in _lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    phase, line = "", ("", 0)
    for row in trace.rows:
        if row.phase != phase:
            phase = row.phase
            yield f"\n{phase}"
        if phase == "forward" and place(row.where) != line:
            line = place(row.where)
            source = linecache.getline(*line).strip()
            yield f"  {source}  # {os.path.basename(line[0])}:{line[1]}"
        operands = row.given[:-1] if row.title else row.given
        given = ", ".join(map(_named, operands))
        past = "  (past the tape)" if row.past and phase == "forward" else ""
        yield f"    {_named(row.result)} = {row.title or row.name}({given}){past}"
        if phase == "backward" and row.cause is not None and row.cause.row is not None:
            if row.cause.why == "rule":
                yield f"        {_rule(trace.rows[row.cause.row])}"
    for each in trace.passes:
        yield f"\ngradients of {', '.join(root.name or 'loss' for root, _ in each.roots)}"
        for gradient in each.gradients:
            name = gradient.leaf.name
            yield f"  {name}.grad {_shape(gradient.leaf)}  {_range(gradient.numbers)}"


def _named(x: Given) -> str:
    if not isinstance(x, Value):
        return f"{x:g}" if isinstance(x, float) else str(x)
    return f"{x.name or f'%{x.number}'}{_shape(x)}"


def _shape(x: Value) -> str:
    return f"[{', '.join(map(str, x.array.shape))}]"


def _rule(row: Row) -> str:
    op = register.get(row.name)
    if op is None:
        return f"by the backward of {row.title or row.name}"
    told = [f"∂L/∂{name} = {rule(op, name)}" for name in op.rules if rule(op, name)]
    return f"rule of {row.name}: {'; '.join(told) or 'a program of its own'}"


def _range(numbers: object) -> str:
    host = np.asarray(at(numbers, CPU))
    if host.size <= SMALL:
        return np.array2string(host, precision=6, separator=", ").replace("\n", "")
    return f"{host.min():.4g} .. {host.max():.4g}, mean {host.mean():.4g}"
