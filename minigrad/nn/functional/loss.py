"""Losses: how wrong a result is, as one number.

``reduction`` is "mean" (the default), "sum" or "none" for every loss. Unlike PyTorch, a target that
holds NaN is an error before it makes the mean NaN, and so is a target whose shape differs from the
input's, even where the two would broadcast.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.arguments import number, switch
from minigrad.methods.halves import rounded_once
from minigrad.names import public
from minigrad.nn.functional.distance import pairwise_distance
from minigrad.nn.functional.reduction import (
    check_numbers,
    check_shapes,
    legacy_reduction,
    reduced,
    signed,
)
from minigrad.ops.activation import softplus
from minigrad.tensor import Tensor


def _difference(name: str, input: Tensor, target: Tensor, reduction: str) -> Tensor:
    check_shapes(name, input, target, RuntimeError)
    check_numbers(name, target, reduction)
    return (
        input.to(target.dtype) - target
        if input.dtype.kind == "b"
        else input - signed(target, input)
    )


def _weighted(name: str, losses: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    """Reduced, each element with its weight; the mean is over the weights."""
    if weight is None:
        return reduced(name, losses, reduction)
    check_shapes(name, losses, weight, ValueError)
    if reduction == "mean":
        return (losses * weight).sum() / weight.sum()
    return reduced(name, losses * weight, reduction)


@legacy_reduction
def mse_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", weight: Tensor | None = None
) -> Tensor:
    """(x - y)²

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        weight: a factor for each loss; the mean is over the weights.

    Errors: RuntimeError for differing shapes, ValueError for NaN in the target.
    """
    d = _difference("mse_loss", input, target, reduction)
    return _weighted("mse_loss", d.square(), weight, reduction)


@legacy_reduction
def l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", weight: Tensor | None = None
) -> Tensor:
    """|x - y|. The slope is 0 where x = y.

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        weight: a factor for each loss; the mean is over the weights.

    Errors: RuntimeError for differing shapes, ValueError for NaN in the target.
    """
    d = _difference("l1_loss", input, target, reduction)
    return _weighted("l1_loss", d.abs(), weight, reduction)


@legacy_reduction
def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """(x - y)² / 2β where |x - y| < β, else |x - y| - β/2: a parabola between straight lines of
    slope 1.

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        beta: β, where the parabola ends.

    Errors: RuntimeError for β < 0 and for differing shapes.
    """
    beta = number("smooth_l1_loss", "beta", beta)
    if not beta >= 0:
        raise RuntimeError(f"smooth_l1_loss: does not support negative values for beta, got {beta}")
    d = _difference("smooth_l1_loss", input, target, reduction)
    losses = _parabola(d, beta) * (1 / beta) if beta else d.abs()
    return reduced("smooth_l1_loss", losses, reduction)


def _parabola(d: Tensor, edge: float) -> Tensor:
    """d² / 2 where |d| < e, else e (|d| - e/2): not by |d|, which has no second derivative at 0,
    nor by a choice, whose other side would be differentiated at ∞."""
    near = d.clamp(-edge, edge)
    return d * near - near * near * 0.5


@legacy_reduction
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """(x - y)² / 2 where |x - y| < δ, else δ (|x - y| - δ/2).

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        delta: δ, where the parabola ends, and the slope behind.
        weight: a factor for each loss; the mean is over the weights.

    Errors: RuntimeError for δ ≤ 0 and for differing shapes.
    """
    delta = number("huber_loss", "delta", delta)
    if not delta > 0:
        raise RuntimeError(
            f"huber_loss: does not support non-positive values for delta, got {delta}"
        )
    d = _difference("huber_loss", input, target, reduction)
    losses = _weighted("huber_loss", _parabola(d, delta), weight, reduction)
    return losses.to(input.dtype) if input.is_floating_point() else losses


@legacy_reduction
def kl_div(
    input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """y (log y - x): how far the distribution x is from y.

    Args:
        input: x, logarithms of probabilities.
        target: y, probabilities, of the same shape.
        reduction: "batchmean" divides the sum by the first dimension, which is the divergence as it
            is defined; "mean" by the number of elements; "sum"; "none".
        log_target: whether y holds logarithms as well.
    """
    check_shapes("kl_div", input, target, RuntimeError)
    check_numbers("kl_div", target, reduction)
    if switch("kl_div", "log_target", log_target):
        losses = target.exp() * (target - input)
    else:
        losses = target.xlogy(target) - target * input
    if reduction == "batchmean":
        return losses.sum() / input.shape[0] if input.ndim else losses.sum()
    return reduced("kl_div", losses, reduction)


@legacy_reduction
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """exp(x) - y x, or x - y log(x + ε) without ``log_input``: counts y from a Poisson distribution
    whose rate is exp(x), or x.

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        log_input: whether x is the logarithm of the rate.
        full: add Stirling's log y! where y > 1.
        eps: ε; keeps the logarithm finite.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    check_shapes("poisson_nll_loss", input, target, RuntimeError)
    check_numbers("poisson_nll_loss", target, reduction)
    eps = number("poisson_nll_loss", "eps", eps)
    if switch("poisson_nll_loss", "log_input", log_input):
        losses = input.exp() - target * input
    else:
        losses = input - target * (input + eps).log()
    if switch("poisson_nll_loss", "full", full):
        counted = target.where(target > 1, 1.0)  # so that no logarithm of 0 is taken
        stirling = counted * counted.log() - counted + (counted * (2 * math.pi)).log() * 0.5
        losses = losses + stirling.where(target > 1, 0)
    return reduced("poisson_nll_loss", losses, reduction)


