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
        "y": _formula(op.formula),
        "rules": {name: _rule(op, name) for name in operands if name in op.rules},
    }


def _formula(text: str) -> str:
    if not text or is_words(text):
        return _words(text)
    made = tex(text)
    left = "" if is_equation(text) or made.startswith("{y}") else "y = "
    return mathml(left + made)


def _rule(op: Op, operand: str) -> str:
    said = rule(op, operand)
    left = f"\\frac{{\\partial L}}{{\\partial {_symbol(operand)}}}"
    if not said:
        return f"{mathml(left)} is a small program of its own"
    if is_words(said):
        return f"{mathml(left + ' =')} {_words(said)}"
    made = tex(said)
    target, equals, value = made.partition(" = ")
    if equals and target.startswith("{"):  # in index notation
        left, made = f"\\frac{{\\partial L}}{{\\partial {target}}}", value
    return mathml(f"{left} = {made}")


def _words(text: str) -> str:
    return f"<span>{escape(text.strip(chr(39)))}</span>"


def _symbol(name: str) -> str:
    return name if len(name) == 1 else f"\\mathrm{{{name}}}".replace("_", "\\_")
