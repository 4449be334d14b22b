"""Losses whose target is a class, or a choice of classes."""

from __future__ import annotations

from typing import Any

from minigrad.arguments import number, whole
from minigrad.names import public
from minigrad.nn.functional.reduction import (
    check_labels,
    check_numbers,
    check_unit,
    legacy_reduction,
    reduced,
)
from minigrad.ops.loss import class_cross_entropy
from minigrad.ops.softmax import bounded_log
from minigrad.tensor import Tensor


@legacy_reduction
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log softmax(x)[y], from logits x.

    Args:
        input: x, (N, C), (N, C, *) or (C).
        target: a class index for each row, (N), (N, *) or (), or its probabilities, in the input's
            shape.
        weight: a factor for each class (C); for class indices the mean is over the weights.
        ignore_index: rows with this label do not count.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.
        label_smoothing: s; y becomes (1 - s) y + s / C.

    Errors: IndexError for a label out of range, ValueError for NaN in probabilities as target, for
    sizes that do not match and for an unknown reduction, RuntimeError for wrong types and smoothing
    outside [0, 1].

    Example:
        >>> x = minigrad.tensor([[0.0, 0.0]], requires_grad=True)
        >>> F.cross_entropy(x, minigrad.tensor([1])).backward()
        >>> x.grad  # (p - y) / N
        tensor([[ 0.5000, -0.5000]])
    """
    _check_logits("cross_entropy", input)
    label_smoothing = number("cross_entropy", "label_smoothing", label_smoothing)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(
            f"cross_entropy: label_smoothing must be between 0.0 and 1.0, got {label_smoothing}"
        )
    if target.shape == input.shape and input.ndim:
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    ignore_index = whole("cross_entropy", "ignore_index", ignore_index)
    _check_rows("cross_entropy", input, target, weight, ignore_index)
    single = input.ndim == 1
    if single:
        input, target = input.reshape(1, -1), target.reshape(1)
    if weight is None and not label_smoothing and input.numel():
        if reduction not in ("mean", "sum", "none"):
            reduced("cross_entropy", input, reduction)
        losses = class_cross_entropy(input, target, ignore_index=ignore_index, reduction=reduction)
        return losses.reshape(()) if single else losses
    losses = _picked(
        "cross_entropy",
        input.log_softmax(1),
        target,
        weight,
        ignore_index,
        reduction,
        label_smoothing,
    )
    return losses.reshape(()) if single else losses


@legacy_reduction
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """-x[y], from log-probabilities x.

    Args:
        input: x, (N, C), (N, C, *) or (C).
        target: a class index for each row, (N), (N, *) or ().
        weight: a factor for each class (C); the mean is over the weights.
        ignore_index: rows with this label do not count.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.

    Errors: as for `cross_entropy`.
    """
    _check_logits("nll_loss", input)
    ignore_index = whole("nll_loss", "ignore_index", ignore_index)
    _check_rows("nll_loss", input, target, weight, ignore_index)
    if input.ndim == 1:
        input, target = input.reshape(1, -1), target.reshape(1)
        losses = _picked("nll_loss", input, target, weight, ignore_index, reduction)
        return losses.reshape(())
    return _picked("nll_loss", input, target, weight, ignore_index, reduction)


@legacy_reduction
def probability_cross_entropy(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """-log p[y], from the probabilities p that softmax gave. PyTorch has no such function.

    A probability below a floor, 4e-29 in float32, counts as that floor. So the loss and its
    gradient -y / p stay finite, and through softmax the gradient is p - y, for logits of any size.

    Args:
        input: p, (N, C), (N, C, *) or (C).
        target: class indices (N), (N, *) or (), or one-hot rows (or probabilities) in the input's
            shape.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.

    Errors: as for `cross_entropy`, and RuntimeError for an input outside [0, 1].
    """
    name = "probability_cross_entropy"
    _check_logits(name, input)
    check_unit(name, "input", input, slack=1e-3)  # the sums of hand-made softmaxes are rounded
    logs = bounded_log(input)
    if target.shape == input.shape and input.ndim:
        check_numbers(name, target, reduction)
        losses = -(logs * target.to(input.dtype)).sum(1 if input.ndim > 1 else 0)
        return reduced(name, losses, reduction)
    return nll_loss(logs, target, reduction=reduction)


def _check_logits(name: str, input: Tensor) -> None:
    if not input.ndim:
        raise RuntimeError(f"{name}: expected an input with a dimension of classes, got a 0-d one")
    if input.dtype.kind != "f":
        raise RuntimeError(f"{name}: expected a floating point input, got {input.dtype}")


def _check_rows(
    name: str, input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int
) -> None:
    """That there is one label in range for every row, and a weight for every class."""
    expected = (input.shape[0], *input.shape[2:]) if input.ndim > 1 else ()
    if target.shape == input.shape:
        raise RuntimeError(
            f"{name}: Expected floating point type for target with class probabilities, got "
            f"{target.dtype}; convert with .to({input.dtype}), or give class indices {expected}"
        )
    if target.shape != expected:
        raise ValueError(
            f"{name}: expected class indices of shape {expected} for an input {input.shape}, got a "
            f"target of {target.shape} (Expected input batch_size to match target batch_size)"
        )
    classes = input.shape[1 if input.ndim > 1 else 0]
    check_labels(name, target, classes, ignore_index)
    _check_weight(name, weight, classes)


def _check_weight(name: str, weight: Tensor | None, classes: int) -> None:
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"{name}: weight tensor should be defined either for all {classes} classes or no "
            f"classes but got weight tensor of shape: {list(weight.shape)}"
        )


def _along_classes(weight: Tensor, input: Tensor) -> Tensor:
    """Weights of classes, ready to multiply the input."""
    return weight.reshape(-1, *[1] * (input.ndim - 2)) if input.ndim > 1 else weight


def _picked(
    name: str,
    logs: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    smoothing: float = 0.0,
) -> Tensor:
    """-w[y] x[y] for every row of log-probabilities (N, C, ...), smoothed and reduced."""
    valid = target != ignore_index
    labels = target.where(valid, 0).long()  # a uint8 would be a mask between brackets
    # An ignored row is cut off rather than multiplied by 0: what it holds may be infinite, and so
    # is the derivative of a mean over nothing.
    losses: Any = (-logs.gather(1, labels.unsqueeze(1)).squeeze(1)).where(valid, 0)
    share: Any = valid.to(logs.dtype)
    if weight is not None:
        share = weight[labels] * share
    losses = losses * share
    if smoothing:
        everywhere = logs if weight is None else logs * _along_classes(weight, logs)
        rest = (-everywhere.sum(1)).where(valid, 0)
        losses = losses * (1 - smoothing) + rest * (smoothing / logs.shape[1])
    if reduction == "mean":
        return losses.sum() / share.sum()  # type: ignore[no-any-return]
    return reduced(name, losses, reduction)


def _soft_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float
) -> Tensor:
    """Against probabilities. The mean is over the rows, whatever the weights."""
    name = "cross_entropy"
    if target.dtype.kind != "f":
        _check_rows(name, input, target, weight, -100)
    check_numbers(name, target, reduction)
    dim = 1 if input.ndim > 1 else 0
    classes = input.shape[dim]
    _check_weight(name, weight, classes)
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    losses = input.log_softmax(dim) * target
    if weight is not None:
        losses = losses * _along_classes(weight, input)
    if reduction == "mean":
        return -losses.sum() / (input.numel() // classes)
    return reduced(name, -losses.sum(dim), reduction)


@legacy_reduction
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, margin - x[y] + x[i])ᵖ / C over the classes i ≠ y.

    Args:
        input: x, (N, C) or (C).
        target: the class y of each row, (N) or ().
        p: the exponent, 1 or 2.
        margin: how far ahead of the others class y has to be.
        weight: a factor for each class (C), by the row's label.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.

    Errors: ValueError for p other than 1 and 2, the rest as for `nll_loss`.
    """
    name = "multi_margin_loss"
    margin = number(name, "margin", margin)
    if isinstance(p, str) or number(name, "p", p) not in (1, 2):
        raise ValueError(f"{name}: only p == 1 and p == 2 supported, got {p}")
    _check_logits(name, input)
    if input.ndim > 2:
        raise RuntimeError(f"{name}: expected an input (N, C) or (C), got {input.shape}")
    _check_rows(name, input, target, weight, -100)
    rows, labels = (input, target) if input.ndim > 1 else (input.reshape(1, -1), target.reshape(1))
    labels = labels.long()
    places = labels.unsqueeze(1)
    z = (rows - rows.gather(1, places) + margin).relu()
    if p == 2:
        z = z * z
    if weight is not None:
        z = z * weight[labels].unsqueeze(1)
    losses = z.scatter(1, places, 0.0).sum(1) / rows.shape[1]
    return reduced(name, losses if input.ndim > 1 else losses.reshape(()), reduction)


