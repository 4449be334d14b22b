"""The one door that every number passes: what calling an op does."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.compute import compute
from minigrad.device import CPU
from minigrad.marking import look_into, marked
from minigrad.op import Op, passing
from minigrad.operands import NUMBERS, common_device, disagreement, wrapped
from minigrad.ops.shape import cast
from minigrad.ops.update import copy
from minigrad.recording import following, switch
from minigrad.tape import Source
from minigrad.tensor import Tensor, fresh
from minigrad.writing import compute_into, rescued

# Looked up faster than through their modules: every op passes here.
_new, _ndarray = object.__new__, np.ndarray
_FLOATS = "fd"
"""NumPy's letters of float32 and float64: of operands alike in one of these nothing else has to be
brought together."""


@passing
def door(op: Op, *operands: Any, into: Tensor | None = None, **params: Any) -> Tensor:
    """Compute an op and leave its mark on the tape.

    ``into`` is the tensor whose memory takes the result (an in-place operation); it is then the
    result. Errors: TypeError for what is no tensor or number, DeviceError for operands on several
    devices, RuntimeError for a forbidden write; the op's own errors pass through.
    """
    arrays: list[Any] = []
    sources: list[Source | None] = []
    tracked = 0  # a bit for each operand that a gradient can go to
    dtype = None
    alike = True  # NumPy's arrays of one type
    for x in operands:
        source: Source | None = None
        if isinstance(x, Tensor):
            if x.base is not None:
                x.catch_up()
            if x.tracked:
                source = x.node or x
                tracked |= 1 << len(sources)
            x = x.array
            if x.__class__ is not _ndarray or (x.dtype is not dtype and dtype is not None):
                alike = False
            dtype = x.dtype
        elif x.__class__ not in NUMBERS:  # rare: make tensors of them, then pass again
            return door(op, *(_operand(op, x) for x in operands), into=into, **params)
        arrays.append(x)
        sources.append(source)
    device = CPU
    if not alike or dtype is None or dtype.char not in _FLOATS:
        brought = _together(op, operands, arrays)
        if brought is not None:
            return door(op, *brought, into=into, **params)
        device = common_device(op, arrays)
        if op.wide and any(getattr(a, "dtype", None) == dtypes.float16 for a in arrays):
            return _in_single(op, operands, into, params)

    # A write into a tensor is marked even where the op has no derivative: the old numbers are gone.
    marking = tracked and switch.recording and (into is not None or op.rules)
    if into is None:
        y: Tensor = _new(Tensor)
        y.array = compute(op, device, arrays, params)
        if op.view:
            look_into(y, operands[0], op, params)
        if marking and y.array.dtype.kind == "f":
            y.node, y.tracked = marked(op, operands, sources, tracked, params, y), True
    else:
        y = into
        if marking:
            operands = rescued(op, operands, tracked, y)
        compute_into(op, device, arrays, params, y, tracked)
        if marking and y.array.dtype.kind == "f":
            y.rebase(marked(op, operands, sources, tracked, params, y))
    if following:
        _tell(op, operands, params, y, into)
    return y


def _together(op: Op, operands: tuple[Any, ...], arrays: list[Any]) -> list[Any] | None:
    """The operands brought to one type, Python's numbers to what the integers beside them hold.
    None where nothing has to be done."""
    goal = disagreement(op, arrays) if op.promote else None
    if goal is None:
        return wrapped(op, operands, arrays)
    return [
        x.to(dtype=goal) if i >= op.first and isinstance(x, Tensor) else x
        for i, x in enumerate(operands)
    ]


def _tell(
    op: Op, operands: tuple[Any, ...], params: dict[str, Any], y: Tensor, into: Tensor | None
) -> None:
    """Somebody follows: a block of inference mode, or who records a step."""
    if switch.inference and into is None:  # a view of a normal tensor is a normal tensor
        y.inference = y.base is None or operands[0].inference
    switch.recorder.op(op, operands, params, y, into)


def _in_single(
    op: Op, operands: tuple[Any, ...], into: Tensor | None, params: dict[str, Any]
) -> Tensor:
    """An op of halves computed in float32, its derivative as well, and rounded once: added up one
    by one in float16, ones would end at 2048."""
    floats = {x.dtype for x in operands if isinstance(x, Tensor) and x.dtype.kind == "f"}
    y = door(op, *map(widened, operands), **params)
    if floats == {dtypes.float16} and y.dtype == dtypes.float32:
        y = cast(y, dtype=dtypes.float16)
    return y if into is None else copy(into, y, into=into)


def widened(x: Any) -> Any:
    """A tensor of halves in float32, anything else as it is."""
    halves = isinstance(x, Tensor) and x.dtype == dtypes.float16
    return cast(x, dtype=dtypes.float32) if halves else x


def _operand(op: Op, x: Any) -> Any:
    if isinstance(x, Tensor) or x.__class__ in NUMBERS:
        return x
    if isinstance(x, np.ndarray):
        return fresh(np.asarray(x))
    if isinstance(x, np.generic):
        return x.item()
    if type(x).__module__.partition(".")[0] == "cupy":
        return fresh(x)
    raise TypeError(
        f"{op.name}: expected tensors or numbers, got {type(x).__name__}; make it a tensor with "
        "minigrad.tensor(...)"
    )
