r"""A text as TeX: ``x / (1 + abs(x))`` becomes ``\frac{x}{1 + \left|x\right|}``."""

from __future__ import annotations

import ast
import math
from fractions import Fraction

from minigrad.notation import parsed
from minigrad.notation.signs import (
    AROUND,
    ATOM,
    COMPARED,
    GREEK,
    NAMED,
    POWERED,
    REDUCED,
    SIGNS,
    SPELLED,
)


def tex(text: str, out: str = "y", of: str = "") -> str:
    """The text in TeX, without dollars.

    ``out`` is the sign of the result; ``of`` the operand of which the text is the rule.
    """
    printer = _Printer(out)
    *parts, last = parsed(text)
    if isinstance(last, ast.Assign):
        goal, value = printer.of(last.targets[0]), last.value
    else:
        assert isinstance(last, ast.Expr)
        goal, value = printer.of(ast.Name(of)) if of else "", last.value
    lines = [f"{_slope(goal) if of else goal} = {printer.of(value)}" if goal else printer.of(value)]
    for part in parts:
        assert isinstance(part, ast.Assign)
        lines.append(f"{printer.of(part.targets[0])} = {printer.of(part.value)}")
    return ",\\quad ".join(lines)


def _slope(goal: str) -> str:
    return f"\\frac{{\\partial L}}{{\\partial {goal}}}"


class _Printer:
    """TeX of nodes, with how strongly it holds together."""

    def __init__(self, out: str) -> None:
        self.out = out

    def of(self, node: ast.expr, least: int = 0) -> str:
        """The TeX, in brackets where it holds together less than it must."""
        text, strength = self.print(node)
        return text if strength >= least else f"\\left({text}\\right)"

    def print(self, node: ast.expr) -> tuple[str, int]:
        method = getattr(self, f"print_{type(node).__name__}", None)
        if method is None:
            raise NotImplementedError(f"no TeX for {ast.unparse(node)}")
        return method(node)  # type: ignore[no-any-return]

    def print_Name(self, node: ast.Name) -> tuple[str, int]:
        name = self.out if node.id == "out" else node.id
        return GREEK.get(name) or (name if len(name) == 1 else _upright(name)), ATOM

    def print_Constant(self, node: ast.Constant) -> tuple[str, int]:
        value = node.value
        if value is Ellipsis:
            return "\\ldots", ATOM
        if value is None:
            return "\\text{none}", ATOM
        if isinstance(value, str):
            return f"\\text{{{_escaped(value)}}}", ATOM
        if isinstance(value, bool):
            return f"\\text{{{str(value).lower()}}}", ATOM
        if isinstance(value, float) and math.isfinite(value):
            part = Fraction(value).limit_denominator(16)
            if part != value:
                return f"{value:.6g}", ATOM
            if part.denominator != 1:
                return f"\\frac{{{part.numerator}}}{{{part.denominator}}}", ATOM
            value = part.numerator
        return str(value), ATOM

    def print_Attribute(self, node: ast.Attribute) -> tuple[str, int]:
        if node.attr in ("T", "mT"):
            return f"{{{self.of(node.value, ATOM)}}}^{{\\top}}", 8
        return _upright(node.attr), ATOM

    def print_UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        if isinstance(node.op, ast.Not):
            return f"\\lnot {self.of(node.operand, 7)}", 7
        if isinstance(node.op, ast.Invert):
            return f"\\overline{{{self.of(node.operand)}}}", ATOM
        minus, text, strength = self.product(node)
        return (f"-{text}", 5) if minus else (text, strength)

    def print_BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        if isinstance(node.op, (ast.Mult, ast.Div)):
            minus, text, strength = self.product(node)
            return (f"-{text}", 5) if minus else (text, strength)
        if isinstance(node.op, ast.Pow):
            return self.power(node.left, self.of(node.right)), 8
        sign, strength = SIGNS[type(node.op)]
        behind = strength + (not isinstance(node.op, ast.Add))
        if isinstance(node.op, (ast.Add, ast.Sub)):
            minus, right, holds = self.product(node.right)
            if minus:  # no sign behind a sign
                sign = " - " if isinstance(node.op, ast.Add) else " + "
            if holds < (6 if sign == " - " else 5):
                right = f"\\left({right}\\right)"
            return f"{self.of(node.left, strength)}{sign}{right}", strength
        return f"{self.of(node.left, strength)}{sign}{self.of(node.right, behind)}", strength

    def product(self, node: ast.expr) -> tuple[bool, str, int]:
        """A product or quotient: whether it has a minus, the rest with numbers in front, and how
        strongly that holds together."""
        over, under, minus = _factors(node)
        over, under = _gathered(over), _gathered(under)
        if not under and len(over) == 1:
            return (minus, self.of(over[0], 6), 6) if minus else (False, *self.print(over[0]))
        top = " \\cdot ".join(self.of(x, 6 if under and len(over) == 1 else 7) for x in over)
        if not under:
            return minus, top, 6
        if len(over) == 1:
            top = self.of(over[0])
        least = 0 if len(under) == 1 else 7
        low = " \\cdot ".join(self.of(x, least) for x in under)
        return minus, f"\\frac{{{top or 1}}}{{{low}}}", 9

    def power(self, base: ast.expr, exponent: str) -> str:
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Name):
            name = base.func.id
            if name in POWERED and not exponent.startswith("-"):
                return f"{NAMED[name]}^{{{exponent}}} {self.of(base.args[0], ATOM)}"
        return f"{{{self.of(base, ATOM)}}}^{{{exponent}}}"

    def print_BoolOp(self, node: ast.BoolOp) -> tuple[str, int]:
        word, strength = ("and", 2) if isinstance(node.op, ast.And) else ("or", 1)
        joint = f" \\text{{ {word} }} "
        return joint.join(self.of(each, strength + 1) for each in node.values), strength

    def print_Compare(self, node: ast.Compare) -> tuple[str, int]:
        text = self.of(node.left, 4)
        for op, right in zip(node.ops, node.comparators, strict=True):
            text += f" {COMPARED[type(op)]} {self.of(right, 4)}"
        return text, 3

    def print_IfExp(self, node: ast.IfExp) -> tuple[str, int]:
        rows, rest = [], node
        while True:
            rows.append(f"{self.of(rest.body)} & \\text{{if }} {self.of(rest.test)}")
            if not isinstance(rest.orelse, ast.IfExp):
                break
            rest = rest.orelse
        rows.append(f"{self.of(rest.orelse)} & \\text{{else}}")
        return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}", 6

    def print_Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        return f"{{{self.of(node.value, ATOM)}}}_{{{self.of(node.slice)}}}", 9

    def print_Tuple(self, node: ast.Tuple) -> tuple[str, int]:
        return ", ".join(map(self.of, node.elts)), 0

    def print_Call(self, node: ast.Call) -> tuple[str, int]:
        if isinstance(node.func, ast.Subscript) and isinstance(node.func.value, ast.Name):
            return self.over(node.func.value.id, node.func.slice, node.args[0])
        assert isinstance(node.func, ast.Name), ast.unparse(node)
        name = node.func.id
        if name == "identity":
            return "I", ATOM
        if name in SPELLED:
            return self.print(_renamed(SPELLED[name], node.args[0]))
        given = [self.of(each) for each in node.args]
        if name in AROUND:
            strength = {"exp": 8, "inv": 8}.get(name, 3 if name[:2] == "is" else ATOM)
            if name == "inv":
                given = [self.of(node.args[0], ATOM)]
            return AROUND[name](*given), strength
        if name in POWERED and isinstance(node.args[0], (ast.Name, ast.Constant)):
            return f"{NAMED[name]} {given[0]}", 7
        word = NAMED.get(name) or f"\\operatorname{{{_escaped(name)}}}"
        return f"{word}\\left({', '.join(given)}\\right)", 9

    def over(self, name: str, slice_: ast.expr, body: ast.expr) -> tuple[str, int]:
        if name == "integral":
            assert isinstance(slice_, ast.Tuple)
            t, low, high = map(self.of, slice_.elts)
            return f"\\int_{{{low}}}^{{{high}}} {self.of(body, 6)} \\, d{t}", 6
        return f"{REDUCED[name]}_{{{self.of(slice_)}}} {self.of(body, 6)}", 6


