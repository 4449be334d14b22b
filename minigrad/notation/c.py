"""A text as an expression in C, for numbers of one type, with the meaning of NumPy's forward: nan,
infinities, -0 and integers that overflow included. The same C serves CPUs and GPUs."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import cache
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

CIRCULAR = {"cos", "sin", "tan"}
OWN = CIRCULAR | {
    *("atan", "atan2", "cosh", "exp", "exp2", "expm1", "floor_divide", "fmod", "log", "log10"),
    *("log1p", "log2", "remainder", "sigmoid", "sinh", "tanh"),
}
"""Functions of our own: those of the header elementary.h, and of the prelude on a GPU."""
FLOAT = {"bell": "bell(x, rate)", "erf": "erf(x)", "erfc": "erfc(x)", "ndtr": "ndtr(x)"}
"""Those that only the header has, for float, by the op: they take fewer steps than its text."""
LIBRARY = {"abs": "fabs", "round": "rint"} | {
    name: name
    for name in (
        *("acos", "acosh", "asin", "asinh", "atanh", "ceil", "copysign", "floor", "hypot", "sqrt"),
        "trunc",
    )
}
"""Functions of C's library, which for float has them with an f behind the name."""
ROUNDING = {"ceil", "floor", "round", "trunc"}
"""These leave integers as they are."""
KNOWN: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
}
"""What is computed of numbers that are known."""
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
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
}


@cache
def _numbers(kind: Kind) -> dict[str, float]:
    """The numbers that have a name, some of which depend on the type."""
    named = {"pi": math.pi, "inf": math.inf, "nan": math.nan}
    if kind.kind == "f":
        limits = np.finfo(kind)
        named |= {"largest": float(limits.max), "tiny": float(limits.tiny)}
    return named


def statements(text: str, kind: Kind, given: Mapping[str, Any], goal: str) -> tuple[str, str]:
    """The text in C, for numbers of this type: lines for the parts that have names, and the result.

    ``given`` has C for each operand, or its number, and the number of each param. The names of the
    parts begin with ``goal``.

    Errors: NotImplementedError for what has no C.
    """
    printer = _Printer(kind, given)
    *parts, last = parsed(text)
    lines = []
    for part in parts:
        assert isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name), text
        name, value = part.targets[0].id, printer.part(part.value)
        if isinstance(value, str):
            lines.append(f"const {TYPES[kind.char]} {goal}_{name} = {value};\n")
            value = f"{goal}_{name}"
        printer.names[name] = value
    assert isinstance(last, ast.Expr), text
    return "".join(lines), printer.text(printer.part(last.value))


def number(value: float | bool, kind: Kind) -> str:
    """A Python number as a literal of this type."""
    if kind.kind in "iub":
        whole = int(np.asarray(value).astype(kind))  # modulo its range
        # There is no literal for the smallest: it would be minus a number that is too large.
        return f"({whole + 1} - 1)" if whole == -(2**63) else str(whole)
    value = float(kind.type(value))
    wide = "" if kind.char == "f" else "(double)"  # they are floats, and functions have two types
    if value != value:
        return f"({wide}NAN)"
    if math.isinf(value):
        return f"({wide}INFINITY)" if value > 0 else f"(-{wide}INFINITY)"
    text = f"{value.hex()}{'f' if kind.char == 'f' else ''}"
    return text if value >= 0 and not text.startswith("-") else f"({text})"


class _Printer:
    """What is known is computed here, in float64; the rest becomes C, all of it in brackets."""

    def __init__(self, kind: Kind, given: Mapping[str, Any]) -> None:
        self.kind, self.names = kind, {**_numbers(kind), **given}

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
            if isinstance(node.op, ast.Pow):
                return self.power(a, b)
            if isinstance(node.op, (ast.LShift, ast.RShift)):
                return self.shift(isinstance(node.op, ast.LShift), self.text(a), self.text(b))
            if isinstance(node.op, (ast.FloorDiv, ast.Mod)):
                name = "floor_divide" if isinstance(node.op, ast.FloorDiv) else "remainder"
                return self.call(name, [a, b])
            return self.sign(node.op, a, b)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            a, b = self.part(node.left), self.part(node.comparators[0])
            if isinstance(node.ops[0], ast.Is):
                return a is b
            return self.sign(node.ops[0], a, b)
        if isinstance(node, ast.BoolOp):
            joint = " & " if isinstance(node.op, ast.And) else " | "  # of truths: no branches
            return f"({joint.join(self.truth(self.part(each)) for each in node.values)})"
        if isinstance(node, ast.UnaryOp):
            x = self.part(node.operand)
            if isinstance(node.op, ast.Not):
                return f"(!{x})" if isinstance(x, str) else not x
            if isinstance(node.op, ast.Invert):
                return f"({'!' if self.kind.kind == 'b' else '~'}{self.text(x)})"
            return f"(-{x})" if isinstance(x, str) else -x
        raise NotImplementedError(f"no C for {ast.unparse(node)}")

    def truth(self, part: Part) -> str:
        return f"!!{part}" if isinstance(part, str) else str(int(bool(part)))

    def choice(self, test: Part, body: ast.expr, other: ast.expr) -> Part:
        if not isinstance(test, str):
            return self.part(body if test else other)
        one, two = self.text(self.part(body)), self.text(self.part(other))
        if self.kind.char == "f":  # both are computed: a loop without branches becomes vectors
            return f"mg_select_f32(!!{test}, {one}, {two})"
        return f"({test} ? {one} : {two})"

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

    def shift(self, left: bool, x: str, y: str) -> Part:
        """By less than nothing or by all bits and more nothing is left, but for a sign; in C that
        is undefined."""
        bits = 8 * self.kind.itemsize
        unsigned = "uint64_t" if bits == 64 else "uint32_t"
        if left:
            return f"(({unsigned}){y} < {bits} ? ({unsigned}){x} << {y} : 0)"
        return f"(({unsigned}){y} < {bits} ? {x} >> {y} : {x} < 0 ? -1 : 0)"

    def call(self, name: str, given: list[Part]) -> Part:
        if name in KNOWN and not any(isinstance(each, str) for each in given):
            return KNOWN[name](*given)  # type: ignore[no-any-return]
        texts = [self.text(each) for each in given]
        first = texts[0]
        if name in ("max", "min"):
            x, y = texts
            if self.kind.char == "f":
                return f"mg_{name}_f32({x}, {y})"
            return f"(({x} {'>' if name == 'max' else '<'} {y} || {x} != {x}) ? {x} : {y})"
        if name in ("isfinite", "isinf"):
            return f"({self.call('abs', given)} {'<' if name == 'isfinite' else '=='} INFINITY)"
        if name == "isnan":
            return f"({first} != {first})"
        if name in ROUNDING and self.kind.kind != "f":
            return first
        if name in OWN or (name in FLOAT and self.kind.char == "f"):
            return f"mg_{name}_{'f32' if self.kind.char == 'f' else 'f64'}({', '.join(texts)})"
        if name in LIBRARY:
            return f"{LIBRARY[name]}{self.suffix}({', '.join(texts)})"
        raise NotImplementedError(f"no C for {name}")

    @property
    def suffix(self) -> str:
        return "f" if self.kind.char == "f" else ""
