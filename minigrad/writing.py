"""Writing in place: the reasons to refuse it, and what it spares for the rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.compute import compute, computed_there, fits, quiet
from minigrad.device import CPU, Array, Device
from minigrad.op import Op
from minigrad.ops.shape import clone
from minigrad.ops.window import overlaps
from minigrad.recording import following, switch
from minigrad.tensor import Tensor


def compute_into(
    op: Op,
    device: Device,
    arrays: list[Any],
    params: dict[str, Any],
    into: Tensor,
    tracked: int,
) -> None:
    """Leave the result in the memory of ``into``, after every reason to refuse was looked at."""
    target = into.array
    if into.inference and not switch.inference:
        raise RuntimeError(
            f"{op.name}: Inplace update to inference tensor outside InferenceMode is not allowed: "
            "it was made inside of inference_mode(); clone() it to get a normal tensor"
        )
    if switch.recording:
        if into.blind and (tracked or into.base.requires_grad):  # type: ignore[union-attr]
            raise RuntimeError(
                f"{op.name}: A view was created in no_grad mode and is being modified inplace with "
                "grad mode enabled: the gradient of what it looks into would be lost; make the "
                "view with grad mode enabled, or write under no_grad()"
            )
        if into.tracked or tracked:
            leaf_refused(op.name, into)
    if not writeable(target) and id(target) not in switch.recorder.hollow:
        raise RuntimeError(
            f"{op.name}: the tensor written to is read-only (from a read-only array), or more than "
            "one element refers to a single memory location (an expanded view); clone() it first"
        )
    spared = bool(following) and switch.recorder.overwrites(into)
    direct = (op.updates and arrays[0] is target) or (op.elementwise and fits(arrays, target))
    if direct and spared:
        pass
    elif direct and device is CPU:
        quiet.context.run(op.forward, np, *arrays, out=target, **params)
    elif direct:
        computed_there(op, device, arrays, params, out=target)
    else:
        result = compute(op, device, arrays, params)
        if dtypes.category(result.dtype) > dtypes.category(target.dtype) and op.name != "copy":
            raise RuntimeError(
                f"{op.name}: result type {result.dtype} can't be cast to the desired output type "
                f"{target.dtype}"
            )
        if result.shape != target.shape:
            raise RuntimeError(
                f"{op.name}: output with shape {list(target.shape)} doesn't match the broadcast "
                f"shape {list(result.shape)}"
            )
        if not spared:
            device.call("copyto", target, result, casting="unsafe")
    into.history().written(op.name)


def leaf_refused(name: str, into: Tensor) -> None:
    """Refuse to write into a leaf: its gradient would have no place to go. Errors: RuntimeError."""
    if into.sibling:
        raise RuntimeError(
            f"{name}: this view is the output of a function that returns multiple views (split, "
            "chunk, unbind, a loop over a tensor). Such functions do not allow the output views to "
            "be modified inplace; index or narrow() the tensor instead"
        )
    of_leaf = "a view of a leaf"
    for place, kind in ((into, "a leaf"), (into.base, of_leaf), (into.leaf, of_leaf)):
        if place is not None and place.tracked and place.node is None:
            raise RuntimeError(
                f"{name}: {kind} Variable that requires grad is being used in an in-place "
                "operation; write under no_grad(), or to a clone()"
            )


def writeable(array: Array) -> bool:
    """Whether nothing says that the array is not to be written to, and each number has a place."""
    flags = array.flags
    if isinstance(array, np.ndarray) and not flags.writeable:
        return False
    return flags.c_contiguous or not overlaps(array.shape, array.strides)


def rescued(op: Op, operands: tuple[Any, ...], tracked: int, into: Tensor) -> tuple[Any, ...]:
    """The operands; those that the op is about to overwrite, although its rules read them, as
    clones."""
    rescued = list(operands)
    for i in op.kept[tracked, len(operands)].operands:
        x = operands[i]
        if x is into or (isinstance(x, Tensor) and x.memory and x.memory is into.memory):
            rescued[i] = clone(x)
    return tuple(rescued)
