"""Losses whose target is yes or no, once or for each of several classes."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from minigrad.names import public
from minigrad.nn.functional.reduction import (
    check_numbers,
    check_shapes,
    check_unit,
    legacy_reduction,
    reduced,
)
from minigrad.ops.activation import softplus
from minigrad.ops.arithmetic import refuse_integers
from minigrad.ops.loss import binary_cross_entropy as _binary_cross_entropy
from minigrad.tensor import Tensor

_softplus = partial(softplus, beta=1.0, threshold=math.inf)


@legacy_reduction
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """-(y log p + (1 - y) log(1 - p)), the logarithms not below -100.

    Args:
        input: p, probabilities.
        target: y, of the same shape.
        weight: a factor for each loss, broadcast.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.

    Errors: RuntimeError for p or y outside [0, 1] and for differing types, ValueError for shapes.
    """
    name = "binary_cross_entropy"
    check_shapes(name, input, target, ValueError)
    if input.dtype != target.dtype or input.dtype.kind != "f":
        raise RuntimeError(
            f"{name}: expected input and target of one floating point type, got {input.dtype} and "
            f"{target.dtype}"
        )
    check_numbers(name, target, reduction)
    check_unit(name, "input", input, nan=False)
    check_unit(name, "target", target)
    losses = _binary_cross_entropy(input, target)
    return reduced(name, losses if weight is None else losses * weight, reduction)


@legacy_reduction
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(x), exact for logits of any size.

    Args:
        input: x, logits.
        target: y, of the same shape.
        weight: a factor for each loss, broadcast.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        pos_weight: a factor for the part y log p alone, which weighs the ones against the zeros.

    Errors: ValueError for shapes.
    """
    name = "binary_cross_entropy_with_logits"
    check_shapes(name, input, target, ValueError)
    refuse_integers(name, input)
    check_numbers(name, target, reduction)
    # -log sigmoid(x) = log(1 + exp(-x)), and with x for -x that of 1 - sigmoid(x). To take x off
    # the first instead, which saves a logarithm, would cancel for logits far below 0.
    yes: Any = target if pos_weight is None else pos_weight * target
    losses: Any = yes * _softplus(-input) + (1 - target) * _softplus(input)
    return reduced(name, losses if weight is None else losses * weight, reduction)


@legacy_reduction
def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The mean over the classes (the last dimension) of `binary_cross_entropy_with_logits`

    Args:
        input: x, logits (N, C) or (C).
        target: y, of the same shape.
        weight: a factor for each class.
        reduction: "mean" over the rows, "sum", or "none" for one loss a row.
    """
    name = "multilabel_soft_margin_loss"
    check_shapes(name, input, target, RuntimeError)
    check_numbers(name, target, reduction)
    losses = binary_cross_entropy_with_logits(input, target, weight, reduction="none")
    return reduced(name, losses.mean(-1), reduction)


public(globals())
