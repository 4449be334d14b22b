"""A margin around the last dimensions of a tensor."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.creation import as_tensor
from minigrad.dtypes import fitting
from minigrad.ops.padding import pad as pad_op
from minigrad.tensor import Tensor

__all__ = ["pad"]


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """A margin around the input: ``pad`` = (left, right, top, bottom, ..), last dimension first.

    Mode "constant" fills it with ``value`` (0), "reflect" mirrors the input without its edge,
    "replicate" repeats the edge, "circular" goes on at the other side. In "constant" mode negative
    widths cut off. Errors: RuntimeError for an odd number of widths or more than there are
    dimensions, or for a margin that the mode cannot fill; NotImplementedError for another mode.
    """
    widths = [int(n) for n in pad]
    if len(widths) % 2 or len(widths) // 2 > input.ndim:
        raise RuntimeError(
            f"pad: expected two widths for each of at most {input.ndim} dimensions, got {widths}"
        )
    if mode not in ("constant", "reflect", "replicate", "circular"):
        raise NotImplementedError(f"pad: unrecognised padding mode {mode}")
    if mode == "constant":
        return _constant(input, widths, fitting("pad", float(value or 0.0), input.dtype))
    if value:
        raise ValueError(f'pad: padding mode "{mode}" does not take in value argument')
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
    n = x.shape[dim]
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
    return x.index_select(dim, as_tensor(read, device=x.device))
