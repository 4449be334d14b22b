"""What a formula tells of its function, read off it and said in the same language: where it is
defined, where it has no derivative, and whether it is analytic, so that a complex step
differentiates it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator

from minigrad.notation import is_equation, is_words, parsed

INSIDE: dict[str, str] = {
    "acos": "-1 <= {} <= 1",
    "acosh": "{} >= 1",
    "asin": "-1 <= {} <= 1",
    "atanh": "-1 < {} < 1",
    "digamma": "{0} > 0 or {0} != round({0})",
    "gamma": "{0} > 0 or {0} != round({0})",
    "log": "{} > 0",
    "log10": "{} > 0",
    "log1p": "{} > -1",
    "log2": "{} > 0",
    "sqrt": "{} >= 0",
    "tan": "cos({}) != 0",
}
"""Where functions are defined, by the name of what they are taken of."""
BENT: dict[str, str] = {
    "abs": "{} == 0",
    "ceil": "{0} == round({0})",
    "copysign": "{} == 0",
    "floor": "{0} == round({0})",
    "round": "2 * {0} == round(2 * {0})",
    "sign": "{} == 0",
    "trunc": "{0} == round({0})",
}
"""Where functions jump or have a kink."""
STEEP: dict[str, str] = {
    "acos": "abs({}) == 1",
    "acosh": "{} == 1",
    "asin": "abs({}) == 1",
    "sqrt": "{} == 0",
}
"""Where functions rise without bound that are analytic elsewhere."""
TIES = {"argmax", "argmin", "max", "min"}
JOINED = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.FloorDiv, ast.LShift, ast.Mod, ast.RShift)
"""Operators of whole numbers."""


def domain(text: str, operands: Collection[str]) -> list[str]:
    """Conditions that hold wherever the function is defined, and suffice; those on params alone are
    left out."""
    found = []
    for node in _expressions(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in INSIDE and not _fits(node.func.id, node.args[0]):
                found.append(INSIDE[node.func.id].format(_inner(node.args[0])))
        elif isinstance(node, ast.BinOp):
            found += _of_operator(node)
    asked = _asked(text)
    return [
        condition
        for condition in _about(found, operands)
        if not (condition.endswith("!= 0") and asked and _mentions(ast.parse(condition), asked))
    ]


def kinks(text: str, operands: Collection[str]) -> list[str]:
    """Equations that hold where the function jumps or has no derivative, and perhaps elsewhere: of
    two sides that meet it cannot be seen whether they meet smoothly."""
    steep = []
    for node in _expressions(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in STEEP and not _positive(node.args[0]):
                steep.append(STEEP[node.func.id].format(_inner(node.args[0])))
    return _about([*_bends(text), *steep], operands)


def _bends(text: str) -> list[str]:
    """Where branches meet."""
    found = []
    for node in _expressions(text):
        if isinstance(node, ast.Call):
            found += _of_call(node)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for a, op, b in zip(sides, node.ops, sides[1:], strict=False):
                if isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
                    found.append(f"{ast.unparse(a)} == {ast.unparse(b)}")
    return found


def analytic(text: str, operands: Collection[str]) -> bool:
    """Whether the function maps complex numbers to complex numbers without a kink."""
    if is_words(text) or is_equation(text) or _about(_bends(text), operands):
        return False
    for node in _expressions(text):
        if isinstance(node, (ast.Compare, ast.BoolOp)) and _mentions(node, operands):
            return False
        if isinstance(node, ast.BinOp) and isinstance(node.op, JOINED):
            return False
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
            return False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Subscript):
            if isinstance(node.func.value, ast.Name) and node.func.value.id in (
                *TIES,
                "all",
                "any",
            ):
                return False
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("is"):
            return False
    return True


def _expressions(text: str) -> Iterator[ast.AST]:
    """All parts of a formula, with what has a name in the place of the name."""
    if is_words(text):
        return
    *parts, last = parsed(text)
    names: dict[str, ast.expr] = {}
    for part in parts:
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
            names[part.targets[0].id] = _Named(names).visit(copy.deepcopy(part.value))
    if isinstance(last, (ast.Assign, ast.Expr)):
        yield from ast.walk(_Named(names).visit(copy.deepcopy(last.value)))


class _Named(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)


def _mentions(node: ast.AST, operands: Collection[str]) -> bool:
    return any(isinstance(x, ast.Name) and x.id in operands for x in ast.walk(node))


def _asked(text: str) -> set[str]:
    """What is looked at whether it is 0, before anything is divided by it."""
    return {
        node.left.id
        for node in _expressions(text)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Name)
        and isinstance(node.ops[0], ast.Eq)
        and _number(node.comparators[0]) == 0
    }


def _about(found: list[str], operands: Collection[str]) -> list[str]:
    """Those that speak of operands, each once."""
    fitting = [text for text in found if _mentions(ast.parse(text), operands)]
    return list(dict.fromkeys(fitting))


def _of_operator(node: ast.BinOp) -> list[str]:
    below, base = node.right, _inner(node.left)
    if isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod)):
        return [] if _positive(below) else [f"{_inner(below)} != 0"]
    if not isinstance(node.op, ast.Pow) or _positive(node.left):
        return []
    exponent = _number(node.right)
    if exponent is None or (exponent != int(exponent) and exponent < 0):
        return [f"{base} > 0"]
    if exponent == int(exponent):
        return [f"{base} != 0"] if exponent < 0 else []
    return [] if _not_negative(node.left) else [f"{base} >= 0"]


def _of_call(node: ast.Call) -> list[str]:
    if isinstance(node.func, ast.Subscript) and isinstance(node.func.value, ast.Name):
        name, each = node.func.value.id, node.args[0]
        if name not in TIES or isinstance(each, ast.IfExp):
            return []
        # Where several are the greatest: each of them equals it.
        most = (
            ast.unparse(node).replace("arg", "", 1) if name.startswith("arg") else ast.unparse(node)
        )
        return [f"{ast.unparse(each)} == {most}"]
    assert isinstance(node.func, ast.Name)
    name, given = node.func.id, [_inner(x) for x in node.args]
    if name in ("max", "min"):
        return [f"{given[0]} == {given[1]}"]
    if name == "atan2":  # from π to -π
        return [f"{given[0]} == 0"]
    if name in BENT:
        return [BENT[name].format(x) for x in given]
    return []


def _inner(node: ast.expr) -> str:
    """The text of a part, in brackets where something comes before or behind it."""
    simple = (ast.Name, ast.Constant, ast.Call, ast.Subscript)
    return ast.unparse(node) if isinstance(node, simple) else f"({ast.unparse(node)})"


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return float(value) if isinstance(value, (int, float)) else None


def _fits(name: str, node: ast.expr) -> bool:
    """Whether a function is defined there in any case."""
    return _positive(node) or (name == "sqrt" and _not_negative(node))


def _positive(node: ast.expr) -> bool:
    """Whether it is above 0 for all numbers, as far as can be seen."""
    value = _number(node)
    if value is not None:
        return value > 0
    if isinstance(node, ast.Name):
        return node.id in ("pi", "inf", "tiny", "largest")
    if isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(node.op, ast.Add):
            either = _positive(left) or _positive(right)
            return either and _not_negative(left) and _not_negative(right)
        both = _positive(left) and _positive(right)
        return both if isinstance(node.op, (ast.Mult, ast.Div)) else _raised(node, _positive)
    return _call_is(node, {"exp": lambda x: True, "sqrt": _positive, "sigmoid": lambda x: True})


def _not_negative(node: ast.expr) -> bool:
    """Whether it is 0 or above for all numbers, as far as can be seen."""
    if _positive(node):
        return True
    if isinstance(node, ast.BinOp):
        both = _not_negative(node.left) and _not_negative(node.right)
        if isinstance(node.op, ast.Pow):
            exponent = _number(node.right)
            return (exponent is not None and exponent % 2 == 0) or _raised(node, _not_negative)
        return both and isinstance(node.op, (ast.Add, ast.Mult, ast.Div))
    return _call_is(node, {"abs": lambda x: True, "sqrt": lambda x: True, "sum": _not_negative})


def _raised(node: ast.BinOp, holds: Callable[[ast.expr], bool]) -> bool:
    return isinstance(node.op, ast.Pow) and holds(node.left)


def _call_is(node: ast.expr, names: dict[str, Callable[[ast.expr], bool]]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
    name = function.id if isinstance(function, ast.Name) else ""
    if name == "sum" and "sum" not in names:
        return _positive(node.args[0])
    return name in names and names[name](node.args[0])
