"""One step of the recurrent networks, and a run of steps over a sequence.

A step takes what the input contributes, W x + b, the state before, and the weights on the state; it
returns the state after. A state is a tuple whose first tensor is also the output.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from minigrad.functions import stack
from minigrad.nn.functional.linear import linear
from minigrad.tensor import Tensor

__all__: list[str] = []  # PyTorch has these inside of its modules only

State: TypeAlias = tuple[Tensor, ...]
Step: TypeAlias = Callable[[Tensor, State, Tensor, Tensor | None], State]


def tanh_step(x: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """h' = tanh(x + W h + b). Source: Elman, Finding Structure in Time, 1990."""
    return ((x + linear(state[0], weight, bias)).tanh(),)


def relu_step(x: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """h' = relu(x + W h + b)"""
    return ((x + linear(state[0], weight, bias)).relu(),)


def lstm_step(x: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """(i, f, g, o) = x + W h + b,  c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c').

    Source: Gers et al., Learning to Forget: Continual Prediction with LSTM, 2000.
    """
    h, c = state
    i, f, g, o = (x + linear(h, weight, bias)).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_step(x: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """(r, z, n) = x and (r', z', n') = W h + b;  n = tanh(n + σ(r + r') n'),  u = σ(z + z'),
    h' = (1 - u) n + u h.

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014, with the
    reset after the product, as in PyTorch.
    """
    (h,) = state
    reset, update, new = x.chunk(3, -1)
    h_reset, h_update, h_new = linear(h, weight, bias).chunk(3, -1)
    n = (new + (reset + h_reset).sigmoid() * h_new).tanh()
    return (n + (update + h_update).sigmoid() * (h - n),)


def run(
    step: Step,
    x: Tensor,
    state: State,
    weights: tuple[Tensor, Tensor, Tensor | None, Tensor | None],
    projection: Tensor | None = None,
    backwards: bool = False,
) -> tuple[Tensor, State]:
    """All steps over a sequence (L, N, in): the outputs (L, N, out) and the last state.

    The inputs' contributions to all steps are one product.
    """
    weight_x, weight_h, bias_x, bias_h = weights
    parts = linear(x, weight_x, bias_x).unbind(0)
    outputs = []
    for part in reversed(parts) if backwards else parts:
        state = step(part, state, weight_h, bias_h)
        if projection is not None:
            state = (linear(state[0], projection), *state[1:])
        outputs.append(state[0])
    return stack(outputs[::-1] if backwards else outputs), state
