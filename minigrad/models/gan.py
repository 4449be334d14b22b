# mypy: disable-error-code="no-any-return"
"""A generative adversarial network of dense layers.

Source: I. Goodfellow et al., "Generative adversarial nets", 2014; the layers are the course's.
"""

from __future__ import annotations

from minigrad import nn
from minigrad.tensor import Tensor


class Generator(nn.Module):
    """64-128-256-784, LeakyReLU: (N, 64) noise to (N, 784) pixels of -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.FullConnection(64, 128),
            nn.LeakyReLU(0.2),
            nn.FullConnection(128, 256),
            nn.LeakyReLU(0.2),
            nn.FullConnection(256, 784),
            nn.Tanh(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Discriminator(nn.Module):
    """784-256-128-1, LeakyReLU: (N, ...) images of 784 pixels to (N, 1), how real each seems."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.FullConnection(784, 256),
            nn.LeakyReLU(0.2),
            nn.FullConnection(256, 128),
            nn.LeakyReLU(0.2),
            nn.FullConnection(128, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class GAN(nn.Module):
    """D(G(z)): (N, 64) noise to (N, 1), how real the images seem that are made of it."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = Generator()
        self.discriminator = Discriminator()

    def forward(self, x: Tensor) -> Tensor:
        return self.discriminator(self.generator(x))
