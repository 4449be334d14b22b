"""Layers that are linear maps."""

from __future__ import annotations

import math
from typing import Any

from minigrad.creation import empty
from minigrad.nn import init
from minigrad.nn.functional.arguments import whole
from minigrad.nn.functional.linear import bilinear, linear
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["Bilinear", "FullConnection", "Identity", "Linear"]


class Identity(Module):
    """y = x. Accepts and ignores any arguments, as a place holder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Module):
    """y = x Wᵀ + b, every input connected to every output. The course's name is `FullConnection`.

    Shapes: input (..., in_features), result (..., out_features); weight (out_features,
    in_features), bias (out_features). Both start uniform in ±1/√in_features.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_features = in_features = whole(name, "in_features", in_features)
        self.out_features = out_features = whole(name, "out_features", out_features)
        self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
        self.bias = Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again from random numbers."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # a bound of 1/√in_features
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0.0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class FullConnection(Linear):
    """`Linear` by the course's name: the same layer, parameters and checkpoints. A printed model
    says which name built it; ``isinstance(layer, nn.Linear)`` holds for both."""


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under the name that PyTorch prints for the last layer of attention."""


class Bilinear(Module):
    """yₒ = x₁ᵀ Wₒ x₂ + bₒ

    Shapes: inputs (..., in1_features) and (..., in2_features), result (..., out_features); weight
    (out_features, in1_features, in2_features). It starts uniform in ±1/√in1_features.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        in1_features = whole("Bilinear", "in1_features", in1_features)
        in2_features = whole("Bilinear", "in2_features", in2_features)
        out_features = whole("Bilinear", "out_features", out_features)
        if in1_features <= 0:
            raise ValueError(f"Bilinear: in1_features must be > 0, but got {in1_features}")
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        self.weight = Parameter(
            empty(out_features, in1_features, in2_features, device=device, dtype=dtype)
        )
        self.bias = Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again from random numbers."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
