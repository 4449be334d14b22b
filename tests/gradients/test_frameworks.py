"""`minigrad.check` of minigrad's own functions and modules, and of PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.autograd import Function
from minigrad.errors import GradcheckError
from minigrad.gradcheck import gradcheck, gradchecked, gradgradcheck

torch = pytest.importorskip("torch")


def drawn(*shape: int) -> Any:
    return minigrad.from_numpy(np.random.default_rng(0).standard_normal(shape)).requires_grad_()


def theirs(*shape: int) -> Any:
    return torch.from_numpy(np.random.default_rng(0).standard_normal(shape)).requires_grad_()


def nearly(side: Any, base: type) -> Any:
    class Nearly(base):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * 3 * x**2 * 1.0001

    return Nearly


def flat_second(base: type) -> Any:
    class Flat(base):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * 3 * x.detach() ** 2

    return Flat


def test_functions() -> None:
    x = drawn(3, 4)
    assert minigrad.check(minigrad.tanh, x)
    assert minigrad.check(lambda a, b: a @ b, [x, drawn(4, 2)])
    assert minigrad.check(torch.tanh, theirs(3, 4))
    assert minigrad.check(lambda x: (x.max(1).values, x.sum()), theirs(3, 4))


def test_modules_are_checked_with_their_parameters() -> None:
    for side, make in ((minigrad, drawn), (torch, theirs)):
        layer = side.nn.Sequential(side.nn.Linear(4, 3), side.nn.Tanh()).double()
        before = [p.detach().numpy().copy() for p in layer.parameters()]
        report = minigrad.check(layer, make(3, 4))
        assert report.ok, report
        assert set(report.jacobians) == {"input 0", "0.weight", "0.bias"}
        for p, b in zip(layer.parameters(), before, strict=True):
            np.testing.assert_array_equal(p.detach().numpy(), b)
        assert all(p.grad is None for p in layer.parameters())


def test_a_wrong_function_is_found() -> None:
    for side, base, make in (
        (minigrad, Function, drawn),
        (torch, torch.autograd.Function, theirs),
    ):
        wrong = nearly(side, base)
        x = make(3, 4)
        report = minigrad.check(wrong if side is torch else wrong.apply, x)
        assert not report.ok and report.suspect == "constant", report
        assert side.autograd.gradcheck(wrong.apply, (x,), rtol=1e-3), "by differences it passes"


def test_second_derivatives_at_level_thorough() -> None:
    for base, make in ((Function, drawn), (torch.autograd.Function, theirs)):
        flat = flat_second(base)
        x = make(2, 3)
        assert minigrad.check(flat.apply, x)
        report = minigrad.check(flat.apply, x, level="thorough")
        assert [f.rung for f in report.findings[:1]] == ["second"], report
    assert minigrad.check(minigrad.tanh, drawn(2, 3), level="thorough").rungs[-1].name == "second"


def test_dropout_is_not_checked() -> None:
    report = minigrad.check(minigrad.nn.Dropout(0.5), drawn(4, 4))
    assert report.verdict == "not checked"
    assert minigrad.check(minigrad.nn.Dropout(0.5).eval(), drawn(4, 4))


def test_gradcheck_takes_a_level() -> None:
    x = drawn(3, 2)
    wrong = nearly(minigrad, Function).apply
    assert gradcheck(wrong, x)
    assert gradcheck(minigrad.tanh, x, level="quick")
    for level in ("quick", "standard"):
        with pytest.raises(GradcheckError, match="constant factor"):
            gradcheck(wrong, x, level=level)
        assert not gradcheck(wrong, x, level=level, raise_exception=False)
    held = drawn(3)
    before = held.array.copy()
    assert gradcheck(lambda *_: held * held, held, level="quick")
    assert not gradcheck(lambda *_: wrong(held), held, level="quick", raise_exception=False)
    np.testing.assert_array_equal(held.array, before)


def test_gradgradcheck_takes_a_level() -> None:
    x = drawn(3)
    assert gradgradcheck(minigrad.tanh, x, level="quick")
    assert not gradgradcheck(flat_second(Function).apply, x, level="quick", raise_exception=False)


def test_a_decorated_function_is_checked_once() -> None:
    calls = []

    @gradchecked()
    def square(x: Any) -> Any:
        calls.append(1)
        return x * x

    square(drawn(3))
    first = len(calls)
    square(drawn(3))
    assert len(calls) == first + 1
    with pytest.raises(GradcheckError, match="gradchecked"):
        gradchecked("quick")(nearly(minigrad, Function).apply)(drawn(3))
