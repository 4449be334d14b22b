"""The page's script: the files of ``page/`` one after the other, and the functions that the ops'
declarations make."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from minigrad.notation.js import function
from minigrad.notation.rules import rule
from minigrad.op import Op, register

MACHINE = (
    *("numbers", "arrays", "elementwise", "moves", "sums", "products", "rows", "order"),
    "matrices",
)
"""The files that compute; nothing in them knows of a page."""


@cache
def source(name: str) -> str:
    """A file of ``page/``."""
    return (files("minigrad.explainer") / "page" / name).read_text(encoding="utf-8")


def declared(names: Iterable[str]) -> str:
    """JavaScript that declares the elementwise ones of these ops."""
    functions, slopes = [], []
    for name in sorted(set(names)):
        op = register.get(name)
        text = "" if op is None else op.scalar or (op.formula if op.elementwise else "")
        if op is None or not text or text.startswith("'"):
            continue
        try:
            functions.append(f"{name}: {function(text, op.operands, op.params)}")
        except NotImplementedError:
            pass  # numbers.js has it
        slopes.append(f"{name}: [{', '.join(_slope(op, operand) for operand in op.operands)}]")
    return f"declare({{\n{_joined(functions)}\n}}, {{\n{_joined(slopes)}\n}});\n"


def _joined(lines: list[str]) -> str:
    return ",\n".join(lines)


def _slope(op: Op, operand: str) -> str:
    """The derivative for an operand: its rule for a cotangent of 1."""
    text = rule(op, operand)
    if not text or text == "None":
        return "null"
    try:
        own = ["cotangent" if name == "g" else name for name in op.operands]  # g is the rule's
        return function(text, [*own, "out", "g"], op.params)
    except NotImplementedError:
        return "null"


def machine(names: Iterable[str]) -> str:
    """What computes: all that programs of these ops need."""
    parts = [source(f"{name}.js") for name in MACHINE]
    return "\n".join([*parts, declared(names)])


def escaped(data: object) -> str:
    """JSON that may stand in a page: nothing in it ends a script."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
