"""Normalisation: numbers brought to mean 0 and variance 1, over the batch or within a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.arguments import number, whole, wholes
from minigrad.autograd import no_grad
from minigrad.dtypes import float16, float32
from minigrad.methods.halves import rounded_once
from minigrad.names import public
from minigrad.ops.normalization import Axes, center, mean_square
from minigrad.ops.patches import Window
from minigrad.ops.pooling import window_sum
from minigrad.tensor import Tensor


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float | Tensor = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """y = (x - mean) / √(var + eps) · w + b for each channel

    In training, mean and variance are those of the batch, and the running ones move towards them:
    r ← (1 - momentum) r + momentum · new, with the unbiased variance. Else the running ones count.

    Args:
        input: x, (N, C, *).
        running_mean, running_var: (C), changed in place in training; None where nothing is kept.
        weight, bias: w and b, (C), or None.
        training: whether the batch's own statistics count.
        momentum: how far the running ones move.
        eps: added to the variance under the root.

    Errors: ValueError for a single value a channel in training; RuntimeError for a number of
    channels that does not fit, or no running statistics where they are needed.
    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithms 1 and 2.
    """
    _require_float("batch_norm", input, running_mean, running_var, weight, bias)
    eps = number("batch_norm", "eps", eps)
    if training and eps <= 0:
        raise ValueError(f"batch_norm: eps must be positive during training, but got {eps}")
    if input.ndim < 2:
        raise RuntimeError(
            f"batch_norm: expected input (N, C, ...), got shape {tuple(input.shape)}"
        )
    _channels("batch_norm", input, running_mean, running_var, weight, bias)
    if input.dtype == float16:  # the running statistics stay what they are, to be written to
        scales = _single(weight), _single(bias)
        y = _batch_norm(input.float(), running_mean, running_var, *scales, training, momentum, eps)
        return y.half()
    return _batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def _batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float | Tensor,
    eps: float,
) -> Tensor:
    """The same of no halves."""
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError(
                "batch_norm: Expected running_mean and running_var to be defined when "
                "training=False"
            )
        scale = (_single(running_var.detach()) + eps).rsqrt()
        scale = scale if weight is None else scale * weight
        shift = -_single(running_mean.detach()) * scale
        shift = shift if bias is None else shift + bias
        return input * _column(scale, input) + _column(shift, input)
    axes = (0, *range(2, input.ndim))
    count = _count(input, axes)
    if count == 1:
        raise ValueError(
            "batch_norm: Expected more than 1 value per channel when training, got input size "
            f"{tuple(input.shape)}"
        )
    deviation, mean, var = _spread(input, axes)
    if count:  # of nothing there is nothing to learn
        if running_mean is not None:
            _move(running_mean, mean.reshape(-1), momentum)
        if running_var is not None:
            _move(running_var, var.reshape(-1) * (count / (count - 1)), momentum)
    return _affine(deviation, (var + eps).rsqrt(), weight, bias)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """`batch_norm` of each sample by itself; the running statistics move towards the mean of the
    samples'.

    Args:
        input: x, (N, C, *).
        running_mean, running_var: (C), changed in place; None where nothing is kept.
        weight, bias: w and b, (C), or None.
        use_input_stats: whether the samples' own statistics count; else the running ones.
        momentum: how far the running ones move.
        eps: added to the variance under the root.

    Errors: as for `batch_norm`, with ValueError for a single value in each channel.
    """
    _require_float("instance_norm", input, running_mean, running_var, weight, bias)
    momentum = number("instance_norm", "momentum", momentum)
    eps = number("instance_norm", "eps", eps)
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if input.ndim < 2:
        raise ValueError(
            f"instance_norm: Expected more than 1 spatial element when training: an input "
            f"(N, C, ...), got shape {tuple(input.shape)}"
        )
    _channels("instance_norm", input, running_mean, running_var, weight, bias)
    if input.dtype == float16:
        scales = _single(weight), _single(bias)
        y = _instance_norm(input.float(), running_mean, running_var, *scales, momentum, eps)
        return y.half()
    return _instance_norm(input, running_mean, running_var, weight, bias, momentum, eps)


def _instance_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    momentum: float,
    eps: float,
) -> Tensor:
    """The same of no halves, by the samples' own statistics."""
    axes = tuple(range(2, input.ndim))
    count = _count(input, axes)
    if count == 1:
        raise ValueError(
            "instance_norm: Expected more than 1 spatial element when training, got input size "
            f"{tuple(input.shape)}"
        )
    deviation, mean, var = _spread(input, axes)
    with no_grad():
        if running_mean is not None and input.numel():
            _move(running_mean, mean.mean(0).reshape(-1), momentum)
        if running_var is not None and input.numel():
            _move(running_var, var.mean(0).reshape(-1) * (count / (count - 1)), momentum)
    return _affine(deviation, (var + eps).rsqrt(), weight, bias)


