"""A text as an expression in C, for numbers of one type, with the meaning of NumPy's forward: nan,
infinities, -0 and integers that overflow included. The same C serves CPUs and GPUs."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minigrad.notation import parsed

TYPES = {
    "f": "float",
    "d": "double",
    "?": "uint8_t",
    "B": "uint8_t",
    "b": "int8_t",
    "h": "int16_t",
    "i": "int32_t",
    "l": "int64_t",
    "q": "int64_t",
}
"""C's word for each type that a chain can hold, by NumPy's letter."""

Kind = np.dtype[Any]
Part = str | float
"""A part in C, or a number that is known."""

OWN = {"exp", "expm1", "log", "log1p", "sigmoid", "tanh"}
"""Functions of our own: those of the header elementary.h, and of the prelude on a GPU."""
LIBRARY = {
    "abs": "fabs",
    "cos": "cos",
    "sin": "sin",
    "sqrt": "sqrt",
}
"""Functions of C's library, which for float has them with an f behind the name."""
SIGNS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
NUMBERS = {"pi": math.pi, "inf": math.inf, "nan": math.nan}


def expression(text: str, kind: Kind, given: Mapping[str, Any]) -> str:
    """The text in C, for results of this type.

    ``given`` has C for each operand, or its number, and the number of each param.

    Errors: NotImplementedError for what has no C.
    """
    return _Printer(kind, given).whole(text)


def number(value: float | bool, kind: Kind) -> str:
    """A Python number as a literal of this type."""
    if kind.kind in "iub":
        whole = int(kind.type(value))
        # There is no literal for the smallest: it would be minus a number that is too large.
        return f"({whole + 1} - 1)" if whole == -(2**63) else str(whole)
    value = float(kind.type(value))
    if value != value:
        return "NAN"
    if value in (float("inf"), float("-inf")):
        return "INFINITY" if value > 0 else "(-INFINITY)"
    text = f"{value.hex()}{'f' if kind.char == 'f' else ''}"
    return text if value >= 0 and not text.startswith("-") else f"({text})"


class _Printer:
    """What is known is computed here, in float64; the rest becomes C, all of it in brackets."""

    def __init__(self, kind: Kind, given: Mapping[str, Any]) -> None:
        self.kind, self.names = kind, {**NUMBERS, **given}

    def whole(self, text: str) -> str:
        *lets, last = parsed(text)
        for each in lets:
            assert isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name), text
            self.names[each.targets[0].id] = self.part(each.value)
        assert isinstance(last, ast.Expr), text
        return self.text(self.part(last.value))

    def text(self, part: Part) -> str:
        return part if isinstance(part, str) else number(part, self.kind)

    def part(self, node: ast.expr) -> Part:
        if isinstance(node, ast.Constant):
            return node.value  # type: ignore[return-value]
        if isinstance(node, ast.Name):
            return self.names[node.id]  # type: ignore[no-any-return]
        if isinstance(node, ast.IfExp):
            return self.choice(self.part(node.test), node.body, node.orelse)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node.func.id, [self.part(each) for each in node.args])
        if isinstance(node, ast.BinOp):
            a, b = self.part(node.left), self.part(node.right)
            return self.power(a, b) if isinstance(node.op, ast.Pow) else self.sign(node.op, a, b)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self.sign(node.ops[0], self.part(node.left), self.part(node.comparators[0]))
        if isinstance(node, ast.BoolOp):
            joint = " && " if isinstance(node.op, ast.And) else " || "
            return f"({joint.join(self.text(self.part(each)) for each in node.values)})"
        if isinstance(node, ast.UnaryOp):
            x = self.part(node.operand)
            if isinstance(node.op, ast.Not):
                return f"(!{x})" if isinstance(x, str) else not x
            return f"(-{x})" if isinstance(x, str) else -x
        raise NotImplementedError(f"no C for {ast.unparse(node)}")

    def choice(self, test: Part, body: ast.expr, other: ast.expr) -> Part:
        if not isinstance(test, str):
            return self.part(body if test else other)
        return f"({test} ? {self.text(self.part(body))} : {self.text(self.part(other))})"

    def sign(self, op: ast.AST, a: Part, b: Part) -> Part:
        word, compute = SIGNS[type(op)]
        if not isinstance(a, str) and not isinstance(b, str):
            return compute(a, b)  # type: ignore[no-any-return]
        if word == "*" and self.kind.kind == "f" and (a == 1 or b == 1):
            return a if b == 1 else b
        x, y = self.text(a), self.text(b)
        if word in "+-*" and self.kind.kind == "i" and self.kind.itemsize >= 4:
            # Of integers modulo their range. In C only those of unsigned ones are, so that a
            # compiler may take x + 1 > x for true; narrower ones are computed as int.
            signed = TYPES[self.kind.char]
            return f"(({signed})((u{signed}){x} {word} (u{signed}){y}))"
        return f"({x} {word} {y})"

    def power(self, a: Part, b: Part) -> Part:
        if not isinstance(a, str) and not isinstance(b, str):
            return a**b  # type: ignore[no-any-return]
        x = self.text(a)
        if isinstance(b, str):
            return f"pow{self.suffix}({x}, {b})"
        exact = {
            2: f"({x} * {x})",
            3: f"({x} * {x} * {x})",
            0.5: f"sqrt{self.suffix}({x})",
            -1: f"(1 / {x})",
            -0.5: f"(1 / sqrt{self.suffix}({x}))",
        }
        return exact.get(b) or f"pow{self.suffix}({x}, {self.text(b)})"

    def call(self, name: str, given: list[Part]) -> Part:
        texts = [self.text(each) for each in given]
        if name in ("max", "min"):
            x, y = texts
            return f"(({x} {'>' if name == 'max' else '<'} {y} || {x} != {x}) ? {x} : {y})"
        if name in OWN:
            return f"mg_{name}_{'f32' if self.kind.char == 'f' else 'f64'}({', '.join(texts)})"
        if name in LIBRARY:
            return f"{LIBRARY[name]}{self.suffix}({', '.join(texts)})"
        raise NotImplementedError(f"no C for {name}")

    @property
    def suffix(self) -> str:
        return "f" if self.kind.char == "f" else ""
