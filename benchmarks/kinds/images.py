"""Networks that look at images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.case import Case, Supervised, floats, labels, truths
from benchmarks.networks import resnet


def unet(nn: Any) -> Any:
    """Three levels of 8, 16 and 32 channels; what goes down is joined to what comes up."""

    def twice(inputs: int, outputs: int) -> Any:
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(),
        )  # fmt: skip

    class UNet(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.down1, self.down2, self.bottom = twice(1, 8), twice(8, 16), twice(16, 32)
            self.pool = nn.MaxPool2d(2)
            self.up2, self.up1 = nn.ConvTranspose2d(32, 16, 2, 2), nn.Upsample(scale_factor=2)
            self.join2, self.join1 = twice(32, 16), twice(24, 8)
            self.out = nn.Conv2d(8, 1, 1)

        def forward(self, x: Any) -> Any:
            one = self.down1(x)
            two = self.down2(self.pool(one))
            y = self.bottom(self.pool(two))
            y = self.join2(_cat(nn, [two, self.up2(y)]))
            return self.out(self.join1(_cat(nn, [one, self.up1(y)])))

    return UNet()


def _cat(nn: Any, parts: list[Any]) -> Any:
    """Channels one behind the other."""
    from importlib import import_module

    return import_module(nn.__name__.partition(".")[0]).cat(parts, 1)


def mobilenet(nn: Any) -> Any:
    """MobileNetV2's inverted residuals: wide, depthwise, narrow."""

    def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[Any]:
        return [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
        ]

    class Inverted(nn.Module):  # type: ignore[misc]
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            wide = 4 * inputs
            self.layers = nn.Sequential(
                *conv(inputs, wide, 1), nn.ReLU6(),
                *conv(wide, wide, 3, stride, wide), nn.ReLU6(),
                *conv(wide, outputs, 1),
            )  # fmt: skip
            self.residual = stride == 1 and inputs == outputs

        def forward(self, x: Any) -> Any:
            return x + self.layers(x) if self.residual else self.layers(x)

    return nn.Sequential(
        *conv(3, 16, 3, 2), nn.ReLU6(),
        Inverted(16, 24, 1), Inverted(24, 24, 1), Inverted(24, 40, 2), Inverted(40, 40, 1),
        *conv(40, 128, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def convnext(nn: Any) -> Any:
    """Two blocks of ConvNeXt: depthwise 7 x 7, norm over channels that stand last, GELU, scale."""

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.conv = nn.Conv2d(width, width, 7, padding=3, groups=width)
            self.norm = nn.LayerNorm(width, eps=1e-6)
            self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            self.scale = nn.Parameter(nn.Linear(1, width).bias.detach())

        def forward(self, x: Any) -> Any:
            y = self.norm(self.conv(x).permute(0, 2, 3, 1))
            y = self.scale * self.narrow(nn.functional.gelu(self.wide(y)))
            return x + y.permute(0, 3, 1, 2)

    return nn.Sequential(
        nn.Conv2d(3, 48, 4, 4), Block(48), Block(48),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(48), nn.Linear(48, 10),
    )  # fmt: skip


def vgg16(nn: Any) -> Any:
    """VGG-16 for images of 32 x 32, a quarter as wide."""
    layers: list[Any] = []
    inputs = 3
    for width in (16, 16, 0, 32, 32, 0, 64, 64, 64, 0, 128, 128, 128, 0, 128, 128, 128, 0):
        if width:
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
            inputs = width
        else:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))


def pooled(nn: Any) -> Any:
    """Convolutions with norms over groups of channels; all places are averaged at the end."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.SiLU(), nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.GroupNorm(4, 32), nn.SiLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip


def autoencoder(nn: Any) -> Any:
    """Down by strides, up by interpolation; borders are mirrored."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), nn.LeakyReLU(0.1), nn.Conv2d(16, 32, 3, 2, 1), nn.LeakyReLU(0.1),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.ReflectionPad2d(1), nn.Conv2d(32, 16, 3), nn.ELU(),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.ReflectionPad2d(1), nn.Conv2d(16, 1, 3), nn.Tanh(),
    )  # fmt: skip


def _classifier(
    name: str, what: str, network: Callable[[Any], Any], *shape: int, **settings: Any
) -> Case:
    """Images of this shape into ten classes."""
    optimizer = settings.pop("optimizer", "Adam")
    work = Supervised(
        network, floats(*shape), labels(shape[0]), "CrossEntropyLoss", optimizer, settings
    )
    return Case(name, what, work)


IMAGES = [
    Case(
        "unet",
        "U-Net of 8, 16, 32 channels, BCE with logits, Adam, 4 images of 64x64",
        Supervised(
            unet, floats(4, 1, 64, 64), truths(4, 1, 64, 64), "BCEWithLogitsLoss", "Adam",
            {"lr": 1e-3},
        ),
    ),
    _classifier(
        "mobilenet", "four inverted residuals with depthwise 3x3, SGD momentum, 8 images of 32x32",
        mobilenet, 8, 3, 32, 32, optimizer="SGD", lr=0.01, momentum=0.9,
    ),
    _classifier(
        "convnext", "two ConvNeXt blocks of 48 channels, AdamW, 8 images of 32x32",
        convnext, 8, 3, 32, 32, optimizer="AdamW", lr=1e-3,
    ),
    _classifier(
        "resnet18", "ResNet-18 of 32 channels, SGD momentum, 4 images of 64x64",
        lambda nn: resnet(nn, (2, 2, 2, 2), 32, 10),
        4, 3, 64, 64, optimizer="SGD", lr=0.01, momentum=0.9,
    ),
    _classifier(
        "vgg16", "VGG-16, a quarter as wide, SGD momentum, 8 images of 32x32",
        vgg16, 8, 3, 32, 32, optimizer="SGD", lr=0.01, momentum=0.9,
    ),
    _classifier(
        "pooled", "two convolutions with GroupNorm and SiLU, averaged, Adam, 16 images of 32x32",
        pooled, 16, 3, 32, 32, lr=1e-3,
    ),
    Case(
        "autoencoder",
        "strided down, interpolated up, mirrored borders, MSE, Adam, 8 images of 32x32",
        Supervised(
            autoencoder, floats(8, 1, 32, 32), floats(8, 1, 32, 32), "MSELoss", "Adam",
            {"lr": 1e-3},
        ),
    ),
]  # fmt: skip
