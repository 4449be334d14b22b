"""Ops become kernels and products: for each op that has some, which, on given arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from minigrad.compiler.program import Instruction
from minigrad.compiler.targets.cuda.kernels import convolutions, masks, picking, rows, windows
from minigrad.compiler.targets.cuda.kernels import groups as grouped
from minigrad.compiler.targets.cuda.kernels.losses import class_loss
from minigrad.compiler.targets.cuda.kernels.places import Scratch, served, word
from minigrad.compiler.targets.cuda.kernels.reductions import (
    SUM,
    Fold,
    extreme,
    find,
    fold,
    mean_of_squares,
    norm,
    summed,
)
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.launch import Work
from minigrad.device import Array

Lowering: TypeAlias = Callable[..., list[Work] | None]
"""From the result, memory for the way, the operands and the params by name, to what is to be done;
None where that cannot be."""

LOWERINGS: dict[str, Lowering] = {
    "advance": lambda out, scratch, position: masks.advanced(position, out),
    "all": lambda out, scratch, x, axis, keepdim=False: fold(
        Fold("mg_min", "1", "v != 0"), x, axis, out, scratch, "int64_t"
    ),
    "amax": lambda out, scratch, x, axis, keepdim=False, nan=False: fold(
        extreme(x, largest=True), x, axis, out, scratch
    ),
    "amin": lambda out, scratch, x, axis, keepdim=False, nan=False: fold(
        extreme(x, largest=False), x, axis, out, scratch
    ),
    "any": lambda out, scratch, x, axis, keepdim=False: fold(
        Fold("mg_max", "0", "v != 0"), x, axis, out, scratch, "int64_t"
    ),
    "argmax": lambda out, scratch, x, axis, keepdim=False: find(x, axis, out, ">"),
    "argmin": lambda out, scratch, x, axis, keepdim=False: find(x, axis, out, "<"),
    "class_cross_entropy": lambda out, scratch, x, target, **params: class_loss(
        x, target, out, None, scratch, **params
    ),
    "class_residual": lambda out, scratch, x, target, **params: class_loss(
        x, target, None, out, scratch, **params
    ),
    "col2im": lambda out, scratch, c, window, size: convolutions.col2im(c, window, out, scratch),
    "conv": lambda out, scratch, x, w, *bias, window, groups=1, tail=None: grouped.conv(
        x, w, bias[0] if bias else None, window, groups, out, scratch, tail
    ),
    "conv_input": lambda out, scratch, y, w, window, size, groups=1, tail=None: grouped.conv_input(
        y, w, window, groups, out, scratch, tail
    ),
    "conv_weight": lambda out, scratch, x, y, window, groups=1: grouped.conv_weight(
        x, y, window, groups, out, scratch
    ),
    "im2col": lambda out, scratch, x, window: convolutions.im2col(x, window, out, scratch),
    "keep": lambda out, scratch, position, **params: masks.kept(position, out, **params),
    "log_softmax": lambda out, scratch, x, dim: rows.along(
        "SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "1")
    ),
    "mean_square": lambda out, scratch, x, axes, tail=None: fold(
        mean_of_squares(x, axes), x, axes, out, scratch, tail=tail
    ),
    "prod": lambda out, scratch, x, axis, keepdim=False: fold(
        Fold("mg_mul", "1"), x, (axis,), out, scratch, word(out)
    ),
    "put_add": lambda out, scratch, y, *indices, shape, key: picking.put_back(
        y, list(indices), key, out
    ),
    "softmax": lambda out, scratch, x, dim: rows.along(
        "SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "0")
    ),
    "softmax_back": lambda out, scratch, c, p, dim: rows.back(c, p, dim, out, scratch),
    "sum": lambda out, scratch, x, axis, keepdim=False, tail=None: fold(
        SUM, x, axis, out, scratch, word(out), tail
    ),
    "sum_to": lambda out, scratch, x, shape, tail=None: fold(
        SUM, x, summed(x.shape, shape), out, scratch, tail=tail
    ),
    "take": lambda out, scratch, x, *indices, key: picking.picked(x, list(indices), key, out),
    "vector_norm": lambda out, scratch, x, p, axis, keepdim=False: norm(x, p, axis, out, scratch),
    "window_argmax": lambda out, scratch, x, window: windows.reduced(
        "WINDOW_ARGMAX", x, window, out, scratch
    ),
    "window_drop": lambda out, scratch, y, spot, window, size, tail=None: windows.spread(
        "WINDOW_DROP", [y, spot], window, out, scratch, tail
    ),
    "window_max": lambda out, scratch, x, window, tail=None: windows.reduced(
        "WINDOW_MAX", x, window, out, scratch, tail
    ),
    "window_pick": lambda out, scratch, x, spot, window: windows.picked(
        x, spot, window, out, scratch
    ),
    "window_spread": lambda out, scratch, y, window, size, tail=None: windows.spread(
        "WINDOW_SPREAD", [y], window, out, scratch, tail
    ),
    "window_sum": lambda out, scratch, x, window, tail=None: windows.reduced(
        "WINDOW_SUM", x, window, out, scratch, tail
    ),
}
"""By the name of the op."""
TAILED = {"conv", "conv_input", "window_drop", "window_max", "window_spread", "window_sum"}
TAILED |= {"mean_square", "sum", "sum_to"}
"""Those whose kernels may go on with their numbers."""


def lowered(
    instruction: Instruction,
    operands: Sequence[Any],
    out: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """What makes ``out`` from the operands, arrays or numbers in the order of the instruction's;
    None where no kernel serves these. What ``scratch`` gave is free once all of it is done. With a
    tail its numbers go on there, and ``out`` only says what they are like."""
    name = instruction.op.name
    lowering = LOWERINGS.get(name)
    if lowering is None or not served(out):
        return None
    if any(isinstance(x, (bool, int, float)) for x in operands):
        return None
    if tail is None:
        return lowering(out, scratch, *operands, **instruction.params)
    if name not in TAILED:
        return None
    return lowering(out, scratch, *operands, **instruction.params, tail=tail)


def weight_and_bias(
    instruction: Instruction, operands: Sequence[Any], weight: Array, bias: Array, scratch: Scratch
) -> list[Work] | None:
    """What makes the result of a `conv_weight`, and the sum of its second operand over all but the
    channels, at once; None for many channels, where nothing is saved."""
    x, y = operands
    window, parts = instruction.params["window"], instruction.params.get("groups", 1)
    return grouped.conv_weight(x, y, window, parts, weight, scratch, bias)


def loss_and_residual(
    instruction: Instruction,
    operands: Sequence[Any],
    loss: Array,
    residual: Array,
    scratch: Scratch,
) -> list[Work] | None:
    """What makes the results of a `class_cross_entropy` and of the `class_residual` of the same
    operands and params at once."""
    x, target = operands
    return class_loss(x, target, loss, residual, scratch, **instruction.params)


def max_and_argmax(
    instruction: Instruction,
    operands: Sequence[Any],
    best: Array,
    place: Array,
    scratch: Scratch,
    tail: Tail | None = None,
) -> list[Work] | None:
    """What makes the results of a `window_max` and of the `window_argmax` of the same operand and
    params at once; a tail goes on with the former."""
    (x,) = operands
    return windows.reduced_twice(x, instruction.params["window"], best, place, scratch, tail)
