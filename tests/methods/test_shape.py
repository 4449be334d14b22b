"""Shapes and parts: what is a view, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import Tensor
from minigrad.nn.functional.padding import pad


def numbered(*shape: int) -> Tensor:
    return mg.tensor(np.arange(float(np.prod(shape))).reshape(shape))


VIEWS: list[Callable[[Tensor], Tensor]] = [
    lambda x: x.view(-1),
    lambda x: x.reshape(4, 3),
    lambda x: x.flatten(),
    lambda x: x.unflatten(1, (2, 2)),
    lambda x: x.unsqueeze(1),
    lambda x: x.unsqueeze(0).squeeze(),
    lambda x: x.permute(1, 0),
    lambda x: x.t(),
    lambda x: x.T,
    lambda x: x.mT,
    lambda x: x.movedim(0, 1),
    lambda x: x.narrow(1, 1, 2),
    lambda x: x.select(0, 1),
    lambda x: x.tensor_split(2)[0],
    lambda x: x.diagonal(1),
    lambda x: x.unfold(1, 2, 2),
    lambda x: x.as_strided((2, 2), (4, 1), 1),
    lambda x: x.detach(),
]


@pytest.mark.parametrize("look", VIEWS)
def test_views_share_memory_and_writes_reach_the_gradient(look: Callable[[Tensor], Any]) -> None:
    leaf = numbered(3, 4)
    assert np.shares_memory(look(leaf).numpy(), leaf.numpy())
    leaf.requires_grad_()
    y = leaf * 2
    part = look(y.detach() if look is VIEWS[-1] else y)
    places = look(mg.tensor(np.arange(12)).reshape(3, 4)).numpy().reshape(-1)
    before = y.detach().numpy().copy()
    part.mul_(3)
    expected = before.reshape(-1)
    expected[places] *= 3
    np.testing.assert_array_equal(y.detach().numpy().reshape(-1), expected)
    if look is not VIEWS[-1]:  # what is written to a detached view is off the tape
        y.sum().backward()
        slope = np.full(12, 2.0)
        slope[places] *= 3
        np.testing.assert_array_equal(leaf.grad.numpy().reshape(-1), slope)


SEVERAL: list[Callable[[Any], Any]] = [
    lambda x: x.split(2, 1)[1],
    lambda x: x.split([1, 2])[0],
    lambda x: x.chunk(2)[0],
    lambda x: x.unbind(1)[2],
    lambda x: next(iter(x)),
]


@pytest.mark.parametrize("look", SEVERAL)
def test_one_of_several_views_is_not_written_under_the_tape(look: Callable[[Any], Any]) -> None:
    """As in PyTorch; without a tape the write reaches the shared memory."""
    torch = pytest.importorskip("torch")
    for s in (mg, torch):
        leaf = s.ones(3, 4, requires_grad=True)
        y = leaf * 2
        with pytest.raises(RuntimeError, match="returns multiple views"):
            look(y).mul_(3)
        assert (y == 2).all()
        plain = s.ones(3, 4)
        look(plain).mul_(3)
        assert plain.sum().item() == 12 + 2 * look(plain).numel()


COPIES: list[Callable[[Tensor], Tensor]] = [
    lambda x: x.clone(),
    lambda x: x.flip(0),
    lambda x: x.roll(1),
    lambda x: x.rot90(4),
    lambda x: x.tril(),
    lambda x: x.diag(),
    lambda x: x.repeat(1, 1),
    lambda x: x.T.contiguous(),
    lambda x: x.T.reshape(12),
    lambda x: mg.cat([x]),
]


@pytest.mark.parametrize("made", COPIES)
def test_copies_share_no_memory(made: Callable[[Tensor], Tensor]) -> None:
    x = numbered(3, 4)
    assert not np.shares_memory(made(x).numpy(), x.numpy())


def test_contiguous_is_itself_where_it_can_be() -> None:
    x = numbered(3, 4)
    assert x.contiguous() is x
    assert x.T.contiguous().is_contiguous()


def test_overlapping_views_refuse_writes() -> None:
    x = numbered(5)
    for view in (x.unfold(0, 3, 1), x.as_strided((2, 3), (1, 1)), x[:1].expand(4)):
        with pytest.raises(RuntimeError, match="single memory location"):
            view.add_(1)
    x.unfold(0, 2, 2).add_(1)
    assert x.tolist() == [1, 2, 3, 4, 4]


REFUSED: list[tuple[Callable[[Tensor], Any], type[Exception], str]] = [
    (lambda x: x.view(5), RuntimeError, "invalid for input of size 12"),
    (lambda x: x.view(-1, -1), RuntimeError, "only one length"),
    (lambda x: x.reshape(5, -1), RuntimeError, "invalid for input of size 12"),
    (lambda x: x.T.view(12), RuntimeError, "not compatible.*reshape"),
    (lambda x: x.flatten(1, 0), RuntimeError, "start_dim cannot come after"),
    (lambda x: x.unflatten(1, (3, 2)), RuntimeError, "invalid for input of size 4"),
    (lambda x: x.unflatten(1, ()), RuntimeError, "non-empty"),
    (lambda x: x.squeeze(2), IndexError, r"range of \[-2, 1\], but got 2"),
    (lambda x: x.unsqueeze(3), IndexError, r"range of \[-3, 2\], but got 3"),
    (lambda x: x.permute(0, 0), RuntimeError, "order of 2 dimensions"),
    (lambda x: x.transpose(0, 2), IndexError, "out of range"),
    (lambda x: x.unsqueeze(0).t(), RuntimeError, "<= 2 dimensions"),
    (lambda x: x[0].mT, RuntimeError, "2 dimensions or more"),
    (lambda x: x.movedim((0, 1), 0), RuntimeError, "2 dims, destination 1"),
    (lambda x: x.movedim((0, 0), (0, 1)), RuntimeError, "repeated dim"),
    (lambda x: x.expand(3, 5), RuntimeError, "does not expand"),
    (lambda x: x.expand(4), RuntimeError, "does not expand|more dimensions"),
    (lambda x: x.expand(-1, 3, 4), RuntimeError, "does not expand"),
    (lambda x: x.sum_to_size(2, 4), RuntimeError, "does not sum"),
    (lambda x: x.repeat(2), RuntimeError, "repeat dims"),
    (lambda x: x.narrow(1, 3, 2), RuntimeError, "exceeds dimension size"),
    (lambda x: x.narrow(1, 5, 0), IndexError, "start out of range"),
    (lambda x: x.select(0, 3), IndexError, "index 3 out of range"),
    (lambda x: x.split([1, 1]), RuntimeError, "sum exactly to 3"),
    (lambda x: x.split(-1), RuntimeError, "non-negative"),
    (lambda x: x.chunk(0), RuntimeError, "greater than 0"),
    (lambda x: x.tensor_split(0), RuntimeError, "must be > 0"),
    (lambda x: x.diagonal(0, 1, 1), RuntimeError, "cannot be identical"),
    (lambda x: x.diag_embed(0, 1, 1), RuntimeError, "cannot be identical"),
    (lambda x: x.diag_embed(0, 5, 1), IndexError, "out of range"),
    (lambda x: x.unsqueeze(0).diag(), RuntimeError, "1D or 2D"),
    (lambda x: x[0].tril(), RuntimeError, "at least 2 dimensions"),
    (lambda x: x.unfold(1, 5, 1), RuntimeError, "maximum size"),
    (lambda x: x.unfold(1, 2, 0), RuntimeError, "must be > 0"),
    (lambda x: x.as_strided((2, 7), (6, 1)), RuntimeError, "out of bounds"),
    (lambda x: x.as_strided((2,), (6, 1)), RuntimeError, "mismatch in length"),
    (lambda x: x.T.as_strided((2,), (1,)), RuntimeError, "contiguous"),
    (lambda x: x.flip(0, 0), RuntimeError, "multiple times"),
    (lambda x: x[0].fliplr(), RuntimeError, ">= 2-d"),
    (lambda x: x.rot90(1, (0, 0)), RuntimeError, "different rotation dims"),
    (lambda x: x.roll((1, 2), 0), RuntimeError, "must align"),
    (lambda x: x.roll((1, 2)), RuntimeError, "must align"),
    (lambda x: mg.cat([]), ValueError, "non-empty"),
    (lambda x: mg.cat([x, x[0]]), RuntimeError, "must match except in dimension 0"),
    (lambda x: mg.cat([x, x.T]), RuntimeError, r"got \(4, 3\) for tensor number 1"),
    (lambda x: mg.cat([x[0, 0]]), RuntimeError, "zero-dimensional"),
    (lambda x: mg.cat([x, x], 2), IndexError, "out of range"),
    (lambda x: mg.stack([]), RuntimeError, "non-empty"),
    (lambda x: mg.stack([x, x.T]), RuntimeError, "equal size"),
    (lambda x: mg.meshgrid(x), RuntimeError, "0D or 1D"),
    (lambda x: mg.meshgrid(x[0], indexing="no"), RuntimeError, "indexing must be"),
    (lambda x: mg.broadcast_tensors(x, x[0, :2]), RuntimeError, "do not broadcast"),
    (lambda x: pad(x, (1,)), RuntimeError, "two widths"),
    (lambda x: pad(x, (0, 0, 0, 0, 1, 1)), RuntimeError, "at most 2 dimensions"),
    (lambda x: pad(x, (-3, -2)), RuntimeError, "negative output size"),
    (lambda x: pad(x, (4, 0), "reflect"), RuntimeError, "less than the corresponding"),
    (lambda x: pad(x, (5, 0), "circular"), RuntimeError, "less than the corresponding"),
    (lambda x: pad(x, (1, 0), "mirror"), NotImplementedError, "unrecognised"),
    (lambda x: pad(x, (1, 0), "reflect", 2.0), ValueError, "value"),
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_cannot_be_is_refused(
    call: Callable[[Tensor], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(numbered(3, 4))


@pytest.mark.parametrize("shape", [(3, 4), (1, 3, 4), (-1, 4)])
def test_what_is_expanded_but_repeats_nothing_may_be_written(shape: tuple[int, ...]) -> None:
    x = mg.zeros(3, 4)
    x.expand(*shape).add_(2)
    assert x.tolist() == [[2.0] * 4] * 3
    with pytest.raises(RuntimeError, match="more than one element"):
        x.expand(2, 3, 4).add_(1)


@given(
    st.lists(st.integers(1, 3), max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.integers(0, 2),
)
def test_sum_to_size_is_the_adjoint_of_expand(
    shape: list[int], ones: list[bool], lead: int
) -> None:
    small = [1 if one else n for n, one in zip(shape, ones, strict=False)]
    large = [2] * lead + shape
    rng = np.random.default_rng(0)
    x, y = mg.tensor(rng.standard_normal(small)), mg.tensor(rng.standard_normal(large))
    left = (x.expand(large) * y).sum()
    right = (x * y.sum_to_size(small)).sum()
    assert left.item() == pytest.approx(right.item(), rel=1e-12, abs=1e-12)


@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
def test_windows_agree_with_numpy(n: int, size: int, step: int) -> None:
    x = np.arange(float(n))
    if size > n:
        with pytest.raises(RuntimeError):
            mg.tensor(x).unfold(0, size, step)
        return
    expected = np.lib.stride_tricks.sliding_window_view(x, size)[::step]
    np.testing.assert_array_equal(mg.tensor(x).unfold(0, size, step).numpy(), expected)


@given(st.integers(1, 5), st.integers(0, 6), st.integers(0, 6), st.sampled_from([*"rec"]))
def test_padding_agrees_with_numpy(n: int, before: int, behind: int, way: str) -> None:
    ours, numpys, limit = {
        "r": ("reflect", "reflect", n - 1),
        "e": ("replicate", "edge", 99),
        "c": ("circular", "wrap", n),
    }[way]
    x = np.arange(2.0 * n).reshape(2, n)
    if max(before, behind) > limit:
        with pytest.raises(RuntimeError):
            pad(mg.tensor(x), (before, behind), ours)
        return
    expected = np.pad(x, ((0, 0), (before, behind)), mode=numpys)  # type: ignore[call-overload]
    np.testing.assert_array_equal(pad(mg.tensor(x), (before, behind), ours).numpy(), expected)


def test_cat_takes_the_common_type_also_of_empty_tensors() -> None:
    assert mg.cat([mg.tensor([1]), mg.tensor([0.5])]).dtype == mg.float32
    assert mg.cat([mg.zeros(2, 3), mg.zeros(0, dtype=mg.float64)]).dtype == mg.float64


@pytest.mark.parametrize("name", ["hsplit", "vsplit", "dsplit"])
def test_pieces_must_be_equal(name: str) -> None:
    x = mg.ones(3, 3, 3)
    with pytest.raises(RuntimeError, match=f"{name}: .* not divisible by the split_size 2"):
        getattr(x, name)(2)
    with pytest.raises(RuntimeError, match=f"{name}: requires a tensor with at least"):
        getattr(mg.tensor(1.0), name)(1)
