"""Ops on matrices as products: every way in which factors may lie in memory, and what is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.compiler.program import Instruction, Place, Slot
from minigrad.compiler.targets.cuda.device.simulation import multiply
from minigrad.compiler.targets.cuda.fused import linear_relu, matmul_add
from minigrad.compiler.targets.cuda.lower.matrices import described, product
from minigrad.op import register

DRAW = np.random.default_rng(0)


def lying(x: Any) -> list[Any]:
    """The same matrices by rows, by columns, and with gaps between rows or columns."""
    roomy = np.zeros((*x.shape[:-2], x.shape[-2] * 2, x.shape[-1] + 3), x.dtype)
    roomy[..., ::2, : x.shape[-1]] = x
    turned = np.ascontiguousarray(x.swapaxes(-1, -2))
    wide = np.zeros((*turned.shape[:-1], turned.shape[-1] + 2), x.dtype)
    wide[..., : turned.shape[-1]] = turned
    gaps = roomy[..., ::2, : x.shape[-1]]
    return [x, turned.swapaxes(-1, -2), gaps, wide[..., : turned.shape[-1]].swapaxes(-1, -2)]


def done(a: Any, b: Any, out: Any, *rest: Any) -> None:
    want = a @ b
    if rest and rest[0] is not None:
        want = want + rest[0]
    if len(rest) > 1 and rest[1]:
        want = np.maximum(want, 0)
    work = product(a, b, out, *rest)
    assert work is not None
    multiply(work)
    np.testing.assert_allclose(out, want, rtol=1e-12 if out.dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("kind", ["f", "d"])
def test_factors_and_results_lie_in_any_way(kind: str) -> None:
    a, b = DRAW.uniform(1, 2, (4, 5)).astype(kind), DRAW.uniform(1, 2, (5, 3)).astype(kind)
    for left in lying(a):
        for right in lying(b):
            for out in lying(np.zeros((4, 3), kind)):
                done(left, right, out)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 5, 3), (4, 1, 3), (4, 5, 1), (1, 5, 1)])
def test_rows_and_columns_alone(shape: tuple[int, int, int]) -> None:
    m, k, n = shape
    for left in lying(DRAW.uniform(1, 2, (m, k))):
        for right in lying(DRAW.uniform(1, 2, (k, n))):
            for out in lying(np.zeros((m, n))):
                done(left, right, out)


def test_batches() -> None:
    a, b = DRAW.uniform(1, 2, (2, 3, 4, 5)), DRAW.uniform(1, 2, (2, 3, 5, 6))
    for left in lying(a):
        done(left, b, np.zeros((2, 3, 4, 6)))
    done(a, b[0, 0], np.zeros((2, 3, 4, 6)))  # the same factor for all
    done(a[0, 0], b, np.zeros((2, 3, 4, 6)))
    done(a[:, :1][:, [0]], b[:, :1], np.zeros((2, 1, 4, 6)))
    heads = np.zeros((2, 4, 3, 5))
    heads[...] = a.transpose(0, 2, 1, 3)
    assert product(heads.transpose(0, 2, 1, 3), b, np.zeros((2, 3, 4, 6))) is None  # no even steps
    done(heads.transpose(0, 2, 1, 3)[0], b[0], np.zeros((3, 4, 6)))
    spread = np.broadcast_to(a[:, :1], a.shape)
    assert product(spread, b, np.zeros((2, 3, 4, 6))) is None
    done(np.broadcast_to(a[0, 0], a.shape), b, np.zeros((2, 3, 4, 6)))


def test_a_row_is_added_and_what_is_negative_cut_off() -> None:
    a, b, row = DRAW.standard_normal((4, 5)), DRAW.standard_normal((5, 3)), DRAW.uniform(-1, 1, 3)
    for left in lying(a):
        done(left, b, np.zeros((4, 3)), row, True)
        done(left, b, np.zeros((4, 3)), row)
        done(left, b, np.zeros((4, 3)), None, True)


def test_what_no_product_serves() -> None:
    a, b, out = np.ones((4, 6)), np.ones((6, 3)), np.ones((4, 3))
    row = np.ones(3)
    assert product(a[:, ::2], b[:3], out) is None
    assert product(a[::-1], b, out) is None
    assert product(a, b, np.ones((4, 6))[:, ::2]) is None
    assert product(a, b, np.asfortranarray(out), row) is None  # the row would be a column
    assert product(a, b, out, np.ones(6)[::2]) is None
    assert product(a.astype("f"), b, out) is None
    assert product(a.astype("e"), b.astype("e"), out.astype("e")) is None
    assert product(a[:, :0], b[:0], out) is None
    assert product(np.broadcast_to(a[:1], (4, 6)), b, out) is None


@pytest.mark.parametrize("shape", [(4, 5), (2, 4, 5), (5,)])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", ["linear", "linear_relu"])
def test_linear_layers(name: str, bias: bool, shape: tuple[int, ...]) -> None:
    op = linear_relu if name == "linear_relu" else register[name]
    given = [DRAW.standard_normal(shape), DRAW.standard_normal((3, 5)), DRAW.standard_normal(3)]
    given = given if bias else given[:2]
    want = op.forward(np, *given)
    out = np.zeros_like(want)
    slot = Slot("value", out, Place())
    work = described(Instruction(op, (slot,) * len(given), {}, slot), given, out, True)
    assert work is not None and work.tf32 and work.relu == (op is linear_relu)
    multiply(work)
    np.testing.assert_allclose(out, want, rtol=1e-12)
    if len(shape) == 3:  # rows that are not evenly apart
        given[0] = np.asfortranarray(given[0])
        assert described(Instruction(op, (slot,) * len(given), {}, slot), given, out, True) is None


def test_a_product_is_added_to_what_is_there() -> None:
    y, a, b = (
        DRAW.standard_normal((4, 3)),
        DRAW.standard_normal((4, 5)),
        DRAW.standard_normal((5, 3)),
    )
    want = matmul_add.forward(np, y, a, b)
    slot = Slot("value", y, Place())
    each = Instruction(matmul_add, (slot,) * 3, {}, slot, True)
    work = described(each, [y, a, b], y, False)
    assert work is not None and work.beta == 1
    multiply(work)
    np.testing.assert_allclose(y, want, rtol=1e-12)


def test_other_ops_are_no_products() -> None:
    x = np.ones((2, 2))
    slot = Slot("value", x, Place())
    assert described(Instruction(register["add"], (slot, slot), {}, slot), [x, x], x, False) is None
