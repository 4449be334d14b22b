"""Activations made of straight pieces, as modules; see `minigrad.nn.functional.activation`."""

from __future__ import annotations

from minigrad.names import public
from minigrad.nn.activation import also_inplace
from minigrad.nn.functional import activation as F
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class Hardtanh(Module):
    """min(max(x, min_val), max_val). The slope is 1 inside and 0 outside, at both bounds as well.

    Shapes: input (*), result (*). Errors: ValueError unless min_val < max_val.

    Example:
        >>> nn.Hardtanh(-2, 2)(minigrad.tensor([-3.0, 0.5, 3.0]))
        tensor([-2.0000,  0.5000,  2.0000])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        """
        Args:
            min_val, max_val: the bounds of the result.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        if min_val >= max_val:
            raise ValueError(f"Hardtanh: expected min_val < max_val, got {min_val} and {max_val}")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"min_val={self.min_val}, max_val={self.max_val}", self.inplace)


class ReLU6(Hardtanh):
    """min(max(x, 0), 6), a `ReLU` that stays within the range of few bits. The slope at 0 and 6 is
    0.

    Shapes: input (*), result (*).
    Source: Howard et al., MobileNets, 2017.

    Example:
        >>> nn.ReLU6()(minigrad.tensor([-1.0, 3.0, 8.0]))
        tensor([0., 3., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        """
        Args:
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Hardsigmoid(Module):
    """min(max(x + 3, 0), 6) / 6: a sigmoid of straight pieces. The slope is 1/6 within ±3, 0
    elsewhere and at the corners.

    Shapes: input (*), result (*).
    Source: Howard et al., Searching for MobileNetV3, 2019.

    Example:
        >>> nn.Hardsigmoid()(minigrad.tensor([-4.0, 0.0, 1.5]))
        tensor([0.0000, 0.5000, 0.7500])
    """

    def __init__(self, inplace: bool = False) -> None:
        """
        Args:
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Hardsigmoid):
    """x · min(max(x + 3, 0), 6) / 6: a `SiLU` of simple pieces. At x = -3 the slope is 0, at 3 it
    is 1, as outside.

    Shapes: input (*), result (*).
    Source: Howard et al., Searching for MobileNetV3, 2019, section 5.2.

    Example:
        >>> nn.Hardswish()(minigrad.tensor([-1.0, 1.0, 4.0]))
        tensor([-0.3333,  0.6667,  4.0000])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.hardswish(input, self.inplace)


class Hardshrink(Module):
    """x where |x| > λ, else 0; the slope is 1 or 0 likewise, and 0 at ±λ.

    Shapes: input (*), result (*).

    Example:
        >>> nn.Hardshrink()(minigrad.tensor([-1.0, 0.3, 0.6]))
        tensor([-1.0000,  0.0000,  0.6000])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        """
        Args:
            lambd: λ, half the width of what becomes 0.
        """
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Tensor) -> Tensor:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Hardshrink):
    """x moved towards 0 by λ, and 0 where it is nearer; the slope at ±λ is 0.

    Shapes: input (*), result (*). Errors: RuntimeError for λ < 0, in the call.

    Example:
        >>> nn.Softshrink()(minigrad.tensor([-1.0, 0.3, 0.75]))
        tensor([-0.5000,  0.0000,  0.2500])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.softshrink(input, self.lambd)


class Threshold(Module):
    """x where x > threshold, else value; the slope is 1 there and 0 else, at the threshold as well.

    Shapes: input (*), result (*).

    Example:
        >>> nn.Threshold(1.0, 20.0)(minigrad.tensor([0.5, 1.0, 1.5]))
        tensor([20.0000, 20.0000,  1.5000])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        """
        Args:
            threshold: what x has to exceed to pass.
            value: what the others become.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return also_inplace(f"threshold={self.threshold}, value={self.value}", self.inplace)


public(globals())
