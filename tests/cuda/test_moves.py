"""Ops that move numbers: on the simulated GPU the same numbers as in NumPy, without leaving it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.nn import functional as F

pytestmark = pytest.mark.usefixtures("gxx")

X = minigrad.from_numpy(np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32))
Y = minigrad.from_numpy(np.random.default_rng(1).standard_normal((3, 2, 5)).astype(np.float32))

STEPS = {
    "clone": lambda: X.transpose(0, 2).clone(),
    "reshape": lambda: X.transpose(0, 2).reshape(10, 6),
    "expand": lambda: X[:, :1].expand(3, 4, 5).contiguous(),
    "flip": lambda: X.flip(0, 2),
    "cat": lambda: minigrad.cat([X, Y, X], 1),
    "cat of rows": lambda: minigrad.cat([X.transpose(0, 1), Y.transpose(0, 1)]),
    "stack": lambda: minigrad.stack([X, X * 2], 1),
    "pad": lambda: F.pad(X, (1, 2, 0, 3), value=7.0),
    "cut": lambda: F.pad(X, (-1, 2, 1, -2)),
    "narrow": lambda: X.narrow(1, 1, 2) * 2,
    "product of what lies crosswise": lambda: F.linear(X.transpose(0, 1), Y[0]),
    "batched product of what lies crosswise": lambda: X.permute(1, 0, 2) @ Y.permute(1, 2, 0)[0],
}


@pytest.mark.parametrize("name", STEPS)
def test_the_same_numbers(name: str) -> None:
    want = STEPS[name]().numpy()
    with minigrad.cuda.simulated() as device:
        step = minigrad.compile(STEPS[name])
        for _ in range(2):
            have = step().numpy()
            assert have.shape == want.shape and have.dtype == want.dtype
            np.testing.assert_allclose(have, want, rtol=1e-5)
    assert step.path.startswith("simulated graph") and "call" not in device.log


def test_derivatives() -> None:
    x = X.clone().requires_grad_()

    def step() -> Any:
        x.grad = None
        one = x[1, 2, 3] * 2
        parts = minigrad.cat([x[:, 1:3], x.flip(1)[:, :2], F.pad(x[:, :, 1:], (1, 0))], 1)
        loss = (parts * parts).sum() + one
        loss.backward()
        return loss

    step()
    assert x.grad is not None
    want = x.grad.numpy().copy()
    with minigrad.cuda.simulated() as device:
        twin = minigrad.compile(step)
        for _ in range(2):
            twin()
            np.testing.assert_allclose(x.grad.numpy(), want, rtol=1e-6)
    assert twin.path.startswith("simulated graph") and "call" not in device.log
