"""Single steps of recurrent networks, for loops of one's own."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from minigrad.creation import empty, zeros
from minigrad.nn import init
from minigrad.nn.functional.linear import linear
from minigrad.nn.functional.recurrent import (
    State,
    Step,
    gru_step,
    lstm_step,
    relu_step,
    tanh_step,
)
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _Cell(Module):
    """Shapes: input (N, input_size) or (input_size), state (N, hidden_size) or (hidden_size)."""

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            input_size: numbers of the input.
            hidden_size: numbers of the state.
            bias: whether there are b and b'.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size

        def made(*shape: int) -> Parameter:
            return Parameter(empty(shape, device=device, dtype=dtype))

        self.weight_ih, self.weight_hh = made(rows, input_size), made(rows, hidden_size)
        self.bias_ih = made(rows) if bias else None
        self.bias_hh = made(rows) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again from random numbers."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for param in self.parameters():
            init.uniform_(param, -bound, bound)

    def _step(self) -> Step:
        raise NotImplementedError

    def _advance(self, input: Tensor, states: list[Tensor] | None) -> State:
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: input has inconsistent input_size: got {input.shape[-1]}, expected "
                f"{self.input_size}"
            )
        expected = (*input.shape[:-1], self.hidden_size)
        if states is None:
            first = zeros(expected, dtype=input.dtype, device=input.device)
            states = [first] * self.states
        for state in states:
            if tuple(state.shape) != expected:
                raise RuntimeError(
                    f"{name}: expected a state of shape {expected}, got {tuple(state.shape)}"
                )
        part = linear(input, self.weight_ih, self.bias_ih)
        return self._step()(part, tuple(states), self.weight_hh, self.bias_hh)

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """h' = tanh(W x + b + W' h + b'), one step of `RNN`, for loops of one's own; or relu.

    The call takes (input, h); h is 0 where it is not given.

    Shapes: input (N, input_size) or (input_size), h and result (N, hidden_size) or (hidden_size);
    weight_ih (hidden_size, input_size), weight_hh (hidden_size, hidden_size), bias_ih and bias_hh
    (hidden_size).
    Errors: ValueError for an unknown nonlinearity or another number of dimensions; RuntimeError for
    sizes that do not fit.

    Example:
        >>> cell = nn.RNNCell(3, 4)
        >>> h = minigrad.zeros(2, 4)
        >>> for x in minigrad.randn(5, 2, 3):
        ...     h = cell(x, h)
        >>> h.shape
        minigrad.Size([2, 4])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            input_size: numbers of the input.
            hidden_size: numbers of the state.
            bias: whether there are b and b'.
            nonlinearity: "tanh" or "relu".
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"RNNCell: Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def _step(self) -> Step:
        return tanh_step if self.nonlinearity == "tanh" else relu_step

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._advance(input, None if hx is None else [hx])[0]

    def extra_repr(self) -> str:
        usual = self.nonlinearity == "tanh"
        return super().extra_repr() + ("" if usual else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    """One step of `LSTM`: (h', c') of x and (h, c), which is 0 where it is not given.

    Shapes: input (N, input_size) or (input_size), states (N, hidden_size) or (hidden_size);
    weight_ih (4 · hidden_size, input_size), weight_hh (4 · hidden_size, hidden_size).
    Errors: as for `RNNCell`.

    Example:
        >>> h, c = nn.LSTMCell(3, 4)(minigrad.randn(2, 3))
        >>> h.shape, c.shape
        (minigrad.Size([2, 4]), minigrad.Size([2, 4]))
    """

    gates, states = 4, 2

    def _step(self) -> Step:
        return lstm_step

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        h, c = self._advance(input, None if hx is None else list(hx))
        return h, c


class GRUCell(_Cell):
    """One step of `GRU`: h' of x and h, which is 0 where it is not given.

    Shapes: input (N, input_size) or (input_size), h and result (N, hidden_size) or (hidden_size);
    weight_ih (3 · hidden_size, input_size), weight_hh (3 · hidden_size, hidden_size).
    Errors: as for `RNNCell`.

    Example:
        >>> nn.GRUCell(3, 4)(minigrad.randn(2, 3)).shape
        minigrad.Size([2, 4])
    """

    gates = 3

    def _step(self) -> Step:
        return gru_step

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._advance(input, None if hx is None else [hx])[0]
