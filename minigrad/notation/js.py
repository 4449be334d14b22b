"""A text as an expression in JavaScript, for numbers, with the meaning of NumPy's forward in
float64: nan, infinities and -0 included. What is no operator there is a function of the page's
script (``mg.exp``); a param ``p`` is ``P.p``, and limits of the type are ``K.tiny``, ``K.largest``.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection

from minigrad.notation import parsed

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
CALLED: dict[type[ast.AST], str] = {
    ast.Pow: "pow",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "left",
    ast.RShift: "right",
}
NAMED = {"pi": "Math.PI", "inf": "Infinity", "nan": "NaN", "tiny": "K.tiny", "largest": "K.largest"}
FUNCTIONS = frozenset(
    (
        *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "copysign"),
        *("cos", "cosh", "digamma", "exp", "exp2", "expm1", "floor", "fmod", "gamma", "hypot"),
        *("isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "max", "min"),
        *("polygamma", "round", "sigmoid", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"),
    )
)
"""Those of the script. Their names, and JavaScript's words, are used for no operand."""


def function(text: str, operands: Collection[str], params: Collection[str]) -> str:
    """The text as a function of the operands, of the params ``P`` and of the type's limits ``K``.

    Errors: NotImplementedError for what has no JavaScript.
    """
    printer = _Printer(frozenset(params), frozenset(operands))
    *parts, last = parsed(text)
    lines = []
    for part in parts:
        assert isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name), text
        value = printer.of(part.value)
        printer.parts.add(part.targets[0].id)
        lines.append(f"const _{part.targets[0].id} = {value}; ")
    if not isinstance(last, ast.Expr):
        raise NotImplementedError(f"no JavaScript for {text}")
    head = ", ".join(("P", "K", *(f"${name}" for name in operands)))
    return f"({head}) => {{ {''.join(lines)}return {printer.of(last.value)}; }}"


class _Printer:
    """JavaScript of nodes, all of it in brackets."""

    def __init__(self, params: frozenset[str], operands: frozenset[str]) -> None:
        self.params, self.operands = params, operands
        self.parts: set[str] = set()

    def of(self, node: ast.expr) -> str:
        method = getattr(self, f"of_{type(node).__name__}", None)
        if method is None:
            raise NotImplementedError(f"no JavaScript for {ast.unparse(node)}")
        return method(node)  # type: ignore[no-any-return]

    def of_Constant(self, node: ast.Constant) -> str:
        if node.value is None or isinstance(node.value, bool):
            return "null" if node.value is None else str(node.value).lower()
        if not isinstance(node.value, (int, float)):
            raise NotImplementedError(f"no JavaScript for {node.value!r}")
        return repr(node.value) if math.isfinite(node.value) else "Infinity"

    def of_Name(self, node: ast.Name) -> str:
        if node.id in self.parts:
            return f"_{node.id}"
        if node.id in self.operands:
            return f"${node.id}"
        if node.id in self.params:
            return f"P.{node.id}"
        if node.id in NAMED:
            return NAMED[node.id]
        raise NotImplementedError(f"{node.id} is no operand, param or part")

    def of_IfExp(self, node: ast.IfExp) -> str:
        return f"({self.of(node.test)} ? {self.of(node.body)} : {self.of(node.orelse)})"

    def of_Call(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise NotImplementedError(f"no JavaScript for {ast.unparse(node)}")
        return f"mg.{node.func.id}({', '.join(map(self.of, node.args))})"

    def of_BinOp(self, node: ast.BinOp) -> str:
        a, b = self.of(node.left), self.of(node.right)
        if type(node.op) in SIGNS:
            return f"({a} {SIGNS[type(node.op)]} {b})"
        if type(node.op) not in CALLED:
            raise NotImplementedError(f"no JavaScript for {ast.unparse(node)}")
        return f"mg.{CALLED[type(node.op)]}({a}, {b})"

    def of_Compare(self, node: ast.Compare) -> str:
        left, found = node.left, []
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, (ast.Is, ast.IsNot)):
                sign = "==" if isinstance(op, ast.Is) else "!="  # of null, and of what is missing
            else:
                sign = SIGNS[type(op)]
            found.append(f"{self.of(left)} {sign} {self.of(right)}")
            left = right
        return f"({' && '.join(found)})"

    def of_BoolOp(self, node: ast.BoolOp) -> str:
        joint = " && " if isinstance(node.op, ast.And) else " || "
        return f"({joint.join(f'Boolean({self.of(each)})' for each in node.values)})"

    def of_UnaryOp(self, node: ast.UnaryOp) -> str:
        x = self.of(node.operand)
        if isinstance(node.op, ast.Not):
            return f"(!{x})"
        return f"mg.not({x}, K)" if isinstance(node.op, ast.Invert) else f"(-{x})"
