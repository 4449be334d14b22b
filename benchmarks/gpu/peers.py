"""PyTorch's ops for those of compiled programs: how far are its float32 results from float64?"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.case import Array
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truth import Known, relative, results
from minigrad.compiler.program import Instruction, Slot


def error(known: Known, device: str) -> float | None:
    """How far PyTorch's result of a step is from float64, without TF32; None where it has no such
    op, or is not installed."""
    if find_spec("torch") is None:
        return None
    import torch

    POLICIES["fp32"].set(torch)

    def of(part: Instruction, operands: list[Any]) -> Any:
        with torch.no_grad():
            return OPS[part.op.name](torch, *operands, **part.params)

    if any(part.op.name not in OPS for part in known.step.parts):
        return None
    dense = {slot: np.array(x, order="C") for slot, x in known.given.items()}
    given = {slot: torch.from_numpy(x).to(device) for slot, x in dense.items()}
    try:
        found = results(known.step, given, of)
    except _NoSuchOp:
        return None
    errors = [_apart(slot, found[slot], y) for slot, y in known.true.items()]
    return max(errors)


def _apart(slot: Slot, found: Any, true: Array) -> float:
    return relative(np.broadcast_to(found.cpu().numpy(), slot.shape), true)


class _NoSuchOp(Exception):
    """PyTorch's op does not take these params."""


def _padding(window: Any) -> tuple[int, ...]:
    if any(before != after for before, after in window.padding):
        raise _NoSuchOp
    return tuple(before for before, _ in window.padding)


def _facts(window: Any) -> dict[str, Any]:
    """Of a window in the image's plane, as PyTorch's convolutions take them."""
    if len(window.kernel) != 2:
        raise _NoSuchOp
    return {"stride": window.stride, "padding": _padding(window), "dilation": window.dilation}


def _convolution(t: Any, x: Any, w: Any, *bias: Any, window: Any, groups: int = 1) -> Any:
    return t.nn.functional.conv2d(x, w, *bias, groups=groups, **_facts(window))


def _conv_input(t: Any, y: Any, w: Any, *, window: Any, size: Any, groups: int = 1) -> Any:
    shape = (len(y), w.shape[1] * groups, *size)
    return t.nn.grad.conv2d_input(shape, w, y, groups=groups, **_facts(window))


def _conv_weight(t: Any, x: Any, y: Any, *, window: Any, groups: int = 1) -> Any:
    shape = (y.shape[1], x.shape[1] // groups, *window.kernel)
    return t.nn.grad.conv2d_weight(x, shape, y, groups=groups, **_facts(window))


def _window_max(t: Any, x: Any, *, window: Any) -> Any:
    return t.nn.functional.max_pool2d(x, window.kernel, **_facts(window))


def _window_sum(t: Any, x: Any, *, window: Any) -> Any:
    if set(window.dilation) != {1}:
        raise _NoSuchOp
    padding = _padding(window)
    return t.nn.functional.avg_pool2d(x, window.kernel, window.stride, padding, divisor_override=1)


def _sum_to(t: Any, x: Any, *, shape: Any) -> Any:
    return x.sum_to_size(shape)


def _residual(t: Any, z: Any, y: Any, *, ignore_index: int, reduction: str) -> Any:
    with t.enable_grad():
        z = z.detach().requires_grad_()
        loss = _class_loss(t, z, y, ignore_index=ignore_index, reduction=reduction)
        return t.autograd.grad(loss.sum(), z)[0]


def _class_loss(t: Any, z: Any, y: Any, *, ignore_index: int, reduction: str) -> Any:
    return t.nn.functional.cross_entropy(z, y, ignore_index=ignore_index, reduction=reduction)


OPS: dict[str, Callable[..., Any]] = {
    "add": lambda t, x, y: x + y,
    "cast": lambda t, x, dtype: x.to(getattr(t, np.dtype(dtype).name)),
    "class_cross_entropy": _class_loss,
    "class_residual": _residual,
    "conv": _convolution,
    "conv_input": _conv_input,
    "conv_weight": _conv_weight,
    "descend": lambda t, x, y, rate: x - y * rate,
    "descend_scaled": lambda t, x, y, v, rate, eps: x - y / (v.sqrt() + eps) * rate,
    "div": lambda t, x, y: x / y,
    "exp": lambda t, x: x.exp(),
    "gate": lambda t, g, x, slope: t.where(x > 0, g, slope * g),
    "leaky_relu": lambda t, x, slope: t.nn.functional.leaky_relu(x, slope),
    "linear": lambda t, x, w, *b: t.nn.functional.linear(x, w, *b),
    "linear_relu": lambda t, x, w, *b: t.nn.functional.linear(x, w, *b).relu(),
    "matmul": lambda t, a, b: a @ b,
    "mix": lambda t, x, y, a, b: a * x + b * y,
    "mix_square": lambda t, x, y, a, b: a * x + b * y * y,
    "mul": lambda t, x, y: x * y,
    "pow": lambda t, x, y: x**y,
    "relu": lambda t, x: x.relu(),
    "sigmoid": lambda t, x: x.sigmoid(),
    "sqrt": lambda t, x: x.sqrt(),
    "sub": lambda t, x, y: x - y,
    "sum": lambda t, x, axis, keepdim=False: x.sum(axis, keepdim),
    "sum_to": _sum_to,
    "tanh": lambda t, x: x.tanh(),
    "window_max": _window_max,
    "window_sum": _window_sum,
}
"""By the name of minigrad's op."""
