"""A text as numbers: an interpreter over small arrays, which knows no op and no forward.

Beside what stands in `minigrad.notation` it reads index notation, in which a row of a text fills
one number of the result after the other::

    out[n, o] = sum[i](x[n, i] * weight[o, i]) + bias[o]
    out[k] = sum[i <= k](x[i])
    out[n, o, p] = sum[c, k](weight[o, c, k] * x[n, c, p * stride + k * dilation - padding])

An index runs as far as the dimension that it stands in, or as ``k < kernel`` says; the last one of
an array stands for all dimensions that are left; ``...`` for those in front, number by number.
Outside of an array there are zeros. `sum`, `prod`, `mean`, `max`, `min`, `argmax`, `argmin`, `any`,
`all` are taken over the indices in brackets, where the comparisons beside them hold (over ``...``:
over all numbers); ``integral[t, a, b](..)`` runs over t. An op that works along some dimensions, by
a param, counts only in these, as if they were one: its n is how many numbers they have.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.notation import is_equation, parsed

Functions = Mapping[str, Callable[..., Any]]


def _each(function: Callable[[float], float]) -> Callable[[Any], Any]:
    def compute(x: Any) -> Any:
        return np.vectorize(function, otypes=[float])(x)

    return compute


def _gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except (ValueError, OverflowError):
        return math.inf


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "copysign": np.copysign,
    "cos": np.cos,
    "cosh": np.cosh,
    "det": np.linalg.det,
    "diag": lambda x: x[..., None] * np.eye(x.shape[-1]),
    "exp": np.exp,
    "expm1": np.expm1,
    "floor": np.floor,
    "gamma": _each(_gamma),
    "hypot": np.hypot,
    "identity": lambda x: np.broadcast_to(np.eye(x.shape[-1]), x.shape),
    "inv": np.linalg.inv,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "max": np.maximum,
    "min": np.minimum,
    "round": np.rint,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sign": lambda x: np.where(np.isnan(x), 0, np.sign(x)),
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
    "tril": np.tril,
    "triu": np.triu,
    "trunc": np.trunc,
}
"""What is no operator. A caller may add others."""

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
REDUCED: dict[str, Callable[..., Any]] = {
    "all": np.all,
    "any": np.any,
    "argmax": np.argmax,
    "argmin": np.argmin,
    "max": np.max,
    "mean": np.mean,
    "min": np.min,
    "prod": np.prod,
    "sum": np.sum,
}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(160)


def _whole(x: Any) -> bool:
    return np.asarray(x).dtype.kind in "iub" and bool(np.all(np.asarray(x) >= 0))


def evaluate(
    text: str,
    given: Mapping[str, Any],
    shape: Sequence[int] | None = None,
    functions: Functions = FUNCTIONS,
    along: bool = False,
) -> Any:
    """The numbers of a text, for the operands and params in ``given``.

    ``shape`` is that of the result, where a text in index notation has to fill one; ``along``: all
    arrays have dimensions in front that the text does not speak of. An equation gives both of its
    sides.
    """
    reader = _Reader(given, functions, along)
    with np.errstate(all="ignore"):
        *parts, last = parsed(text)
        for part in parts:
            assert isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name), text
            reader.parts[part.targets[0].id] = part.value
        if isinstance(last, ast.Assign):
            assert isinstance(last.targets[0], ast.Subscript) and shape is not None, text
            return reader.filled(last.targets[0], last.value, tuple(shape))
        assert isinstance(last, ast.Expr), text
        if is_equation(text):
            assert isinstance(last.value, ast.Compare), text
            return reader.value(last.value.left), reader.value(last.value.comparators[0])
        return reader.value(last.value)


class _Reader:
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
        if isinstance(node.func, ast.Subscript) and isinstance(node.func.value, ast.Name):
            return self.over(node.func.value.id, _items(node.func.slice), node.args[0])
        assert isinstance(node.func, ast.Name), ast.unparse(node)
        return self.functions[node.func.id](*map(self.value, node.args))

    # -- indices ------------------------------------------------------------------------------

    def read_Subscript(self, node: ast.Subscript) -> Any:
        array, items = np.asarray(self.value(node.value)), _items(node.slice)
        if not array.ndim and not self.along:
            return array[()]  # a bias that is not there
        front = self.along or _dots(items)
        places = [self.value(item) for item in items if not _is_dots(item)]
        flat = _flat(places)
        sizes = array.shape[array.ndim - len(flat) :] if front else array.shape[: len(flat)]
        if not all(0 <= i < n for i, n in zip(flat, sizes, strict=True)):
            return np.zeros(array.shape[: array.ndim - len(flat)] if front else ())
        key: Any = (..., *flat) if front else tuple(flat)
        return array[key]

    def filled(self, target: ast.Subscript, value: ast.expr, shape: tuple[int, ...]) -> Any:
        """A result of this shape, number by number."""
        items = _items(target.slice)
        names = [item.id for item in items if isinstance(item, ast.Name)]
        assert len(names) == len(items) - _dots(items), ast.unparse(target)
        front = self.along or _dots(items)
        count = len(names)
        sizes = shape[len(shape) - count :] if front else shape
        cells: dict[tuple[int, ...], Any] = {}
        for place in np.ndindex(*sizes):
            for name, i in zip(names, _split(place, count), strict=True):
                self.indices[name] = i
            cells[place] = self.value(value)
        for name in names:
            self.indices.pop(name, None)
        result: Any = np.zeros(shape, np.result_type(*cells.values()) if cells else float)
        for place, cell in cells.items():
            result[(..., *place) if front else place] = cell
        return result

    def over(self, name: str, items: list[ast.expr], body: ast.expr) -> Any:
        if name == "integral":
            return self.integral(items, body)
        if _dots(items):
            return REDUCED[name](self.value(body))
        fresh, conditions = self.split(items)
        found = []
        ranges = [self.range_of(index, [body, *conditions]) for index in fresh]
        for places in itertools.product(*ranges):
            self.indices |= dict(zip(fresh, places, strict=True))
            if all(np.all(self.value(each)) for each in conditions):
                found.append(self.value(body))
        for index in fresh:
            self.indices.pop(index, None)
        if not found:
            return {"sum": 0.0, "prod": 1.0, "any": False, "all": True}.get(name, math.nan)
        return REDUCED[name](np.stack(np.broadcast_arrays(*found)), axis=0)

    def split(self, items: list[ast.expr]) -> tuple[list[str], list[ast.expr]]:
        """The indices that are new here, and the conditions on them."""
        names = [x.id for item in items for x in ast.walk(item) if isinstance(x, ast.Name)]
        known = {*self.indices, *self.given, *self.parts}
        fresh = [x for x in dict.fromkeys(names) if x not in known]
        return fresh, [item for item in items if isinstance(item, ast.Compare)]

    def range_of(self, index: str, nodes: list[ast.expr]) -> Iterator[Any]:
        """The places that an index takes: those of a dimension where it stands alone."""
        for node in self.nodes(nodes):
            if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
                continue
            items = _items(node.slice)
            alone = [isinstance(item, ast.Name) and item.id == index for item in items]
            if True not in alone or node.value.id not in (*self.given, *self.parts):
                continue
            shape, at = np.shape(self.value(node.value)), alone.index(True)
            if not shape:
                continue
            if self.along or _dots(items):
                return iter(range(shape[at - len(items)]))
            if at == len(items) - 1 and len(shape) > len(items):
                return map(np.array, np.ndindex(*shape[at:]))
            return iter(range(shape[at]))
        for node in self.nodes(nodes):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt):
                if isinstance(node.left, ast.Name) and node.left.id == index:
                    return map(np.array, np.ndindex(*self.value(node.comparators[0])))
        raise KeyError(f"how far {index} runs is not said")

    def nodes(self, nodes: list[ast.expr]) -> Iterator[ast.AST]:
        """All nodes, also those of parts that have names."""
        for node in nodes:
            for each in ast.walk(node):
                yield each
                if isinstance(each, ast.Name) and each.id in self.parts:
                    yield from self.nodes([self.parts[each.id]])

    def integral(self, items: list[ast.expr], body: ast.expr) -> Any:
        """By Gauss and Legendre; an infinite bound is brought near by t = a + u / (1 - u)."""
        assert isinstance(items[0], ast.Name)
        low, high = (np.asarray(self.value(item)) for item in items[1:])
        if low.size and np.all(low == -math.inf):
            u = (NODES + 1) / 2
            t, scale = high[..., None] - u / (1 - u), 0.5 / (1 - u) ** 2
        elif high.size and np.all(high == math.inf):
            u = (NODES + 1) / 2
            t, scale = low[..., None] + u / (1 - u), 0.5 / (1 - u) ** 2
        else:
            half = (high - low)[..., None] / 2
            t, scale = low[..., None] + half * (NODES + 1), half
        self.indices[items[0].id] = t
        total = (self.value(body) * scale) @ WEIGHTS
        del self.indices[items[0].id]
        return total


def _items(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _dots(items: list[ast.expr]) -> bool:
    return any(map(_is_dots, items))


def _flat(places: list[Any]) -> list[int]:
    return [int(i) for place in places for i in np.atleast_1d(place)]


def _split(place: tuple[int, ...], count: int) -> list[Any]:
    """So many indices of a place; the last has what is left."""
    if len(place) == count:
        return list(place)
    return [*place[: count - 1], np.array(place[count - 1 :], dtype=int)]
