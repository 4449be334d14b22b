"""What every process would else make for itself, made once: minigrad's library in C, PyTorch's
modules on the way into memory, and the kernels that CuPy compiles when an op first meets a type."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.gpu.part import Asked

FEW = 2
"""Rows of a batch: what is compiled does not depend on how many there are."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """How long each took: what is named in ``file``, or the cases in it, one after the other."""
    for name in asked.file.split(","):
        begun = time.monotonic()
        told = PREPARED.get(name, _eager)(name, asked)
        yield {"section": "prepared", "prepared": name, "seconds": time.monotonic() - begun, **told}


def _library(name: str, asked: Asked) -> dict[str, Any]:
    from minigrad.native.library import enabled

    return {"native": enabled()}


def _torch(name: str, asked: Asked) -> dict[str, Any]:
    if find_spec("torch") is None:
        return {"absent": ["PyTorch is not installed: nothing is compared with it"]}
    torch = import_module("torch")
    device = "cpu" if asked.dry else "cuda"
    x = torch.ones(8, 4, 8, 8, device=device, requires_grad=True)
    torch.nn.functional.conv2d(x, torch.ones(4, 4, 3, 3, device=device)).sum().backward()
    return {"sum": float(x.grad.sum())}


def _eager(name: str, asked: Asked) -> dict[str, Any]:
    """A step of a case op by op: CuPy then keeps its kernels in its own cache."""
    from benchmarks.catalogue import CASES
    from benchmarks.engines.cuda_minigrad import Eager

    engine = Eager(asked.device)
    engine.rows = FEW
    step = engine.begin(CASES[name], calm=False)
    for _ in range(2):
        step()
    engine.synchronize()
    return {}


PREPARED = {"library": _library, "torch": _torch}
