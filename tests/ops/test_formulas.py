"""What ops say they compute, held to what they compute: formulas and rules as texts, evaluated by
an interpreter that knows no forward, on what the op database brings them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import mpmath
import numpy as np
import opdb
import pytest

import minigrad
from minigrad.autograd import grad
from minigrad.notation import is_equation, is_words, parsed
from minigrad.notation.functions import FUNCTIONS
from minigrad.notation.rules import rule
from minigrad.notation.tex import tex
from minigrad.notation.values import evaluate
from minigrad.op import Op, register
from minigrad.ops.patches import Window
from minigrad.recording import Recorder, followed
from minigrad.tensor import Tensor

MOST = 300
"""Numbers of a result: the interpreter takes them one by one."""
CALLS = 10
"""Calls of an op that are tried, each with other shapes or params."""


def each(function: Any) -> Any:
    return np.vectorize(lambda *x: float(function(*x)), otypes=[float])


SPECIAL = FUNCTIONS | {
    "digamma": each(mpmath.digamma),
    "polygamma": lambda n, x: each(lambda value: mpmath.polygamma(n, value))(x),
}


@dataclass
class Made:
    """A call of an op, as it was made on the way through a row."""

    operands: list[Any]
    params: dict[str, Any]
    result: np.ndarray


class Listener(Recorder):
    def __init__(self) -> None:
        self.seen: dict[str, list[Made]] = defaultdict(list)
        self.known: set[str] = set()

    def op(self, op: Op, operands: Any, params: Any, y: Tensor, into: Tensor | None) -> None:
        given = [np.array(x.array) if isinstance(x, Tensor) else x for x in operands]
        key = f"{op.name} {[np.shape(x) for x in given]} {params}"
        if into is not None or key in self.known or len(self.seen[op.name]) >= CALLS:
            return
        if y.array.size > MOST or any(np.size(x) > MOST for x in given):
            return
        self.known.add(key)
        self.seen[op.name].append(Made(given, dict(params), np.array(y.array)))


@cache
def calls() -> dict[str, list[Made]]:
    listener = Listener()
    with followed(listener):
        for row in opdb.rows():
            for sample in row.samples(opdb.Draw(len(row.name))):
                args = tensors(sample.args, True)
                params = {name: tensors(x, True) for name, x in sample.params.items()}
                results = [y for y in leaves(row.call(*args, **params)) if y.requires_grad]
                varied = [x for x in leaves([args, list(params.values())]) if x.requires_grad]
                if results and varied:  # some ops are only met on the way back
                    total: Any = sum((y * y).sum() for y in results)
                    grad(total, varied, allow_unused=True)
    return listener.seen


def leaves(x: Any) -> list[Tensor]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, Tensor) else []


def tensors(x: Any, vary: bool = False) -> Any:
    if isinstance(x, np.ndarray):
        return minigrad.from_numpy(np.array(x)).requires_grad_(vary and x.dtype == np.float64)
    return type(x)(tensors(y, vary) for y in x) if isinstance(x, (list, tuple)) else x


def names(op: Op, made: Made) -> dict[str, Any]:
    """What a text may speak of."""
    own = len(op.operands)
    limits = np.finfo(made.result.dtype if made.result.dtype.kind == "f" else float)
    given = {**op.defaults, **made.params, "tiny": float(limits.tiny), "largest": limits.max}
    for value in list(given.values()):
        if isinstance(value, Window):
            given |= {f.name: np.array(getattr(value, f.name)) for f in fields(value)}
            given["padding"] = given["padding"][:, 0]
    given |= dict(zip(op.operands, made.operands, strict=False))
    if op.variadic:
        rest = made.operands[own:]
        given[op.variadic] = rest[0] if rest else 0.0
    return given


def axes_of(op: Op, made: Made) -> tuple[int, ...] | None:
    """The dimensions that an op works along, None for one that has no such param."""
    for name in ("axis", "axes", "dim", "dims"):
        if name in op.params:
            axes = made.params.get(name, op.defaults.get(name))
            return (axes,) if isinstance(axes, int) else axes
    return None


class Along:
    """Arrays with the dimensions that an op works along as one, at the end: there a text counts."""

    def __init__(self, op: Op, made: Made, axes: tuple[int, ...]) -> None:
        self.ndim = np.ndim(made.operands[0])
        self.axes = tuple(i % max(self.ndim, 1) for i in axes)
        self.reduced = indexed(op.formula) and not filled(op.formula)

    def operand(self, x: Any) -> Any:
        if not isinstance(x, np.ndarray) or x.ndim != self.ndim:
            return x
        if not x.ndim:
            return x.reshape(1)
        front = self.ndim - len(self.axes)
        moved = np.moveaxis(x, self.axes, range(front, self.ndim))
        return moved.reshape((*moved.shape[:front], int(np.prod(moved.shape[front:]))))

    def result(self, x: Any) -> Any:
        """The same of a result, which may have these dimensions no more, or with length 1."""
        if not self.reduced:
            return self.operand(x)
        return self.operand(x)[..., 0] if np.ndim(x) == self.ndim and self.ndim else x


def indexed(text: str) -> bool:
    """Whether the text counts places."""
    return "[" in text.replace("integral[", "")


def filled(text: str) -> bool:
    """Whether the text fills one place after the other."""
    return isinstance(parsed(text)[-1], ast.Assign) if text else False


def computed(op: Op, made: Made, text: str, goal: Any, more: dict[str, Any], of: str = "") -> Any:
    """The text's numbers, and those that it is to have, side by side."""
    given, axes = names(op, made), axes_of(op, made)
    if axes is None or "..." in text or not indexed(text):
        return evaluate(text, {**given, **more}, np.shape(goal), SPECIAL), goal
    line = Along(op, made, axes)
    given = {name: line.operand(x) for name, x in given.items()}
    given["n"] = np.shape(line.operand(made.operands[0]))[-1]
    more = {name: line.result(x) for name, x in more.items()}
    goal = line.operand(goal) if of else line.result(goal)
    return evaluate(text, {**given, **more}, np.shape(goal), SPECIAL, True), goal


