"""Writing in place through views made and written with and without recording: no gradient is lost
without a word. All combinations give PyTorch's numbers and gradients, or are refused as there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

BASES = {
    "a leaf": lambda a: a,
    "a result": lambda a: a * 1,
    "a constant": lambda a: a.detach().clone(),
}
VIEWS = {
    "a slice": lambda x: x[0:2],
    "the transpose": lambda x: x.t(),
    "detached": lambda x: x.detach(),
    "data": lambda x: x.data,
}
WRITES = {
    "mul_": lambda s, v, q: v.mul_(q),
    "copy_": lambda s, v, q: v.copy_(q),
    "fill_": lambda s, v, q: v.fill_(3.0),
    "x[0] =": lambda s, v, q: v.__setitem__(0, q),
    "x[[0]] =": lambda s, v, q: v.__setitem__([0], q),
    "index_put_": lambda s, v, q: v.index_put_((s.tensor([0]),), q),
}
AFTER = {
    "both": lambda b, v, before: (b * b).sum() + 2 * (v * v).sum(),
    "the base": lambda b, v, before: (b * b).sum(),
    "the view": lambda b, v, before: (v * v).sum(),
    "what came before": lambda b, v, before: before.sum(),
}
MODES = [True, False]


def program(side: Any, way: tuple[Any, ...]) -> Any:
    """The result, and the gradients of the leaf and of what was written."""
    base, views, recorded, write, written, source, after = way
    a = side.from_numpy(np.arange(1.0, 13).reshape(4, 3) / 7).requires_grad_()
    q = side.tensor(0.5, dtype=side.float64, requires_grad=source)
    b = BASES[base](a)
    before = b * b
    v = b
    for view, mode in zip(views, recorded, strict=True):
        with side.set_grad_enabled(mode):
            v = VIEWS[view](v)
    with side.set_grad_enabled(written):
        WRITES[write](side, v, q)
    y = AFTER[after](b, v, before)
    if y.requires_grad:
        y.backward()
    numbers = [None if x.grad is None else x.grad.numpy() for x in (a, q)]
    return [y.detach().numpy(), b.detach().numpy(), *numbers]


def outcome(side: Any, way: tuple[Any, ...]) -> Any:
    try:
        return program(side, way)
    except RuntimeError as error:
        return error


def agree(way: tuple[Any, ...]) -> None:
    want, have = outcome(torch, way), outcome(minigrad, way)
    if isinstance(want, RuntimeError) or isinstance(have, RuntimeError):
        assert isinstance(want, RuntimeError), f"{way}: {have!r}, PyTorch goes on"
        assert isinstance(have, RuntimeError), f"{way}: goes on, PyTorch raises {want!r}"
        return
    for i, (x, y) in enumerate(zip(have, want, strict=True)):
        assert (x is None) == (y is None), f"{way}: result {i} is {x}, PyTorch's {y}"
        if y is not None:
            np.testing.assert_allclose(x, y, rtol=1e-12, err_msg=f"{way}: result {i}")


@pytest.mark.parametrize("base", BASES)
def test_a_write_through_a_view(base: str) -> None:
    for view, mode, *rest in itertools.product(VIEWS, MODES, WRITES, MODES, MODES, AFTER):
        agree((base, (view,), (mode,), *rest))


@pytest.mark.parametrize("base", BASES)
def test_a_write_through_a_view_of_a_view(base: str) -> None:
    pairs = itertools.product(["a slice", "detached"], ["the transpose", "data"])
    both = list(itertools.product(MODES, MODES))
    for views, modes, write, *rest in itertools.product(
        pairs, both, ["mul_", "x[0] ="], MODES, MODES, AFTER
    ):
        agree((base, views, modes, write, *rest))


def test_a_view_made_without_recording_says_what_to_do() -> None:
    w = minigrad.ones(3, requires_grad=True) * 2
    with minigrad.no_grad():
        row = w[:2]
    with pytest.raises(RuntimeError, match="mul: A view was created in no_grad mode and is being"):
        row.mul_(2)
    with minigrad.no_grad():
        row.mul_(2)
        assert (row * 1).tolist() == [4, 4]
    with pytest.raises(RuntimeError, match=r"has been modified inplace \(mul, .*detach\(\) it"):
        row * 2
    assert (row.detach() * 2).tolist() == [8, 8]
