"""Small mistakes in a right program, one at a time: which of them makes the student's numbers?"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="}
REDUCTIONS = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin"}
LONGEST = 40
"""Characters of code that are told."""

Mistake = tuple[str, str, str]
"""The class of fault, a sentence, the program that has it."""


def mistakes(source: str) -> Iterator[Mistake]:
    """All programs that differ from this one by one mistake, the likeliest first."""
    tree = ast.parse(source)
    for kind in (_left_out, _exchanged, _attributes, _assigned, _operators, _arguments, _constants):
        for i, node in enumerate(ast.walk(tree)):
            for fault, sentence, change in kind(node):
                made = copy.deepcopy(tree)
                other = next(n for k, n in enumerate(ast.walk(made)) if k == i)
                changed = change(other)
                if changed is not other:
                    made = _With(other, changed).visit(made)
                yield fault, sentence, ast.unparse(ast.fix_missing_locations(made))


Kind = Iterator[tuple[str, str, Callable[[Any], ast.AST]]]


class _With(ast.NodeTransformer):
    """One node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _told(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _left_out(node: ast.AST) -> Kind:
    """A term, a factor, a power, a minus, a function that is not there."""
    if isinstance(node, ast.BinOp):
        word = {ast.Add: "term", ast.Sub: "term", ast.Pow: "power"}.get(type(node.op), "factor")
        if isinstance(node.op, ast.Pow):
            yield "power", f"the power in {_told(node)} is missing", lambda n: n.left
            return
        told = _told(node.right)
        yield f"{word} missing", f"the {word} {told} is missing", lambda n: n.left
        if not isinstance(node.op, (ast.Sub, ast.Div)):
            told = _told(node.left)
            yield f"{word} missing", f"the {word} {told} is missing", lambda n: n.right
        elif isinstance(node.op, ast.Sub):
            told = _told(node.left)
            yield (
                "term missing here",
                f"the term {told} is missing",
                lambda n: ast.UnaryOp(ast.USub(), n.right),
            )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert)):
        yield "sign inside", f"the sign of {_told(node.operand)} is wrong", lambda n: n.operand
    if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.func, ast.Attribute):
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "math"):
            yield "function missing", f"{node.func.attr}(...) is missing", lambda n: n.args[0]


def _exchanged(node: ast.AST) -> Kind:
    """Two operands, or two results, the wrong way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult)):
        yield (
            "exchanged",
            f"the two sides of {_told(node)} are exchanged",
            lambda n: ast.BinOp(n.right, n.op, n.left),
        )


def _attributes(node: ast.AST) -> Kind:
    if not isinstance(node, ast.Attribute):
        return
    if node.attr in REDUCTIONS:
        other = REDUCTIONS[node.attr]

        def renamed(n: Any) -> Any:
            n.attr = other
            return n

        yield "reduction", f"{other} stands where {node.attr} belongs", renamed
    if node.attr == "T":
        yield "not transposed", f"{_told(node.value)} has to be transposed", lambda n: n.value


def _assigned(node: ast.AST) -> Kind:
    if isinstance(node, ast.AugAssign):
        yield (
            "overwritten",
            f"{_told(node.target)} is overwritten each time; what comes is added (+=)",
            lambda n: ast.Assign([n.target], n.value),
        )
    if isinstance(node, (ast.AugAssign, ast.Assign)) and not isinstance(
        node.targets[0] if isinstance(node, ast.Assign) else node.target, (ast.Name, ast.Tuple)
    ):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        yield "step missing", f"{_told(target)} is never written", lambda n: ast.Pass()


def _operators(node: ast.AST) -> Kind:
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        for op, sign in OPERATORS.items():
            if not isinstance(node.op, op):

                def other(n: Any, op: Any = op) -> Any:
                    n.op = op()
                    return n

                right = OPERATORS[type(node.op)]
                yield "operator", f"{sign} stands where {right} belongs", other
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        for compare, sign in COMPARISONS.items():
            if not isinstance(node.ops[0], compare):

                def compared(n: Any, compare: Any = compare) -> Any:
                    n.ops[0] = compare()
                    return n

                right = COMPARISONS[type(node.ops[0])]
                yield "comparison", f"{sign} stands where {right} belongs", compared


def _arguments(node: ast.AST) -> Kind:
    if not isinstance(node, ast.Call):
        return
    for k, keyword in enumerate(node.keywords):
        if keyword.arg is None:
            continue

        def without(n: Any, k: int = k) -> Any:
            del n.keywords[k]
            return n

        yield "argument missing", f"{keyword.arg}= is missing in a call", without
        if keyword.arg == "axis" and _zero_or_one(keyword.value):
            right: Any = ast.literal_eval(keyword.value)

            def turned(n: Any, k: int = k, axis: int = 1 - right) -> Any:
                n.keywords[k].value = ast.Constant(axis)
                return n

            yield "axis", f"axis {1 - right} stands where {right} belongs", turned


def _constants(node: ast.AST) -> Kind:
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    right: Any = node.value
    for value in (right + 1, right - 1, right * 2, right / 2, -right):

        def other(n: Any, value: Any = value) -> Any:
            n.value = value
            return n

        yield "number", f"{value:g} stands where {right:g} belongs", other


def _zero_or_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in (0, 1)
