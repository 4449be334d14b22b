"""Sequences of different lengths in one tensor."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.functions.joining import stack
from minigrad.nn.functional.padding import pad
from minigrad.tensor import Tensor

__all__ = ["pad_sequence"]


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences side by side, the shorter ones filled up to the length of the longest.

    Args:
        sequences: N tensors (Lₙ, *).
        batch_first: give (N, L, *) in place of (L, N, *).
        padding_value: what fills.
        padding_side: "right" fills the end, "left" the beginning.

    Errors: RuntimeError for none or for shapes that differ behind the length, ValueError for a
    side that is neither "left" nor "right".

    Example:
        >>> nn.utils.rnn.pad_sequence([minigrad.tensor([1, 2, 3]), minigrad.tensor([4])], True)
        tensor([[1, 2, 3],
                [4, 0, 0]])
    """
    if padding_side not in ("left", "right"):
        raise ValueError(f"pad_sequence: padding_side must be 'left' or 'right': {padding_side!r}")
    if not len(sequences):
        raise RuntimeError("pad_sequence: received an empty list of sequences")
    longest = max(len(x) for x in sequences)
    left = padding_side == "left"
    filled = [
        pad(x, (0, 0) * (x.ndim - 1) + ((gap, 0) if left else (0, gap)), value=padding_value)
        for x in sequences
        for gap in [longest - len(x)]
    ]
    return stack(filled, 0 if batch_first else 1)
