# mypy: disable-error-code="no-any-return"
"""ResNet: blocks that learn what to add to their input.

Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", 2015, table
1 and figure 5. Names and first weights are torchvision's; so is the stride of `Bottleneck`, which
the paper has in the first convolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from minigrad import nn
from minigrad.tensor import Tensor


class BasicBlock(nn.Module):
    """y = relu(x + F(x)), F two 3x3 convolutions: (N, inputs, H, W) to (N, width, H / stride, ...)

    Where F changes the shape, x takes a 1x1 convolution to the new one (``downsample``).

    Args:
        inputs: channels of x.
        width: channels of the convolutions.
        stride: of the first one; 2 halves the image.
    """

    expansion: ClassVar[int] = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _downsample(inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    """y = relu(x + F(x)), F a 3x3 convolution between two of 1x1, the first of which narrows the
    channels and the last widens them: (N, inputs, H, W) to (N, 4 width, H / stride, ...)

    The rest as in `BasicBlock`.

    Args:
        inputs: channels of x.
        width: channels of the 3x3 convolution.
        stride: its stride; 2 halves the image.
    """

    expansion: ClassVar[int] = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.downsample = _downsample(inputs, 4 * width, stride)

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += identity
        return self.relu(out)


def _downsample(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """How the identity gets the shape of what is added to it; None where it has that shape."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


class ResNet(nn.Module):
    """Four stages of blocks, ``depths`` of them: (N, 3, H, W) images, as a rule 224x224, to
    (N, num_classes) logits.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        num_classes: how many logits.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: Sequence[int],
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

        def stage(inputs: int, width: int, depth: int, stride: int) -> nn.Sequential:
            rest = [block(width * block.expansion, width) for _ in range(depth - 1)]
            return nn.Sequential(block(inputs, width, stride), *rest)

        wide = block.expansion
        self.layer1 = stage(64, 64, depths[0], stride=1)
        self.layer2 = stage(64 * wide, 128, depths[1], stride=2)
        self.layer3 = stage(128 * wide, 256, depths[2], stride=2)
        self.layer4 = stage(256 * wide, 512, depths[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.FullConnection(512 * wide, num_classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def resnet34(num_classes: int = 1000) -> ResNet:
    """ResNet-34: 21,797,672 parameters for 1000 classes.

    Args:
        num_classes: how many logits.
    """
    return ResNet(BasicBlock, (3, 4, 6, 3), num_classes)


def resnet50(num_classes: int = 1000) -> ResNet:
    """ResNet-50: 25,557,032 parameters for 1000 classes.

    Args:
        num_classes: how many logits.
    """
    return ResNet(Bottleneck, (3, 4, 6, 3), num_classes)


def resnet152(num_classes: int = 1000) -> ResNet:
    """ResNet-152: 60,192,808 parameters for 1000 classes.

    Args:
        num_classes: how many logits.
    """
    return ResNet(Bottleneck, (3, 8, 36, 3), num_classes)