def close(have: Any, want: Any, what: str, single: bool) -> None:
    have, want = np.asarray(have), np.asarray(want)
    have = np.broadcast_to(have, want.shape)
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(have, want, err_msg=what)
        return
    finite = np.abs(want[np.isfinite(want)])
    tolerance = 1e-5 if single else 1e-10
    np.testing.assert_allclose(
        have, want, rtol=tolerance, atol=tolerance * np.max(finite, initial=1.0), err_msg=what
    )


def is_single(made: Made) -> bool:
    return any(getattr(x, "dtype", None) == np.float32 for x in (*made.operands, made.result))


WITH_FORMULA = [name for name, op in register.items() if op.formula and not is_words(op.formula)]
WITH_RULES = [(name, operand) for name, op in register.items() for operand in op.rules]


@pytest.mark.parametrize("name", WITH_FORMULA)
def test_the_formula_gives_the_numbers_of_the_forward(name: str) -> None:
    op, tried = register[name], 0
    for made in calls()[name]:
        if not fits(op, made):
            continue
        what = f"{name} of {[np.shape(x) for x in made.operands]} {made.params}: {op.formula}"
        found, goal = computed(op, made, op.formula, made.result, {"out": made.result})
        if is_equation(op.formula):
            found, goal = found
        close(found, goal, what, is_single(made))
        tried += 1
    assert tried, f"{name}: no row of the op database brings it small numbers"


def fits(op: Op, made: Made) -> bool:
    """Whether the formula speaks of this call. It leaves out groups of channels, exponentials that
    overflow on the way, several matrices, borders of -inf, losses that are summed up, sequences
    in rows, and weights."""
    large = any(np.any(np.abs(x) > 300) for x in made.operands if np.size(x))
    if made.params.get("groups", 1) > 1 or ("exp" in op.formula and large):
        return False
    if op.family == "factorization":
        return np.ndim(made.operands[0]) == 2
    if op.name == "searchsorted":
        return made.operands[0].ndim == 1
    if op.name == "bincount":
        return len(made.operands) == 1
    if op.name == "window_max":
        return not made.params["window"].padded
    if op.name in ("class_cross_entropy", "class_residual"):
        logits, target = made.operands
        plain = logits.ndim == 2 and made.params["reduction"] == "none"
        return plain and made.params["ignore_index"] not in target
    return True


