"""Anomaly mode names the op that the user called, the phase and the line, of any fault."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from opdb import rows
from opdb.row import Draw, Row

import minigrad
import minigrad.nn.functional as F
from minigrad import nn, optim
from minigrad.autograd import Function, detect_anomaly, grad, set_detect_anomaly
from minigrad.errors import AnomalyError, CompileError, GraphError
from minigrad.recording import following, switch

inf, nan = math.inf, math.nan
t = minigrad.tensor


def leaf(*numbers: float, dtype: Any = None) -> Any:
    return t(list(numbers), dtype=dtype or minigrad.float32, requires_grad=True)


def half(*numbers: float) -> Any:
    return leaf(*numbers, dtype=minigrad.float16)


ZERO = leaf(0.0, 1.0)
BIG = leaf(1e30, 2.0)
ROWS = t([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
WIDE = nn.Linear(2, 1)
nn.init.constant_(WIDE.weight, 3e38)
ALL = t([[True, True], [False, False]])

FORWARD: list[tuple[str, Callable[[], Any]]] = [
    ("log", lambda: ZERO.log()),
    ("log", lambda: minigrad.log(ZERO)),
    ("log2", lambda: ZERO.log2()),
    ("log10", lambda: ZERO.log10()),
    ("log1p", lambda: (ZERO - 1).log1p()),
    ("sqrt", lambda: (ZERO - 1).sqrt()),
    ("rsqrt", lambda: ZERO.rsqrt()),
    ("reciprocal", lambda: ZERO.reciprocal()),
    ("div", lambda: 1 / ZERO),
    ("div", lambda: ZERO / 0),
    ("div", lambda: minigrad.div(ZERO, ZERO)),
    ("pow", lambda: ZERO**-1),
    ("pow", lambda: (ZERO - 1) ** 0.5),
    ("pow", lambda: minigrad.pow(BIG, 2)),
    ("square", lambda: BIG.square()),
    ("exp", lambda: (ZERO * 1000).exp()),
    ("exp2", lambda: (ZERO * 1000).exp2()),
    ("expm1", lambda: (ZERO * 1000).expm1()),
    ("cosh", lambda: (ZERO * 1000).cosh()),
    ("sinh", lambda: (ZERO * 1000).sinh()),
    ("asin", lambda: (ZERO * 2).asin()),
    ("acos", lambda: (ZERO * 2).acos()),
    ("acosh", lambda: ZERO.acosh()),
    ("atanh", lambda: ZERO.atanh()),
    ("logit", lambda: ZERO.logit()),
    ("xlogy", lambda: (ZERO + 1).xlogy(ZERO)),
    ("mul", lambda: BIG * BIG),
    ("mul", lambda: 1e20 * BIG),
    ("add", lambda: (BIG * 3e8) + (BIG * 3e8)),
    ("sub", lambda: (BIG * 3e8) - (BIG * -3e8)),
    ("addcmul", lambda: BIG.addcmul(BIG, BIG)),
    ("addcdiv", lambda: BIG.addcdiv(BIG, ZERO)),
    ("matmul", lambda: (ROWS * 1e20) @ (ROWS * 1e20)),
    ("matmul", lambda: minigrad.matmul(ROWS * 1e20, ROWS * 1e20)),
    ("dot", lambda: BIG.dot(BIG)),
    ("outer", lambda: BIG.outer(BIG)),
    ("einsum", lambda: minigrad.einsum("ij,jk->ik", ROWS * 1e20, ROWS * 1e20)),
    ("sum", lambda: (ROWS * 8e37).sum()),
    ("prod", lambda: (ROWS * 1e20).prod()),
    ("cumsum", lambda: (ROWS * 8e37).cumsum(0)),
    ("cumprod", lambda: (ROWS * 1e20).cumprod(0)),
    ("var", lambda: (ROWS * 1e25).var()),
    ("std", lambda: ZERO[:1].std()),
    ("mean", lambda: ZERO[:0].mean()),
    ("lgamma", lambda: ZERO.lgamma()),
    ("digamma", lambda: ZERO.digamma()),
    ("log_", lambda: (ZERO * 1).log_()),
    ("div_", lambda: (ZERO + 1).div_(0)),
    ("mul_", lambda: (BIG * 1).mul_(BIG)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, nan)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, inf)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, -inf).softmax(1)),
    ("masked_fill_", lambda: (ROWS * 1).masked_fill_(ALL, nan)),
    ("where", lambda: minigrad.where(ALL, ROWS, nan)),
    ("half", lambda: BIG.half()),
    ("to", lambda: BIG.to(minigrad.float16)),
    ("mul", lambda: half(300.0, 2.0) * 300),
    ("exp", lambda: half(12.0).exp()),
    ("matmul", lambda: half(300.0, 1.0) @ half(300.0, 1.0)),
    ("linear", lambda: F.linear(half(300.0, 1.0), half(300.0, 1.0).reshape(1, 2))),
    ("linear", lambda: F.linear(ROWS * 1e20, ROWS * 1e20)),
    ("linear", lambda: nn.Sequential(WIDE)(ROWS)),
    ("mse_loss", lambda: F.mse_loss(BIG, BIG * 0)),
    ("mse_loss", lambda: nn.MSELoss()(BIG, BIG * 0)),
    ("cross_entropy", lambda: F.cross_entropy(ROWS, t([-100, -100]))),
    ("cross_entropy", lambda: nn.CrossEntropyLoss()(ROWS, t([-100, -100]))),
    ("nll_loss", lambda: F.nll_loss(ROWS, t([-100, -100]))),
    ("kl_div", lambda: F.kl_div(BIG, BIG, log_target=True)),
    ("poisson_nll_loss", lambda: F.poisson_nll_loss(ZERO * 1000, ZERO)),
    ("layer_norm", lambda: F.layer_norm(ZERO[:1], (1,), eps=0)),
    ("layer_norm", lambda: nn.Sequential(nn.LayerNorm(2, eps=0))(ROWS * 0)),
    ("group_norm", lambda: F.group_norm(ROWS * 0, 1, eps=0)),
    ("batch_norm", lambda: F.batch_norm(ROWS * 8e37, None, None, training=True)),
    ("batch_norm", lambda: nn.BatchNorm1d(2)(ROWS * 8e37)),
    ("rms_norm", lambda: F.rms_norm(ROWS * 0, (2,), eps=0)),
    ("normalize", lambda: F.normalize(ROWS * 0, eps=0)),
    ("cosine_similarity", lambda: F.cosine_similarity(ROWS * 1e30, ROWS * 1e30)),
    ("softmax", lambda: F.softmax(t([[-inf, -inf]]), 1)),
    ("scaled_dot_product_attention", lambda: F.scaled_dot_product_attention(*[ROWS * 1e30] * 3)),
    ("conv2d", lambda: F.conv2d(*[(ROWS * 1e20).reshape(1, 1, 2, 2)] * 2)),
    ("inv", lambda: minigrad.linalg.inv(ROWS * 1e-42)),
    ("clip_grad_norm_", lambda: nn.utils.clip_grad_norm_([with_grad(3e38, 3e38)], 1.0)),
    ("Doubled", lambda: Doubled.apply(BIG * 2e8)),
]
"""The op, and a fault on the line of the row."""


def with_grad(*numbers: float) -> Any:
    x = leaf(*numbers)
    x.grad = t(list(numbers))
    return x


class Doubled(Function):
    """Forward and backward by NumPy, of which no door is told."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        with np.errstate(over="ignore"):
            return minigrad.from_numpy(x.detach().numpy() * np.float32(2e10))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        with np.errstate(over="ignore"):
            return minigrad.from_numpy(g.numpy() * np.float32(1e30)) * 1e30