@rounded_once
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """y = (x - mean) / √(var + eps) · w + b over the last dimensions

    Args:
        input: x, (*, *normalized_shape).
        normalized_shape: the last dimensions that are normalised together.
        weight, bias: w and b, of that shape, or None.
        eps: added to the variance under the root.

    Errors: RuntimeError where the shapes differ. Source: Ba et al., Layer Normalization, 2016.
    """
    _require_float("layer_norm", input, weight, bias)
    eps = number("layer_norm", "eps", eps)
    axes = _last("layer_norm", input, normalized_shape, weight, bias)
    deviation, _, var = _spread(input, axes)
    y = deviation * (var + eps).rsqrt()
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


@rounded_once
def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """y = x / √(mean x² + eps) · w over the last dimensions. y is of x's type, whatever w's.

    Args:
        input: x, (*, *normalized_shape).
        normalized_shape: the last dimensions that are normalised together.
        weight: w, of that shape, or None.
        eps: added under the root; None is the type's precision.

    Errors: RuntimeError where the shapes differ.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
    """
    _require_float("rms_norm", input)
    axes = _last("rms_norm", input, normalized_shape, weight)
    small = float(np.finfo(input.dtype).eps) if eps is None else number("rms_norm", "eps", eps)
    y = input * ((input * input).mean(axes, True) + small).rsqrt()
    return y if weight is None else (y * weight).to(input.dtype)


