# mypy: disable-error-code="no-any-return"
"""Dense networks: layers that connect every input with every output."""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor


class DNN(nn.Module):
    """3-5-5-5-3 with ReLU: (N, 3) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.FullConnection(3, 5),
            nn.ReLU(),
            nn.FullConnection(5, 5),
            nn.ReLU(),
            nn.FullConnection(5, 5),
            nn.ReLU(),
            nn.FullConnection(5, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class DiabetesNet(nn.Module):
    """8-32-8-4-1 with sigmoids: (N, 8) measurements to (N, 1) probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.FullConnection(8, 32),
            nn.Sigmoid(),
            nn.FullConnection(32, 8),
            nn.Sigmoid(),
            nn.FullConnection(8, 4),
            nn.Sigmoid(),
            nn.FullConnection(4, 1),
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
            nn.FullConnection(784, 512),
            nn.ReLU(),
            nn.FullConnection(512, 256),
            nn.ReLU(),
            nn.FullConnection(256, 128),
            nn.ReLU(),
            nn.FullConnection(128, 64),
            nn.ReLU(),
            nn.FullConnection(64, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class MnistLinear(nn.Module):
    """784-10, a single layer: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.FullConnection(784, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.reshape(-1, 784))


class TwoLayer(nn.Module):
    """784-20-10 with ReLU, layer by layer: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.FullConnection(784, 20)
        self.relu = nn.ReLU()
        self.output = nn.FullConnection(20, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.relu(self.hidden(x.reshape(-1, 784))))


class SoftmaxNet(nn.Module):
    """784-512-10 with ReLU and a softmax output: (N, 1, 28, 28) images to (N, 10) probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.FullConnection(784, 512),
            nn.ReLU(),
            nn.FullConnection(512, 10),
            nn.Softmax(dim=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)