BACKWARD: list[tuple[str, Callable[[], Any]]] = [
    ("sqrt", lambda: ZERO.sqrt()),
    ("sqrt", lambda: minigrad.sqrt(ZERO)),
    ("pow", lambda: ZERO**0.5),
    ("acos", lambda: ZERO.acos()),
    ("asin", lambda: ZERO.asin()),
    ("log", lambda: (ZERO + 1e-42).log()),
    ("reciprocal", lambda: (ZERO + 1e-30).reciprocal()),
    ("div", lambda: 1 / (ZERO + 1e-30)),
    ("div", lambda: ZERO / 1e-30),
    ("sqrt", lambda: minigrad.where(ZERO > 0, ZERO.sqrt(), ZERO * 0)),
    ("sqrt_", lambda: (ZERO * 1).sqrt_()),
    ("sqrt", lambda: (ZERO * 1)[:1].sqrt()),
    ("xlogy", lambda: (ZERO * 0 + 1).xlogy(ZERO + 1e-42)),
    ("rsqrt", lambda: (ZERO + 1e-30).rsqrt()),
    ("mul", lambda: (ZERO * 3e38) * 1),
    ("Doubled", lambda: Doubled.apply(ZERO)),
    ("layer_norm", lambda: F.layer_norm(ROWS * 1e-30, (2,), eps=1e-42)),
    ("lgamma", lambda: ((ZERO * 0) + 1e-42).lgamma() * 0 + ((ZERO * 0) + 1e-42).lgamma()),
]
"""The same, whose derivative at the place, times 1e20, is infinite."""


