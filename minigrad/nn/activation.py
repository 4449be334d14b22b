"""Activations as modules; what each computes stands in `minigrad.nn.functional.activation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from minigrad.creation import full
from minigrad.nn.functional import activation as F
from minigrad.nn.functional.arguments import number, whole
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "Tanh",
    "Tanhshrink",
]


class _Plain(Module):
    """An activation without settings."""

    function: ClassVar[Callable[[Tensor], Tensor]]

    def forward(self, input: Tensor) -> Tensor:
        return type(self).function(input)


class _InPlace(Module):
    """An activation whose one setting is ``inplace``."""

    function: ClassVar[Callable[[Tensor, bool], Tensor]]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return type(self).function(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


def also_inplace(text: str, inplace: bool) -> str:
    return f"{text}, inplace=True" if inplace else text


class Sigmoid(_Plain):
    """1 / (1 + exp(-x))"""

    function = F.sigmoid


class Tanh(_Plain):
    """tanh(x)"""

    function = F.tanh


class LogSigmoid(_Plain):
    """log sigmoid(x)"""

    function = F.logsigmoid


class Softsign(_Plain):
    """x / (1 + |x|)"""

    function = F.softsign


class Tanhshrink(_Plain):
    """x - tanh(x)"""

    function = F.tanhshrink


class ReLU(_InPlace):
    """max(x, 0)"""

    function = F.relu


class SELU(_InPlace):
    """scale · (x where x > 0, else α (exp(x) - 1))"""

    function = F.selu


class SiLU(_InPlace):
    """x · sigmoid(x)"""

    function = F.silu


class Mish(_InPlace):
    """x · tanh(log(1 + exp(x)))"""

    function = F.mish


class LeakyReLU(Module):
    """x where x > 0, else negative_slope · x"""

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"negative_slope={self.negative_slope}", self.inplace)


class PReLU(Module):
    """x where x > 0, else weight · x; the weight is learned, one or one for each channel.

    Attributes:
        weight: of shape (num_parameters,), at first ``init``.
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters = whole("PReLU", "num_parameters", num_parameters)
        self.init = init = float(number("PReLU", "init", init))
        self.weight = Parameter(full((num_parameters,), init, device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where x > 0, else a · x, a drawn from [lower, upper) in training"""

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"lower={self.lower}, upper={self.upper}", self.inplace)


class ELU(Module):
    """x where x > 0, else α (exp(x) - 1)"""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"alpha={self.alpha}", self.inplace)


class CELU(ELU):
    """x where x > 0, else α (exp(x / α) - 1)"""

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)


class GELU(Module):
    """x Φ(x), Φ the normal distribution"""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + exp(β x)) / β, and x itself where β x > threshold"""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class GLU(Module):
    """a · sigmoid(b), a and b the halves of x along ``dim``"""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
