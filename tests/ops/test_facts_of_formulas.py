"""What formulas tell of domains, kinks and analyticity, against numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.notation import is_equation, is_words
from minigrad.notation.facts import analytic, domain, kinks
from minigrad.notation.functions import FUNCTIONS
from minigrad.notation.rules import rule
from minigrad.notation.values import evaluate
from minigrad.op import Op, register

SPECIAL = FUNCTIONS | {
    "digamma": np.abs,
    "polygamma": lambda n, x: x,
}  # only whether they are there
PARAMS: dict[str, Any] = {
    "value": 0.7, "eps": None, "n": 1, "rate": 0.6, "slope": 0.2, "low": -1.0, "high": 1.2,
    "alpha": 0.9, "scale": 1.1, "beta": 1.3, "threshold": 20.0, "a": 0.4, "b": 0.6, "decimals": 0,
    "tiny": 1e-300, "largest": 1e300, "posinf": None, "neginf": None, "dtype": None, "axes": (0,),
    "device": None, "source": None, "nan": 0.0,
}  # fmt: skip


def floating(op: Op) -> bool:
    text = op.formula
    return "f" in op.kinds and "[" not in text.replace("integral[", "") and not is_words(text)


ELEMENTWISE = [x for x in register.values() if floating(x) and (x.elementwise or x.scalar)]
ANALYTIC = [op for op in ELEMENTWISE if analytic(op.formula, op.operands)]


def by_name(ops: list[Op]) -> Any:
    return pytest.mark.parametrize("op", ops, ids=lambda op: op.name)


def given(op: Op, scale: float = 3.0) -> dict[str, Any]:
    draw = np.random.default_rng(len(op.name))
    params = {name: PARAMS[name] for name in ("tiny", "largest", *op.params)}
    return params | {name: draw.standard_normal(400) * scale for name in op.operands}


def holds(conditions: list[str], values: dict[str, Any]) -> np.ndarray:
    found = np.ones(400, bool)
    for condition in conditions:
        found &= evaluate(condition, values, functions=SPECIAL)
    return found


@by_name(ELEMENTWISE)
def test_within_its_domain_a_function_has_a_value(op: Op) -> None:
    if op.formula.startswith("copysign") or is_equation(op.formula):
        return
    values = given(op)
    inside = holds(domain(op.formula, op.operands), values)
    found = np.broadcast_to(evaluate(op.formula, values, functions=SPECIAL), (400,))
    assert np.count_nonzero(inside) > 10, f"{op.name}: hardly any number is inside"
    assert np.all(np.isfinite(found[inside])), op.name


@by_name([op for op in ANALYTIC if op.rules])
def test_a_complex_step_gives_the_rule_of_what_is_analytic(op: Op) -> None:
    """The formula is one text, the rule another: that they agree is no matter of their numbers."""
    values = given(op, 1.2)
    inside = holds(domain(op.formula, op.operands), values)
    out = evaluate(op.formula, values, functions=SPECIAL)
    for operand in op.rules:
        text = rule(op, operand)
        if is_words(text) or "polygamma" in text or "digamma" in text or "[" in text:
            continue
        varied = {**values, operand: values[operand] + 1e-30j}
        slope = np.imag(evaluate(op.formula, varied, functions=SPECIAL)) / 1e-30
        want = evaluate(text, {**values, "g": 1.0, "out": out}, functions=SPECIAL)
        slope, want = (np.broadcast_to(x, (400,))[inside] for x in (slope, want))
        np.testing.assert_allclose(
            slope, want, rtol=1e-10, atol=1e-10, err_msg=f"{op.name}: {text}"
        )


@pytest.mark.parametrize(
    ("name", "where", "bent"),
    [
        ("exp", [], []),
        ("log", ["x > 0"], []),
        ("sqrt", ["x >= 0"], ["x == 0"]),
        ("div", ["y != 0"], []),
        ("pow", ["x > 0"], []),
        ("atanh", ["-1 < x < 1"], []),
        ("tan", ["cos(x) != 0"], []),
        ("sigmoid", [], []),
        ("sinc", [], []),
        ("abs", [], ["x == 0"]),
        ("relu", [], ["x == 0"]),
        ("maximum", [], ["x == y"]),
        ("hypot", [], ["(x ** 2 + y ** 2) == 0"]),
        ("floor", [], ["x == round(x)"]),
        ("hardtanh", [], ["max(x, low) == high", "x == low"]),
        ("atan2", [], ["x == 0"]),
        ("softmax", [], []),
        ("amax", [], ["x[i] == max[i](x[i])"]),
        ("argmax", [], ["x[i] == max[i](x[i])"]),
        ("reshape", [], []),
    ],
)
def test_domains_and_kinks(name: str, where: list[str], bent: list[str]) -> None:
    op = register[name]
    assert domain(op.formula, op.operands) == where
    assert kinks(op.formula, op.operands) == bent


def test_what_is_analytic() -> None:
    for name in ("mul", "exp", "log", "tanh", "silu", "erf", "softmax", "matmul", "conv", "where"):
        assert analytic(register[name].formula, register[name].operands), name
    for name in ("abs", "relu", "floor", "amax", "eq", "bitwise_and", "atan2", "isnan", "reshape"):
        assert not analytic(register[name].formula, register[name].operands), name


@by_name([op for op in ELEMENTWISE if kinks(op.formula, op.operands)])
def test_away_from_its_kinks_a_function_is_smooth(op: Op) -> None:
    """There the slopes to either side agree, which is what a checker by differences builds on."""
    values, step = given(op), 1e-5
    inside = holds(domain(op.formula, op.operands), values)
    values["eps"] = 0.1  # of logit
    for equation in kinks(op.formula, op.operands):
        left, right = equation.split(" == ")
        gap = evaluate(f"abs({left} - ({right}))", values, functions=SPECIAL)
        inside &= gap > 0.01
    for operand in op.operands:
        beside = [evaluate(op.formula, {**values, operand: values[operand] + d * step},
                           functions=SPECIAL) for d in (-1, 0, 1)]  # fmt: skip
        low, mid, high = (np.broadcast_to(x, (400,)).astype(float)[inside] for x in beside)
        scale = np.abs(mid) + np.abs((high - low) / step) + 1
        assert np.all(np.abs((high - mid) - (mid - low)) < 1e-6 * scale), f"{op.name} by {operand}"
