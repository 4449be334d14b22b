"""gradcheck finds wrong derivatives of each kind, and passes right ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import Tensor
from minigrad.autograd import Function, grad
from minigrad.errors import GradcheckError
from minigrad.gradcheck import gradcheck, gradgradcheck


def drawn(*shape: int, seed: int = 0) -> Tensor:
    numbers = np.random.default_rng(seed).standard_normal(shape)
    return minigrad.from_numpy(np.asarray(numbers)).requires_grad_()


def wrong(forward: Callable[..., Tensor], backward: Callable[..., Any]) -> Callable[..., Tensor]:
    """The function ``forward`` with a backward of its own: ``backward(g, *arguments)``."""

    class Wrong(Function):
        @staticmethod
        def forward(ctx: Any, *args: Tensor) -> Tensor:
            ctx.save_for_backward(*args)
            return forward(*args)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Any:
            return backward(g, *ctx.saved_tensors)

    return Wrong.apply


def one_element_off(g: Tensor, x: Tensor) -> Tensor:
    factor = np.ones(x.shape)
    factor[-1] = 1.01
    return g * 2 * x * minigrad.from_numpy(factor)


def one_element_zeroed(g: Tensor, x: Tensor) -> Tensor:
    factor = np.ones(x.shape)
    factor[-1] = 0
    return g * 2 * x * minigrad.from_numpy(factor)


def repeated_index_assigns(g: Tensor, x: Tensor) -> Tensor:
    found = minigrad.zeros(x.shape, dtype=x.dtype)
    found[[0, 1, 1]] = g
    return found


def square_mean(x: Tensor) -> Tensor:
    return (x * x).sum() / x.numel()


BUGS: dict[str, tuple[Callable[..., Tensor], Callable[..., Any], list[tuple[int, ...]]]] = {
    "the cotangent is dropped": (lambda x: x * x, lambda g, x: 2 * x, [(5,)]),
    "dropped, with one result": (square_mean, lambda g, x: 2 * x / x.numel(), [(5,)]),
    "a sign": (lambda x: x * x, lambda g, x: -2 * g * x, [(5,)]),
    "a factor": (lambda x: x * x, lambda g, x: g * x, [(5,)]),
    "one element 1 % off": (lambda x: x * x, one_element_off, [(50,)]),
    "one element zeroed": (lambda x: x * x, one_element_zeroed, [(50,)]),
    "two rows swapped": (lambda x: x[[1, 0, 2]], lambda g, x: g[[0, 1, 2]], [(3, 4)]),
    "a repeated index assigns": (lambda x: x[[0, 1, 1]], repeated_index_assigns, [(3, 4)]),
    "a missing transpose": (
        lambda x, w: x @ w,
        lambda g, x, w: (g @ w, x.mT @ g),
        [(3, 3), (3, 3)],
    ),
    "a mean over n - 1": (square_mean, lambda g, x: g * 2 * x / (x.numel() - 1), [(6,)]),
    "no gradient for an operand": (lambda x, y: x * y, lambda g, x, y: (g * y, None), [(3,), (3,)]),
    "operands exchanged": (lambda x, y: x * y, lambda g, x, y: (g * x, g * y), [(3,), (3,)]),
    "a square of the cotangent": (lambda x: x * 1, lambda g, x: g * g, [(3,)]),
    "a constant": (lambda x: x * x, lambda g, x: g * 2 * x + 1, [(3,)]),
}


@pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
@pytest.mark.parametrize("bug", BUGS)
def test_a_wrong_backward_is_found(bug: str, fast_mode: bool) -> None:
    forward, backward, shapes = BUGS[bug]
    inputs = [drawn(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert gradcheck(forward, inputs, fast_mode=fast_mode), "the right one passes"
    with pytest.raises(GradcheckError):
        gradcheck(wrong(forward, backward), inputs, fast_mode=fast_mode)
    assert not gradcheck(
        wrong(forward, backward), inputs, fast_mode=fast_mode, raise_exception=False
    )


def test_small_errors_are_found_where_the_tolerance_asks() -> None:
    nearly = wrong(lambda x: x * x, lambda g, x: g * 2 * x * 1.0005)
    assert gradcheck(nearly, drawn(5))
    with pytest.raises(GradcheckError):
        gradcheck(nearly, drawn(5), rtol=1e-5, atol=1e-7)


def test_the_error_names_input_output_and_worst_element() -> None:
    def two(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x * 1, wrong(lambda y: y * y, one_element_zeroed)(y)

    with pytest.raises(GradcheckError) as caught:
        gradcheck(two, [drawn(2), drawn(2, 3)])
    said = str(caught.value)
    assert "output 1 with respect to input 1" in said
    assert "3 of 36 elements" in said
    assert "d output[1, " in said and "/ d input[1, " in said
    assert "analytical 0, numerical" in said


def test_a_backward_that_writes_into_the_cotangent_is_found() -> None:
    with pytest.raises(GradcheckError, match="writes into its cotangent"):
        gradcheck(wrong(lambda x: x * 2, lambda g, x: g.mul_(2)), drawn(3))


def test_a_backward_that_writes_into_an_input_is_found() -> None:
    def backward(g: Tensor, x: Tensor) -> Tensor:
        x.data.mul_(1.5)
        return 2 * g

    with pytest.raises(GradcheckError, match="writes into input 0"):
        gradcheck(wrong(lambda x: x * 2, backward), drawn(3))


def test_a_backward_that_differs_each_time_is_found() -> None:
    calls = iter(range(1000))
    drifting = wrong(lambda x: x * 2, lambda g, x: g * (2 + 1e-8 * next(calls)))
    with pytest.raises(GradcheckError, match="not reentrant"):
        gradcheck(drifting, drawn(3))
    assert gradcheck(drifting, drawn(3), nondet_tol=1e-4)


def test_a_result_that_depends_on_an_input_off_the_tape_is_found() -> None:
    with pytest.raises(GradcheckError, match="output 0 does not require a gradient"):
        gradcheck(lambda x: x.detach() * 2, drawn(3))
    with pytest.raises(GradcheckError, match="output 1 does not require a gradient"):
        gradcheck(lambda x: (x * 2, x.detach() * 2), drawn(3))
    assert gradcheck(lambda x: (x * 2, minigrad.ones(3)), drawn(3))


def test_nan_on_both_sides_does_not_pass() -> None:
    with pytest.raises(GradcheckError, match="nan"):
        gradcheck(lambda x: x * np.nan, drawn(3))


def test_empty_inputs_pass_and_are_left_alone() -> None:
    assert gradcheck(lambda x, y: x + y, [drawn(0, 3), drawn(3)])
    assert gradgradcheck(lambda x, y: x * y, [drawn(0, 3), drawn(3)])


def test_inputs_are_as_before() -> None:
    x = drawn(3, 2)
    before = x.array.copy()
    gradcheck(lambda x: x * x, x)
    gradcheck(lambda x: x * x, x, fast_mode=True)
    gradgradcheck(lambda x: x * x, x)
    np.testing.assert_array_equal(x.array, before)
    assert x.grad is None


def test_inputs_of_any_layout_are_varied() -> None:
    x = minigrad.from_numpy(np.random.default_rng(0).standard_normal((4, 6))[::-1, ::2].T)
    assert gradcheck(lambda x: x * x, x.requires_grad_())


def test_other_arguments_pass_through() -> None:
    assert gradcheck(lambda x, n, y: x * n * y, [drawn(2), 3, minigrad.ones(2)])


def test_gradgradcheck_finds_a_wrong_second_derivative() -> None:
    def cube(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x * x

    class Detached(Function):
        forward = staticmethod(cube)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return g * 3 * x.detach() * x.detach()

    class Right(Function):
        forward = staticmethod(cube)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    assert gradcheck(Detached.apply, drawn(3))
    with pytest.raises(GradcheckError):
        gradgradcheck(Detached.apply, drawn(3))
    assert not gradgradcheck(Detached.apply, drawn(3), raise_exception=False)
    assert gradgradcheck(Right.apply, drawn(3))
    assert gradgradcheck(Right.apply, drawn(3), drawn(3, seed=1), fast_mode=True)


def test_gradgradcheck_of_a_function_with_a_constant_derivative() -> None:
    assert gradgradcheck(lambda x: x * 2, drawn(3))
    assert gradgradcheck(lambda x: x.sum(), drawn(3))


def test_gradients_through_a_gradient() -> None:
    def slope(x: Tensor) -> Tensor:
        (g,) = grad((x * x * x).sum(), x, create_graph=True)
        assert g is not None
        return g

    assert gradcheck(slope, drawn(3))
    assert gradgradcheck(slope, drawn(3))


def test_unusable_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one input that requires a gradient"):
        gradcheck(lambda x: x * 2, minigrad.ones(3, dtype=minigrad.float64))
    with pytest.raises(ValueError, match=r"input 0 is float32.*\.double\(\)"):
        gradcheck(lambda x: x * 2, minigrad.ones(3, requires_grad=True))
    with pytest.raises(ValueError, match="share one place in memory"):
        gradcheck(lambda x: x * 2, drawn(1).expand(3))
    with pytest.raises(ValueError, match=r"input 1 is a list that holds tensors"):
        gradcheck(lambda x, ys: x * ys[0].detach(), [drawn(3), [drawn(3)]])


@pytest.mark.parametrize(
    "wish",
    [
        {"check_batched_grad": True},
        {"check_batched_forward_grad": True},
        {"check_forward_ad": True},
        {"check_backward_ad": False},
        {"masked": True},
    ],
    ids=lambda wish: next(iter(wish)),
)
def test_checks_that_are_not_there_are_refused(wish: dict[str, bool]) -> None:
    with pytest.raises(NotImplementedError, match=next(iter(wish))):
        gradcheck(lambda x: x * 2, drawn(3), **wish)  # type: ignore[arg-type]


class Numbers(Function):
    """A forward that leaves minigrad, and does not come back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Any:
        return np.square(x.numpy())

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        return g


