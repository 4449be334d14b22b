"""``view(dtype)`` is PyTorch's: the bits, the shapes, what it shares and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.errors import CompileError

torch = pytest.importorskip("torch")

TYPES = ("float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool")
A = np.random.default_rng(0).integers(0, 2, (4, 3, 16)).astype(np.uint8)
FORMS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda x: x,
    "a part": lambda x: x[1:, :, 8:],
    "a part that begins in between": lambda x: x[:, :, 1:9],
    "an odd length": lambda x: x[..., :5],
    "every second": lambda x: x[..., ::2],
    "every second row": lambda x: x[::2, 1],
    "turned": lambda x: x.permute(2, 0, 1),
    "rows turned": lambda x: x.permute(1, 0, 2),
    "rows apart by an odd step": lambda x: x.reshape(-1)[: x.numel() // 5 * 5].reshape(5, -1)[
        :, :4
    ],
    "one number": lambda x: x[0, 0, 0],
    "none": lambda x: x[:0],
    "spread": lambda x: x[:1].expand(3, -1, -1),
}


def outcome(side: Any, own: str, form: str, goal: str) -> Any:
    x = (minigrad if side is minigrad else torch).from_numpy(A.copy())
    x = x.view(dtype=getattr(side, own)) if own != "uint8" else x
    try:
        y = FORMS[form](x).view(getattr(side, goal))
    except RuntimeError as error:
        # The place is told from the beginning of a storage, which NumPy's arrays do not have.
        return re.search(r"self\.\w+\(-?\d?\) (must|cannot) be \w+( by \d)?", str(error))[0]
    return tuple(y.shape), str(y.dtype).split(".")[-1], y.numpy().tobytes()


@pytest.mark.parametrize("form", FORMS)
def test_every_pair_of_types(form: str) -> None:
    for own in TYPES:
        for goal in TYPES:
            ours, theirs = (outcome(side, own, form, goal) for side in (minigrad, torch))
            assert ours == theirs, (own, goal)


@pytest.mark.parametrize("side", [minigrad, torch], ids=["minigrad", "torch"])
def test_it_shares_memory_and_is_off_the_tape(side: Any) -> None:
    x = side.ones(4, requires_grad=True)
    y = x * 1
    bits = y.view(side.int32)
    assert not bits.requires_grad and bits.is_leaf and not x.view(side.float32).requires_grad
    z = y * y
    before = y._version
    bits[0] = 0
    assert y.tolist() == [0.0, 1.0, 1.0, 1.0] and y._version != before
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


@pytest.mark.parametrize("side", [minigrad, torch], ids=["minigrad", "torch"])
def test_what_is_no_type_or_beside_lengths(side: Any) -> None:
    x = side.ones(2, 4)
    assert x.view(int).dtype == side.int64 and x.view(float).shape == (2, 2)
    for wrong in (lambda: x.view(), lambda: x.view("float32"), lambda: x.view(side.int32, 8)):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError):
        x.view(8, dtype=side.int32)


def test_a_step_refuses_it() -> None:
    step = minigrad.compile(lambda x: x.view(minigrad.int32) + 1)
    with pytest.raises(CompileError, match=r"view\(dtype\) cannot be part of a recorded step"):
        step(minigrad.ones(3))
