# mypy: disable-error-code="no-any-return"
"""Networks that read letters one after the other and answer at the end: with a memory, without."""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor

LETTERS = 8
"""A step of a sequence is a letter, a row with a 1 at its place, and a last number: 1 marks it."""


class Recurrent(nn.Module):
    """h_t = f(h_(t-1), x_t), and a dense layer on the last h: (N, T, 9) sequences to (N, 8) logits.

    ``kind`` names the layer that f is of: "RNN", "LSTM" or "GRU".

    Args:
        hidden: numbers of the state.
    """

    def __init__(self, kind: str = "RNN", hidden: int = 32) -> None:
        super().__init__()
        self.memory = getattr(nn, kind)(LETTERS + 1, hidden, batch_first=True)
        self.output = nn.FullConnection(hidden, LETTERS)

    def forward(self, x: Tensor) -> Tensor:
        h, _ = self.memory(x)
        return self.output(h[:, -1])


class Memoryless(nn.Module):
    """y_t = f(x_t), dense layers that see each step alone: (N, T, 9) sequences to (N, 8) logits,
    those of the last step. As large as the `Recurrent` of kind "RNN".

    Args:
        hidden: the width of the first layers.
    """

    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.FullConnection(LETTERS + 1, hidden),
            nn.Tanh(),
            nn.FullConnection(hidden, hidden),
            nn.Tanh(),
            nn.FullConnection(hidden, LETTERS),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)[:, -1]


def rnn() -> Recurrent:
    """`Recurrent` without gates."""
    return Recurrent("RNN")


def lstm() -> Recurrent:
    """`Recurrent` with gates and a cell that they guard."""
    return Recurrent("LSTM")


def gru() -> Recurrent:
    """`Recurrent` with gates."""
    return Recurrent("GRU")
