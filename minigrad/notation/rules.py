"""What an op's rules say, as texts: read off their code, so that there is one truth.

``sin.derivatives(x=lambda g, x: g * x.cos())`` says ``g * cos(x)``. Where the code goes another way
than mathematics does, so that nothing overflows or cancels, or is no single line, the op says the
rule itself, by `Op.mathematics`.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from minigrad.notation import is_equation, parsed
from minigrad.notation.functions import FUNCTIONS
from minigrad.op import Op, register

NUMBERS = {"LN2": "log(2)", "LN10": "log(10)"}
"""Names of numbers in the code, and what these are."""
METHODS = {"clamp_min": "max", "clamp_max": "min", "maximum": "max", "minimum": "min"}
"""Methods of tensors that go by another name in the language."""
WORDS = {*FUNCTIONS, "digamma", "polygamma"}


@cache
def rule(op: Op, operand: str) -> str:
    """The rule for an operand as a text in which g is the cotangent of the result; "" where it has
    none, or where its code is no single expression and nobody says more."""
    if operand in op.said:
        return op.said[operand]
    if operand not in op.rules:
        return ""
    function = op.rules[operand].function
    try:
        return _Reader(function.__globals__).text(_node(function))
    except _Unread:
        return ""


class _Unread(Exception):
    """The code is no single expression, or its source is not at hand."""


@cache
def _functions(file: str) -> list[ast.Lambda | ast.FunctionDef]:
    text = "".join(linecache.getlines(file))
    return [x for x in ast.walk(ast.parse(text)) if isinstance(x, (ast.Lambda, ast.FunctionDef))]


def _node(function: Callable[..., Any]) -> ast.Lambda | ast.FunctionDef:
    """Where the function stands in its file."""
    code = function.__code__
    for node in _functions(code.co_filename):
        if node.lineno == code.co_firstlineno and _holds(node, code):
            return node
    raise _Unread


def _holds(node: ast.Lambda | ast.FunctionDef, code: CodeType) -> bool:
    """Whether the code is of this node: of several functions in a line, the columns tell."""
    if isinstance(node, ast.FunctionDef):
        return node.name == code.co_name
    places = {(line, column) for line, _, column, _ in code.co_positions() if line and column}
    body = node.body
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    inside = [place for place in places if start <= place < end]
    return bool(inside) or not places


class _Reader(ast.NodeTransformer):
    """Code with tensors' methods as the language has it."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def text(self, node: ast.Lambda | ast.FunctionDef) -> str:
        if isinstance(node, ast.Lambda):
            if isinstance(node.body, ast.Constant) and node.body.value is None:
                return "0"
            return ast.unparse(self.visit(node.body))
        lines = [x for x in node.body if not _is_docstring(x)]
        if not all(isinstance(x, (ast.Assign, ast.Return)) for x in lines):
            raise _Unread
        *parts, last = lines
        if not isinstance(last, ast.Return) or last.value is None:
            raise _Unread
        texts = []
        for part in parts:
            assert isinstance(part, ast.Assign)
            goal, value = part.targets[0], part.value
            several = isinstance(goal, ast.Tuple) and isinstance(value, ast.Tuple)
            goals = goal.elts if several else [goal]  # type: ignore[attr-defined]
            values = value.elts if several else [value]  # type: ignore[attr-defined]
            for name, each in zip(goals, values, strict=True):
                if not isinstance(name, ast.Name):
                    raise _Unread
                texts.append(f"{name.id} = {ast.unparse(self.visit(each))}")
        return "; ".join([*texts, ast.unparse(self.visit(last.value))])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _expression(NUMBERS[node.id]) if node.id in NUMBERS else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            return ast.Name(node.attr)
        if node.attr not in ("T", "mT"):
            raise _Unread
        return ast.Attribute(self.visit(node.value), node.attr)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        x = self.visit(node.operand)
        return ast.UnaryOp(ast.Not() if isinstance(node.op, ast.Invert) else node.op, x)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            join = ast.And() if isinstance(node.op, ast.BitAnd) else ast.Or()
            return ast.BoolOp(join, [left, right])
        return ast.BinOp(left, node.op, right)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Attribute):
            of_math = isinstance(function.value, ast.Name) and function.value.id == "math"
            given = [] if of_math else [self.visit(function.value)]
            return self.call(function.attr, [*given, *map(self.visit, node.args)], node, True)
        if not isinstance(function, ast.Name):
            raise _Unread
        return self.call(function.id, [*map(self.visit, node.args)], node, False)

    def call(self, name: str, given: list[ast.expr], node: ast.Call, method: bool) -> ast.expr:
        if name == "where":
            if method:
                given = [given[1], given[0], given[2]]
            return ast.IfExp(*given)
        if name == "square":
            return ast.BinOp(given[0], ast.Pow(), ast.Constant(2))
        if name == "matmul":
            return ast.BinOp(given[0], ast.MatMult(), given[1])
        other = register.get(name) if method else self.names.get(name)
        if isinstance(other, Op) and not (method and name in WORDS):
            return self.inlined(other, given, node)
        word = METHODS.get(name, name)
        if node.keywords or word not in WORDS:
            raise _Unread
        return ast.Call(ast.Name(word), given, [])

    def inlined(self, op: Op, given: list[ast.expr], node: ast.Call) -> ast.expr:
        """What another op computes, in its place."""
        lines = parsed(op.formula)
        single = len(lines) == 1 and isinstance(lines[0], ast.Expr)
        if not single or len(given) != len(op.operands) or is_equation(op.formula):
            raise _Unread
        names = dict(zip(op.operands, given, strict=False))
        for keyword in node.keywords:
            if keyword.arg is None:
                raise _Unread
            names[keyword.arg] = self.visit(keyword.value)
        return _Renamed(names).visit(_expression(op.formula))  # type: ignore[no-any-return]


class _Renamed(ast.NodeTransformer):
    """An expression with others in the place of names."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Call(node.func, [self.visit(each) for each in node.args], [])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
