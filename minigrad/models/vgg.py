# mypy: disable-error-code="no-any-return"
"""VGG: stages of 3x3 convolutions, each stage twice as wide and half as large as the one before.

Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
recognition", 2014, table 1. Names and first weights are torchvision's.
"""

from __future__ import annotations

from collections.abc import Sequence

from minigrad import nn
from minigrad.tensor import Tensor

WIDTHS = (64, 128, 256, 512, 512)
"""The channels of each stage."""


class VGG(nn.Module):
    """``depths`` counts the convolutions of each stage: (N, 3, H, W) images of 32x32 or more, as a
    rule 224x224, to (N, num_classes) logits.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """

    def __init__(
        self, depths: Sequence[int], num_classes: int = 1000, dropout: float = 0.5
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for depth, width in zip(depths, WIDTHS, strict=True):
            for _ in range(depth):
                layers += [nn.Conv2d(channels, width, kernel_size=3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.FullConnection(512 * 7 * 7, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.FullConnection(4096, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.FullConnection(4096, num_classes),
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: filters by Kaiming's rule, dense weights N(0, 0.01²), biases 0."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=0.01)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.flatten(1))


def vgg16(num_classes: int = 1000, dropout: float = 0.5) -> VGG:
    """VGG-16: 13 convolutions and 3 dense layers, 138,357,544 parameters for 1000 classes.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """
    return VGG((2, 2, 3, 3, 3), num_classes, dropout)
