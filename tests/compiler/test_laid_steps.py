"""Steps that look at state and arguments in odd ways, and write into what they look at: compiled,
the numbers of each step op by op, call after call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from minigrad import compile as compiled
from minigrad.nn import functional as F
from minigrad.tensor import Tensor

Shapes = tuple[tuple[int, ...], ...]

WRITTEN: dict[str, tuple[Shapes, Callable[..., Any]]] = {
    "shifted": (((8,),), lambda x: (x[1:].mul_(x[:-1]), x * 2)),
    "copied over itself": (((8,),), lambda x: (x[1:].copy_(x[:-1]), x * 2)),
    "reversed": (((8,),), lambda x: (x.copy_(x.flip(0)), x * 2)),
    "transposed": (((4, 4),), lambda x: (x.copy_(x.T), x.add_(x.T), x.T.add_(x), x @ x)),
    "diagonal": (((4, 4),), lambda x: (x.diagonal().mul_(2), x @ x.T)),
    "every second": (((4, 6),), lambda x: (x[:, ::2].mul_(x[:, 1::2]), x @ x.T, x.softmax(1))),
    "halves": (((4, 6),), lambda x: (x[:, :3].mul_(x[:, 3:]), x[:, 3:].sigmoid_(), x.T @ x)),
}
READ: dict[str, tuple[Shapes, Callable[..., Any]]] = {
    "windows": (
        ((12,), (4, 2)),
        lambda x, w: (
            x.unfold(0, 4, 2) @ w,
            x.unfold(0, 4, 1).sum(0),
            x.unfold(0, 4, 1).softmax(1),
        ),
    ),
    "overlapping": (
        ((12,), (4, 2)),
        lambda x, w: (
            x.as_strided((3, 4), (2, 1)) @ w,
            x.as_strided((3, 4), (0, 1)).exp(),
            (x * 2).as_strided((4, 3), (1, 1), 2).sum(1),
        ),
    ),
    "repeated": (
        ((1, 4), (4, 2)),
        lambda x, w: (
            x.expand(5, 4) @ w,
            x.expand(5, 4).sum(0),
            x.expand(3, 5, 4).softmax(-1),
            x.expand(5, 4).T @ w.new_ones(5, 2),
        ),
    ),
    "batches": (
        ((2, 3, 4), (4, 5)),
        lambda x, w: (
            x @ w,
            x.transpose(1, 2) @ x,
            x.permute(2, 0, 1) @ w.new_ones(3, 2),
            x[:, :1].expand(2, 6, 4) @ w,
            x @ w.expand(2, 4, 5),
        ),
    ),
    "of one": (
        ((1, 1), (1, 6), (6, 1)),
        lambda a, b, c: (a @ b, c @ a, b @ c, c @ b, a.sum(0), b.T @ a.T, c.T @ c),
    ),
    "of none": (
        ((0, 4), (4, 0), (4, 3)),
        lambda a, b, c: (a @ c, b @ a, a.sum(0), a.softmax(1), b.T @ c, a.exp() + 1),
    ),
    "images": (
        ((2, 3, 8, 8), (4, 3, 3, 3)),
        lambda x, w: (
            F.conv2d(x[:, :, ::2, ::2], w),
            F.conv2d(x.transpose(2, 3), w.transpose(2, 3)),
            F.max_pool2d(x[:, :1].expand(2, 3, 8, 8), 2),
            F.conv2d(x[:, :1].expand(2, 3, 8, 8), w[:1].expand(4, 3, 3, 3)),
        ),
    ),
}
WAYS = ["C", "NumPy", pytest.param("simulated", marks=pytest.mark.slow)]


def state(shapes: Shapes) -> list[Tensor]:
    draw = np.random.default_rng(1)
    return [minigrad.from_numpy(draw.uniform(0.5, 1.5, shape)) for shape in shapes]


@pytest.mark.parametrize("how", WAYS)
def test_views_of_state_are_read_and_written(how: str) -> None:
    cases = {**WRITTEN, **READ}
    mine, yours = ([state(shapes) for shapes, _ in cases.values()] for _ in range(2))

    def step(held: list[list[Tensor]]) -> list[Any]:
        return [f(*each) for (_, f), each in zip(cases.values(), held, strict=True)]

    with minigrad.cuda.simulated() if how == "simulated" else nullcontext():
        twin = compiled(lambda: step(mine), native=how != "NumPy")
        for _ in range(3):
            want, have = step(yours), twin()
            for name, a, b, x, y in zip(cases, have, want, mine, yours, strict=True):
                for one, other in zip([*a, *x], [*b, *y], strict=True):
                    np.testing.assert_allclose(
                        one.numpy(), other.numpy(), 1e-12, 1e-12, err_msg=f"{how}: {name}"
                    )


@pytest.mark.parametrize("native", [True, False])
def test_arguments_lie_in_another_way_at_each_call(native: bool) -> None:
    def step(x: Tensor, w: Tensor) -> list[Tensor]:
        return [(x @ w).mean(), x.T.sum(0), x.softmax(1), x.contiguous().view(-1).cumsum(0)]

    twin = compiled(step, native=native)
    draw = np.random.default_rng(3)
    a, w = draw.uniform(size=(6, 4)), minigrad.from_numpy(draw.uniform(size=(4, 1)))
    for x in (
        a,
        np.asfortranarray(a),
        np.broadcast_to(a[:1], (6, 4)),
        np.broadcast_to(a[:, :1], (6, 4)),
        a[::-1],
        np.lib.stride_tricks.as_strided(a, (6, 4), (8, 16)),
        draw.uniform(size=(12, 8))[::2, ::2],
    ):
        given = minigrad.from_numpy(x)
        for have, want in zip(twin(given, w), step(given, w), strict=True):
            np.testing.assert_allclose(have.numpy(), want.numpy(), 1e-12)
    assert len(twin.programs) == 1


@pytest.mark.parametrize("closed", [True, False])
def test_numbers_that_begin_between_multiples_of_their_size(closed: bool) -> None:
    """As a file has them: no kernel takes them."""
    x = np.zeros(65, np.uint8)[1:].view(np.float64)
    x[...] = np.random.default_rng(0).uniform(0.5, 1.5, 8)
    given = minigrad.from_numpy(x)
    assert not x.flags.aligned and given.numpy() is not None

    def step(x: Tensor) -> list[Tensor]:
        rows = x.reshape(2, 4)
        return [(x * 2 + x).exp(), rows @ rows.T, x.sum(0), x.softmax(0), rows.T.sum(0)]

    twin: Any = compiled((lambda: step(given)) if closed else step)
    found = twin() if closed else twin(given)
    for have, want in zip(found, step(minigrad.tensor(x)), strict=True):
        np.testing.assert_allclose(have.numpy(), want.numpy(), 1e-12)


def test_a_field_of_records_is_no_tensor() -> None:
    field = np.zeros(5, [("a", "f8"), ("b", "i4")])["a"]
    for take in ("from_numpy", "as_tensor", "tensor"):
        for side in (minigrad, torch):
            with pytest.raises(ValueError, match="given numpy array strides not a multiple"):
                getattr(side, take)(field)
