"""What ops compute and how they are differentiated, typeset from their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

from minigrad.notation import is_equation, is_words
from minigrad.notation.mathml import mathml
from minigrad.notation.rules import rule
from minigrad.notation.tex import tex
from minigrad.op import Op, register


def formulas(names: Iterable[str]) -> dict[str, Any]:
    """For each op its family, what it computes, and the rule of each operand, as HTML."""
    return {name: _told(register[name]) for name in sorted(set(names)) if name in register}


@cache
def _told(op: Op) -> dict[str, Any]:
    operands = [*op.operands, *([op.variadic] if op.variadic else [])]
    return {
        "family": op.family,
        "operands": op.operands,
        "more": op.variadic or "",
        "y": _formula(op),
        "rules": {name: _rule(op, name) for name in operands if name in op.rules},
    }


def _result(op: Op) -> str:
    """What the result is called: y, or z where an operand has that name."""
    return "z" if "y" in op.operands else "y"


def _formula(op: Op) -> str:
    text, out = op.formula, _result(op)
    if not text or is_words(text):
        return _words(text)
    made = tex(text, out)
    left = "" if is_equation(text) or made.startswith(f"{{{out}}}") else f"{out} = "
    return mathml(left + made)


def _rule(op: Op, operand: str) -> str:
    said = rule(op, operand)
    left = f"\\frac{{\\partial L}}{{\\partial {_symbol(operand)}}}"
    if not said:
        return f"{mathml(left)} is a small program of its own"
    if is_words(said):
        return f"{mathml(left + ' =')} {_words(said)}"
    made = tex(said, _result(op))
    target, equals, value = made.partition(" = ")
    if equals and target.startswith("{"):  # in index notation
        left, made = f"\\frac{{\\partial L}}{{\\partial {target}}}", value
    return mathml(f"{left} = {made}")


def _words(text: str) -> str:
    return f"<span>{escape(text.strip(chr(39)))}</span>"


def _symbol(name: str) -> str:
    return name if len(name) == 1 else f"\\mathrm{{{name}}}".replace("_", "\\_")
