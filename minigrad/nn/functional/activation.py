"""Activations: what stands between two layers. ``inplace`` writes over the operand."""

from __future__ import annotations

import math
from collections.abc import Callable

from minigrad.arguments import number, whole
from minigrad.dtypes import fitting, float16
from minigrad.functions.activation import relu_
from minigrad.functions.elementary import sigmoid, tanh
from minigrad.methods.twins import in_place
from minigrad.ops import activation as ops
from minigrad.ops.arithmetic import refuse_bools
from minigrad.ops.comparison import where
from minigrad.ops.erf import ndtr
from minigrad.sampling import rand
from minigrad.tensor import Tensor

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]


def _real(name: str, x: Tensor) -> None:
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"{name}: expected a floating point type, got {x.dtype}; convert with .float()"
        )


def _applied(function: Callable[[Tensor], Tensor], input: Tensor, inplace: bool = False) -> Tensor:
    """function(x); in place of a copy of x, because the rules may read what is written over.
    Of halves in float32, rounded once: there and in the derivatives, as PyTorch's kernels do."""
    x = input.clone() if inplace else input
    y = function(x.float()).to(x.dtype) if x.dtype == float16 else function(x)
    return input.copy_(y) if inplace else y


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0). The slope at 0 is 0.

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    return input.relu_() if inplace else input.relu()


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6). The slope at 0 and 6 is 0.

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    return hardtanh(input, 0.0, 6.0, inplace)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """min(max(x, min_val), max_val). The slope at both bounds is 0.

    Args:
        input: x, any shape.
        min_val, max_val: the bounds of the result.
        inplace: write the result over the input and return the input itself.

    Errors: ValueError where min_val > max_val.
    """
    if input.dtype.kind == "b":
        raise RuntimeError("hardtanh: Bool inputs not supported; convert with .float()")
    min_val = number("hardtanh", "min_val", min_val)
    max_val = number("hardtanh", "max_val", max_val)
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is greater than max_val {max_val}")
    if input.dtype.kind == "i" or input.dtype.kind == "u":
        min_val, max_val = int(min_val), int(max_val)
        if input.dtype.kind == "u" and (min_val < 0 or max_val < 0):
            raise RuntimeError("hardtanh: an unsigned type cannot have negative limits")
    return ops.hardtanh(input, low=min_val, high=max_val, into=input if inplace else None)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, else negative_slope · x

    Args:
        input: x, any shape.
        negative_slope: what a negative number is multiplied by, and the slope at 0.
        inplace: write the result over the input and return the input itself.
    """
    _real("leaky_relu", input)
    negative_slope = number("leaky_relu", "negative_slope", negative_slope)
    if negative_slope > 0:
        return ops.leaky_relu(input, slope=negative_slope, into=input if inplace else None)
    # The op's rule reads the sign of x off the result; here the result does not tell it.
    return _applied(lambda x: x.where(x > 0, x * negative_slope), input, inplace)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where x > 0, else weight · x; one weight, or one for each channel (dimension 1).

    Args:
        input: x, (N, C, *), with one weight any shape.
        weight: of shape (1), () or (C); it gets a gradient.

    Errors: RuntimeError when there is neither one weight nor one a channel, or it is of another
    type than x.
    """
    _real("prelu", input)
    if weight.dtype != input.dtype:
        raise RuntimeError(
            f"prelu: expected a weight of the input's dtype {input.dtype}, got {weight.dtype}; "
            "convert one of them with .to(dtype)"
        )
    if weight.numel() > 1:
        channels = input.shape[1] if input.ndim > 1 else 1
        if weight.numel() != channels:
            raise RuntimeError(
                f"prelu: expected 1 weight or one for each of the {channels} channels of an input "
                f"of shape {input.shape}, got {weight.numel()}"
            )
        weight = weight.reshape(-1, *[1] * (input.ndim - 2))
    elif weight.ndim:
        weight = weight.reshape(())
    return input.where(input > 0, input * weight)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """x where x > 0, else a · x, with a drawn from [lower, upper) for every element in training
    and their mean in evaluation.

    Args:
        input: x, any shape.
        lower, upper: the bounds of a.
        training: whether a is drawn.
        inplace: write the result over the input and return the input itself.
    """
    lower, upper = number("rrelu", "lower", lower), number("rrelu", "upper", upper)
    if not (math.isfinite(lower) and math.isfinite(upper)):
        raise RuntimeError(f"rrelu: the bounds must be finite, got {lower} and {upper}")
    if lower > upper:
        raise RuntimeError(f"rrelu: Lower bound {lower} should not exceed upper bound {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    _real("rrelu", input)
    a = rand(input.shape, dtype=input.dtype, device=input.device) * (upper - lower) + lower
    return _applied(lambda x: x * a.where(x <= 0, 1.0), input, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, else α (exp(x) - 1)

    Args:
        input: x, any shape.
        alpha: α, the depth of the negative side and its slope at 0.
        inplace: write the result over the input and return the input itself.
    """
    _real("elu", input)
    alpha = number("elu", "alpha", alpha)
    into = input if inplace else None
    return ops.elu(input, alpha=alpha, scale=1.0, rate=1.0, into=into)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, else α (exp(x / α) - 1). The slope at 0 is 1.

    Args:
        input: x, any shape.
        alpha: α, depth and width of the negative side.
        inplace: write the result over the input and return the input itself.

    Errors: RuntimeError for α 0.
    """
    _real("celu", input)
    alpha = number("celu", "alpha", alpha)
    if alpha == 0:
        raise RuntimeError("celu: ZeroDivisionError: alpha cannot be 0 for CELU")
    into = input if inplace else None
    return ops.elu(input, alpha=alpha, scale=1.0, rate=1.0 / alpha, into=into)


SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """scale · (x where x > 0, else α (exp(x) - 1)), with the two numbers for which layers keep mean
    0 and variance 1.

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.

    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017.
    """
    _real("selu", input)
    into = input if inplace else None
    return ops.elu(input, alpha=SELU_ALPHA, scale=SELU_SCALE, rate=1.0, into=into)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x), Φ the normal distribution.

    Args:
        input: x, any shape.
        approximate: "none", or "tanh" for the paper's formula of Φ.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
    """
    _real("gelu", input)
    if not isinstance(approximate, str):
        raise TypeError(f"gelu: argument 'approximate' must be str, not {approximate!r}")
    if approximate == "none":
        return _applied(lambda x: x * ndtr(x), input)
    if approximate == "tanh":
        return _applied(ops.gelu_tanh, input)
    raise RuntimeError(
        f"gelu: approximate argument must be either none or tanh, got {approximate!r}"
    )


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x · sigmoid(x), also called swish

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    _real("silu", input)
    return _applied(ops.silu, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · tanh(log(1 + exp(x)))

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    _real("mish", input)
    # From 50 on the tangent is 1; in a derivative it would be multiplied by x, be that infinite.
    return _applied(lambda x: x * softplus(x.clamp_max(50)).tanh(), input, inplace)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(β x)) / β, and x itself where β x > threshold

    Args:
        input: x, any shape.
        beta: β; the greater, the nearer to relu.
        threshold: from where on the result is x and its slope 1.
    """
    _real("softplus", input)
    beta, threshold = number("softplus", "beta", beta), number("softplus", "threshold", threshold)
    return ops.softplus(input, beta=beta, threshold=threshold)


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)

    Args:
        input: x, any shape.
    """
    refuse_bools("softsign", input)
    return ops.softsign(input)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by λ, and 0 where it is nearer.

    Args:
        input: x, any shape.
        lambd: λ.

    Errors: RuntimeError for λ < 0.
    """
    _real("softshrink", input)
    lambd = number("softshrink", "lambd", lambd)
    if not 0 <= lambd < math.inf:
        raise RuntimeError(
            f"softshrink: lambda must be greater or equal to 0 and finite, but found {lambd}"
        )
    return where(input.abs() <= lambd, 0, input - input.sign() * lambd)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x where |x| > λ, else 0

    Args:
        input: x, any shape.
        lambd: λ.
    """
    _real("hardshrink", input)
    lambd = number("hardshrink", "lambd", lambd)
    return where((input <= lambd) & (input >= -lambd), 0, input)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x).

    Args:
        input: x, any shape.

    Errors: NotImplementedError for truth values, which have no difference.
    """
    refuse_bools("tanhshrink", input)
    return ops.tanhshrink(input)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x + 3, 0), 6) / 6

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    _real("hardsigmoid", input)
    return _applied(lambda x: (x + 3).clamp(0, 6) / 6, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · min(max(x + 3, 0), 6) / 6

    Args:
        input: x, any shape.
        inplace: write the result over the input and return the input itself.
    """
    _real("hardswish", input)
    return _applied(lambda x: x * ((x + 3).clamp(0, 6) / 6), input, inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where x > threshold, else value

    Args:
        input: x, any shape.
        threshold: what x has to exceed.
        value: what the others become; they get no gradient.
        inplace: write the result over the input and return the input itself.
    """
    if input.dtype.kind == "b":
        raise RuntimeError("threshold: Boolean inputs not supported; convert with .float()")
    threshold, value = (
        number("threshold", "threshold", threshold),
        number("threshold", "value", value),
    )
    if input.dtype.kind != "f":
        value = fitting("threshold", value, input.dtype)
    return _applied(lambda x: x.masked_fill(x <= threshold, value), input, inplace)


def logsigmoid(input: Tensor) -> Tensor:
    """log sigmoid(x), exact also where the sigmoid underflows

    Args:
        input: x, any shape.
    """
    _real("logsigmoid", input)
    return ops.logsigmoid(input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a · sigmoid(b), a and b the halves of x along ``dim``.

    Args:
        input: x, any shape.
        dim: the dimension that is halved.

    Errors: RuntimeError where the length is odd.
    """
    _real("glu", input)
    if not input.ndim:
        raise RuntimeError("glu: does not support 0-dimensional tensors")
    half, rest = divmod(input.size(whole("glu", "dim", dim)), 2)
    if rest:
        raise RuntimeError(
            f"glu: Halving dimension must be even, but dimension {dim} is size {input.size(dim)}"
        )
    return _applied(lambda x: x.narrow(dim, 0, half) * x.narrow(dim, half, half).sigmoid(), input)


celu_ = in_place(celu)
elu_ = in_place(elu)
hardtanh_ = in_place(hardtanh)
leaky_relu_ = in_place(leaky_relu)
rrelu_ = in_place(rrelu)
selu_ = in_place(selu)
threshold_ = in_place(threshold)
