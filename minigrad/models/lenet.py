# mypy: disable-error-code="no-any-return"
"""LeNet in three dresses.

Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998, sec. II.
"""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor


class LeNet5(nn.Module):
    """tanh and average pooling, as in the paper: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.Tanh(),
            nn.AvgPool2d(2),
            nn.Conv2d(16, 120, kernel_size=5),
            nn.Tanh(),
            nn.Flatten(),
            nn.FullConnection(120, 84),
            nn.Tanh(),
            nn.FullConnection(84, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class LeNetSigmoid(nn.Module):
    """Sigmoid, average pooling, 400-120-84-10: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.FullConnection(400, 120),
            nn.Sigmoid(),
            nn.FullConnection(120, 84),
            nn.Sigmoid(),
            nn.FullConnection(84, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class LeNetReLU(nn.Module):
    """ReLU and max pooling: (N, 3, 32, 32) images to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.FullConnection(16 * 5 * 5, 120)
        self.fc2 = nn.FullConnection(120, 84)
        self.fc3 = nn.FullConnection(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = x.flatten(1)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        return self.fc3(x)
