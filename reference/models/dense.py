# mypy: disable-error-code="no-any-return", disallow-subclassing-any=False
"""The dense networks in PyTorch, line for line as in minigrad/models/dense.py."""

from __future__ import annotations

from torch import Tensor, nn


class DNN(nn.Module):
    """3-5-5-5-3 with ReLU: (N, 3) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3, 5),
            nn.ReLU(),
            nn.Linear(5, 5),
            nn.ReLU(),
            nn.Linear(5, 5),
            nn.ReLU(),
            nn.Linear(5, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class DiabetesNet(nn.Module):
    """8-32-8-4-1 with sigmoids: (N, 8) measurements to (N, 1) probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(8, 32),
            nn.Sigmoid(),
            nn.Linear(32, 8),
            nn.Sigmoid(),
            nn.Linear(8, 4),
            nn.Sigmoid(),
            nn.Linear(4, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class MnistDNN(nn.Module):
    """784-512-256-128-64-10 with ReLU: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 512),
            nn.ReLU(),
            nn.Linear(512, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class MnistLinear(nn.Module):
    """784-10, a single layer: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.reshape(-1, 784))


class TwoLayer(nn.Module):
    """784-20-10 with ReLU, layer by layer: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 20)
        self.relu = nn.ReLU()
        self.output = nn.Linear(20, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.relu(self.hidden(x.reshape(-1, 784))))


class SoftmaxNet(nn.Module):
    """784-512-10 with ReLU and a softmax output: (N, 1, 28, 28) images to (N, 10) probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 512),
            nn.ReLU(),
            nn.Linear(512, 10),
            nn.Softmax(dim=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)
