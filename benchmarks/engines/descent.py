"""SGD and Adam on lists of arrays, for peers that bring no optimizer."""

from __future__ import annotations

from typing import Any


class SGD:
    """v ← μv + g, w ← w − λv (PyTorch's momentum); without momentum w ← w − λg."""

    def __init__(self, lr: float, momentum: float = 0.0) -> None:
        self.lr, self.momentum = lr, momentum

    def start(self, weights: list[Any]) -> list[Any]:
        """The state before the first step: the velocities."""
        return [0 * w for w in weights] if self.momentum else []

    def __call__(self, weights: list[Any], gradients: list[Any], state: list[Any]) -> Any:
        """The new weights and state."""
        if self.momentum:
            state = [self.momentum * v + g for v, g in zip(state, gradients, strict=True)]
            gradients = state
        return [w - self.lr * g for w, g in zip(weights, gradients, strict=True)], state


class Adam:
    """Kingma and Ba 2015, algorithm 1, with PyTorch's defaults."""

    def __init__(self, lr: float, beta: float = 0.9, gamma: float = 0.999) -> None:
        self.lr, self.beta, self.gamma = lr, beta, gamma

    def start(self, weights: list[Any]) -> Any:
        """The state before the first step: its number, the means of g and of g²."""
        return 0, [0 * w for w in weights], [0 * w for w in weights]

    def __call__(self, weights: list[Any], gradients: list[Any], state: Any) -> Any:
        """The new weights and state."""
        beta, gamma = self.beta, self.gamma
        t, first, second = state
        t = t + 1
        first = [beta * m + (1 - beta) * g for m, g in zip(first, gradients, strict=True)]
        second = [gamma * v + (1 - gamma) * g * g for v, g in zip(second, gradients, strict=True)]
        rate, root = self.lr / (1 - beta**t), (1 - gamma**t) ** 0.5
        weights = [
            w - rate * m / (v**0.5 / root + 1e-8)
            for w, m, v in zip(weights, first, second, strict=True)
        ]
        return weights, (t, first, second)


OPTIMIZERS = {"SGD": SGD, "Adam": Adam}
