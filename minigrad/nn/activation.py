"""Activations as modules; what each computes stands in `minigrad.nn.functional.activation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from minigrad.arguments import number, whole
from minigrad.creation import full
from minigrad.nn.functional import activation as F
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
        """
        Args:
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return type(self).function(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


def also_inplace(text: str, inplace: bool) -> str:
    return f"{text}, inplace=True" if inplace else text


class Sigmoid(_Plain):
    """σ(x) = 1 / (1 + exp(-x)), between 0 and 1.

    Its derivative is y (1 - y), at most 1/4: through many of them gradients vanish.

    Shapes: input (*), result (*).

    Example:
        >>> nn.Sigmoid()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([0.2689, 0.5000, 0.7311])
    """

    function = F.sigmoid


class Tanh(_Plain):
    """tanh(x), between -1 and 1 and odd; its derivative is 1 - y².

    Shapes: input (*), result (*).

    Example:
        >>> nn.Tanh()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.7616,  0.0000,  0.7616])
    """

    function = F.tanh


class LogSigmoid(_Plain):
    """log σ(x) = -log(1 + exp(-x)), exact also where the sigmoid underflows to 0.

    Shapes: input (*), result (*).

    Example:
        >>> nn.LogSigmoid()(minigrad.tensor([-200.0, 0.0, 200.0]))
        tensor([-200.0000,   -0.6931,    0.0000])
    """

    function = F.logsigmoid


class Softsign(_Plain):
    """x / (1 + |x|), between -1 and 1 like tanh, but slower to arrive there. The slope at 0 is 1.

    Shapes: input (*), result (*).

    Example:
        >>> nn.Softsign()(minigrad.tensor([-3.0, 0.0, 3.0]))
        tensor([-0.7500,  0.0000,  0.7500])
    """

    function = F.softsign


class Tanhshrink(_Plain):
    """x - tanh(x): nearly 0 around 0, nearly x ∓ 1 far away.

    Shapes: input (*), result (*). Errors: NotImplementedError for truth values.

    Example:
        >>> nn.Tanhshrink()(minigrad.tensor([-3.0, 0.1, 3.0]))
        tensor([-2.0049e+00,  3.3201e-04,  2.0049e+00])
    """

    function = F.tanhshrink


class ReLU(_InPlace):
    """max(x, 0). The derivative is 1 where x > 0 and else 0, at the kink x = 0 as well.

    A unit whose input is negative for every sample gets no gradient any more (a dead ReLU).

    Shapes: input (*), result (*).

    Example:
        >>> x = minigrad.tensor([-1.0, 0.0, 2.0], requires_grad=True)
        >>> y = nn.ReLU()(x)
        >>> y.sum().backward()
        >>> y.tolist(), x.grad.tolist()
        ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0])
    """

    function = F.relu


class SELU(_InPlace):
    """scale · (x where x > 0, else α (exp(x) - 1)), with α = 1.6733 and scale = 1.0507.

    These two numbers are the ones for which layers keep mean 0 and variance 1, where their weights
    are N(0, 1/in_features). At x = 0 the slope is scale · α, that of the left side.

    Shapes: input (*), result (*).
    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017.

    Example:
        >>> nn.SELU()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-1.1113,  0.0000,  1.0507])
    """

    function = F.selu


class SiLU(_InPlace):
    """x · σ(x), also called swish: smooth, with a dip of -0.28 near x = -1.28.

    Shapes: input (*), result (*).
    Source: Elfwing et al., Sigmoid-Weighted Linear Units, 2017; Ramachandran et al., Searching for
    Activation Functions, 2017.

    Example:
        >>> nn.SiLU()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.2689,  0.0000,  0.7311])
    """

    function = F.silu


class Mish(_InPlace):
    """x · tanh(log(1 + exp(x))): smooth and close to `SiLU`; the slope at 0 is 0.6.

    Shapes: input (*), result (*).
    Source: Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019.

    Example:
        >>> nn.Mish()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.3034,  0.0000,  0.8651])
    """

    function = F.mish


class LeakyReLU(Module):
    """x where x > 0, else negative_slope · x, so that no unit dies. At x = 0 the slope is the
    negative side's.

    Shapes: input (*), result (*).
    Source: Maas et al., Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.

    Example:
        >>> nn.LeakyReLU(0.1)(minigrad.tensor([-2.0, 0.0, 2.0]))
        tensor([-0.2000,  0.0000,  2.0000])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        """
        Args:
            negative_slope: what a negative number is multiplied by.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"negative_slope={self.negative_slope}", self.inplace)


