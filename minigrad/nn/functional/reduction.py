"""What every loss shares: its reduction, and the look at its target."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import numpy as np

from minigrad.compute import quiet
from minigrad.methods.halves import rounded_once
from minigrad.tensor import Tensor

P = ParamSpec("P")
R = TypeVar("R")


def legacy_reduction(loss: Callable[P, R]) -> Callable[P, R]:
    """Accept the old ``size_average`` and ``reduce`` for ``reduction``, as PyTorch does, by their
    places too; and compute losses of halves in float32, since every loss passes here."""
    places = list(signature(loss).parameters.values())
    first = [x.name for x in places if x.kind is not x.KEYWORD_ONLY]
    after = [x.name for x in places if x.kind is x.KEYWORD_ONLY]
    if "reduction" in after:
        at = after.index("reduction")
        after = ["size_average", *after[:at], "reduce", *after[at:]]
    loss = rounded_once(loss)

    @wraps(loss)
    def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
        rest = args[len(first) :]
        if rest:
            if first[:1] == ["self"] and all(isinstance(x, Tensor) for x in args[1:]):
                name = type(args[0]).__name__
                raise TypeError(
                    f"{name}: it is made first, and then called: {name}()(input, target)"
                )
            named = dict(zip(after, rest, strict=False))
            if len(rest) > len(after) or not named.keys().isdisjoint(kwargs):
                return loss(*args, **kwargs)  # a TypeError that says so
            args = args[: len(first)]  # type: ignore[assignment]
            kwargs.update(named)
        if "size_average" in kwargs or "reduce" in kwargs:
            average, reduce = kwargs.pop("size_average", None), kwargs.pop("reduce", None)
            if average is not None or reduce is not None:
                reduce, average = reduce is None or reduce, average is None or average
                kwargs["reduction"] = "none" if not reduce else "mean" if average else "sum"
        return loss(*args, **kwargs)

    return accepting


def reduced(name: str, losses: Any, reduction: str) -> Tensor:
    """The losses averaged, summed, or as they are. Errors: ValueError for another word."""
    if reduction == "mean":
        return losses.mean()  # type: ignore[no-any-return]
    if reduction == "sum":
        return losses.sum()  # type: ignore[no-any-return]
    if reduction == "none":
        return losses  # type: ignore[no-any-return]
    raise ValueError(
        f"{name}: {reduction} is not a valid value for reduction; expected mean, sum or none"
    )


def signed(target: Tensor, input: Tensor) -> Tensor:
    """A target of masks or of unsigned numbers in the input's type, in which it has a negative."""
    return target.to(input.dtype) if target.dtype.kind in "bu" else target


def check_shapes(name: str, input: Tensor, target: Tensor, kind: type[Exception]) -> None:
    """That the two have one shape: broadcasting (N, 1) against (N) is hardly ever meant, and its
    mean over N² pairs looks like a loss."""
    if input.shape != target.shape:
        hint = "reshape one of them"
        if input.numel() == target.numel():
            hint = f"target.reshape({input.shape}) has the input's shape"
        raise kind(
            f"{name}: expected input and target of one shape, got input {input.shape} and target "
            f"{target.shape}; {hint}"
        )


def check_numbers(name: str, target: Tensor, reduction: str) -> None:
    """That no NaN in the target poisons the reduced loss. A look costs nothing next to the loss on
    the CPU; on a GPU it would cost a transfer."""
    if reduction == "none" or target.dtype.kind != "f" or not isinstance(target.array, np.ndarray):
        return
    total = quiet.context.run(np.add.reduce, target.array, axis=None)
    if total != total:  # may also be inf - inf
        missing = np.isnan(target.array)
        if missing.any():
            place = tuple(int(i) for i in np.argwhere(missing)[0])
            raise ValueError(
                f"{name}: target holds NaN, {int(missing.sum())} of {missing.size} numbers, the "
                f"first at {place}; fill or drop them, or take reduction='none' and mask the losses"
            )


def check_labels(name: str, target: Tensor, classes: int, ignore_index: int | None = None) -> None:
    """That labels are integers in [0, classes). Errors: RuntimeError for another type; IndexError
    that names the label, the number of classes and the place."""
    if target.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: expected class indices in int64 as target, got {target.dtype} of shape "
            f"{target.shape}; convert with .long()"
        )
    labels = target.array
    if not isinstance(labels, np.ndarray) or not labels.size:
        return  # on a GPU the look would cost a transfer
    if np.minimum.reduce(labels, axis=None) >= 0 and np.maximum.reduce(labels, axis=None) < classes:
        return
    wrong = (labels < 0) | (labels >= classes)
    if ignore_index is not None:
        wrong &= labels != ignore_index
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise IndexError(
            f"{name}: Target {int(labels[place])} is out of bounds: expected labels from 0 to "
            f"{classes - 1} for {classes} classes; it stands at target{list(place)}"
        )


_LOGITS = {
    "binary_cross_entropy": "take binary_cross_entropy_with_logits (BCEWithLogitsLoss)",
    "probability_cross_entropy": "take cross_entropy (CrossEntropyLoss)",
}
"""Beside the losses of probabilities, those of what the model gives."""


def check_unit(name: str, which: str, x: Tensor, slack: float = 0.0, nan: bool = True) -> None:
    """That x lies in [0, 1], or is NaN where that may be. On a GPU the look would cost a
    transfer."""
    if not isinstance(x.array, np.ndarray) or not x.array.size:
        return
    low, high = np.minimum.reduce(x.array, axis=None), np.maximum.reduce(x.array, axis=None)
    if low < -slack or high > 1 + slack or (low != low and not nan):
        raise RuntimeError(
            f"{name}: all elements of {which} should be between 0 and 1, found {low:g} to {high:g}"
            + (f"; for logits {_LOGITS[name]}" if which == "input" and name in _LOGITS else "")
        )
