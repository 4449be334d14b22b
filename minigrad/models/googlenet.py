# mypy: disable-error-code="no-any-return"
"""GoogLeNet: blocks that look at the image through windows of several sizes at once.

Source: C. Szegedy et al., "Going deeper with convolutions", 2014, table 1 and figure 2b. Names,
first weights and batch normalisation are torchvision's; there are no auxiliary classifiers.
"""

from __future__ import annotations

from typing import Any

import minigrad.nn.functional as F
from minigrad import nn
from minigrad.functions import cat
from minigrad.tensor import Tensor


class BasicConv2d(nn.Module):
    """Convolution, batch normalisation, ReLU: (N, inputs, H, W) to (N, outputs, ...)"""

    def __init__(self, inputs: int, outputs: int, **settings: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, bias=False, **settings)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Four branches side by side, their channels concatenated: (N, inputs, H, W) to
    (N, one + three[1] + five[1] + pool, H, W)

    A pair says how many channels the 1x1 convolution leaves for the larger window, and how many
    come out. ``wide`` is the size of the window of the third branch: 5 in the paper, 3 in
    torchvision's network.

    Args:
        inputs: channels of the input.
        one: channels of the branch with a 1x1 convolution.
        three, five: the pairs of the second and third branch.
        pool: channels of the branch with a pooling.
    """

    def __init__(
        self,
        inputs: int,
        one: int,
        three: tuple[int, int],
        five: tuple[int, int],
        pool: int,
        wide: int = 5,
    ) -> None:
        super().__init__()
        self.branch1 = BasicConv2d(inputs, one, kernel_size=1)
        self.branch2 = nn.Sequential(
            BasicConv2d(inputs, three[0], kernel_size=1),
            BasicConv2d(*three, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(inputs, five[0], kernel_size=1),
            BasicConv2d(*five, kernel_size=wide, padding=wide // 2),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            BasicConv2d(inputs, pool, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class GoogLeNet(nn.Module):
    """Nine Inception blocks: (N, 3, H, W) images, as a rule 224x224, to (N, num_classes) logits.

    ``wide`` is the window of the blocks' third branch: 5 as in the paper, 3 for torchvision's
    weights.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.2, wide: int = 5) -> None:
        super().__init__()
        self.conv1 = BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32, wide)
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64, wide)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64, wide)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64, wide)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64, wide)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64, wide)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128, wide)
        self.maxpool4 = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128, wide)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128, wide)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.FullConnection(1024, num_classes)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(layer.weight, std=0.01, a=-2, b=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.inception3b(self.inception3a(x))
        x = self.maxpool3(x)
        x = self.inception4c(self.inception4b(self.inception4a(x)))
        x = self.inception4e(self.inception4d(x))
        x = self.maxpool4(x)
        x = self.inception5b(self.inception5a(x))
        return self.fc(self.dropout(self.avgpool(x).flatten(1)))


def googlenet(num_classes: int = 1000, dropout: float = 0.2) -> GoogLeNet:
    """The network whose weights torchvision has: 3x3 where the paper says 5x5.

    Args:
        num_classes: how many logits.
        dropout: the probability in the classifier.
    """
    return GoogLeNet(num_classes, dropout, wide=3)