def _factors(node: ast.expr) -> tuple[list[ast.expr], list[ast.expr], bool]:
    """What is multiplied, what it is divided by, and whether there is a minus left."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        over, under, minus = _factors(node.operand)
        return over, under, not minus
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Mult, ast.Div)):
        return [node], [], False
    (over, under, minus), (more, less, other) = _factors(node.left), _factors(node.right)
    if isinstance(node.op, ast.Div):
        if less:  # a quotient below a stroke stays one
            more, less = [node.right], []
            other = False
        more, less = less, more
    over, under = [*over, *more], [*under, *less]
    over = [x for x in over if not _is_one(x)] or over[:1]
    over.sort(key=lambda x: not isinstance(x, ast.Constant))
    return over, under, minus != other


def _gathered(factors: list[ast.expr]) -> list[ast.expr]:
    """Equal factors as powers."""
    counts: dict[str, int] = {}
    first: dict[str, ast.expr] = {}
    for each in factors:
        text = f"{len(first)}" if isinstance(each, ast.Constant) else ast.unparse(each)
        counts[text] = counts.get(text, 0) + 1
        first.setdefault(text, each)
    return [
        x
        if counts[text] == 1 or isinstance(x, ast.Constant)
        else ast.BinOp(x, ast.Pow(), ast.Constant(counts[text]))
        for text, x in first.items()
    ]


def _renamed(text: str, x: ast.expr) -> ast.expr:
    """The expression with another in the place of x."""

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return x if node.id == "x" else node

    return Renamer().visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _upright(name: str) -> str:
    return f"\\mathrm{{{_escaped(name)}}}"


def _escaped(name: str) -> str:
    return name.replace("_", "\\_")
