"""Every model's first step on a GPU: the loss and all gradients of the CPU."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad
from minigrad.device import CPU, Device
from minigrad.models import MODELS

TAKES_SECONDS = {"googlenet", "resnet34", "small-alexnet"}
LEFT_OUT = {"alexnet", "alexnet224", "googlenet-paper", "resnet152", "resnet50", "vgg16"}
"""Larger brothers of others in the list."""
SMALLER = {"googlenet": (3, 64, 64), "resnet34": (3, 64, 64)}
"""Pictures that are no smaller than these networks need."""


def gradients(name: str, device: Device) -> list[np.ndarray]:
    """Of the mean square of the results for two samples; dropout draws the same masks."""
    minigrad.manual_seed(4)
    model = MODELS[name]()
    x = minigrad.randn(2, *SMALLER.get(name, MODELS[name].input))
    model, x = model.double().to(device), x.double().to(device)
    y = model(x)
    loss = (y * y).mean()
    loss.backward()
    assert loss.device == device
    found = [loss.item()]
    for p in model.parameters():
        assert p.grad is None or p.grad.device == device
        found.append(np.zeros(()) if p.grad is None else p.grad.cpu().numpy())
    return found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in TAKES_SECONDS else [])
        for name in sorted(set(MODELS) - LEFT_OUT)
    ],
)
def test_first_step(name: str, gpu: Device) -> None:
    for found, expected in zip(gradients(name, gpu), gradients(name, CPU), strict=True):
        largest = np.max(np.abs(expected), initial=0)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * largest)
