"""Networks that carry a state along a sequence."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from minigrad.arguments import number, switch, whole
from minigrad.creation import empty, zeros
from minigrad.functions import cat, stack
from minigrad.nn import init
from minigrad.nn.functional.dropout import dropout
from minigrad.nn.functional.recurrent import (
    State,
    Step,
    gru_step,
    lstm_step,
    relu_step,
    run,
    tanh_step,
)
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """Layers of steps, in one or both directions.

    Shapes: input (L, N, input_size), (N, L, input_size) with ``batch_first``, or (L, input_size);
    first and last state (directions · num_layers, N, hidden_size); output like the input with
    directions · hidden_size in the last dimension. The parameters of layer k are weight_ih_lk,
    weight_hh_lk, bias_ih_lk, bias_hh_lk, with "_reverse" for the backward direction; they start
    uniform in ±1/√hidden_size.
    """

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            input_size: numbers of one step of the input.
            hidden_size: numbers of the state.
            num_layers: layers one above the other, each fed with the states of the one below.
            bias: whether there are b and b'.
            batch_first: whether the batch is the first dimension of input and output; the states
                keep (layers, N, hidden_size).
            dropout: the probability of `Dropout` between the layers, in training.
            bidirectional: run a second network backwards; its states stand behind the first's.
            proj_size: only `LSTM`; if not 0, h' becomes weight_hr h' of this length.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        name = type(self).__name__
        hidden_size = whole(name, "hidden_size", hidden_size)
        num_layers = whole(name, "num_layers", num_layers)
        proj_size = whole(name, "proj_size", proj_size)
        bias, batch_first = switch(name, "bias", bias), switch(name, "batch_first", batch_first)
        bidirectional = switch(name, "bidirectional", bidirectional)
        if isinstance(dropout, bool) or not 0 <= number(name, "dropout", dropout) <= 1:
            raise ValueError(f"{name}: dropout should be a number in range [0, 1], got {dropout}")
        if hidden_size <= 0 or num_layers <= 0:
            raise ValueError(
                f"{name}: hidden_size and num_layers must be greater than zero, got {hidden_size} "
                f"and {num_layers}"
            )
        if not 0 <= proj_size < hidden_size:
            raise ValueError(
                f"{name}: proj_size has to be smaller than hidden_size, got {proj_size} and "
                f"{hidden_size}"
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        out = proj_size or hidden_size
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else out * (1 + bidirectional)
            for suffix in self._directions(layer):
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (rows, width),
                    "weight_hh": (rows, out),
                }
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for kind, shape in shapes.items():
                    made = Parameter(empty(shape, device=device, dtype=dtype))
                    self.register_parameter(kind + suffix, made)
        self.reset_parameters()

    def _directions(self, layer: int) -> list[str]:
        """The endings of the names of one layer's parameters."""
        return [f"_l{layer}", *([f"_l{layer}_reverse"] if self.bidirectional else [])]

    def reset_parameters(self) -> None:
        """Start again from random numbers."""
        bound = 1 / math.sqrt(self.hidden_size)
        for param in self.parameters():
            init.uniform_(param, -bound, bound)

    def flatten_parameters(self) -> None:
        """Accepted for PyTorch's sake: there is nothing to rearrange."""

    def _step(self) -> Step:
        raise NotImplementedError

    def _unpacked(self, hx: Any) -> list[Tensor]:
        return [hx]

    def _packed(self, states: list[Tensor]) -> Any:
        return states[0]

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        name = type(self).__name__
        if input.ndim not in (2, 3):
            raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.ndim}D instead")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: input.size(-1) must be equal to input_size. Expected {self.input_size}, "
                f"got {input.shape[-1]}"
            )
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = x.transpose(0, 1)
        if not x.shape[0]:
            raise RuntimeError(f"{name}: Expected sequence length to be larger than 0")
        states = self._first_states(x, hx, batched)
        last: list[State] = []
        step = self._step()
        for layer in range(self.num_layers):
            if layer:
                x = dropout(x, self.dropout, self.training)
            outputs = []
            for suffix in self._directions(layer):
                own = tuple(state[len(last)] for state in states)
                outcome, state = run(
                    step,
                    x,
                    own,
                    tuple(  # type: ignore[arg-type]
                        getattr(self, kind + suffix) if self.bias or kind[0] == "w" else None
                        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    ),
                    getattr(self, f"weight_hr{suffix}") if self.proj_size else None,
                    backwards=suffix.endswith("reverse"),
                )
                outputs.append(outcome)
                last.append(state)
            x = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
        finals = [stack(list(part)) for part in zip(*last, strict=True)]
        if not batched:
            return x.squeeze(1), self._packed([final.squeeze(1) for final in finals])
        return x.transpose(0, 1) if self.batch_first else x, self._packed(finals)

    def _first_states(self, x: Tensor, hx: Any, batched: bool) -> list[Tensor]:
        n = self.num_layers * (1 + self.bidirectional)
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: self.states]
        if hx is None:
            return [zeros((n, x.shape[1], h), dtype=x.dtype, device=x.device) for h in sizes]
        states = self._unpacked(hx)
        for state, size in zip(states, sizes, strict=True):
            expected = (n, x.shape[1], size) if batched else (n, size)
            if tuple(state.shape) != expected:
                raise RuntimeError(
                    f"{type(self).__name__}: Expected hidden size {expected}, "
                    f"got {tuple(state.shape)}"
                )
        return states if batched else [state.unsqueeze(1) for state in states]

    def extra_repr(self) -> str:
        shown = [f"{self.input_size}, {self.hidden_size}"]
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False}
        usual |= {"dropout": 0, "bidirectional": False}
        for name, value in usual.items():
            if getattr(self, name) != value:
                shown.append(f"{name}={getattr(self, name)}")
        return ", ".join(shown)


