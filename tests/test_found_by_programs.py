"""What random programs found and PyTorch refuses, or does with memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad

REFUSED: list[tuple[str, Callable[[], Any], type[Exception]]] = [
    ("a length", lambda: minigrad.ones(2).new_zeros(-1), RuntimeError),
    ("shapes", lambda: minigrad.ones(2, 3).logical_xor(minigrad.ones(4)), RuntimeError),
    ("shapes", lambda: minigrad.ones(2, 3).heaviside(minigrad.ones(4)), RuntimeError),
    ("shapes", lambda: minigrad.normal(minigrad.ones(2, 3), minigrad.ones(4)), RuntimeError),
    ("cuts", lambda: minigrad.ones(4).tensor_split(minigrad.ones(2)), RuntimeError),
    (
        "a type",
        lambda: minigrad.nn.LayerNorm(2, dtype=minigrad.float64)(minigrad.ones(3, 2)),
        RuntimeError,
    ),
    (
        "a type",
        lambda: minigrad.nn.GroupNorm(1, 2)(minigrad.ones(3, 2, dtype=minigrad.float64)),
        RuntimeError,
    ),
    (
        "a type",
        lambda: minigrad.nn.BatchNorm1d(2, dtype=minigrad.float64)(minigrad.ones(3, 2)),
        RuntimeError,
    ),
    (
        "a type",
        lambda: minigrad.nn.InstanceNorm1d(2, affine=True)(
            minigrad.ones(3, 2, 2, dtype=minigrad.float64)
        ),
        RuntimeError,
    ),
    ("a type", lambda: minigrad.nn.PReLU()(minigrad.ones(2, dtype=minigrad.float64)), RuntimeError),
    ("a dimension", lambda: minigrad.ones(2, dtype=minigrad.bool).softmax(9), IndexError),
]


@pytest.mark.parametrize(("what", "call", "kind"), REFUSED)
def test_what_is_refused(what: str, call: Callable[[], Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        call()


def test_the_order_of_a_derivative_may_be_a_tensor() -> None:
    x = minigrad.tensor(2.0, dtype="float64")
    assert x.polygamma(minigrad.tensor(1)).item() == x.polygamma(1).item()


def test_an_array_whose_numbers_are_one_is_not_written_to() -> None:
    x = minigrad.from_numpy(np.lib.stride_tricks.as_strided(np.ones(1), (2,), (0,)))
    for part in (x, x.split([0, 2])[1]):
        with pytest.raises(RuntimeError, match="single memory location"):
            part.add_(1)
    assert x.tolist() == [1, 1]


def test_a_row_of_an_expanded_tensor_is_written_to_in_its_memory() -> None:
    x = minigrad.zeros(2)
    x.expand(3, 2)[0].add_(1)
    assert x.tolist() == [1, 1]


def test_ravel_copies_what_is_not_contiguous() -> None:
    x = minigrad.zeros(1)
    x.expand(2, 3).ravel().add_(1)
    assert x.tolist() == [0]


def test_a_weight_of_another_type_leaves_rms_norm_in_its_inputs() -> None:
    x = minigrad.ones(3, 2, requires_grad=True)
    y = minigrad.nn.RMSNorm(2, dtype=minigrad.float64)(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == minigrad.float32


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_input_that_is_named_twice_has_one_gradient(create_graph: bool) -> None:
    x = minigrad.ones(2, requires_grad=True)
    a, b = minigrad.autograd.grad((x * x).sum(), [x, x], create_graph=create_graph)
    with minigrad.no_grad():
        a.add_(1)
    assert a is b and b.tolist() == [3, 3]


def test_halves_are_rounded_to_decimals_once() -> None:
    x = minigrad.tensor([0.0949707, 0.100403], dtype=minigrad.float16)
    assert x.round(decimals=2).tolist() == minigrad.tensor([0.09, 0.1]).half().tolist()
    assert x.clone().round_(decimals=2).dtype == minigrad.float16
