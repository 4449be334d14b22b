"""Ops on arrays that lie in any way, in compiled steps: kernels do them, forward and backward, and
give what is computed op by op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import compile as compiled
from minigrad import layouts
from minigrad.native.library import enabled, multiplies
from minigrad.nn import functional as F

needs_kernels = pytest.mark.skipif(not (enabled() and multiplies()), reason="no kernels")
DRAW = np.random.default_rng(0)


def leaf(*shape: int) -> Any:
    return minigrad.from_numpy(DRAW.standard_normal(shape)).requires_grad_()


def indices(low: int, high: int, *shape: int) -> Any:
    return minigrad.from_numpy(DRAW.integers(low, high, shape))


a, b, q, table, w, v = (
    leaf(*shape) for shape in ((5, 6, 7), (5, 2, 7), (2, 5, 3, 4, 6), (5, 6), (7,), (6,))
)
wide, narrow, rows, grouped = (leaf(*s) for s in ((3, 7, 2), (4, 7), (4, 6, 3), (9, 2, 3)))
LEAVES = [a, b, q, table, w, v, wide, narrow, rows, grouped]
some, few, none = indices(-5, 5, 3, 4), indices(0, 6, 3, 1), indices(0, 5, 0)


def attention() -> Any:
    queries, keys, _ = q.permute(2, 0, 1, 3, 4).unbind(0)
    return queries.transpose(1, 2) @ keys.permute(0, 2, 3, 1)


CASES: dict[str, Callable[[], Any]] = {
    "cat": lambda: minigrad.cat([a, b, a.flip(1)], 1),
    "cat of turned ones": lambda: minigrad.cat([a.permute(1, 0, 2), b.permute(1, 0, 2)], 0),
    "cat of nothing": lambda: minigrad.cat([a, a[:0]], 0),
    "stack": lambda: minigrad.stack([table, table * 2], 1),
    "flip": lambda: a.flip(0, 2),
    "roll": lambda: a.roll((2, -3), (0, 2)),
    "reshaped after it was turned": lambda: a.permute(2, 0, 1).reshape(35, 6),
    "repeat": lambda: a.repeat(2, 1, 3),
    "slices": lambda: a[1:, ::2, -3:] * a[:4, :3, 2:5],
    "index": lambda: a[some],
    "index in the middle": lambda: a[:, few],
    "indices of two dimensions": lambda: a[:, few, some],
    "index_select": lambda: a.index_select(2, few[:, 0]),
    "of a turned one": lambda: (a.permute(2, 1, 0)[few] * 2).permute(1, 0, 2, 3),
    "of one from behind": lambda: backwards[some][..., :3] * backwards[:, few[:, 0]][:3, None],
    "index of nothing": lambda: table[none],
    "gather": lambda: minigrad.gather(a, 1, few[:, :, None].expand(3, 4, 7)),
    "embedding": lambda: F.embedding(few, table.T),
    "scatter_add": lambda: table.scatter_add(0, some.clamp(0, 4), a[:3, :4, 0]),
    "index_add": lambda: table.index_add(0, few[:, 0].clamp(0, 4), b[:3, 0, :6]),
    "index_copy": lambda: table.index_copy(0, minigrad.tensor([3, 1, 0]), b[:3, 0, :6]),
    "attention": attention,
    "batches and one": lambda: a[:, None] @ wide,
    "matrices and a vector": lambda: a @ w,
    "a vector and matrices": lambda: v @ a,
    "a vector and a vector": lambda: w @ a[0, 0],
    "linear of a turned one": lambda: F.linear(a.permute(1, 0, 2), narrow),
    "sum in the middle": lambda: a.sum(1),
    "sum around the middle": lambda: a.sum((0, 2)),
    "sum of a turned one": lambda: a.permute(2, 0, 1).sum(1),
    "sum of a slice": lambda: a[:, ::2, 1:4].sum((0, 2)),
    "sum of what is repeated": lambda: b[:, :1].expand(5, 4, 7).sum((0, 1)),
    "amax": lambda: a.amax((0, 2)),
    "amin of a turned one": lambda: a.permute(2, 1, 0).amin(1),
    "norm": lambda: a.norm(2, dim=1),
    "conv1d": lambda: F.conv1d(a, rows, padding=2, dilation=2),
    "conv1d in groups": lambda: F.conv1d(a, grouped, groups=3, stride=2),
    "conv_transpose1d": lambda: F.conv_transpose1d(a, leaf_of_six, stride=2, padding=1),
    "max_pool1d": lambda: F.max_pool1d(a, 2),
    "avg_pool1d": lambda: F.avg_pool1d(a, 3, 1, 1),
    "average of images": lambda: F.adaptive_avg_pool2d(q[0], 1),
    "average of sequences": lambda: F.adaptive_avg_pool1d(a, 1),
    "depthwise of channels that lie last": lambda: F.conv2d(
        q[0].permute(0, 1, 2, 3), deep, padding=1, stride=(1, 2), groups=3
    ).permute(0, 2, 3, 1)
    * 2,
    "pooling of a slice": lambda: F.avg_pool2d(q[0, :, 1:, :, 1:5], 2),
    "products with what is repeated": lambda: a[0, :, :1].expand(6, 5) @ table + w[:1].expand(6, 6),
    "mirrored borders": lambda: F.pad(a, (1, 2), mode="reflect"),
    "borders": lambda: F.pad(a, (1, 2, 0, 1)) + F.pad(a[:, 1:], (0, 3, 2, 0), value=-1.5),
    "borders that are cut": lambda: F.pad(a, (-1, 2, 1, -2)),
    "diagonal": lambda: q.diagonal(1, 1, 4),
    "triangles": lambda: (a.tril(1) * 2 + a.triu(-2)) * a.tril(-9).exp() + a.triu(9),
    "running sums": lambda: a.cumsum(1) + a.permute(0, 2, 1).cumsum(1).permute(0, 2, 1),
    "largest": lambda: a.max(1).values + a.min(1, keepdim=True).values[:, 0],
    "interpolate": lambda: F.interpolate(q[0], scale_factor=2, mode="bilinear"),
}  # fmt: skip
backwards = minigrad.from_numpy(DRAW.standard_normal((5, 6))[::-1, ::-1]).requires_grad_()
leaf_of_six, deep = leaf(6, 2, 3), leaf(6, 1, 3, 2)
LEAVES += [leaf_of_six, deep, backwards]
PLAIN = {"gather": 1, "index_add": 1, "scatter_add": 2, "index_copy": 1, "of a turned one": 1}
"""So many calls of NumPy are left: checks of indices, what counts places, and what lies in too many
steps."""
TOGETHER = 8
"""Cases in one step, which is compiled once."""


@needs_kernels
@pytest.mark.parametrize("start", range(0, len(CASES), TOGETHER))
def test_kernels_do_it_wherever_arrays_lie(start: int) -> None:
    names = list(CASES)[start : start + TOGETHER]

    def one(name: str) -> list[Any]:
        for x in LEAVES:
            x.grad = None
        y = CASES[name]() * 1.5
        (y * y).sum().backward()
        return [y, *(x.grad for x in LEAVES if x.grad is not None)]

    def step() -> list[list[Any]]:
        return [one(name) for name in names]

    with layouts.always():
        expected = [[x.detach().numpy().copy() for x in each] for each in step()]
        twin = compiled(step)
        twin()
        found = [[x.detach().numpy() for x in each] for each in twin()]
    for name, ours, theirs in zip(names, found, expected, strict=True):
        assert len(ours) == len(theirs)
        for x, y in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12, err_msg=name)
    assert twin.replays[-1].plain <= sum(PLAIN.get(name, 0) for name in names), twin.path


@needs_kernels
@pytest.mark.parametrize("wrong", [5, -6])
def test_an_index_out_of_range_is_refused(wrong: int) -> None:
    k = minigrad.tensor([0, 4, -5])

    @compiled
    def step() -> Any:
        return table.detach()[k] * 2

    step()
    k[1] = wrong
    with pytest.raises(IndexError, match="in a replay, gather: an index is out of range"):
        step()


@needs_kernels
def test_numbers_that_are_moved_stay_what_they_are() -> None:
    """Whole numbers and bits of nan, through kernels that take them for floats."""
    whole = minigrad.arange(24).reshape(2, 3, 4)
    odd = np.array([0x7FF0000000000001, 0x7FF8000000000123], np.uint64).view(np.float64)
    bits = minigrad.from_numpy(odd)

    @compiled
    def step() -> Any:
        turned = whole.permute(2, 0, 1)
        picked = turned.reshape(8, 3)[minigrad.tensor([7, 0])]
        return minigrad.cat([picked, picked.flip(0)], 1), minigrad.stack([bits, bits], 1)

    step()
    found, nans = step()
    rows = np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1).reshape(8, 3)[[7, 0]]
    np.testing.assert_array_equal(found.numpy(), np.concatenate([rows, rows[::-1]], 1))
    assert nans.numpy().view(np.uint64).tolist() == np.stack([odd, odd], 1).view(np.uint64).tolist()
    assert step.path == "native"


@needs_kernels
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3,), (2, 1, 3)])
def test_what_has_few_dimensions_or_none_is_moved(shape: tuple[int, ...]) -> None:
    # NumPy gives a number, not a view, at the empty key.
    x = minigrad.arange(int(np.prod(shape)), dtype=minigrad.float32).reshape(shape) - 1

    @compiled
    def step(x: Any) -> Any:
        moved = [x.flip(tuple(range(x.ndim))), x.flip(()), x.roll(1), F.pad(x, (0, 0) * x.ndim)]
        moved += [minigrad.stack([x, x], -1), x.clone(), x.expand(2, *x.shape).contiguous()]
        return moved + ([x.flip(0, -1)] if x.ndim > 1 else [x.flip(0), x.flip(-1)])

    want = step.step(x)
    for _ in range(2):
        for one, other in zip(want, step(x), strict=True):
            assert one.shape == other.shape and one.tolist() == other.tolist()
