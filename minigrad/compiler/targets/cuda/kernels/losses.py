"""Cross entropy of classes and its derivative, alone or both at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.compiler.targets.cuda.kernels.places import BLOCK, Scratch, blocks, dense, index, word
from minigrad.compiler.targets.cuda.kernels.reductions import SUM, WARP, Fold, fold
from minigrad.compiler.targets.cuda.kernels.registry import lowers, lowers_pair
from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops.loss import class_cross_entropy, class_residual

SMALL = 1 << 15
"""Logits that one block goes through in some 10 us: more are shared by many blocks."""
FEW_CLASSES = 32
"""Up to so many classes a thread does a row alone."""


def class_loss(
    logits: Array,
    target: Array,
    loss: Array | None,
    residual: Array | None,
    scratch: Scratch,
    ignore_index: int,
    reduction: str,
) -> list[Work] | None:
    """`class_cross_entropy` into ``loss`` and `class_residual` into ``residual``, where they are
    wanted."""
    results = [x for x in (loss, residual) if x is not None]
    wrong = any(x.dtype != logits.dtype or not x.flags.c_contiguous for x in results)
    if wrong or logits.dtype.char not in "fd" or target.dtype != np.int64 or not logits.size:
        return None
    works: list[Work] = []
    x, t = dense(logits, scratch, works), dense(target, scratch, works)
    classes, inner = x.shape[1], math.prod(x.shape[2:])
    share = "1 / v" if reduction == "mean" else "1"
    facts = (
        ("real", word(x)),
        ("index", index(2 * x.size)),
        ("CLASSES", str(classes)),
        ("INNER", str(inner)),
        ("IGNORED", f"({ignore_index}ll)"),
        ("ROWS", str(t.size)),
        ("LANES", str(1 if classes <= FEW_CLASSES else WARP)),
        ("SHARE(v)", f"({share})"),
    )
    if x.size <= SMALL and (reduction != "none" or loss is None):
        made = kernel("losses", "CLASS_LOSS", facts)
        return [*works, Launch(made, 1, BLOCK, (x, t, _or_null(loss), _or_null(residual)))]
    valid = scratch((1,), x.dtype)
    count = fold(Fold(map=f"v != {ignore_index}ll"), t.reshape(-1), (0,), valid, scratch, word(x))
    assert count is not None
    losses = loss if reduction == "none" or loss is None else scratch((t.size,), x.dtype)
    made = kernel("losses", "CLASS_ROWS", facts)
    grid = blocks(t.size * (1 if classes <= FEW_CLASSES else WARP))
    args = (x, t, valid, _or_null(losses), _or_null(residual))
    works += [*count, Launch(made, grid, BLOCK, args)]
    if loss is not None and losses is not loss:
        total = fold(SUM, losses, (0,), loss, scratch)
        assert total is not None
        works += total
    return works


def _or_null(x: Array | None) -> Array | int:
    return 0 if x is None else x


@lowers(class_cross_entropy)
def _loss(
    out: Array, scratch: Scratch, x: Array, target: Array, **params: Any
) -> list[Work] | None:
    return class_loss(x, target, out, None, scratch, **params)


@lowers(class_residual)
def _residual(
    out: Array, scratch: Scratch, x: Array, target: Array, **params: Any
) -> list[Work] | None:
    return class_loss(x, target, None, out, scratch, **params)


@lowers_pair(class_cross_entropy, class_residual)
def _both(
    loss: Array, residual: Array, scratch: Scratch, x: Array, target: Array, **params: Any
) -> list[Work] | None:
    return class_loss(x, target, loss, residual, scratch, **params)
