"""The marks that the door leaves: a node on the tape, and what a view looks into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

from minigrad.op import Op
from minigrad.recording import inferred, switch
from minigrad.tape import Node, Source, glimpse, mark
from minigrad.tensor import Tensor

_ndarray = np.ndarray


def marked(
    op: Op,
    operands: tuple[Any, ...],
    sources: list[Source | None],
    tracked: int,
    params: dict[str, Any],
    y: Tensor,
) -> Node:
    """The node of this op: what it links to, and what it keeps for its rules."""
    kept = op.kept[tracked, len(operands)]
    saved: Sequence[Any] = ()
    if kept.operands:
        saved = [None] * len(operands)
        for i in kept.operands:
            saved[i] = operands[i]
        if inferred:
            inference_refused(op.name, saved)
    shapes = (
        [x.array.shape if isinstance(x, Tensor) else () for x in operands] if kept.shapes else ()
    )
    result = (y.array, y.history()) if kept.out else None
    if kept.others:
        aside = []
        for i in kept.others:
            x = operands[i]
            plain = x.__class__ is Tensor and x.array.__class__ is _ndarray and x.array.base is None
            aside.append((i, ref(x.array) if plain else glimpse(x)))
        return mark(op, sources, saved, shapes, params, y.array, result, tuple(aside))
    return mark(op, sources, saved, shapes, params, y.array, result)


def inference_refused(name: str, kept: Sequence[Any]) -> None:
    """Refuse to keep for backward what was made in inference mode: writes into it are not seen.
    Errors: RuntimeError."""
    if any(isinstance(x, Tensor) and x.inference for x in kept):
        raise RuntimeError(
            f"{name}: Inference tensors cannot be saved for backward: an operand was made inside "
            "of inference_mode(); clone() it to get a normal tensor, or use no_grad()"
        )


def look_into(y: Tensor, x: Tensor, op: Op, params: dict[str, Any]) -> None:
    """Make y a view of x, where the array library has made it one."""
    a, b = x.array, y.array
    if b.base is a or owner(b) is owner(a):
        if x.base is None:
            y.base = x
        else:
            y.base, y.sibling = x.base, x.sibling
            y.leaf = x if x.tracked and x.node is None else x.leaf
        y.path = (*x.path, (op, params))
        y.memory, y.inference = x.history(), x.inference
        y.seen = y.memory.serial
        if not switch.recording or x.blind:
            y.blind = True


def owner(array: Any) -> Any:
    """Whose memory it is. Strided views have another object between them and the array."""
    if not isinstance(array, np.ndarray):
        return array.data.mem  # CuPy's strided views have no base
    while getattr(array, "base", None) is not None:
        array = array.base
    return array