class RNN(_Recurrent):
    """h' = tanh(W x + b + W' h + b'), for each step of a sequence; or relu instead of tanh.

    The call takes (input, h) and returns (all states of the last layer, the last state of each); h
    is 0 where it is not given. Gradients pass back through all steps, times W'ᵀ at each: they fade
    or grow with the length.

    Shapes: input (L, N, input_size), (N, L, input_size) with ``batch_first``, or (L, input_size);
    output like it, D · hidden_size wide; states (D · num_layers, N, hidden_size), D being 2 where
    ``bidirectional``, else 1. weight_ih_l0 (hidden_size, input_size), weight_hh_l0 (hidden_size,
    hidden_size), bias_ih_l0 and bias_hh_l0 (hidden_size), then l1 and so on, "_reverse" for the
    backward direction; all start uniform in ±1/√hidden_size.

    Errors: ValueError for settings out of range and another number of dimensions; RuntimeError for
    sizes that do not fit.
    Source: Elman, Finding Structure in Time, 1990.

    Example:
        >>> rnn = nn.RNN(input_size=3, hidden_size=4, batch_first=True)
        >>> output, h = rnn(minigrad.randn(2, 5, 3))
        >>> output.shape, h.shape
        (minigrad.Size([2, 5, 4]), minigrad.Size([1, 2, 4]))
        >>> (output[:, -1] == h[0]).all()
        tensor(True)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            input_size: numbers of one step of the input.
            hidden_size: numbers of the state.
            num_layers: layers one above the other, each fed with the states of the one below.
            nonlinearity: "tanh" or "relu".
            bias: whether there are b and b'.
            batch_first: whether the batch is the first dimension of input and output; the states
                keep (layers, N, hidden_size).
            dropout: the probability of `Dropout` between the layers, in training.
            bidirectional: run a second network backwards; its states stand behind the first's.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"RNN: Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )
        self.nonlinearity = nonlinearity

    def _step(self) -> Step:
        return tanh_step if self.nonlinearity == "tanh" else relu_step


class LSTM(_Recurrent):
    """(i, f, g, o) = W x + b + W' h + b',  c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c').

    The cell c is carried on by a sum, so that gradients last longer than in `RNN`. The call takes
    (input, (h, c)) and returns (output, (h, c)), as `RNN`.

    Shapes: as for `RNN`, but the weights have 4 · hidden_size rows, in the order i, f, g, o; with
    ``proj_size`` p, h and output are p wide, and weight_hr_l0 is (p, hidden_size).

    Errors: as for `RNN`; ValueError for a ``proj_size`` of hidden_size or more.
    Source: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; Gers et al., 2000; the
    projection: Sak et al., Long Short-Term Memory Based Recurrent Neural Network Architectures,
    2014.

    Example:
        >>> lstm = nn.LSTM(3, 4, num_layers=2)
        >>> output, (h, c) = lstm(minigrad.randn(5, 1, 3))
        >>> output.shape, h.shape, c.shape
        (minigrad.Size([5, 1, 4]), minigrad.Size([2, 1, 4]), minigrad.Size([2, 1, 4]))
        >>> lstm.weight_ih_l0.shape
        minigrad.Size([16, 3])
    """

    gates, states = 4, 2

    def _step(self) -> Step:
        return lstm_step

    def _unpacked(self, hx: Any) -> list[Tensor]:
        return list(hx)

    def _packed(self, states: list[Tensor]) -> Any:
        return tuple(states)


class GRU(_Recurrent):
    """r = σ(Wᵣ x + bᵣ + W'ᵣ h + b'ᵣ), z likewise, n = tanh(Wₙ x + bₙ + r (W'ₙ h + b'ₙ)),
    h' = (1 - z) n + z h.

    r stands outside of W'ₙ h + b'ₙ, as in PyTorch and cuDNN; in the paper it is inside.

    Shapes: as for `RNN`, but the weights have 3 · hidden_size rows, in the order r, z, n.
    Errors: as for `RNN`.
    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014.

    Example:
        >>> gru = nn.GRU(3, 4, bidirectional=True)
        >>> output, h = gru(minigrad.randn(5, 1, 3))
        >>> output.shape, h.shape
        (minigrad.Size([5, 1, 8]), minigrad.Size([2, 1, 4]))
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            input_size: numbers of one step of the input.
            hidden_size: numbers of the state.
            num_layers: layers one above the other, each fed with the states of the one below.
            bias: whether there are b and b'.
            batch_first: whether the batch is the first dimension of input and output; the states
                keep (layers, N, hidden_size).
            dropout: the probability of `Dropout` between the layers, in training.
            bidirectional: run a second network backwards; its states stand behind the first's.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )

    def _step(self) -> Step:
        return gru_step
