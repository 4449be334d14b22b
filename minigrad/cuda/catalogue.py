"""Ops become kernels and products: for each op that has some, which, on given arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from minigrad.compiler.program import Instruction
from minigrad.cuda import convolutions, losses, picking, rows, windows
from minigrad.cuda.launch import Launch, Work
from minigrad.cuda.layout import BLOCK, Scratch, blocks, offset, served, steps, word
from minigrad.cuda.reductions import SUM, Fold, extreme, find, fold
from minigrad.cuda.sources import kernel
from minigrad.cuda.tail import Tail
from minigrad.device import Array
from minigrad.ops.indexing import Key
from minigrad.ops.patches import Sizes, Window
from minigrad.ops.softmax import floor_of

Lowering: TypeAlias = Callable[..., list[Work] | None]
"""From the result, memory for the way, the operands and the params by name, to what is to be done;
None where that cannot be."""

LOWERINGS: dict[str, Lowering] = {}
"""By the name of the op."""
TAILED = {"conv", "conv_input", "window_drop", "window_max", "window_spread", "window_sum"}
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
    if lowering is None or any(isinstance(x, (bool, int, float)) for x in operands):
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
    if instruction.params.get("groups", 1) > 1:
        return None
    return convolutions.conv_weight(x, y, instruction.params["window"], weight, scratch, bias)


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
    return losses.class_loss(x, target, loss, residual, scratch, **instruction.params)


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


def lowers(*names: str) -> Callable[[Lowering], Lowering]:
    """Decorate the lowering of these ops."""

    def hang(lowering: Lowering) -> Lowering:
        LOWERINGS.update(dict.fromkeys(names, lowering))
        return lowering

    return hang


@lowers("class_cross_entropy")
def _(out: Array, scratch: Scratch, x: Array, target: Array, **params: Any) -> list[Work] | None:
    return losses.class_loss(x, target, out, None, scratch, **params)


@lowers("class_residual")
def _(out: Array, scratch: Scratch, x: Array, target: Array, **params: Any) -> list[Work] | None:
    return losses.class_loss(x, target, None, out, scratch, **params)


@lowers("sum")
def _(
    out: Array, scratch: Scratch, x: Array, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    return fold(SUM, x, axis, out, scratch, word(out) if served(out) else "")


@lowers("sum_to")
def _(out: Array, scratch: Scratch, x: Array, shape: Sizes) -> list[Work] | None:
    lead = x.ndim - len(shape)
    inner = [i for i, n in enumerate(shape, lead) if n == 1 and x.shape[i] != 1]
    return fold(SUM, x, (*range(lead), *inner), out, scratch)


@lowers("mean_square")
def _(out: Array, scratch: Scratch, x: Array, axes: Sizes) -> list[Work] | None:
    count = math.prod(x.shape[i] for i in axes)
    return fold(Fold(map="v * v", finish=f"s / {count}"), x, axes, out, scratch)


@lowers("keep")
def _(
    out: Array,
    scratch: Scratch,
    position: Array,
    shape: Sizes,
    p: float,
    scale: float,
    dtype: Any,
) -> list[Work] | None:
    if not served(out) or not out.size or not position.flags.c_contiguous:
        return None
    facts = (
        ("real", word(out)),
        ("COUNT", str(out.size)),
        ("LIMIT", f"{round(2**32 * p)}ull"),
        ("SCALE", f"(real){float(dtype.type(scale)).hex()}"),
        ("TO(i)", offset("i", out.shape, steps(out))),
    )
    made = kernel("random", "KEEP", facts)
    return [Launch(made, blocks(-(-out.size // 8)), BLOCK, (position, out))]


@lowers("advance")
def _(out: Array, scratch: Scratch, position: Array) -> list[Work] | None:
    if not (position.flags.c_contiguous and out.flags.c_contiguous):
        return None
    return [Launch(kernel("random", "ADVANCE"), 1, 1, (position, out))]


@lowers("window_max")
def _(
    out: Array, scratch: Scratch, x: Array, window: Window, tail: Tail | None = None
) -> list[Work] | None:
    return windows.reduced("WINDOW_MAX", x, window, out, scratch, tail)


@lowers("window_argmax")
def _(out: Array, scratch: Scratch, x: Array, window: Window) -> list[Work] | None:
    return windows.reduced("WINDOW_ARGMAX", x, window, out, scratch)


@lowers("window_sum")
def _(
    out: Array, scratch: Scratch, x: Array, window: Window, tail: Tail | None = None
) -> list[Work] | None:
    return windows.reduced("WINDOW_SUM", x, window, out, scratch, tail)


@lowers("window_pick")
def _(out: Array, scratch: Scratch, x: Array, spot: Array, window: Window) -> list[Work] | None:
    return windows.picked(x, spot, window, out, scratch)


@lowers("window_drop")
def _(
    out: Array,
    scratch: Scratch,
    y: Array,
    spot: Array,
    window: Window,
    size: Sizes,
    tail: Tail | None = None,
) -> list[Work] | None:
    return windows.spread("WINDOW_DROP", [y, spot], window, out, scratch, tail)


@lowers("window_spread")
def _(
    out: Array,
    scratch: Scratch,
    y: Array,
    window: Window,
    size: Sizes,
    tail: Tail | None = None,
) -> list[Work] | None:
    return windows.spread("WINDOW_SPREAD", [y], window, out, scratch, tail)


@lowers("argmax")
def _(
    out: Array, scratch: Scratch, x: Array, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return find(x, axis, out, ">")


@lowers("argmin")
def _(
    out: Array, scratch: Scratch, x: Array, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return find(x, axis, out, "<")


@lowers("amax")
def _(
    out: Array, scratch: Scratch, x: Array, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    return fold(extreme(x, largest=True), x, axis, out, scratch)


@lowers("amin")
def _(
    out: Array, scratch: Scratch, x: Array, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    return fold(extreme(x, largest=False), x, axis, out, scratch)


@lowers("conv")
def _(
    out: Array,
    scratch: Scratch,
    x: Array,
    w: Array,
    *bias: Array,
    window: Window,
    groups: int = 1,
    tail: Tail | None = None,
) -> list[Work] | None:
    if groups > 1:
        return None
    return convolutions.conv(x, w, bias[0] if bias else None, window, out, scratch, tail)


@lowers("conv_input")
def _(
    out: Array,
    scratch: Scratch,
    y: Array,
    w: Array,
    window: Window,
    size: Sizes,
    groups: int = 1,
    tail: Tail | None = None,
) -> list[Work] | None:
    return None if groups > 1 else convolutions.conv_input(y, w, window, out, scratch, tail)


@lowers("conv_weight")
def _(
    out: Array, scratch: Scratch, x: Array, y: Array, window: Window, groups: int = 1
) -> list[Work] | None:
    return None if groups > 1 else convolutions.conv_weight(x, y, window, out, scratch)


@lowers("softmax")
def _(out: Array, scratch: Scratch, x: Array, dim: int) -> list[Work] | None:
    return rows.along("SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "0"))


@lowers("log_softmax")
def _(out: Array, scratch: Scratch, x: Array, dim: int) -> list[Work] | None:
    return rows.along("SOFTMAX", [x], dim, out, scratch, ("LOGARITHM", "1"))


@lowers("softmax_back")
def _(out: Array, scratch: Scratch, c: Array, p: Array, dim: int) -> list[Work] | None:
    if p.dtype.kind != "f":
        return None
    least = ("LEAST", f"((real){floor_of(p.dtype).hex()})")
    return rows.along("SOFTMAX_BACK", [c, p], dim, out, scratch, least)


@lowers("vector_norm")
def _(
    out: Array, scratch: Scratch, x: Array, p: float, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    if x.dtype.kind != "f":
        return None
    how = {
        2: Fold(map="v * v", finish="mg_sqrt(s)"),
        1: Fold(map="mg_abs(v)"),
        0: Fold(map="v != 0"),
        math.inf: replace(extreme(x, largest=True), map="mg_abs(v)"),
        -math.inf: replace(extreme(x, largest=False), map="mg_abs(v)"),
    }.get(p)
    return None if how is None else fold(how, x, axis, out, scratch)


@lowers("all")
def _(
    out: Array, scratch: Scratch, x: Array, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_min", "1", "v != 0"), x, axis, out, scratch, "int64_t")


@lowers("any")
def _(
    out: Array, scratch: Scratch, x: Array, axis: Sizes, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_max", "0", "v != 0"), x, axis, out, scratch, "int64_t")


@lowers("prod")
def _(
    out: Array, scratch: Scratch, x: Array, axis: int, keepdim: bool = False
) -> list[Work] | None:
    return fold(Fold("mg_mul", "1"), x, (axis,), out, scratch, word(out) if served(out) else "")


@lowers("take")
def _(out: Array, scratch: Scratch, x: Array, *indices: Array, key: Key) -> list[Work] | None:
    return picking.picked(x, list(indices), key, out)


@lowers("put_add")
def _(
    out: Array, scratch: Scratch, y: Array, *indices: Array, shape: Sizes, key: Key
) -> list[Work] | None:
    return picking.put_back(y, list(indices), key, out)


@lowers("im2col")
def _(out: Array, scratch: Scratch, x: Array, window: Window) -> list[Work] | None:
    return convolutions.im2col(x, window, out, scratch)


@lowers("col2im")
def _(out: Array, scratch: Scratch, c: Array, window: Window, size: Sizes) -> list[Work] | None:
    return convolutions.col2im(c, window, out, scratch)
