# mypy: disable-error-code="no-any-return"
"""Style transfer: an image as a parameter, a network that repaints photographs, a feature stack.

Sources: L. Gatys, A. Ecker, M. Bethge, "A neural algorithm of artistic style", 2015; J. Johnson,
A. Alahi, L. Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution", 2016.
"""

from __future__ import annotations

from minigrad import nn
from minigrad.autograd import no_grad
from minigrad.creation import from_numpy, full
from minigrad.datasets.photographs import pixels
from minigrad.datasets.transforms import ToTensor
from minigrad.device import Array
from minigrad.dtypes import uint8
from minigrad.tensor import Tensor

STAGES = ((16, 1), (32, 2), (40, 2), (48, 1))
"""Channels and number of convolutions of each stage of the feature stack."""


class StyleImage(nn.Module):
    """The image itself is the parameter: whatever photographs are given, it is the answer.

    Attributes:
        pixels: (1, 3, H, W), nearly in 0..1; grey until another image is put there.

    Args:
        height, width: H and W.
    """

    def __init__(self, height: int = 64, width: int = 64) -> None:
        super().__init__()
        self.pixels = nn.Parameter(full((1, 3, height, width), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        return self.pixels.expand(len(x), -1, -1, -1)


class StyleNet(nn.Module):
    """Photographs (N, 3, H, W) in 0..1, of 16x16 or more, to pictures of the same size in a style.

    Down to a quarter of the size, residual blocks there, and up again. Source: Johnson et al.,
    supplementary material, table 1; narrower, and with instance normalisation (D. Ulyanov,
    A. Vedaldi, V. Lempitsky, "Instance normalization", 2016).

    Args:
        width: channels of the first convolution.
        blocks: how many residual blocks.
    """

    def __init__(self, width: int = 12, blocks: int = 4) -> None:
        super().__init__()
        self.down = nn.Sequential(
            ConvNorm(3, width, kernel_size=9),
            nn.ReLU(),
            ConvNorm(width, 2 * width, kernel_size=3, stride=2),
            nn.ReLU(),
            ConvNorm(2 * width, 4 * width, kernel_size=3, stride=2),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(Residual(4 * width) for _ in range(blocks)))
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"),
            ConvNorm(4 * width, 2 * width, kernel_size=3),
            nn.ReLU(),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            ConvNorm(2 * width, width, kernel_size=3),
            nn.ReLU(),
            nn.Conv2d(width, 3, kernel_size=9, padding=4, padding_mode="reflect"),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        # Around 0: the first normalisation takes the mean away, but rounding has been added to it.
        y = self.up(self.blocks(self.down(x - 0.5)))
        return y[:, :, : x.shape[2], : x.shape[3]]  # halves of odd sizes are rounded up


class ConvNorm(nn.Module):
    """A convolution of a mirrored image, and each channel of each sample normalised."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        affine: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=kernel_size // 2,
            padding_mode="reflect",
            bias=False,  # the normalisation would take it away again
        )
        self.norm = nn.InstanceNorm2d(out_channels, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Residual(nn.Module):
    """x plus two convolutions of x."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels, kernel_size=3)
        self.relu = nn.ReLU()
        # No shift: whatever follows is normalised again, which would take it away.
        self.second = ConvNorm(channels, channels, kernel_size=3, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.relu(self.first(x)))


class StyleFeatures(nn.Module):
    """A small VGG that tells textures apart: (N, 3, H, W) images, normalised, to logits.

    Its layers are named as those of torchvision's vgg16_bn; pooling takes means, as Gatys et al.
    advise, and the convolutions have no bias, for the normalisation has one.

    Args:
        num_classes: how many logits.
    """

    def __init__(self, num_classes: int = 195) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width, depth in STAGES:
            if layers:
                layers.append(nn.AvgPool2d(2))
            for _ in range(depth):
                layers += [
                    nn.Conv2d(channels, width, kernel_size=3, padding=1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(),
                ]
                channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.FullConnection(channels, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).mean((2, 3)))


def stylize(model: nn.Module, image: Array) -> Array:
    """A photograph, uint8 (H, W, 3) of any size from 16x16, as a trained `StyleNet` repaints it.

    Args:
        model: the network.
        image: the photograph.

    Errors: ValueError for another array.
    """
    if image.dtype != uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < 16:
        raise ValueError(
            "stylize: expected an image of uint8 (H, W, 3), 16x16 or larger, got "
            f"{image.dtype} of shape {image.shape}"
        )
    first = next(model.parameters())
    with no_grad():
        x = from_numpy(ToTensor()(image)[None]).to(device=first.device, dtype=first.dtype)
        (output,) = model(x).numpy(force=True)
    return pixels(output)
