# mypy: disable-error-code="no-any-return"
"""AlexNet: convolutions, then wide dense layers with dropout.

Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional
neural networks", 2012, section 3.5. `AlexNet` is the narrower version of A. Krizhevsky, "One weird
trick for parallelizing convolutional neural networks", 2014.
"""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor


class SmallAlexNet(nn.Module):
    """AlexNet for digits, all convolutions 3x3: (N, 1, 28, 28) images to (N, 10) logits.

    Args:
        num_classes: how many logits.
        hidden: the widths of the dense layers.
    """

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
            nn.FullConnection(256 * 4 * 4, first),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.FullConnection(first, second),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.FullConnection(second, third),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.FullConnection(third, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class AlexNet224(nn.Module):
    """AlexNet as in the paper: (N, 3, 224, 224) images to (N, num_classes) logits.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """

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
            nn.FullConnection(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.FullConnection(4096, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.FullConnection(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class AlexNet(nn.Module):
    """The narrower one, torchvision's: (N, 3, H, W) images of 63x63 or more, as a rule 224x224, to
    (N, num_classes) logits.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.FullConnection(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.FullConnection(4096, 4096),
            nn.ReLU(),
            nn.FullConnection(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))
