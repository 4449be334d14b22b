"""`minigrad.check` on the catalogue: what is wrong is caught, what is right is not, also where it
is hard to tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.checkers.faults import all_wrong
from benchmarks.checkers.hard import HARD
from benchmarks.checkers.ops import FUNCTIONS, Function

WRONG = list(all_wrong())


def drawn(f: Function, seed: int = 5) -> list[Any]:
    return list(f.draw(np.random.default_rng(seed)))


def test_the_catalogue_is_large() -> None:
    assert len(WRONG) > 5000
    assert len({fault for _, fault, _, _ in WRONG}) >= 24
    assert len(FUNCTIONS) + len(HARD) > 250


def test_wrong_gradients_are_caught_and_named() -> None:
    """One of 131, so that all classes and most functions are met."""
    missed, misnamed = [], []
    some = WRONG[7::131]
    for f, fault, variant, make in some:
        report = minigrad.check((f.forward, make(f)), drawn(f), seed=3)
        if report.ok or report.verdict != "wrong":
            missed.append((f.name, fault, variant))
        elif report.suspect != fault:
            misnamed.append((f.name, fault, variant, report.suspect))
    assert not missed
    assert len(misnamed) <= 0.12 * len(some), misnamed


@pytest.mark.parametrize("level", ["quick", "standard"])
def test_ordinary_right_gradients_are_right(level: str) -> None:
    for f in FUNCTIONS if level == "quick" else FUNCTIONS[::4]:
        report = minigrad.check((f.forward, f.backward), drawn(f), level=level, seed=1)
        assert report.ok, f"{f.name}: {report}"


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_hard_right_gradients_are_right(part: int) -> None:
    refused = []
    for f in HARD[::5] if part == 0 else [f for k, f in enumerate(HARD) if k % 5]:
        report = minigrad.check((f.forward, f.backward), drawn(f, 0), seed=0)
        if not report.ok:
            refused.append(f"{f.name}: {report}")
    assert not refused, "\n".join(refused)


def cube(x: Any) -> Any:
    return x**3


def test_a_small_error_is_seen_where_differences_of_pytorch_are_too_coarse() -> None:
    x = np.random.default_rng(0).standard_normal(5)
    assert minigrad.check((cube, lambda g, x: (3 * g * x**2,)), [x])
    report = minigrad.check((cube, lambda g, x: (3 * g * x**2 * (1 + 1e-5),)), [x])
    assert not report.ok and report.suspect == "constant"
    worst = report.findings[0]
    assert worst.input == "input 0" and worst.index
    assert worst.expected is not None and worst.got is not None and worst.bar is not None
    assert abs(worst.got / worst.expected - 1 - 1e-5) < 1e-9
    assert worst.bar < 1e-6 * abs(worst.expected)


def test_tiny_gradients_have_signs() -> None:
    def flipped(g: Any, x: Any) -> Any:
        return (-g * (1 - np.tanh(x) ** 2),)

    report = minigrad.check((np.tanh, flipped), [np.array([14.0, 15.0])])
    assert not report.ok and report.suspect == "sign"


def test_a_value_outside_of_the_subdifferential_is_wrong() -> None:
    x = np.array([0.0, 1.0, -1.0])
    for slope, right in ((0.0, True), (0.3, True), (1.0, True), (1.2, False), (-0.1, False)):
        report = minigrad.check(
            (
                lambda x: np.maximum(x, 0),
                lambda g, x, s=slope: (g * np.where(x == 0, s, x > 0),),
            ),
            [x],
        )
        assert report.ok == right, (slope, report)
    report = minigrad.check((lambda x: np.maximum(x, 0), lambda g, x: (g * (x > 0),)), [x], seed=0)
    assert any("kink at input 0[0]" in note for note in report.notes)


def test_shares_of_a_tie_add_up() -> None:
    x = np.array([1.0, 3.0, 3.0, 3.0])
    right = minigrad.check((np.max, lambda g, x: (g * (x == x.max()) / (x == x.max()).sum(),)), [x])
    assert right.ok, right
    assert not minigrad.check((np.max, lambda g, x: (g * (x == x.max()),)), [x])


def test_what_cannot_be_known_is_said_and_not_refused() -> None:
    def step(x: Any) -> Any:
        return np.floor(x)

    assert minigrad.check((step, lambda g, x: (0 * g,)), [np.array([0.5, 1.0])])
    rng = np.random.default_rng(0)
    report = minigrad.check(
        (lambda x: x * (rng.random(x.shape) < 0.5), lambda g, x: (g,)), [np.ones((4, 4))]
    )
    assert report.verdict == "not checked" and not report
    assert "other numbers each time" in report.notes[0]


def test_float32_inside_is_judged_by_its_own_rounding() -> None:
    x = np.random.default_rng(0).standard_normal(6)

    def forward(x: Any) -> Any:
        return np.sin(x.astype(np.float32)).astype(float)

    def wrong(g: Any, x: Any) -> Any:
        return (g * np.cos(x) * 1.001,)

    assert minigrad.check((forward, lambda g, x: (g * np.cos(x.astype(np.float32)),)), [x])
    assert not minigrad.check((forward, wrong), [x])


def test_arguments_in_float32() -> None:
    x = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    assert minigrad.check((np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),)), [x])
    assert not minigrad.check((np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2) * 1.001,)), [x])


def test_one_half_of_a_symmetric_matrix() -> None:
    a = np.random.default_rng(0).standard_normal((4, 4))
    a = a @ a.T + 4 * np.eye(4)

    def back(g: Any, a: Any) -> Any:
        _, v = np.linalg.eigh(a)
        return ((v * g) @ v.T,)

    assert minigrad.check((np.linalg.eigvalsh, back), [a])
    assert not minigrad.check((np.linalg.eigvalsh, lambda g, a: (2 * back(g, a)[0],)), [a])


def test_a_seed_repeats_a_check() -> None:
    x = np.random.default_rng(0).standard_normal(5)
    pair = (cube, lambda g, x: (3 * g * x**2 * 1.01,))
    one = minigrad.check(pair, [x])
    two = minigrad.check(pair, [x], seed=one.seed)
    assert one.findings == two.findings
    assert minigrad.check(pair, [x]).seed != one.seed


def test_what_is_no_function_with_a_gradient_is_refused() -> None:
    x = np.ones(3)
    with pytest.raises(TypeError, match="alone has no backward"):
        minigrad.check(np.sin, [x])
    with pytest.raises(ValueError, match="an integer has no derivative"):
        minigrad.check((np.abs, lambda g, x: (g,)), [np.arange(3)])
    with pytest.raises(TypeError, match="complex128"):
        minigrad.check((np.abs, lambda g, x: (g,)), [x + 0j])
    with pytest.raises(ValueError, match="expected a level of quick, standard, thorough"):
        minigrad.check((np.abs, lambda g, x: (g,)), [x], level="slow")
    with pytest.raises(ValueError, match="no result of real numbers"):
        minigrad.check((lambda x: x > 0, lambda g, x: (g,)), [x])


def test_no_numbers_are_no_fault() -> None:
    assert minigrad.check((np.sin, lambda g, x: (g * np.cos(x),)), [np.ones((0, 3))])


def test_a_backward_that_raises_is_a_finding() -> None:
    def broken(g: Any, x: Any) -> Any:
        raise ValueError("no")

    report = minigrad.check((np.sin, broken), [np.ones(3)])
    assert not report.ok and "backward raised ValueError: no" in report.findings[0].message
    short = minigrad.check((np.add, lambda g, a, b: (g, g, g)), [np.ones(3), np.ones(3)])
    assert "3 gradients for 2 arguments" in short.findings[0].message
