"""Numbers picked out by index tensors, and put back in an order that never changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from on_host import Case, compare, poisoned, run

from minigrad.compiler.targets.cuda.kernels import picking
from minigrad.device import Array
from minigrad.ops.indexing import HOLE, WHOLE, filled

pytestmark = pytest.mark.usefixtures("gxx")
RNG = np.random.default_rng(0)
SHAPE = (5, 6, 7)


def places(n: int, *shape: int) -> Array:
    return RNG.integers(-n, n, shape)


KEYS: list[tuple[tuple[Any, ...], tuple[Array, ...]]] = [
    ((HOLE,), (places(5, 9),)),
    ((WHOLE, HOLE), (places(6, 2, 3),)),
    ((WHOLE, WHOLE, HOLE), (places(7, 11),)),
    ((HOLE, HOLE), (places(5, 4), places(6, 4))),
    ((HOLE, WHOLE, HOLE), (places(5, 4), places(7, 4))),  # the picked dimensions come first
    ((HOLE, HOLE, HOLE), (places(5, 4, 1), places(6, 1), places(7, 3))),
    ((HOLE,), (places(5),)),
    ((WHOLE, HOLE), (places(6, 8)[::2],)),
]


@pytest.mark.parametrize("dtype", ["f", "d", "q", "?"])
def test_picked_out(dtype: str) -> None:
    x = (RNG.standard_normal(SHAPE) * 5).astype(dtype)
    compare(
        [Case("take", (y, *at), {"key": key}) for key, at in KEYS for y in (x, x[::-1, :, ::-1])]
    )


@pytest.mark.parametrize("dtype", ["f", "d", "q"])
def test_put_back(dtype: str) -> None:
    cases = []
    for key, at in KEYS:
        shape = np.zeros(SHAPE)[filled(key, at)].shape
        y = (RNG.standard_normal(shape) * 5).astype(dtype)
        cases += [
            Case("put_add", (each, *at), {"shape": SHAPE, "key": key})
            for each in (y, np.asfortranarray(y))
        ]
    compare(cases)


def test_one_number_for_many_places() -> None:
    at = places(6, 9)
    for y in (np.array(2.0), np.arange(9.0)[None, :, None]):
        compare([Case("put_add", (y, at), {"shape": SHAPE, "key": (WHOLE, HOLE)})])


def test_a_place_that_is_none_makes_nan() -> None:
    x, out = np.ones((3, 2)), poisoned((4, 2), "d")
    run(picking.picked(out, poisoned, x, np.array([0, 3, -3, -4]), key=(HOLE,)) or [])
    assert np.isnan(out).all(1).tolist() == [False, True, False, True]


def test_what_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    x, at = np.ones((3, 2)), np.array([0, 1])
    assert picking.picked(np.ones((2, 1)), poisoned, x, at, key=(HOLE, slice(0, 1))) is None
    assert picking.picked(np.ones((1, 2)), poisoned, x, at > 0, key=(HOLE,)) is None
    assert picking.picked(np.ones((3, 2)), poisoned, x, key=(WHOLE,)) is None
    monkeypatch.setattr(picking, "MOST", 11)  # 6 numbers times 2 places
    assert picking.put_back(x, poisoned, np.ones((2, 2)), at, shape=x.shape, key=(HOLE,)) is None
