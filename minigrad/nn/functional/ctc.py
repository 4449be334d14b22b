"""Connectionist temporal classification: labels against a longer sequence of guesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad.arguments import switch, whole
from minigrad.creation import full, tensor
from minigrad.functions import cat
from minigrad.nn.functional.reduction import check_labels, reduced
from minigrad.recording import reads
from minigrad.tensor import Tensor

__all__ = ["ctc_loss"]

Lengths: TypeAlias = "Tensor | Sequence[int]"
NEVER = -1e30
"""The logarithm of an impossible event: finite, so that no inf - inf makes a derivative NaN."""


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """-log Σ over all alignments of Π p: every label of the target in order, each held for one step
    or more, with blanks between where one likes, and always between equal labels.

    Args:
        log_probs: log-probabilities (T, N, C) or (T, C).
        targets: (N, S), or the targets of the batch one after the other.
        input_lengths: how many of the T steps count, (N) or ().
        target_lengths: how many labels each target has, (N) or ().
        blank: the class that stands for no label.
        reduction: "mean" (each loss divided by its target's length first), "sum" or "none".
        zero_infinity: count 0 for a target that is too long for its input, in place of inf.

    Errors: RuntimeError for lengths that do not fit, IndexError for labels out of range.
    Source: Graves et al., Connectionist Temporal Classification, 2006, section 4.1.
    """
    if log_probs.ndim not in (2, 3) or log_probs.dtype.kind != "f":
        raise RuntimeError(
            f"ctc_loss: expected log_probs (T, N, C) or (T, C) of a floating point type, got "
            f"{log_probs.shape} of {log_probs.dtype}"
        )
    single = log_probs.ndim == 2
    logs: Any = log_probs.unsqueeze(1) if single else log_probs
    steps, batch, classes = logs.shape
    blank = whole("ctc_loss", "blank", blank)
    zero_infinity = switch("ctc_loss", "zero_infinity", zero_infinity)
    if not 0 <= blank < classes:
        raise RuntimeError(
            f"ctc_loss: blank must be in label range 0 to {classes - 1}, got {blank}"
        )
    n_in = _lengths("input_lengths", input_lengths, batch)
    n_out = _lengths("target_lengths", target_lengths, batch)
    if n_in.max(initial=0) > steps:
        raise RuntimeError(
            f"ctc_loss: Expected input_lengths to have value at most {steps}, but got {n_in.max()}"
        )
    check_labels("ctc_loss", targets, classes)
    reads("ctc_loss()")
    labels = _padded(targets.detach().cpu().array, n_out, single)

    # The path: blank, label, blank, label, ..., blank. A step may stay, go on by one, or skip the
    # blank between two labels that differ.
    length = 2 * labels.shape[1] + 1
    path = np.full((batch, length), blank, np.int64)
    path[:, 1::2] = labels
    skips = np.zeros((batch, length), bool)
    skips[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    skip = tensor(skips, device=logs.device)
    places = tensor(path, device=logs.device).unsqueeze(0).expand(steps, batch, length)
    guesses = logs.gather(2, places)
    start = np.zeros((batch, length), bool)
    start[:, 0] = True
    start[:, 1:2] = (n_out > 0)[:, None]
    # Before the first step only the beginning of the path is possible: the end of an empty one.
    certain = full((batch, length), 0.0, dtype=logs.dtype, device=logs.device)
    alpha = certain.where(tensor(np.arange(length) == 0, device=logs.device), NEVER)
    for t in range(steps):
        if t == 0:
            ways = certain.where(tensor(start, device=logs.device), NEVER)
        else:
            skipped = _moved(alpha, 2).where(skip, NEVER)
            ways = alpha.logaddexp(_moved(alpha, 1)).logaddexp(skipped)
        running = tensor((t < n_in)[:, None], device=logs.device)
        alpha = (ways + guesses[t]).where(running, alpha)

    last = tensor(2 * n_out[:, None], device=logs.device)
    ended = alpha.gather(1, last)
    if length > 1:
        labelled = alpha.gather(1, (last - 1).clamp_min(0)).where(last > 0, NEVER)
        ended = ended.logaddexp(labelled)
    losses: Any = -ended.squeeze(1)
    losses = losses.masked_fill(losses > -NEVER / 2, 0.0 if zero_infinity else float("inf"))
    if reduction == "mean":
        losses = losses / tensor(np.maximum(n_out, 1), device=logs.device).to(losses.dtype)
    elif single:
        losses = losses.squeeze(0)
    return reduced("ctc_loss", losses, reduction)


def _moved(alpha: Tensor, by: int) -> Tensor:
    """alpha along the path, ``by`` places later."""
    n, length = alpha.shape
    lead = full((n, min(by, length)), NEVER, dtype=alpha.dtype, device=alpha.device)
    return cat([lead, alpha[:, : length - by]], 1) if length > by else lead


def _lengths(name: str, lengths: Lengths, batch: int) -> Any:
    values = lengths.detach().cpu().array if isinstance(lengths, Tensor) else lengths
    array = np.asarray(values).reshape(-1)
    if array.size != batch or array.dtype.kind not in "iu" or array.min(initial=0) < 0:
        raise RuntimeError(f"ctc_loss: expected {name} to be {batch} lengths, got {array.tolist()}")
    return array.astype(np.int64)


def _padded(targets: Any, lengths: Any, single: bool) -> Any:
    """The targets as rows of one length, padded with label 0; what stands in the padding is never
    read, for the last place looked at is 2 · length."""
    if targets.ndim == 1 and not single:
        if targets.size != lengths.sum():
            raise RuntimeError(
                f"ctc_loss: Expected targets to hold the sum of target_lengths, {lengths.sum()}, "
                f"labels, got {targets.size}"
            )
        rows = np.zeros((lengths.size, lengths.max(initial=0)), np.int64)
        rows[np.arange(rows.shape[1]) < lengths[:, None]] = targets
        return rows
    rows = targets.reshape(lengths.size, -1)
    if lengths.max(initial=0) > rows.shape[1]:
        raise RuntimeError(
            f"ctc_loss: Expected target_lengths to be at most {rows.shape[1]}, but got "
            f"{lengths.max()}"
        )
    return rows[:, : lengths.max(initial=0)]
