# mypy: disable-error-code="no-any-return", disallow-subclassing-any=False
"""A generative adversarial network, line for line as in minigrad/models/gan.py."""

from __future__ import annotations

from torch import Tensor, nn


class Generator(nn.Module):
    """64-128-256-784, LeakyReLU: (N, 64) noise to (N, 784) pixels of -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(64, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 784),
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
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
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