def attributes(error: AnomalyError) -> tuple[str, str, str, int]:
    return error.op, error.phase, error.file, error.line


def found(fault: Callable[[], Any]) -> AnomalyError:
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        fault()
    assert switch.anomaly is None and not following
    return caught.value


@pytest.mark.parametrize(("op", "fault"), FORWARD, ids=[op for op, _ in FORWARD])
def test_a_fault_in_forward(op: str, fault: Callable[[], Any]) -> None:
    error = found(fault)
    line = fault.__code__.co_firstlineno
    assert attributes(error) == (op, "forward", __file__, line), str(error)


@pytest.mark.parametrize(("op", "fault"), BACKWARD, ids=[op for op, _ in BACKWARD])
def test_a_fault_in_backward(op: str, fault: Callable[[], Any]) -> None:
    error = found(lambda: fault().sum().backward(t(1e20)))
    line = fault.__code__.co_firstlineno
    assert attributes(error) == (op, "backward", __file__, line), str(error)


# -- an optimizer's step -----------------------------------------------------------------------------


def updated(make: Callable[[Any], Any], gradient: float = 1e30) -> None:
    p = nn.Parameter(t([1.0, 2.0]))
    optimizer = make([p])
    p.grad = t([gradient, gradient])
    optimizer.step(); optimizer.step()  # fmt: skip


OPTIMIZERS: list[Callable[[Any], Any]] = [
    lambda p: optim.SGD(p, lr=1e10),
    lambda p: optim.SGD(p, lr=1e10, momentum=0.9),
    lambda p: optim.SGD(p, lr=1e10, momentum=0.9, nesterov=True),
    lambda p: optim.SGD(p, lr=1.0, weight_decay=3e38),
    lambda p: optim.Adam(p, lr=3.4e38, betas=(0, 0), weight_decay=3e38),
    lambda p: optim.Adam(p, lr=1.0, eps=0.0, betas=(0.9, 0.0), weight_decay=3e38),
    lambda p: optim.AdamW(p, lr=1e20, weight_decay=1e30),
    lambda p: optim.RMSprop(p, lr=1e30, eps=0.0, weight_decay=3e38),
    lambda p: optim.Adagrad(p, lr=1e30, weight_decay=3e38),
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_fault_in_an_update(make: Callable[[Any], Any]) -> None:
    error = found(lambda: updated(make))
    line = updated.__code__.co_firstlineno + 4
    assert attributes(error) == ("step", "update", __file__, line), str(error)