@rounded_once
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """(log v + (x - y)² / v) / 2 with the variance v, not below ε.

    Args:
        input: x, the predictions.
        target: y, of the same shape.
        var: v, of the input's shape, without its last dimension or with length 1 there, or a
            number.
        full: add log(2π) / 2.
        eps: ε, the least variance.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.

    Errors: ValueError for another shape or a negative variance.
    """
    if eps is None:
        raise RuntimeError("gaussian_nll_loss: eps must not be None: it is the least variance")
    d = _difference("gaussian_nll_loss", input, target, reduction)
    v: Any = var if isinstance(var, Tensor) else d.detach() * 0 + var
    if v.shape == input.shape[:-1] and input.ndim:
        v = v.unsqueeze(-1)
    elif v.shape not in (input.shape, (*input.shape[:-1], 1)):
        raise ValueError(
            f"gaussian_nll_loss: var is of incorrect size {v.shape} for an input of {input.shape}"
        )
    if isinstance(v.array, np.ndarray) and (v.array < 0).any():  # on a GPU: a transfer
        raise ValueError(
            f"gaussian_nll_loss: var has negative entry/entries, down to {v.array.min():g}"
        )
    v = v.where(v >= eps, v - v.detach() + eps)  # the bound is not differentiated, as in PyTorch
    losses = (v.log() + d * d / v) * 0.5
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced("gaussian_nll_loss", losses, reduction)


@legacy_reduction
def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-y x)) for y in {-1, 1}

    Args:
        input: x, the predictions.
        target: y, of the same shape; taken in x's type.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    check_shapes("soft_margin_loss", input, target, RuntimeError)
    check_numbers("soft_margin_loss", target, reduction)
    losses = softplus(-target.to(input.dtype) * input, beta=1.0, threshold=math.inf)
    return reduced("soft_margin_loss", losses, reduction)


@legacy_reduction
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """x where y is 1, max(0, margin - x) where y is -1

    Args:
        input: x, distances.
        target: y, of the same shape.
        margin: how far apart a pair labelled -1 has to be.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    check_shapes("hinge_embedding_loss", input, target, RuntimeError)
    check_numbers("hinge_embedding_loss", target, reduction)
    margin = number("hinge_embedding_loss", "margin", margin)
    far = (margin - input).clamp_min(0).where(target != 1, 0)
    return reduced("hinge_embedding_loss", far + input.where(target != -1, 0), reduction)


@legacy_reduction
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """max(0, -y (x₁ - x₂) + margin) for y in {-1, 1}: which of the two should be greater

    Args:
        input1, input2: x₁ and x₂.
        target: y.
        margin: by how much.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            "margin_ranking_loss: All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape}"
        )
    check_numbers("margin_ranking_loss", target, reduction)
    margin = number("margin_ranking_loss", "margin", margin)
    losses = (-signed(target, input1) * (input1 - input2) + margin).clamp_min(0)
    return reduced("margin_ranking_loss", losses, reduction)


@legacy_reduction
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, *, reduction: str = "mean"
) -> Tensor:
    """1 - cos(x₁, x₂) where y is 1, max(0, cos(x₁, x₂) - margin) where y is -1; vectors along the
    last dimension

    Args:
        input1, input2: x₁ and x₂, (N, D) or (D).
        target: y, (N) or ().
        margin: how alike a pair labelled -1 may be.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    if input1.shape != input2.shape or target.shape != input1.shape[:-1] or input1.ndim > 2:
        raise RuntimeError(
            "cosine_embedding_loss: expected inputs of one shape (N, D) or (D) and a target (N) or "
            f"(), got {input1.shape}, {input2.shape} and {target.shape}"
        )
    check_numbers("cosine_embedding_loss", target, reduction)
    margin, eps = number("cosine_embedding_loss", "margin", margin), 1e-12
    squares = ((input1 * input1).sum(-1) + eps) * ((input2 * input2).sum(-1) + eps)
    cosine = (input1 * input2).sum(-1) / squares.sqrt()
    near = (1 - cosine).where(target == 1, 0)
    far = (cosine - margin).clamp_min(0).where(target == -1, 0)
    return reduced("cosine_embedding_loss", near + far, reduction)


@legacy_reduction
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """max(0, ‖a - p‖ - ‖a - n‖ + margin): the anchor nearer to the positive than to the negative.

    Args:
        anchor, positive, negative: a, p and n, (N, D) or (D).
        margin: how much nearer.
        p: the norm's exponent.
        eps: added to each difference, so that the norm is differentiable where two are equal.
        swap: take ‖p - n‖ where that is less than ‖a - n‖.
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.
    """
    swap = switch("triplet_margin_loss", "swap", swap)

    def distance(x: Tensor, y: Tensor) -> Tensor:
        return pairwise_distance(x, y, p, eps)

    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=distance,
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own.

    Args:
        anchor, positive, negative: a, p and n, as the distance takes them.
        distance_function: d, a function of two tensors; None is `pairwise_distance`.
        margin: how much nearer.
        swap: take d(p, n) where that is less than d(a, n).
        reduction: "mean" over all numbers, "sum", or "none" for one loss each.

    Errors: ValueError for a margin ≤ 0.
    """
    margin = number("triplet_margin_loss", "margin", margin)
    if margin <= 0:
        raise ValueError(f"triplet_margin_loss: margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            "triplet_margin_loss: The anchor, positive, and negative tensors are expected to have "
            f"the same number of dimensions, but got: {anchor.ndim}D, {positive.ndim}D and "
            f"{negative.ndim}D"
        )
    distance = pairwise_distance if distance_function is None else distance_function
    far = distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    losses = (distance(anchor, positive) - far + margin).clamp_min(0)
    return reduced("triplet_margin_loss", losses, reduction)


public(globals())
