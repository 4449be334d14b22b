"""transpose_ and its like: no number moves, the tensor itself takes another shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sides import Program, Programs, compare, leaf, weighted

import minigrad
from minigrad.device import Device
from minigrad.errors import GraphError

program = Programs()


@program
def shapes(s: Any) -> Any:
    x = s.arange(24).reshape(1, 2, 3, 4)
    results = [x.clone().squeeze_(), x.clone().squeeze_(0), x.clone().unsqueeze_(-1)]
    results += [x.clone().transpose_(1, 2), x.clone().swapaxes_(0, 3), x.clone().swapdims_(2, 3)]
    results += [x.clone().as_strided_((2, 3), (4, 1))]
    return [*results, x[0, 0].clone().t_(), x[0, 0, 0].clone().t_()]


@program
def the_memory_is_the_same(s: Any) -> Any:
    x = s.zeros(2, 3)
    v = x[0]
    same = x.t_() is x
    x[2, 0] = 7.0
    return same, x, v, x.is_contiguous()


@program
def a_tensor_on_the_tape(s: Any) -> Any:
    x = leaf(s, 2, 3)
    y = x * 2
    y.t_()
    y.unsqueeze_(1)
    weighted(y).backward()
    return y, x.grad


@program
def a_write_after_it(s: Any) -> Any:
    x, w = leaf(s, 2, 3), leaf(s, 3, seed=1)
    y = x * 2
    y.transpose_(0, 1)
    y[:, 0] = w
    weighted(y * y).backward()
    return y, x.grad, w.grad


@program
def a_view_from_before_is_written(s: Any) -> Any:
    x, w = leaf(s, 2, 3), leaf(s, 3, seed=1)
    y = x * 2
    row = y[1]
    y.t_()
    row.copy_(w)
    weighted(y * y).backward()
    return y, row, x.grad, w.grad


@program
def a_view_from_before_sees_a_write(s: Any) -> Any:
    x, w = leaf(s, 2, 3), leaf(s, 3, seed=1)
    y = x * 2
    row = y[1]
    y.t_()
    y.mul_(3)
    y[:, 1] = w
    weighted(row * row).backward()
    return y, row, x.grad, w.grad


@program
def numbers_get_a_gradient_later(s: Any) -> Any:
    x, w = s.zeros(2, 3, dtype=s.float64), leaf(s, 3)
    row = x[0]
    x.t_()
    x[:, 0] = w
    weighted(x * x).backward()
    return x, row, w.grad


@program
def a_view_itself(s: Any) -> Any:
    x, w = leaf(s, 2, 3), leaf(s, 2, seed=1)
    y = x * 2
    part = y[:, 1:]
    part.t_()
    part[0] = w
    weighted(y * y).backward()
    return y, part, x.grad, w.grad


@program
def twice(s: Any) -> Any:
    x = leaf(s, 2, 3)
    y = x * 2
    y.t_().t_().mul_(3)
    weighted(y).backward()
    return y, x.grad


@program
def a_leaf_is_refused(s: Any) -> Any:
    return leaf(s, 2, 3).t_()


@program
def a_leaf_without_recording(s: Any) -> Any:
    x = leaf(s, 2, 3)
    with s.no_grad():
        x.t_()
    weighted(x * x).backward()
    return x, x.is_leaf, x.grad


@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    compare(function, device)


def test_what_the_tape_keeps_may_not_change_its_shape() -> None:
    """PyTorch keeps the old shape and goes on; here it is a write like any other."""
    x = minigrad.ones(2, 3, requires_grad=True)
    y = x * 2
    z = y * y
    y.t_()
    with pytest.raises(GraphError, match=r"needs operand .* modified .*: t_ "):
        z.sum().backward()
    np.testing.assert_array_equal(z.detach().numpy(), np.full((2, 3), 4.0))


def test_a_kept_gradient_has_the_shape_of_its_tensor() -> None:
    """PyTorch's keeps the old one."""
    x = leaf(minigrad, 2, 3)
    y = x * 2
    y.retain_grad()
    y.t_()
    weighted(y).backward()
    np.testing.assert_array_equal(y.grad.numpy(), x.grad.numpy().T / 2)
