"""Tensor, and the one door that every number passes."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.arrays import spelled
from minigrad.device import CPU, Array, Device
from minigrad.methods.families import Families
from minigrad.op import Op
from minigrad.operands import NUMBERS, check_broadcast, common_device, disagreement, wrapped
from minigrad.ops.shape import cast, clone
from minigrad.ops.update import copy
from minigrad.ops.window import overlaps
from minigrad.tape import Memory, Node, Source, following, inferred, mark, switch

_new = object.__new__
_ndarray, _asarray = np.ndarray, np.asarray


class _Quiet(threading.local):
    """A context in which NumPy does not warn of inf and nan: in an op they are proper results, as
    in PyTorch. One for each thread; entering it costs a tenth of ``np.errstate``."""

    def __init__(self) -> None:
        self.context = contextvars.Context()
        self.context.run(np.seterr, all="ignore")


quiet = _Quiet()


class Tensor(Families):
    """Numbers that remember what they were computed from.

    ``Tensor([[1, 2]])`` takes numbers, ``Tensor(2, 3)`` a shape (the numbers are then whatever was
    in memory); both are of the default type. `minigrad.tensor` keeps the type of its data.
    """

    def __init__(self, *data: Any) -> None:
        self.array = spelled("Tensor", data, dtypes.DEFAULT)
        if following:
            self.inference = switch.inference
            if switch.recorder is not None:
                switch.recorder.made(self)


def wrap(array: Array, node: Node | None = None, memory: Memory | None = None) -> Tensor:
    """A tensor around an array, without a copy."""
    tensor: Tensor = _new(Tensor)
    tensor.array = array
    if node is not None:
        tensor.node, tensor.tracked, tensor.memory = node, True, memory
    return tensor


def fresh(array: Array) -> Tensor:
    """A tensor around numbers that passed no door: of a constant, or of data."""
    tensor = wrap(array)
    if following:
        tensor.inference = switch.inference
        if switch.recorder is not None:
            switch.recorder.made(tensor)
    return tensor


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
    plain = True  # NumPy's arrays of one floating type: there is nothing to bring together
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
                plain = False
            dtype = x.dtype
        elif x.__class__ not in NUMBERS:  # rare: make tensors of them, then pass again
            return door(op, *(_operand(op, x) for x in operands), into=into, **params)
        arrays.append(x)
        sources.append(source)
    device = CPU
    if not plain or dtype is None or dtype.char not in "fd":
        goal = disagreement(op, arrays) if op.promote else None
        if goal is not None:
            brought = [
                x.to(dtype=goal) if i >= op.first and isinstance(x, Tensor) else x
                for i, x in enumerate(operands)
            ]
            return door(op, *brought, into=into, **params)
        whole = wrapped(op, operands, arrays)
        if whole is not None:
            return door(op, *whole, into=into, **params)
        device = common_device(op, arrays)
        if op.wide and any(getattr(a, "dtype", None) == dtypes.float16 for a in arrays):
            return _in_single(op, operands, into, params)

    # A write into a tensor is marked even where the op has no derivative: the old numbers are gone.
    marked = tracked and switch.recording and (into is not None or op.rules)
    if into is None:
        y = _compute(op, device, arrays, params)
        if op.view:
            _look_into(y, operands[0], op, params)
        if marked and y.array.dtype.kind == "f":
            y.node, y.tracked = _mark(op, operands, sources, tracked, params, y), True
    else:
        if marked:
            operands = _rescued(op, operands, tracked, into)
        _compute_into(op, device, arrays, params, into, tracked)
        y = into
        if marked and into.array.dtype.kind == "f":
            y.rebase(_mark(op, operands, sources, tracked, params, y))
    if following:
        if switch.inference and into is None:  # a view of a normal tensor is a normal tensor
            y.inference = y.base is None or operands[0].inference
        if switch.recorder is not None:
            switch.recorder.op(op, operands, params, y, into)
    return y


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


def _compute(op: Op, device: Device, arrays: list[Any], params: dict[str, Any]) -> Tensor:
    try:
        if device is not CPU:
            array = _computed_there(op, device, arrays, params)
        elif op.ufunc is None:
            array = quiet.context.run(op.forward, np, *arrays, **params)
        else:
            array = quiet.context.run(op.ufunc, *arrays)
    except ValueError as error:
        check_broadcast(op, arrays, error)
        raise
    y: Tensor = _new(Tensor)
    # Of 0-d arrays NumPy's functions make scalars; an op's result is always an array.
    if isinstance(array, np.generic):
        array = _asarray(array)
    elif not op.elementwise and not op.view and not array.flags.c_contiguous:
        array = device.call("ascontiguousarray", array)  # what follows may want a view of it
    y.array = array
    return y


def _computed_there(
    op: Op, device: Device, arrays: list[Any], params: dict[str, Any], **out: Array
) -> Array:
    """The result on a CUDA device, by the op's own forward for it where there is one."""
    xp = device.xp
    forward = op.kernels.get(device.type, op.forward)
    with xp.cuda.Device(device.index):
        return forward(xp, *map(_joined, arrays), **out, **params)


