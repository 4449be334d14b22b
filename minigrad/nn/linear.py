"""Layers that are linear maps."""

from __future__ import annotations

import math
from typing import Any

from minigrad.arguments import whole
from minigrad.creation import empty
from minigrad.nn import init
from minigrad.nn.functional.linear import bilinear, linear
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["Bilinear", "FullConnection", "Identity", "Linear"]


class Identity(Module):
    """y = x, whatever the layer is given: a place holder where a layer may be left out.

    Shapes: input (*), result (*).

    Example:
        >>> nn.Identity(54, unused=True)(minigrad.tensor([1.0, 2.0]))
        tensor([1., 2.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """
        Args:
            args, kwargs: taken and ignored, so that any layer's arguments fit.
        """
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Linear(Module):
    """y = x Wᵀ + b, every input connected to every output. The course's name is `FullConnection`.

    Backwards, with G = ∂L/∂y: ∂L/∂x = G W, ∂L/∂W = Gᵀ x and ∂L/∂b = Σ G over the rows.

    Shapes: input (*, in_features), result (*, out_features); weight (out_features, in_features),
    bias (out_features). Both start uniform in ±1/√in_features, as PyTorch's.

    Errors: RuntimeError for an input of another width or type than the weight's.

    Example:
        >>> layer = nn.Linear(3, 2)
        >>> with minigrad.no_grad():
        ...     _ = layer.weight.copy_(minigrad.tensor([[1.0, 0.0, -1.0], [0.5, 0.5, 0.5]]))
        ...     _ = layer.bias.copy_(minigrad.tensor([0.0, 10.0]))
        >>> layer(minigrad.tensor([[1.0, 2.0, 3.0]]))
        tensor([[-2., 13.]], grad_fn=<LinearBackward>)
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
        """
        Args:
            in_features: numbers a sample has, the last dimension of the input.
            out_features: numbers a sample gets, one for each row of the weight.
            bias: whether there is a b; without it ``layer.bias`` is None.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
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
    """`Linear` by the course's name: the same layer, arguments, parameters and checkpoints.

    A printed model says which name built it; ``isinstance(layer, nn.Linear)`` holds for both.

    Shapes: input (*, in_features), result (*, out_features).
    Errors: as for `Linear`.

    Example:
        >>> layer = nn.FullConnection(784, 10)
        >>> layer
        FullConnection(in_features=784, out_features=10, bias=True)
        >>> layer(minigrad.zeros(32, 784)).shape
        minigrad.Size([32, 10])
    """


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under the name that PyTorch prints for the last layer of attention."""


class Bilinear(Module):
    """yₒ = x₁ᵀ Wₒ x₂ + bₒ: for each output a matrix that weighs every pair of numbers of the two
    inputs.

    Shapes: inputs (*, in1_features) and (*, in2_features), result (*, out_features); weight
    (out_features, in1_features, in2_features), bias (out_features). Both start uniform in
    ±1/√in1_features.

    Errors: ValueError for in1_features ≤ 0; RuntimeError for inputs that do not fit.

    Example:
        >>> layer = nn.Bilinear(2, 2, 1, bias=False)
        >>> _ = nn.init.eye_(layer.weight.data[0])  # then it is the dot product
        >>> layer(minigrad.tensor([[1.0, 2.0]]), minigrad.tensor([[3.0, 4.0]]))
        tensor([[11.]], grad_fn=<LinearBackward>)
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
        """
        Args:
            in1_features, in2_features: the last dimension of the first and of the second input.
            out_features: the last dimension of the result.
            bias: whether there is a b.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
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
