"""Linear maps of the last dimension."""

from __future__ import annotations

import math

from minigrad.methods.halves import rounded_once
from minigrad.ops.arithmetic import refuse_bools
from minigrad.ops.linalg import linear as linear_op
from minigrad.tensor import Tensor

__all__ = ["bilinear", "linear"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y = x Wᵀ + b

    Args:
        input: x, (..., in).
        weight: W, (out, in) or (in).
        bias: b, (out) or (), or None.

    Shapes: result (..., out), or (...) where W is a vector.
    Errors: RuntimeError when the shapes or the types do not fit.
    """
    if weight.ndim not in (1, 2) or not input.ndim or input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(_misfit(tuple(input.shape), tuple(weight.shape)))
    operands = (input, weight) if bias is None else (input, weight, bias)
    dtype = input.dtype
    if weight.dtype != dtype or (bias is not None and bias.dtype != dtype):
        raise RuntimeError(
            "linear: expected all operands to have the same dtype, got "
            + ", ".join(str(t.dtype) for t in operands)
            + f"; give it the input as x.to({weight.dtype})"
            + (f", or the layer as layer.to({dtype})" if dtype.kind == "f" else "")
        )
    if dtype.kind == "b":
        refuse_bools("linear", input.array)
    if weight.ndim == 1:
        y = input @ weight
        return y if bias is None else y + bias
    if bias is not None and bias.shape not in ((weight.shape[0],), (1,), ()):
        raise RuntimeError(
            f"linear: expected a bias of shape ({weight.shape[0]},) for weight "
            f"{tuple(weight.shape)}, got {tuple(bias.shape)}"
        )
    if input.ndim == 1:
        return linear_op(input.reshape(1, -1), *operands[1:]).reshape(weight.shape[0])
    return linear_op(*operands)


def _misfit(input: tuple[int, ...], weight: tuple[int, ...]) -> str:
    """Why the two do not go together, and what may have been meant."""
    if len(weight) not in (1, 2):
        return f"linear: expected a weight (out, in) or (in), got {weight}"
    told = (
        f"linear: expected an input (..., {weight[-1]}) for a weight {weight}, got {input} "
        "(mat1 and mat2 shapes cannot be multiplied)"
    )
    if len(input) > 2 and math.prod(input[1:]) == weight[-1]:
        told += "; flatten it first, as nn.Flatten() or x.flatten(1) does"
    return told


@rounded_once
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """yₒ = x₁ᵀ Wₒ x₂ + bₒ

    Args:
        input1: x₁, (..., in1).
        input2: x₂, (..., in2).
        weight: W, (out, in1, in2).
        bias: b, (out), or None.

    Shapes: result (..., out). Errors: RuntimeError when they do not fit.
    """
    if (
        weight.ndim != 3
        or input1.shape[:-1] != input2.shape[:-1]
        or (*input1.shape[-1:], *input2.shape[-1:]) != tuple(weight.shape[1:])
    ):
        raise RuntimeError(
            "bilinear: expected inputs (..., in1) and (..., in2) with equal leading dimensions and "
            f"weight (out, in1, in2), got {tuple(input1.shape)}, {tuple(input2.shape)} and "
            f"{tuple(weight.shape)}"
        )
    products = (input1.unsqueeze(-1) * input2.unsqueeze(-2)).flatten(-2)
    return linear(products, weight.flatten(1), bias)
