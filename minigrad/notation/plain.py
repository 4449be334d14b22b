"""The values of expressions: an interpreter that knows no op and no forward."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Functions = Mapping[str, Callable[..., Any]]

SIGNS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: np.divide,
    ast.Pow: lambda a, b: np.power(a, b) if _whole(a) and _whole(b) else np.power(a * 1.0, b),
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
    ast.MatMult: np.matmul,
    ast.BitAnd: np.bitwise_and,
    ast.BitOr: np.bitwise_or,
    ast.BitXor: np.bitwise_xor,
    ast.LShift: np.left_shift,
    ast.RShift: np.right_shift,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}


def _whole(x: Any) -> bool:
    return np.asarray(x).dtype.kind in "iub" and bool(np.all(np.asarray(x) >= 0))


class Reader:
    """Values of nodes, with the indices as far as they are known at this place."""

    def __init__(self, given: Mapping[str, Any], functions: Functions, along: bool) -> None:
        self.given = {"pi": math.pi, "inf": math.inf, "nan": math.nan, **given}
        self.functions, self.along = functions, along
        self.parts: dict[str, ast.expr] = {}
        self.indices: dict[str, Any] = {}

    def value(self, node: ast.expr) -> Any:
        read = getattr(self, f"read_{type(node).__name__}", None)
        if read is None:
            raise NotImplementedError(f"no value for {ast.unparse(node)}")
        return read(node)

    def read_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def read_Name(self, node: ast.Name) -> Any:
        for names in (self.indices, self.given):
            if node.id in names:
                return names[node.id]
        if node.id in self.parts:
            return self.value(self.parts[node.id])
        raise KeyError(f"{node.id} is no operand, param, index or part")

    def read_Attribute(self, node: ast.Attribute) -> Any:
        assert node.attr in ("T", "mT"), node.attr
        return np.swapaxes(self.value(node.value), -1, -2)

    def read_UnaryOp(self, node: ast.UnaryOp) -> Any:
        x = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return np.logical_not(x)
        return np.invert(x) if isinstance(node.op, ast.Invert) else -x

    def read_BinOp(self, node: ast.BinOp) -> Any:
        return SIGNS[type(node.op)](self.value(node.left), self.value(node.right))

    def read_BoolOp(self, node: ast.BoolOp) -> Any:
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        total = self.value(node.values[0])
        for each in node.values[1:]:
            if np.ndim(total) == 0 and bool(total) == (join is np.logical_or):
                return total  # what comes next may have no meaning
            total = join(total, self.value(each))
        return total

    def read_Compare(self, node: ast.Compare) -> Any:
        left, found = self.value(node.left), []
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            if isinstance(op, (ast.Is, ast.IsNot)):
                found.append((left is right) == isinstance(op, ast.Is))
            else:
                found.append(SIGNS[type(op)](left, right))
            left = right
        total = found[0]
        for each in found[1:]:
            total = np.logical_and(total, each)
        return total

    def read_IfExp(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if np.ndim(test) == 0:
            return self.value(node.body if test else node.orelse)
        return np.where(test, self.value(node.body), self.value(node.orelse))

    def read_Call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name), ast.unparse(node)
        return self.functions[node.func.id](*map(self.value, node.args))