def _joined(a: Any) -> Any:
    """A 0-d CPU array among CUDA operands, as a number."""
    return a.item() if isinstance(a, np.ndarray) else a


def _compute_into(
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
    if not writeable(target) and not (switch.recorder and id(target) in switch.recorder.hollow):
        raise RuntimeError(
            f"{op.name}: the tensor written to is read-only (from a read-only array), or more than "
            "one element refers to a single memory location (an expanded view); clone() it first"
        )
    spared = bool(following) and switch.recorder is not None and switch.recorder.overwrites(into)
    direct = (op.updates and arrays[0] is target) or (op.elementwise and fits(arrays, target))
    if direct and spared:
        pass
    elif direct and device is CPU:
        quiet.context.run(op.forward, np, *arrays, out=target, **params)
    elif direct:
        _computed_there(op, device, arrays, params, out=target)
    else:
        result = _compute(op, device, arrays, params).array
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


def fits(arrays: list[Any], target: Array) -> bool:
    """Whether an elementwise op on these arrays has the type and the shape of the target, so that
    it may be computed right into it."""
    dtype, shape = target.dtype, target.shape
    if dtype.kind != "f":
        return False
    for a in arrays:
        if a is target or a.__class__ in NUMBERS:
            continue
        if a.dtype is not dtype and a.dtype != dtype:
            return False
        if (
            a.ndim
            and a.shape != shape
            and (
                a.ndim > len(shape)
                or any(n not in (1, m) for n, m in zip(a.shape[::-1], shape[::-1], strict=False))
            )
        ):
            return False
    return True


def _look_into(y: Tensor, x: Tensor, op: Op, params: dict[str, Any]) -> None:
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


def _mark(
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
    return mark(op, sources, saved, shapes, params, y.array, result)


def inference_refused(name: str, kept: Sequence[Any]) -> None:
    """Refuse to keep for backward what was made in inference mode: writes into it are not seen.
    Errors: RuntimeError."""
    if any(isinstance(x, Tensor) and x.inference for x in kept):
        raise RuntimeError(
            f"{name}: Inference tensors cannot be saved for backward: an operand was made inside "
            "of inference_mode(); clone() it to get a normal tensor, or use no_grad()"
        )


def _rescued(op: Op, operands: tuple[Any, ...], tracked: int, into: Tensor) -> tuple[Any, ...]:
    """The operands; those that the op is about to overwrite, although its rules read them, as
    clones."""
    rescued = list(operands)
    for i in op.kept[tracked, len(operands)].operands:
        x = operands[i]
        if x is into or (isinstance(x, Tensor) and x.memory and x.memory is into.memory):
            rescued[i] = clone(x)
    return tuple(rescued)


Op.__call__ = door  # type: ignore[method-assign, assignment]
Op.wrap, Op.fresh = staticmethod(wrap), staticmethod(fresh)
