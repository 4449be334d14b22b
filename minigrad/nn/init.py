"""Filling parameters with their first numbers, in place and off the tape.

Random numbers come from the default generator, or from the one given. They are drawn in float64
whatever the tensor's type, so that a seed means the same numbers in every type.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from minigrad.autograd import no_grad
from minigrad.device import Array
from minigrad.ops.erf import erfinv
from minigrad.ops.random import draw
from minigrad.random import Generator, stream
from minigrad.tensor import Tensor, fresh

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


PIECE = 1 << 18
"""Numbers drawn at a time: all of a large layer's would take another gigabyte."""


def _fill(tensor: Tensor, array: Array | float) -> Tensor:
    with no_grad():
        return tensor.copy_(fresh(np.asarray(array)).to(device=tensor.device))


def _fill_at_random(tensor: Tensor, numbers: Callable[[tuple[int, ...]], Array]) -> Tensor:
    """Fill with what ``numbers(shape)`` draws, some rows at a time, which changes no number."""
    with no_grad():
        if tensor.numel() <= PIECE:
            shape = tensor.shape
            return tensor.copy_(
                draw(make=lambda: np.asarray(numbers(shape))).to(device=tensor.device)
            )
        for part in tensor.split(max(1, PIECE * len(tensor) // tensor.numel())):
            _fill_at_random(part, numbers)
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance through an activation: √2 for relu, 5/3 for tanh, 3/4 for
    selu, √(2 / (1 + slope²)) for leaky_relu, else 1.

    Args:
        nonlinearity: the activation's name, as in `nn.functional`.
        param: the slope of leaky_relu; None is 0.01.

    Errors: ValueError for an unknown name.

    Example:
        >>> round(nn.init.calculate_gain("relu"), 4)
        1.4142
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"calculate_gain: negative_slope {param} not a valid number")
        return math.sqrt(2 / (1 + slope**2))
    gains = {"relu": math.sqrt(2), "tanh": 5 / 3, "selu": 3 / 4, "linear": 1.0, "sigmoid": 1.0}
    for kind in ("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d"):
        gains[kind] = 1.0
    if nonlinearity not in gains:
        raise ValueError(
            f"calculate_gain: Unsupported nonlinearity {nonlinearity}; expected leaky_relu, "
            f"{', '.join(gains)}"
        )
    return gains[nonlinearity]


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """U(a, b): every number between a and b alike.

    Args:
        tensor: what is filled, in place; it is returned.
        a, b: the bounds.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.
    """
    return _fill_at_random(tensor, lambda shape: stream(generator).uniform(a, b, shape))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """N(mean, std²)

    Args:
        tensor: what is filled, in place; it is returned.
        mean: the middle.
        std: the deviation.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.
    """
    return _fill_at_random(tensor, lambda shape: stream(generator).normal(mean, std, shape))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """N(mean, std²) restricted to [a, b], by the inverse of its distribution function:
    x = mean + std √2 erf⁻¹(2u - 1) with u uniform between Φ((a-mean)/std) and Φ((b-mean)/std).

    Args:
        tensor: what is filled, in place; it is returned.
        mean: the middle.
        std: the deviation, before it is cut.
        a, b: the bounds, as numbers, not as multiples of std.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.
    """
    low, high = (math.erf((end - mean) / std / math.sqrt(2)) for end in (a, b))

    def numbers(shape: tuple[int, ...]) -> Array:
        u = np.asarray(stream(generator).uniform(low, high, shape))
        return np.clip(erfinv.forward(np, u) * (std * math.sqrt(2)) + mean, a, b)

    return _fill_at_random(tensor, numbers)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """val everywhere

    Args:
        tensor: what is filled, in place; it is returned.
        val: the number.
    """
    return _fill(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """1 everywhere

    Args:
        tensor: what is filled, in place; it is returned.
    """
    return _fill(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """0 everywhere

    Args:
        tensor: what is filled, in place; it is returned.
    """
    return _fill(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix.

    Args:
        tensor: what is filled, in place; it is returned.

    Errors: ValueError for what is no matrix.
    """
    if tensor.ndim != 2:
        raise ValueError(f"eye_: Only tensors with 2 dimensions are supported, got {tensor.ndim}")
    return _fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Kernels of a convolution that leaves its input as it is, in each group.

    Args:
        tensor: the kernels (out, in, *K), filled in place; they are returned.
        groups: the convolution's.

    Errors: ValueError unless there are 3 to 5 dimensions and ``groups`` divides the first.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ValueError(
            f"dirac_: Only tensors with 3, 4, or 5 dimensions are supported, got {tensor.ndim}"
        )
    if tensor.shape[0] % groups:
        raise ValueError(f"dirac_: dim 0 must be divisible by groups: {tensor.shape[0]}, {groups}")
    out = tensor.shape[0] // groups
    kernels = np.zeros(tensor.shape)
    middle = tuple(k // 2 for k in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(out, tensor.shape[1])):
            kernels[(group * out + channel, channel, *middle)] = 1
    return _fill(tensor, kernels)


def fan_in_and_out(tensor: Tensor) -> tuple[int, int]:
    """How many numbers flow into and out of a unit with these weights (out, in, *kernel).

    Errors: ValueError for fewer than 2 dimensions.
    """
    if tensor.ndim < 2:
        raise ValueError(
            "init: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions; "
            f"got shape {tuple(tensor.shape)}"
        )
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


_calculate_fan_in_and_fan_out = fan_in_and_out  # as layers of one's own call it in PyTorch


def _fan(tensor: Tensor, mode: str) -> int:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f"init: Mode {mode} not supported, please use one of fan_in, fan_out")
    return fan_in_and_out(tensor)[mode.lower() == "fan_out"]


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """U(-b, b), b = gain √(6 / (fan_in + fan_out)): variances stay, forwards and backwards.

    fan_in and fan_out are how many numbers flow into and out of a unit: of (out, in, *K) in · ΠK
    and out · ΠK.

    Args:
        tensor: what is filled, in place; it is returned.
        gain: the activation's, from `calculate_gain`.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for fewer than 2 dimensions.
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equation 16.

    Example:
        >>> w = nn.init.xavier_uniform_(minigrad.empty(3, 5))
        >>> w.abs().max().item() <= (6 / (3 + 5)) ** 0.5
        True
    """
    bound = gain * math.sqrt(6 / sum(fan_in_and_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """N(0, s²), s = gain √(2 / (fan_in + fan_out)).

    Args:
        tensor: what is filled, in place; it is returned.
        gain: the activation's, from `calculate_gain`.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for fewer than 2 dimensions.
    Source: as for `xavier_uniform_`.
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fan_in_and_out(tensor))), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """U(-b, b), b = gain √(3 / fan): variances stay through relu.

    Args:
        tensor: what is filled, in place; it is returned.
        a: the slope of a leaky_relu.
        mode: "fan_in" keeps the variance forwards, "fan_out" backwards.
        nonlinearity: the activation's name, whose gain is taken.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for fewer than 2 dimensions and for an unknown mode or activation.
    Source: He et al., Delving Deep into Rectifiers, 2015, section 2.2.
    """
    if not tensor.numel():
        return tensor
    bound = math.sqrt(3) * calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """N(0, s²), s = gain / √fan.

    Args:
        tensor: what is filled, in place; it is returned.
        a: the slope of a leaky_relu.
        mode: "fan_in" keeps the variance forwards, "fan_out" backwards.
        nonlinearity: the activation's name, whose gain is taken.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors and source: as for `kaiming_uniform_`.
    """
    if not tensor.numel():
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """gain · Q, where the rows of Q (out, in · kernel), or its columns, are orthonormal.

    Args:
        tensor: what is filled, in place; it is returned.
        gain: the factor.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for fewer than 2 dimensions.
    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, 2013.
    """
    if tensor.ndim < 2:
        raise ValueError(
            "orthogonal_: Only tensors with 2 or more dimensions are supported, got shape "
            f"{tuple(tensor.shape)}"
        )
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    columns = tensor.numel() // rows
    shape = tensor.shape

    def make() -> Array:
        flat = stream(generator).standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(flat)
        q = q * np.sign(np.diag(r))  # without this Q would not be uniformly distributed
        return gain * (q.T if rows < columns else q).reshape(shape)

    with no_grad():
        return tensor.copy_(draw(make=make).to(device=tensor.device))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None
) -> Tensor:
    """N(0, std²) with the fraction ``sparsity`` of every column set to 0.

    Args:
        tensor: what is filled, in place; it is returned.
        sparsity: the fraction, from 0 to 1.
        std: the deviation of the others.
        generator: draws the random numbers; None is the default one, which ``manual_seed`` seeds.

    Errors: ValueError for what is no matrix.
    Source: Martens, Deep learning via Hessian-free optimization, 2010.
    """
    if tensor.ndim != 2:
        raise ValueError(
            f"sparse_: Only tensors with 2 dimensions are supported, got {tensor.ndim}"
        )
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)

    def make() -> Array:
        source = stream(generator)
        values = source.normal(0.0, std, (rows, columns))
        places = source.permuted(np.broadcast_to(np.arange(rows)[:, None], values.shape), axis=0)
        np.put_along_axis(values, places[:zeros], 0.0, axis=0)
        return values

    with no_grad():
        return tensor.copy_(draw(make=make).to(device=tensor.device))
