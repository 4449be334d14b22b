"""Losses that are one op because a measurement asked for it, or because their derivative does.

Classes lie along dimension 1 of the logits (N, C, ...); targets are integers (N, ...).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.hook import native
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.softmax import softmax, softmax_back


@op("out[n] = log(sum[c](exp(logits[n, c]))) - logits[n, target[n]]", wide=True)
def class_cross_entropy(
    xp: Any, logits: Array, target: Array, *, ignore_index: int, reduction: str
) -> Array:
    """L = log Σ exp(x) - x[t] for every row, 0 where t is ``ignore_index``; summed, or averaged
    over the rows that count, or neither"""
    x = logits - xp.max(logits, axis=1, keepdims=True)
    valid = target != ignore_index
    losses = xp.log(xp.sum(xp.exp(x), axis=1)) - x[_places(xp, target * valid, x.shape[1])]
    losses = xp.where(valid, losses, 0)  # a product would keep the NaN of a row that is ignored
    if reduction == "none":
        return losses
    total = xp.sum(losses)
    return total if reduction == "sum" else total / xp.sum(valid, dtype=x.dtype)


@op("out[n, c] = exp(logits[n, c]) / sum[j](exp(logits[n, j])) - (c == target[n])", wide=True)
def class_residual(
    xp: Any, logits: Array, target: Array, *, ignore_index: int, reduction: str
) -> Array:
    """r = (p - y) s, with p = softmax(x), y the one-hot rows of the targets, and s from
    `class_share`: the derivative of `class_cross_entropy`"""
    p = softmax.forward(xp, logits, dim=1)
    valid = target != ignore_index
    p[_places(xp, target * valid, p.shape[1])] -= 1
    return xp.multiply(p, _share(xp, valid, reduction, p.dtype), out=p)


@op(
    "'the weight of every row in the reduced loss: 1, or 1 / n for a mean, and 0 "
    "where it is ignored'"
)
def class_share(xp: Any, target: Array, *, ignore_index: int, reduction: str, dtype: Any) -> Array:
    """s = the weight of every row in the reduced loss: 1 (or 1/n for a mean), 0 where ignored,
    also where all rows are"""
    return _share(xp, target != ignore_index, reduction, dtype)


def _places(xp: Any, target: Array, classes: int) -> tuple[Array, ...]:
    """The index of x[n, t[n, ...], ...]. Errors: IndexError for a label that is no class; on a GPU
    the look would cost a transfer."""
    if xp is np and target.size and not 0 <= target.min() <= target.max() < classes:
        raise IndexError(
            f"cross_entropy: expected labels from 0 to {classes - 1} for {classes} classes, got "
            f"{target.min()} to {target.max()}"
        )
    n, *rest = (
        xp.arange(length).reshape((-1,) + (1,) * (target.ndim - 1 - i))
        for i, length in enumerate(target.shape)
    )
    return (n, target, *rest)


def _share(xp: Any, valid: Array, reduction: str, dtype: Any) -> Array:
    share = valid[:, None].astype(dtype)
    return share / xp.maximum(xp.sum(share), 1) if reduction == "mean" else share


def _spread(g: Any, target_shape: tuple[int, ...]) -> Any:
    """A cotangent of losses by row, ready to multiply the logits."""
    return g.reshape((target_shape[0], 1, *target_shape[1:])) if g.ndim else g


@native(class_cross_entropy)
def _(
    logits: Array, target: Array, *, ignore_index: int, reduction: str, out: Array | None
) -> Call | None:
    facts = _facts(logits, target, ignore_index, reduction)
    if facts is None:
        return None
    shape = target.shape if reduction == "none" else ()
    losses = np.empty(shape, logits.dtype) if out is None else out
    return Call("class_cross_entropy", [losses, logits, target], facts)


@native(class_residual)
def _(
    logits: Array, target: Array, *, ignore_index: int, reduction: str, out: Array | None
) -> Call | None:
    facts = _facts(logits, target, ignore_index, reduction)
    if facts is None:
        return None
    residual = np.empty(logits.shape, logits.dtype) if out is None else out
    return Call("class_residual", [residual, logits, target], facts)


def _facts(logits: Array, target: Array, ignore: int, reduction: str) -> list[int] | None:
    """What the kernels want to know; None for other types, and where there is nothing to do."""
    if logits.dtype.char not in "fd" or target.dtype != np.int64 or not logits.size:
        return None
    n, classes, *rest = logits.shape
    return [n, classes, math.prod(rest), ignore, ("none", "sum", "mean").index(reduction)]


class_cross_entropy.derivatives(
    logits=lambda g, logits, target, **params: (
        _spread(g, target.shape) * class_residual(logits, target, **params)
    )
)
class_cross_entropy.mathematics(
    logits=(
        "logits[n, c] = g[n] * (exp(logits[n, c]) / sum[j](exp(logits[n, j])) - (c == target[n]))"
    )
)

class_residual.derivatives(
    logits=lambda g, logits, target, **params: softmax_back(
        g * class_share(target, dtype=logits.dtype, **params), softmax(logits, dim=1), dim=1
    )
)
class_residual.mathematics(
    logits=(
        "z = sum[k](exp(logits[n, k])); m = sum[j](g[n, j] * exp(logits[n, j])) / z; "
        "logits[n, c] = exp(logits[n, c]) / z * (g[n, c] - m)"
    )
)


@op(promote="common", wide=True, scalar="-(y * max(log(p), -100) + (1 - y) * max(log1p(-p), -100))")
def binary_cross_entropy(xp: Any, p: Array, y: Array) -> Array:
    """L = -(y log p + (1 - y) log(1 - p)), the logarithms not below -100"""
    return -(y * xp.maximum(xp.log(p), -100) + (1 - y) * xp.maximum(xp.log1p(-p), -100))


binary_cross_entropy.derivatives(
    p=lambda g, p, y: g * (p - y) / (p * (1 - p)).clamp_min(1e-12),
    y=lambda g, p: g * ((1 - p).log().clamp_min(-100) - p.log().clamp_min(-100)),
)