@rounded_once
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """y = (x - mean) / √(var + eps) · w + b, mean and variance over a group of the channels of one
    sample

    Args:
        input: x, (N, C, *).
        num_groups: into how many groups the channels are cut.
        weight, bias: w and b, (C), or None.
        eps: added to the variance under the root.

    Errors: RuntimeError where the groups do not divide the channels, ValueError for a single value
    in a group. Source: Wu and He, Group Normalization, 2018.
    """
    _require_float("group_norm", input, weight, bias)
    num_groups, eps = (
        whole("group_norm", "num_groups", num_groups),
        number("group_norm", "eps", eps),
    )
    if input.ndim < 2 or num_groups < 1 or input.shape[1] % num_groups:
        raise RuntimeError(
            "group_norm: Expected number of channels in input to be divisible by num_groups, but "
            f"got input of shape {tuple(input.shape)} and num_groups={num_groups}"
        )
    _channels("group_norm", input, weight, bias)
    if 0 in input.shape[1:]:
        raise RuntimeError(
            "group_norm: Expected number of channels and numbers in each to be greater than 0, got "
            f"input of shape {tuple(input.shape)}"
        )
    n = len(input)
    grouped = input.reshape(n, num_groups, input.numel() // max(1, n * num_groups))
    if n and grouped.shape[0] * grouped.shape[2] == 1:
        raise ValueError(
            "group_norm: Expected more than 1 value per channel when training, got input size "
            f"{tuple(input.shape)}"
        )
    deviation, _, var = _spread(grouped, (2,))
    share = input.shape[1] // num_groups
    scale = (var + eps).rsqrt().expand(n, num_groups, share).reshape(n, num_groups * share)
    return _affine(deviation.reshape(input.shape), _column(scale, input), weight, bias)


@rounded_once
def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """y = x / (k + alpha / size · Σ x²)^beta, the sum over ``size`` neighbouring channels

    Args:
        input: x, (N, C, *).
        size: channels that are summed over, half of them before the channel.
        alpha: how strongly they dampen.
        beta: the exponent.
        k: keeps the denominator from 0.

    Errors: ValueError for fewer than 3 dimensions.
    Source: Krizhevsky et al., ImageNet Classification with Deep CNNs, 2012, section 3.3.
    """
    _require_float("local_response_norm", input)
    size = whole("local_response_norm", "size", size)
    if size < 1:
        raise RuntimeError(f"local_response_norm: size should be greater than zero, but got {size}")
    if input.ndim < 3:
        raise ValueError(
            f"local_response_norm: Expected 3D or higher dimensionality input (got {input.ndim} "
            "dimensions)"
        )
    n, channels = input.shape[:2]
    rows = (input * input).reshape(n, 1, channels, math.prod(input.shape[2:]))
    border = ((size // 2, (size - 1) // 2), (0, 0))
    total = window_sum(rows, window=Window((size, 1), (1, 1), (1, 1), border))
    return input / (total.reshape(input.shape) * (alpha / size) + k).pow(beta)


def _spread(x: Tensor, axes: Axes) -> tuple[Tensor, Tensor, Tensor]:
    """The deviations of x from its mean over the axes, that mean, and the variance: the second of
    two passes, so that nothing cancels."""
    mean = x.mean(axes, True)
    deviation = center(x, mean, axes=axes)
    return deviation, mean, mean_square(deviation, axes=axes)


def _affine(y: Tensor, scale: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """y · scale · w + b. The scales are multiplied first: y is the only large thing to keep."""
    y = y * (scale if weight is None else scale * _column(weight, y))
    return y if bias is None else y + _column(bias, y)


def _column(t: Tensor, x: Tensor) -> Tensor:
    """A number for each channel, (C) or (N, C), to be broadcast against (N, C, ...)."""
    return t.reshape(*t.shape, *(1,) * (x.ndim - 2))


def _single(t: Any) -> Any:
    """A tensor of halves in float32, anything else as it is."""
    return t.float() if t is not None and t.dtype == float16 else t


def _move(running: Tensor, new: Tensor, momentum: Any) -> None:
    with no_grad():
        if running.dtype == float16:
            running.copy_(running.float() * (1 - momentum) + new.float() * momentum)
        else:
            running.mul_(1 - momentum).addcmul_(new.to(running.dtype), momentum)


def _count(x: Tensor, axes: Axes) -> int:
    return math.prod(x.shape[i] for i in axes)


def _require_float(caller: str, x: Tensor, *given: Tensor | None) -> None:
    """x of a floating-point type, and what goes with it of the same; halves also with float32."""
    if not x.is_floating_point():
        raise RuntimeError(f"{caller}: expected a floating-point input, got {x.dtype}")
    meant = (x.dtype, float32) if x.dtype == float16 else (x.dtype,)
    for t in given:
        if t is not None and t.dtype not in meant:
            raise RuntimeError(
                f"{caller}: expected weight, bias and running statistics of the input's dtype "
                f"{x.dtype}, got {t.dtype}; convert one of them with .to(dtype)"
            )


def _channels(caller: str, x: Tensor, *given: Tensor | None) -> None:
    for t in given:
        if t is not None and t.shape != (x.shape[1],):
            raise RuntimeError(
                f"{caller}: weight, bias and running statistics should contain {x.shape[1]} "
                f"elements, for input of shape {tuple(x.shape)}, not {tuple(t.shape)}"
            )


def _last(caller: str, x: Tensor, shape: Sequence[int], *given: Tensor | None) -> Axes:
    goal = wholes(caller, "normalized_shape", shape)
    if not goal or tuple(x.shape[-len(goal) :]) != goal:
        raise RuntimeError(
            f"{caller}: Given normalized_shape={list(goal)}, expected input with shape "
            f"[*, {', '.join(map(str, goal))}], but got input of size {list(x.shape)}"
        )
    for t in given:
        if t is not None and tuple(t.shape) != goal:
            raise RuntimeError(
                f"{caller}: Expected weight and bias to be of the same shape as normalized_shape, "
                f"but got {tuple(t.shape)} and normalized_shape={list(goal)}"
            )
    return tuple(range(x.ndim - len(goal), x.ndim))


public(globals())
