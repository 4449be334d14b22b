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


def test_nested_results_are_results() -> None:
    for side, make in ((minigrad, drawn), (torch, theirs)):
        report = minigrad.check(side.nn.LSTM(2, 2).double(), make(2, 1, 2), level="quick")
        assert report.ok, report
        with pytest.raises(TypeError, match="returned a dict, expected a tensor or a tuple"):
            minigrad.check(lambda x: (x, {"a": x}), make(2))
        with pytest.raises(TypeError, match="returned a NoneType"):
            minigrad.check(lambda x: (x, (x, None)), make(2))
    x = np.ones(3)
    with pytest.raises(TypeError, match="returned a dict, expected an array"):
        minigrad.check((lambda x: {"a": x}, lambda g, x: (g,)), [x])
    with pytest.raises(TypeError, match="a tuple inside of a tuple"):
        minigrad.check((lambda x: (x, (x, x)), lambda g, x: (g[0],)), [x])


def test_hooks_on_parameters_are_part_of_the_gradient() -> None:
    for side, make in ((minigrad, drawn), (torch, theirs)):
        layer = side.nn.Linear(2, 1).double()
        assert minigrad.check(layer, make(3, 2), level="quick")
        hook = layer.weight.register_hook(lambda g: 2 * g)
        report = minigrad.check(layer, make(3, 2))
        assert report.verdict == "wrong" and report.findings[0].input == "weight"
        hook.remove()
        assert minigrad.check(layer, make(3, 2), level="quick")


def test_a_module_that_stands_at_two_places_is_put_back() -> None:
    layer = torch.nn.Linear(2, 2).double()
    other = torch.nn.Linear(2, 2).double()
    other.weight = layer.weight
    weight = layer.weight
    net = torch.nn.Sequential(layer, torch.nn.Tanh(), layer, other)
    assert minigrad.check(net, theirs(3, 2), level="quick")
    assert layer.weight is weight and other.weight is weight and weight.requires_grad


def test_floats_as_inputs() -> None:
    sine = np.sin, lambda g, x: (g * np.cos(x),)
    times = lambda a, b: a * b, lambda g, a, b: (g * b, g * a)
    for pair, inputs in ((sine, [0.3]), (sine, 0.3), (sine, [[0.1, 0.2]]), (times, [0.3, 0.5])):
        report = minigrad.check(pair, inputs, level="quick")
        assert report.ok, report
        wrong = pair[0], lambda g, *a, back=pair[1]: tuple(2 * d for d in back(g, *a))
        assert not minigrad.check(wrong, inputs, level="quick")
    with pytest.raises(TypeError, match=r"a list is several inputs, here 2.*np.array"):
        minigrad.check(sine, [0.3, 0.5])
    # Beside an array a float is a setting.
    assert minigrad.check((lambda x, a: a * x, lambda g, x, a: (a * g, None)), [np.ones(2), 0.5])