def smooth(op: Op) -> Iterator[Made]:
    """Calls with operands in float64."""
    for made in calls()[op.name]:
        floats = [x for x in made.operands if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
        if floats and all(x.dtype == np.float64 for x in floats) and fits(op, made):
            yield made


@pytest.mark.parametrize(
    ("name", "operand"), [x for x in WITH_RULES if not is_words(rule(register[x[0]], x[1]) or "'")]
)
def test_the_rule_gives_the_numbers_of_the_derivative(name: str, operand: str) -> None:
    op, tried = register[name], 0
    text = rule(op, operand)
    place = -1 if operand == op.variadic else op.operands.index(operand)
    for made in smooth(op):
        place = len(op.operands) if operand == op.variadic else place
        if place >= len(made.operands):
            continue
        x = made.operands[place]
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            continue
        given = [tensors(a) for a in made.operands]
        given[place].requires_grad_()
        y = op(*given, **made.params)
        g = np.random.default_rng(3).standard_normal(y.shape)
        (want,) = grad(y, [given[place]], tensors(g), allow_unused=True)
        expected = np.zeros(x.shape) if want is None else want.numpy()
        what = (
            f"{name} by {operand} of {[np.shape(a) for a in made.operands]} {made.params}: {text}"
        )
        found, goal = computed(op, made, text, expected, {"g": g, "out": made.result}, operand)
        if not indexed(text):
            whole = () if "@" in text else y.shape  # products of matrices repeat nothing
            whole = np.broadcast_shapes(np.shape(found), whole)
            found = summed(np.broadcast_to(found, whole), x.shape)
        close(found, goal, what, False)
        tried += 1
    assert tried, f"{name}: no row of the op database brings it small numbers"


def summed(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Over the dimensions along which an operand was repeated."""
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 != x.shape[i]), keepdims=True)


# -- nothing is left out ------------------------------------------------------------------------


def unsaid() -> list[str]:
    return [name for name, op in register.items() if not op.formula]


def unsaid_rules() -> list[tuple[str, str]]:
    every = [(op, operand) for op in register.values() for operand in op.rules]
    return [(op.name, operand) for op, operand in every if not rule(op, operand)]


def unexplained() -> list[str]:
    """Elementwise ops with neither a scalar expression nor a reason for none, or with both."""
    each = [op for op in register.values() if op.elementwise]
    return [op.name for op in each if bool(op.scalar) == bool(op.uncompiled)]


def test_every_op_says_what_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not unsaid(), f"ops without a formula or words: {unsaid()}"
    monkeypatch.setitem(register, "planted", planted())
    assert unsaid() == ["planted"]


IN_WORDS = {
    *("reshape", "permute", "expand", "sum_to", "cat", "roll", "slice", "unslice", "take"),
    *("put_add", "put", "clear", "write_view", "diagonal", "undiagonal", "windows", "unwindows"),
    *("as_strided", "pad", "scatter_amax", "scatter_amin", "scatter_prod"),  # numbers that move
    *("qr", "svd", "svdvals", "eigh", "eigvalsh"),  # several results, or those of an equation
    *("argsort", "topk_place", "median_place", "mode_place", "median", "unique", "unique_place"),
    *("histc", "nonzero", "window_argmax", "window_place"),  # order and places
    *("draw", "keep", "advance"),  # what a generator gives
    *("sinc_slope", "class_share"),
}
"""Ops that say what they compute in words, as a formula would be longer than the words."""


def test_words_are_for_what_no_formula_says_shorter() -> None:
    assert {name for name, op in register.items() if is_words(op.formula)} == IN_WORDS


def test_every_rule_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not unsaid_rules(), f"rules that nobody says in a text: {unsaid_rules()}"
    monkeypatch.setitem(register, "planted", planted())
    assert unsaid_rules() == [("planted", "x")]


def test_every_elementwise_op_has_a_scalar_expression_or_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not unexplained(), f"without a scalar expression and a reason, or both: {unexplained()}"
    without = [name for name, op in register.items() if op.uncompiled]
    assert without == ["sinc_slope", "lgamma", "digamma", "polygamma"]
    monkeypatch.setitem(register, "planted", planted())
    assert unexplained() == ["planted"]


def planted() -> Op:
    """An elementwise op that says nothing."""

    def made(xp: Any, x: Any) -> Any:
        return x

    op = Op(made, elementwise=True)
    op.name = "planted"
    op.derivatives(x=lambda g, x_shape: g.expand(x_shape))
    return op


def test_formulas_are_typeset() -> None:
    texts = [op.formula for op in register.values()]
    texts += [rule(register[name], operand) for name, operand in WITH_RULES]
    for text in texts:
        found = tex(text, "z", "x")
        depth = 0
        for i, sign in enumerate(found):
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0, f"{text}: brackets close at {i} in {found}"
        assert not depth, f"{text}: brackets stay open in {found}"
        assert found.count("\\left") == found.count("\\right"), found
        assert found.count("\\begin{") == found.count("\\end{"), found


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "g * -sin(x)": r"-G \cdot \sin x",
        "x - (y - 1)": r"x - \left(y - 1\right)",
        "x - -(y + 1)": r"x + \left(y + 1\right)",
        "(x + 1) ** 2": r"{\left(x + 1\right)}^{2}",
        "-x ** 2": r"-{x}^{2}",
        "(-x) ** 2": r"{\left(-x\right)}^{2}",
        "x / y / 2": r"\frac{x}{y \cdot 2}",
        "x / (y / 2)": r"\frac{x}{\frac{y}{2}}",
        "2 / sqrt(pi) * exp(-(x ** 2))": r"\frac{2 \cdot e^{-{x}^{2}}}{\sqrt{\pi}}",
        "x if x > 0 else 0": r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}",
        "sum[i <= k](x[i])": r"\sum_{i \le k} {x}_{i}",
        "g @ b.mT": r"G \, {b}^{\top}",
        "tanh(x) ** 2": r"\tanh^{2} x",
        "exp(x) ** 2": r"{\left(e^{x}\right)}^{2}",
        "-(a + b) * c": r"-\left(a + b\right) \cdot c",
        "'G turned'": r"\text{G turned}",
    }.items(),
)
def test_signs_and_brackets(text: str, found: str) -> None:
    assert tex(text) == found
