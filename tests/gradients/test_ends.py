"""`minigrad.check` where numbers end: near overflow and underflow, at nan and inf, at errors of
1e-8 and less, at points of other sizes, and after many calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad

LEVELS = pytest.mark.parametrize("level", ["quick", "standard"])
Pair = tuple[Callable[..., Any], Callable[..., Any]]

EXP: Pair = (np.exp, lambda g, x: (g * np.exp(x),))
SQUARE: Pair = (lambda x: x * x, lambda g, x: (2 * g * x,))
INVERSE: Pair = (lambda x: 1 / x, lambda g, x: (-g / x**2,))
LOG: Pair = (np.log, lambda g, x: (g / x,))
TIMES: Pair = (lambda a, b: a * b, lambda g, a, b: (g * b, g * a))
RATIO: Pair = (lambda a, b: a / b, lambda g, a, b: (g / b, -g * (a / b) / b))
SOFTMAX: Pair = (
    lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    lambda g, x: ((lambda y: y * (g - (g * y).sum()))(SOFTMAX[0](x)),),
)


def narrow(kind: Any, *numbers: float) -> Any:
    return np.array(numbers, kind)


EXTREME: list[tuple[Pair, list[Any]]] = [
    (EXP, [[690.0]]),
    (EXP, [[709.0]]),
    (EXP, [[-690.0, 1.0, 700.0]]),
    (EXP, [narrow(np.float32, 88)]),
    (EXP, [narrow(np.float16, 10)]),
    (SQUARE, [[1e150]]),
    (SQUARE, [[1e-200, 1.0, 1e100]]),
    (SQUARE, [narrow(np.float32, 1.8e19)]),
    (INVERSE, [[1e-153]]),
    (LOG, [[1e-307]]),
    (LOG, [[1e300]]),
    (TIMES, [[1e300], [1e-300]]),
    (RATIO, [[1e-300], [1e-305]]),
    ((lambda x: x * 1e306, lambda g, x: (g * 1e306,)), [[10.0, -3.0]]),
    (SOFTMAX, [[700.0, 1.0, -700.0]]),
]


def arrays(given: list[Any]) -> list[Any]:
    return [np.array(x, getattr(x, "dtype", float)) for x in given]


@LEVELS
def test_right_gradients_are_right_near_the_ends_of_the_range(level: str) -> None:
    for k, (pair, given) in enumerate(EXTREME):
        report = minigrad.check(pair, arrays(given), level=level, seed=1)
        assert report.ok, f"{k} {given}: {report}"


def test_wrong_gradients_are_wrong_near_the_ends_of_the_range() -> None:
    for k, (pair, given) in enumerate(EXTREME):
        if any(getattr(x, "dtype", None) in (np.float32, np.float16) for x in given):
            continue
        wrong = pair[0], lambda g, *a, b=pair[1]: tuple(1.01 * d for d in b(g, *a))
        assert minigrad.check(wrong, arrays(given), seed=1).verdict == "wrong", (k, given)


def test_findings_at_extreme_numbers_are_in_the_functions_own_units() -> None:
    x = np.array([690.0, 1.0])
    report = minigrad.check((np.exp, lambda g, x: (1.01 * g * np.exp(x),)), [x], seed=1)
    jacobian = report.jacobians["input 0"][0]
    np.testing.assert_allclose(np.diag(jacobian), 1.01 * np.exp(x), rtol=1e-12)
    worst = next(f for f in report.findings if f.index == (0,) and "output[0]" in f.message)
    assert worst.expected is not None and abs(worst.expected / np.exp(690.0) - 1) < 1e-5


@LEVELS
def test_what_is_not_finite_is_not_checked_and_the_place_is_said(level: str) -> None:
    for pair, x, place in (
        (EXP, [1.0, np.nan], "input 0[1] is nan"),
        (EXP, [1.0, -np.inf], "input 0[1] is -inf"),
        (INVERSE, [0.0, 1.0], "output[0] is inf"),
        (EXP, [1.0, 710.0], "output[1] is inf"),
    ):
        report = minigrad.check(pair, [np.array(x)], level=level)
        assert report.verdict == "not checked" and not report.findings
        assert place in report.notes[0]
    report = minigrad.check(EXP, [np.array([-740.0])], level=level)
    assert report.verdict == "not checked" and "subnormal" in report.notes[0]


@LEVELS
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_wrong_where_the_derivative_is(
    level: str, odd: float
) -> None:
    def back(g: Any, x: Any) -> Any:
        return (np.where(x > 1, odd, 2 * g * x),)

    report = minigrad.check((SQUARE[0], back), [np.array([0.5, 2.0])], level=level)
    assert report.verdict == "wrong"
    assert not any("rounding" in note for note in report.notes)


SMOOTH: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
}


@LEVELS
def test_an_error_of_1e_8_is_seen_and_none_passes_for_a_kink(level: str) -> None:
    for name, (f, slope) in SMOOTH.items():
        x = np.random.default_rng(0).standard_normal((3, 4))
        for off in (0.0, 1e-10, 1e-9, 1e-8):
            pair = f, lambda g, x, d=slope, e=off: (g * d(x) * (1 + e),)
            report = minigrad.check(pair, [x], level=level, seed=1)
            assert report.ok or off, f"{name}: {report}"
            assert not report.ok or off < (3e-9 if level == "quick" else 1e-9), (name, off)
            assert not any("kink" in note for note in report.notes), report


def test_a_threshold_on_the_sign_of_the_cotangent_is_seen() -> None:
    def back(g: Any, x: Any) -> Any:
        return (g * np.cos(x) * (1.0 if np.any(g > 0) else 2.0),)

    x = np.random.default_rng(0).standard_normal(6)
    assert not minigrad.check((np.sin, back), [x], seed=1)


def test_what_is_wrong_at_numbers_of_another_size_is_seen() -> None:
    def back(g: Any, x: Any) -> Any:
        return (2 * g * x * (1.0 if np.abs(x).max() < 4 else 1.1),)

    x = np.random.default_rng(0).uniform(0.5, 1.5, 6)
    for seed in range(3):
        assert not minigrad.check((SQUARE[0], back), [x], seed=seed), seed


def test_a_third_call_that_differs_is_seen() -> None:
    for level in ("quick", "standard"):
        calls: list[int] = []

        def back(g: Any, x: Any, calls: list[int] = calls) -> Any:
            calls.append(1)
            return (2 * g * x * (1.01 if len(calls) == 3 else 1.0),)

        x = np.random.default_rng(0).standard_normal(5)
        assert not minigrad.check((SQUARE[0], back), [x], level=level), level


def test_no_numbers_at_all_are_no_fault_though_their_mean_is_nan() -> None:
    pair = (lambda x: np.mean(x, 1), lambda g, x: (np.zeros(x.shape),))
    assert minigrad.check(pair, [np.ones((2, 0))])


@LEVELS
def test_a_transposed_matrix_is_seen_also_where_it_is_symmetric_by_chance(level: str) -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 3, 3))
    for symmetric in (b + b.T, np.ones((3, 3))):
        right = np.matmul, lambda g, a, b: (g @ b.T, a.T @ g)
        wrong = np.matmul, lambda g, a, b: (g @ b, a.T @ g)
        assert minigrad.check(right, [a, symmetric], level=level)
        assert not minigrad.check(wrong, [a, symmetric], level=level)
