"""The same program on two sides, PyTorch and minigrad: `s` is the module that it is given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.device import CPU, Device

torch = pytest.importorskip("torch")
Program = Callable[[Any], Any]


class Programs(list[Program]):
    """A list of programs, filled by decorating them with it."""

    def __call__(self, function: Program) -> Program:
        self.append(function)
        return function

    def __iter__(self) -> Any:
        return (pytest.param(p, id=p.__name__) for p in super().__iter__())


def leaf(s: Any, *shape: int, seed: int = 0) -> Any:
    """A float64 tensor of fixed random numbers that requires a gradient."""
    numbers = np.random.default_rng(seed).standard_normal(shape)
    return s.from_numpy(np.asarray(numbers)).requires_grad_()


def plain(s: Any, *shape: int, seed: int = 1) -> Any:
    """The same without a gradient."""
    return leaf(s, *shape, seed=seed).detach()


def weighted(y: Any) -> Any:
    """A sum in which every element counts differently."""
    n = y.numel()
    weights = np.linspace(1.0, 2.0, max(n, 1))[:n].reshape(tuple(y.shape))
    side = minigrad if isinstance(y, minigrad.Tensor) else torch
    return (y * side.from_numpy(np.asarray(weights)).to(y.device)).sum()


class Placed:
    """minigrad with a device as the default of all that makes tensors."""

    def __init__(self, device: Device) -> None:
        self.device_of_all = device

    def __getattr__(self, name: str) -> Any:
        thing = getattr(minigrad, name)
        if name in ("from_numpy", "from_dlpack"):
            return lambda source: thing(source).to(self.device_of_all)
        if not inspect.isfunction(thing) or "device" not in inspect.signature(thing).parameters:
            return thing
        if name.endswith("_like"):
            return thing
        return lambda *args, **options: thing(*args, **{"device": self.device_of_all, **options})


def outcome(program: Program, side: Any) -> Any:
    """What the program returns, flat, tensors as NumPy arrays; or the error that it raises."""
    try:
        found = program(side)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        return error
    return [
        np.asarray(x.detach().cpu().numpy()) if hasattr(x, "detach") else x
        for x in (found if isinstance(found, (tuple, list)) else [found])
    ]


KINDS = (IndexError, TypeError, ValueError, RuntimeError)


def compare(program: Program, device: Device = CPU) -> None:
    """Both sides give the same numbers, or the same kind of error."""
    side = minigrad if device == CPU else Placed(device)
    expected, have = outcome(program, torch), outcome(program, side)
    if isinstance(expected, Exception):
        kind = next(kind for kind in KINDS if isinstance(expected, kind))
        assert isinstance(have, kind), f"PyTorch raises {expected!r}, here {have!r}"
        return
    if isinstance(have, Exception):
        raise have
    assert len(have) == len(expected)
    for i, (a, b) in enumerate(zip(have, expected, strict=True)):
        if isinstance(b, np.ndarray):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12, err_msg=f"result {i}")
            assert a.dtype == b.dtype and a.shape == b.shape, f"result {i}"
        else:
            assert a == b, f"result {i}: {a}, PyTorch gives {b}"
