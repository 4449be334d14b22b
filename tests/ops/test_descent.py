"""Updates go through large parameters in pieces: the same bits, and no memory of that size."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.ops.descent import PIECE, descend, descend_scaled, mix, mix_square
from minigrad.tensor import Tensor

LENGTH = 2 * PIECE + 1000
SQUARES = minigrad.arange(1.0, 20 * PIECE + 1)

UPDATES: dict[str, Callable[..., Tensor]] = {
    "mix": lambda x, y, **into: mix(x, y, a=0.9, b=0.1, **into),
    "mix, a plain sum": lambda x, y, **into: mix(x, y, a=1, b=1, **into),
    "mix_square": lambda x, y, **into: mix_square(x, y, a=0.9, b=0.1, **into),
    "descend": lambda x, y, **into: descend(x, y, minigrad.tensor(0.1), **into),
    "descend_scaled": lambda x, y, **into: descend_scaled(
        x,
        y,
        SQUARES[: y.numel()].reshape(y.shape),
        minigrad.tensor(0.1),
        minigrad.tensor(1e-3),
        **into,
    ),
}


def numbers(*shape: int) -> Tensor:
    draw = np.random.default_rng(0)
    return minigrad.from_numpy(draw.standard_normal(shape).astype(np.float32))


OPERANDS: dict[str, Callable[[], tuple[Tensor, Tensor]]] = {
    "two runs of memory": lambda: (numbers(2, LENGTH // 2), numbers(2, LENGTH // 2)),
    "a transposed destination": lambda: (numbers(LENGTH // 2, 2).T, numbers(2, LENGTH // 2)),
    "a transposed operand": lambda: (numbers(2, LENGTH // 2), numbers(LENGTH // 2, 2).T),
    "a broadcast operand": lambda: (numbers(2, LENGTH // 2), numbers(LENGTH // 2)),
    "one number": lambda: (numbers(LENGTH), numbers()),
    "one of its own": lambda: (lambda t: (t, t[5]))(numbers(LENGTH)),
    "itself": lambda: (numbers(LENGTH),) * 2,
    "its own neighbours": lambda: (lambda t: (t[:-1], t[1:]))(numbers(LENGTH)),
}


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("operands", OPERANDS)
def test_pieces_give_the_same_bits(update: str, operands: str) -> None:
    x, y = OPERANDS[operands]()
    expected = UPDATES[update](x, y).numpy()
    UPDATES[update](x, y, into=x)
    assert x.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("update", UPDATES)
def test_pieces_take_little_memory(update: str) -> None:
    x, y = numbers(20 * PIECE), numbers(20 * PIECE)

    def peak(**into: Any) -> int:
        tracemalloc.start()
        UPDATES[update](x, y, **into)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak() >= x.array.nbytes
    assert peak(into=x) < x.array.nbytes / 5
