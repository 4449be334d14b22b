# mypy: disable-error-code="no-any-return"
"""Small convolutional networks of the course: digits with dropout, photographs of waste."""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor


class CNN(nn.Module):
    """Convolutions 8 and 16 of 5x5, pooled, 100, dropout, 10: (N, 1, 28, 28) to (N, 10) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=5, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, kernel_size=5, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.FullConnection(16 * 7 * 7, 100),
            nn.ReLU(),
            nn.Dropout(0.25),
            nn.FullConnection(100, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class WasteSorter(nn.Module):
    """Convolutions 18 and 30 of 5x5, pooled, 1024, 512, 6: (N, 3, 84, 84) photographs to
    (N, num_classes) logits.

    Args:
        num_classes: how many logits.
    """

    def __init__(self, num_classes: int = 6) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 18, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(18, 30, kernel_size=5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.FullConnection(30 * 18 * 18, 1024),
            nn.ReLU(),
            nn.FullConnection(1024, 512),
            nn.ReLU(),
            nn.FullConnection(512, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))