class PReLU(Module):
    """x where x > 0, else weight · x; the weight is learned, one or one for each channel.

    The derivative by the weight is Σ x over the negative x; by x it is the weight at x = 0. Weight
    decay draws the weight to 0, towards plain ReLU, which is seldom wanted.

    Shapes: input (N, C, *), with one weight also (*); result the same.
    Errors: RuntimeError where there is neither one weight nor one a channel.
    Source: He et al., Delving Deep into Rectifiers, 2015, section 2.1.

    Attributes:
        weight: of shape (num_parameters,), at first ``init``.

    Example:
        >>> layer = nn.PReLU()
        >>> layer(minigrad.tensor([-4.0, 4.0])).sum().backward()
        >>> layer.weight.grad
        tensor([-4.])
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        """
        Args:
            num_parameters: 1 for one slope, or the number of channels (dimension 1 of the input).
            init: the slope at first.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        self.num_parameters = num_parameters = whole("PReLU", "num_parameters", num_parameters)
        self.init = init = float(number("PReLU", "init", init))
        self.weight = Parameter(full((num_parameters,), init, device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """x where x > 0, else a · x, with a drawn from [lower, upper) for every number in training.

    In evaluation a is (lower + upper) / 2.

    Shapes: input (*), result (*).
    Source: Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network, 2015.

    Example:
        >>> nn.RReLU(0.1, 0.3).eval()(minigrad.tensor([-1.0, 1.0]))
        tensor([-0.2000,  1.0000])
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        """
        Args:
            lower, upper: the bounds that the negative side's slope is drawn between.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"lower={self.lower}, upper={self.upper}", self.inplace)


class ELU(Module):
    """x where x > 0, else α (exp(x) - 1), which ends at -α. At x = 0 the slope is α, the left
    side's.

    Shapes: input (*), result (*).
    Source: Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units,
    2015.

    Example:
        >>> nn.ELU()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.6321,  0.0000,  1.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        """
        Args:
            alpha: α, the depth of the negative side; for CELU also its width.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"alpha={self.alpha}", self.inplace)


class CELU(ELU):
    """x where x > 0, else α (exp(x / α) - 1): an `ELU` whose slope at 0 is 1 for every α.

    Shapes: input (*), result (*). Errors: RuntimeError for α 0, in the call.
    Source: Barron, Continuously Differentiable Exponential Linear Units, 2017.

    Example:
        >>> nn.CELU(2.0)(minigrad.tensor([-2.0, 0.0, 2.0]))
        tensor([-1.2642,  0.0000,  2.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha, self.inplace)


class GELU(Module):
    """x Φ(x), with Φ the distribution function of the normal distribution.

    Shapes: input (*), result (*).
    Errors: RuntimeError for another word as ``approximate``, in the call.
    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.

    Example:
        >>> nn.GELU()(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1587,  0.0000,  0.8413])
        >>> nn.GELU("tanh")(minigrad.tensor([-1.0, 0.0, 1.0]))
        tensor([-0.1588,  0.0000,  0.8412])
    """

    def __init__(self, approximate: str = "none") -> None:
        """
        Args:
            approximate: "none" takes Φ itself, by erf; "tanh" the paper's formula,
                (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which differs by less than 5e-4.
        """
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """log(1 + exp(β x)) / β: a smooth `ReLU`, whose derivative is σ(β x).

    Shapes: input (*), result (*).

    Example:
        >>> nn.Softplus()(minigrad.tensor([-1.0, 0.0, 30.0]))
        tensor([ 0.3133,  0.6931, 30.0000])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        """
        Args:
            beta: β; the greater, the nearer to ReLU.
            threshold: where β x is greater, the result is x itself and its slope 1.
        """
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class GLU(Module):
    """a · σ(b), with a and b the halves of x along ``dim``: one half says how much of the other
    passes.

    Shapes: input (*, 2 M, *), result (*, M, *). Errors: RuntimeError where the length is odd.
    Source: Dauphin et al., Language Modeling with Gated Convolutional Networks, 2016.

    Example:
        >>> nn.GLU()(minigrad.tensor([1.0, 2.0, 0.0, 100.0]))
        tensor([0.5000, 2.0000])
    """

    def __init__(self, dim: int = -1) -> None:
        """
        Args:
            dim: the dimension that is halved.
        """
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
