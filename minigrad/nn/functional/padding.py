"""A margin around the last dimensions of a tensor."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.arguments import number, wholes
from minigrad.creation import as_tensor
from minigrad.dtypes import fitting, int64
from minigrad.ops.padding import pad as pad_op
from minigrad.tensor import Tensor

__all__ = ["pad"]


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """A margin around the input.

    Args:
        input: the tensor; for other modes than "constant" with one or two dimensions before those
            that are padded.
        pad: the widths (left, right, top, bottom, ...), the last dimension first. Negative ones cut
            off, in "circular" mode before it goes on.
        mode: "constant" fills it with ``value``, "reflect" mirrors the input without its edge,
            "replicate" repeats the edge, "circular" goes on at the other side.
        value: None is 0.

    Errors: RuntimeError for an odd number of widths or more than there are dimensions, or for a
    margin that the mode cannot fill; NotImplementedError for another mode.

    Example:
        >>> F.pad(minigrad.tensor([[1, 2], [3, 4]]), (1, 0), value=9)
        tensor([[9, 1, 2],
                [9, 3, 4]])
    """
    widths = [*wholes("pad", "pad", pad)]
    if len(widths) % 2 or len(widths) // 2 > input.ndim:
        raise RuntimeError(
            f"pad: expected two widths for each of at most {input.ndim} dimensions, got {widths}"
        )
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(
            f"pad: unrecognised padding mode {mode!r}; expected 'constant', 'reflect', "
            "'replicate' or 'circular'"
        )
    if mode == "constant":
        filling = 0.0 if value is None else number("pad", "value", value)
        return _constant(input, widths, fitting("pad", float(filling), input.dtype))
    if value:
        raise ValueError(f'pad: padding mode "{mode}" does not take in value argument')
    pairs = len(widths) // 2
    if input.ndim not in (pairs + 1, pairs + 2):
        raise NotImplementedError(
            f"pad: Padding size {len(widths)} is not supported for {input.ndim}D input tensor in "
            f"mode {mode}: expected {pairs + 1}D or {pairs + 2}D input"
        )
    if mode != "circular" and 0 in input.shape[-pairs - 1 :]:
        raise RuntimeError(
            f"pad: expected images of at least one number in mode {mode}, got {tuple(input.shape)}"
        )
    for k in range(0, len(widths), 2):
        dim = input.ndim - 1 - k // 2
        input = _continued(input, dim, widths[k], widths[k + 1], mode)
    return input


def _constant(x: Tensor, widths: list[int], value: float) -> Tensor:
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2)
    pairs += [(widths[k], widths[k + 1]) for k in range(len(widths) - 2, -1, -2)]
    shape = [n + before + behind for n, (before, behind) in zip(x.shape, pairs, strict=True)]
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"pad: the input of shape {tuple(x.shape)}, plus padding {widths}, resulted in a "
            f"negative output size: {shape}"
        )
    return pad_op(x, widths=tuple(pairs), value=value)


def _continued(x: Tensor, dim: int, before: int, behind: int, mode: str) -> Tensor:
    """Every place of the result reads a place of the input."""
    if mode == "circular" and min(before, behind) < 0:  # what is cut off does not come round again
        start, stop = max(-before, 0), x.shape[dim] - max(-behind, 0)
        if stop < start:
            raise RuntimeError(
                f"pad: the input of shape {tuple(x.shape)}, plus padding ({before}, {behind}) at "
                f"dimension {dim}, resulted in a negative output size"
            )
        x = x.narrow(dim, start, stop - start)
        before, behind = max(before, 0), max(behind, 0)
    n = x.shape[dim]
    if mode != "circular" and n + before + behind < 1:
        raise RuntimeError(
            f"pad: the input of shape {tuple(x.shape)}, plus padding ({before}, {behind}) at "
            f"dimension {dim}, leaves nothing"
        )
    limit = {"reflect": n - 1, "circular": n}.get(mode, max(before, behind) if n else 0)
    if max(before, behind) > limit:
        raise RuntimeError(
            f"pad: Padding size should be less than the corresponding input dimension, but got: "
            f"padding ({before}, {behind}) at dimension {dim} of input {tuple(x.shape)} in mode "
            f"{mode}"
        )
    places = range(-before, n + behind)
    match mode:
        case "reflect":
            read = [n - 1 - abs(n - 1 - abs(i)) for i in places]
        case "replicate":
            read = [min(max(i, 0), n - 1) for i in places]
        case _:
            read = [i % n for i in places]
    return x.index_select(dim, as_tensor(read, dtype=int64, device=x.device))
