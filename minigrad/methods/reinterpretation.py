"""The same memory read as numbers of another type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad import dtypes
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def reinterpreted(x: Tensor, dtype: Any) -> Tensor:
    """``x.view(dtype)``: what lies in memory, bit for bit, as numbers of that type. It shares the
    memory and its history, and is off the tape: no derivative says what bits do.

    The last dimension is longer or shorter where the types' sizes differ. Errors, as in PyTorch:
    RuntimeError where it cannot be: a single number, a length or a place that is no whole number of
    the larger type, numbers of the last dimension that are not side by side.
    """
    reads("view(dtype)")  # a step has no op for it
    goal = dtypes.as_dtype(dtype)
    own, new, array = x.dtype.itemsize, goal.itemsize, x.array
    if own != new:
        told = f"to view {x.dtype} as {goal} (different element sizes)"
        if not array.ndim:
            raise RuntimeError(f"view: self.dim() cannot be 0 {told}")
        if own < new:
            _check_larger(x, new // own, told)
        if array.size and x.stride(-1) != 1:
            raise RuntimeError(
                f"view: self.stride(-1) must be 1 {told}, but got {x.stride(-1)}; call "
                "contiguous() first"
            )
        if own < new and array.size:
            for i, step in enumerate(x.stride()[:-1]):
                if step % (new // own):
                    raise RuntimeError(
                        f"view: self.stride({i}) must be divisible by {new // own} {told}, but got "
                        f"{step}; clone() it first"
                    )
    alias = x.detach()
    if array.size or own == new:
        alias.array = array.view(goal)
    else:
        shape = (*array.shape[:-1], array.shape[-1] * own // new)
        alias.array = x.device.call("empty", shape, goal)
    return alias


def _check_larger(x: Tensor, ratio: int, told: str) -> None:
    length = x.array.shape[-1]
    if length % ratio:
        raise RuntimeError(
            f"view: self.size(-1) must be divisible by {ratio} {told}, but got {length}"
        )
    start = x.data_ptr() // x.dtype.itemsize % ratio
    if x.array.size and start:
        raise RuntimeError(
            f"view: self.storage_offset() must be divisible by {ratio} {told}: its first number is "
            f"{start} behind such a place; clone() it first"
        )