NOT_CHECKABLE: dict[str, tuple[Callable[[Tensor], Any], type[Exception], str]] = {
    "a dict": (lambda x: {"y": x.detach() * x}, TypeError, "got a dict"),
    "a tuple in a tuple": (lambda x: (x, (x.detach() * x,)), TypeError, "a tuple as output 1"),
    "a tuple in a list": (lambda x: [(x.detach() * x,)], TypeError, "a tuple as output 0 of list"),
    "an array": (lambda x: x.detach().numpy() ** 2, TypeError, "got a ndarray"),
    "an array of a Function": (Numbers.apply, TypeError, "forward returned a NumPy array"),
    "an array in a tuple": (lambda x: (x * x, x.detach().numpy()), TypeError, "ndarray as output"),
    "text": (lambda x: "x", TypeError, "got a str"),
    "text in a tuple": (lambda x: (x * x, "x"), TypeError, "a str as output 1"),
    "None": (lambda x: None, TypeError, "got a NoneType"),
    "None in a tuple": (lambda x: (x * x, None), TypeError, "a NoneType as output 1"),
    "a number": (lambda x: x.sum().item(), TypeError, "got a float"),
    "a generator": (lambda x: (y for y in [x * x]), TypeError, "got a generator"),
    "integers": (lambda x: (x * x).long(), ValueError, "got int64"),
    "truth values": (lambda x: (x * x) > 1, ValueError, "got bool"),
    "nothing": (lambda x: (), ValueError, "got nothing"),
}


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
@pytest.mark.parametrize("kind", NOT_CHECKABLE)
def test_what_was_not_checked_does_not_pass(check: Callable[..., bool], kind: str) -> None:
    func, error, words = NOT_CHECKABLE[kind]
    for settings in ({}, {"raise_exception": False}, {"fast_mode": True}):
        with pytest.raises(error, match=words):
            check(func, drawn(3), **settings)


def test_integers_beside_a_result_are_left_alone() -> None:
    assert gradcheck(lambda x: (x * x, x.argsort()), drawn(3))
    assert gradgradcheck(lambda x: [x * x, x > 0], drawn(3), gen_non_contig_grad_outputs=True)


def test_the_error_is_pytorchs_kind() -> None:
    assert issubclass(GradcheckError, RuntimeError)