@legacy_reduction
def multilabel_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Σ max(0, 1 - x[y] + x[i]) / C over the classes y of a row and those i that are not.

    Args:
        input: x, (N, C) or (C).
        target: integers of the same shape; a row lists its classes, and ends at the first -1.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.
    """
    name = "multilabel_margin_loss"
    _check_logits(name, input)
    if target.shape != input.shape or input.ndim > 2:
        raise RuntimeError(
            f"{name}: expected input and target of one shape (N, C) or (C), got {input.shape} and "
            f"{target.shape}"
        )
    rows = input if input.ndim > 1 else input.reshape(1, -1)
    classes = rows.shape[1]
    check_labels(name, target, classes, -1)
    labels = target.reshape(rows.shape).long()
    listed = (labels < 0).cumsum(1) == 0
    labels = labels.where(listed, 0)
    counts = (rows.detach() * 0).scatter_add(1, labels, listed.to(rows.dtype))
    # margins[n, j, i]: of the j-th listed class against class i
    margins = (1 - rows.gather(1, labels).unsqueeze(2) + rows.unsqueeze(1)).relu()
    pairs = listed.unsqueeze(2) & (counts == 0).unsqueeze(1)
    losses = margins.where(pairs, 0).sum((1, 2)) / classes
    return reduced(name, losses if input.ndim > 1 else losses.reshape(()), reduction)


public(globals())
