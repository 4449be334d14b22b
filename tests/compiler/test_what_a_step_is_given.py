"""What a step closes over or is given: other layouts, and what it makes of it without an op."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from twins import both

import minigrad
from minigrad import compile as compiled
from minigrad.errors import CompileError
from minigrad.tensor import Tensor


@pytest.mark.parametrize(
    "alias", [lambda p: p.detach(), lambda p: p.data, lambda p: p.detach().data]
)
def test_what_an_alias_stands_for_may_be_exchanged(alias: Any) -> None:
    p = minigrad.ones(3, requires_grad=True)
    step = compiled(lambda: alias(p) * 2, native=False)
    assert step().tolist() == step().tolist() == [2.0] * 3
    p.data = minigrad.full((3,), 5.0)
    assert step().tolist() == [10.0] * 3


def test_a_leaf_made_of_state_keeps_its_gradient_to_itself() -> None:
    p = minigrad.tensor([1.0, 2.0])

    def step() -> Tensor:
        x = p.detach().requires_grad_()
        (x**2).sum().backward()
        assert x.grad is not None
        return x.grad

    twin = compiled(step, native=False)
    for _ in range(3):
        assert twin().tolist() == (2 * p).tolist()
        p.add_(1)
    assert p.grad is None and len(twin.programs) == 1


def test_an_argument_that_a_step_puts_on_the_tape_is_recorded_anew() -> None:
    p = minigrad.tensor([2.0], requires_grad=True)

    def step(x: Tensor) -> Tensor:
        p.grad = None
        x[1:] = p
        (x**2).sum().backward()
        return x

    twin = compiled(step, native=False)
    for number in (1.0, 3.0):
        x = minigrad.full((2,), number)
        assert twin(x).tolist() == [number, 2.0] and x.tolist() == [number, 2.0]
        assert p.grad is not None and p.grad.tolist() == [4.0]


CHANGES = {
    "transpose_": lambda x: x.transpose_(0, 1),
    "t_": lambda x: x.t_(),
    "unsqueeze_": lambda x: x.unsqueeze_(0),
    "squeeze_": lambda x: x.squeeze_(),
    "data=": lambda x: setattr(x, "data", x.data * 2),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("given", [True, False], ids=["argument", "closed over"])
def test_a_step_does_not_change_what_a_tensor_is(what: str, given: bool) -> None:
    change = CHANGES[what]
    p = minigrad.ones(2, 1)
    outside = compiled(lambda *x: change(x[0] if given else p), native=False)
    with pytest.raises(CompileError, match=f"{what} changes what a tensor from outside"):
        outside(*[p] * given)
    assert p.shape == (2, 1) and p.tolist() == [[1.0], [1.0]]

    def inside(x: Tensor) -> Tensor:
        y = x * 3
        change(y)
        return y

    assert compiled(inside, native=False)(p).shape == inside(p).shape


LAYOUTS: dict[str, Any] = {
    "negative": lambda x: x[::-1, ::-1],
    "half negative": lambda x: x[:, ::-1],
    "gaps": lambda x: x[::2, ::2],
    "turned": lambda x: x.T,
    "repeated": lambda x: np.lib.stride_tricks.as_strided(x, x.shape, (0, 8)),
    "overlapping": lambda x: np.lib.stride_tricks.as_strided(x, (2, 3, 2), (24, 8, 16)),
    "one column": lambda x: x[:2, ::-6],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("given", [True, False], ids=["argument", "closed over"])
def test_views_of_any_layout(layout: str, given: bool) -> None:
    lay = LAYOUTS[layout]
    first, second = (np.arange(24.0).reshape(4, 6) * factor for factor in (1, -0.5))
    p = minigrad.from_numpy(lay(first.copy()))

    def step(*x: Tensor) -> list[Tensor]:
        y = x[0] if given else p
        flat, folded = y.reshape(-1), y.reshape(2, -1)
        return [flat * 2, folded.T + 1, y.flatten(1), y.unsqueeze(0).sum(0), folded[:, 1:].ravel()]

    twin = compiled(step, native=False)
    for numbers in (first, second, first):
        x = [minigrad.from_numpy(lay(numbers.copy()))] if given else []
        for a, b in zip(twin(*x), step(*x), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert len(twin.programs) == 1


@pytest.mark.parametrize("layout", ["negative", "half negative", "gaps", "turned", "one column"])
def test_a_write_goes_where_it_goes_op_by_op(layout: str) -> None:
    def step(x: Tensor) -> Tensor:
        x.reshape(-1).add_(1)  # into x where that is a view, into a copy where it is not
        return x * 2

    numbers = np.arange(24.0).reshape(4, 6)
    twin = compiled(step, native=False)
    for _ in range(2):
        x, y = (minigrad.from_numpy(LAYOUTS[layout](numbers.copy())) for _ in range(2))
        np.testing.assert_array_equal(twin(x).numpy(), step(y).numpy())
        np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_a_gradient_that_no_op_led_to() -> None:
    p = minigrad.tensor(2.0, requires_grad=True)
    twin = compiled(lambda: p.backward(), native=False)
    for i in range(3):
        twin()
        assert p.grad is not None and p.grad.item() == i + 1


def test_a_gradient_that_is_assigned() -> None:
    p = minigrad.tensor([2.0], requires_grad=True)
    update = minigrad.optim.SGD([p], lr=1.0)

    def step(x: Tensor) -> None:
        p.grad = x * 2
        update.step()

    twin = compiled(step, native=False)
    for number, want in ((1.0, 0.0), (3.0, -6.0), (0.5, -7.0)):
        twin(minigrad.tensor([number]))
        assert p.tolist() == [want]
        assert p.grad is not None and p.grad.tolist() == [2 * number]


def test_a_gradient_that_is_set_to_none() -> None:
    p = minigrad.tensor([2.0], requires_grad=True)
    twin = compiled(lambda: setattr(p, "grad", None), native=False)
    for _ in range(2):
        p.grad = minigrad.tensor([1.0])
        twin()
        assert p.grad is None


def test_a_leaf_of_the_step_may_forget_its_gradient() -> None:
    def step(x: Tensor) -> Tensor:
        y = (x * 2).requires_grad_()
        (y * y).sum().backward()
        y.grad = None
        (y * 3).sum().backward()
        assert y.grad is not None
        return y.grad

    twin = compiled(step, native=False)
    for number in (1.0, 2.0):
        assert twin(minigrad.tensor([number])).tolist() == [3.0]


def shared(x: Any) -> Any:
    """The same numbers, each row the one before moved on by one."""
    return minigrad.from_numpy(np.lib.stride_tricks.as_strided(x, (3, 2), (x.itemsize,) * 2))


@both
def test_arguments_that_share_numbers_are_no_more_contiguous_than_op_by_op(options: Any) -> None:
    step = compiled(lambda x: x.as_strided((1, 4), (1, 1)), **options)
    with pytest.raises(RuntimeError, match="expected a contiguous tensor"):
        step(shared(np.arange(4.0)))


@both
def test_arguments_that_share_numbers_are_not_written_to(options: Any) -> None:
    step = compiled(lambda x: x[0].add_(1), **options)
    with pytest.raises(RuntimeError, match="read-only"):
        step(shared(np.arange(4.0)))
    step(minigrad.zeros(3, 2, dtype=minigrad.float64))
    with pytest.raises(CompileError, match="clone"):
        step(shared(np.arange(4.0)))


@both
def test_an_alias_of_an_argument_is_not_turned(options: Any) -> None:
    step = compiled(lambda x: x.detach().squeeze_(), **options)
    with pytest.raises(CompileError, match="changes what a tensor"):
        step(minigrad.ones(1, 1))
