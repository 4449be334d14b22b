"""Rows of a table, by their numbers."""

from __future__ import annotations

from minigrad.arguments import whole
from minigrad.autograd import no_grad
from minigrad.creation import ones_like, zeros
from minigrad.dtypes import int64
from minigrad.functions import where
from minigrad.ops.indexing import HOLE, WHOLE, take
from minigrad.tensor import Tensor

__all__ = ["embedding"]


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """y = W[x]: the row of each number.

    Args:
        input: integers of any shape.
        weight: W, (n, d).
        padding_idx: a row that gets no gradient.
        max_norm: rows that are read and longer than this are first shortened to it, in place.
        norm_type: the p of the norm ‖row‖ₚ that ``max_norm`` is about.
        scale_grad_by_freq: make the gradient of a row the mean, not the sum, over its uses.
        sparse: only False.

    Shapes: result (*input, d).
    Errors: RuntimeError for a weight that is no table or indices that are no integers, IndexError
    for a number that the table does not have, NotImplementedError for ``sparse`` gradients.
    """
    if sparse:
        raise NotImplementedError("embedding: no gradient is sparse here; leave sparse=False")
    if weight.ndim != 2:
        raise RuntimeError(f"embedding: 'weight' must be 2-D, got shape {tuple(weight.shape)}")
    if input.dtype.kind not in "iu":
        raise RuntimeError(
            f"embedding: expected indices of an integer type (long or int), got {input.dtype}"
        )
    n = weight.shape[0]
    if input.device.type == "cpu" and input.numel():  # on a GPU the look would cost a transfer
        low, high = int(input.array.min()), int(input.array.max())
        if low < 0 or high >= n:
            raise IndexError(
                f"embedding: index out of range in self: {low if low < 0 else high} for a table of "
                f"{n} rows"
            )
    input = input if input.dtype.itemsize >= 4 else input.long()  # uint8 would be a mask below
    if padding_idx is not None:
        padding_idx = whole("embedding", "padding_idx", padding_idx)
        if not -n <= padding_idx < n:
            raise ValueError(
                f"embedding: Padding_idx must be within num_embeddings: {padding_idx} for {n} rows"
            )
        padding_idx %= n
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    rows = take(weight, input, key=(HOLE, WHOLE))
    if scale_grad_by_freq and input.numel():
        places = input.reshape(-1).long()
        # Not by bincount, whose length is read of the numbers, so that a step can be recorded.
        counts = zeros(n, dtype=int64, device=input.device).index_add(0, places, ones_like(places))
        counts = counts[input].unsqueeze(-1)
        if rows.requires_grad:
            rows.register_hook(lambda g: g / counts)
    if padding_idx is None:
        return rows
    return where((input != padding_idx).unsqueeze(-1), rows, rows.detach())


def _shorten(weight: Tensor, used: Tensor, max_norm: float, norm_type: float) -> None:
    with no_grad():
        places = used.reshape(-1)  # a row that is used twice gets the same numbers twice
        rows = weight[places]
        norms = rows.norm(norm_type, 1, True)
        weight[places] = where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)
