# mypy: disable-error-code="no-any-return", disallow-subclassing-any=False
"""AlexNet, line for line as in minigrad/models/alexnet.py (for `AlexNet`, see imagenet.py)."""

from __future__ import annotations

from torch import Tensor, nn


class SmallAlexNet(nn.Module):
    """AlexNet for digits, all convolutions 3x3: (N, 1, 28, 28) images to (N, 10) logits."""

    def __init__(
        self, num_classes: int = 10, hidden: tuple[int, int, int] = (4096, 2048, 1024)
    ) -> None:
        super().__init__()
        first, second, third = hidden
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(64, 128, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.Conv2d(128, 256, kernel_size=3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),  # 7x7 to 4x4: the last row and column count too
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(256 * 4 * 4, first),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(second, third),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(third, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class AlexNet224(nn.Module):
    """AlexNet as in the paper: (N, 3, 224, 224) images to (N, num_classes) logits."""

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, kernel_size=11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(96, 256, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(256, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))
