"""Networks that make images: autoencoders that draw, and generators with an opponent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.case import Case, Step

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def vae(engine: Engine) -> Step:
    """784-400-20-400-784; the noise is given, so that every side draws the same."""
    rng = np.random.default_rng(0)
    nn, lib = engine.nn, engine.lib
    x = engine.tensor(rng.random((100, 784), np.float32))
    noise = engine.tensor(rng.standard_normal((100, 20)).astype(np.float32))
    reads = engine.model(lambda nn: nn.Sequential(nn.Linear(784, 400), nn.ReLU()))
    means = engine.model(lambda nn: nn.Linear(400, 40))
    draws = engine.model(
        lambda nn: nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())
    )
    every = [*reads.parameters(), *means.parameters(), *draws.parameters()]
    update = engine.optim.Adam(every, lr=1e-3)

    def step() -> Any:
        update.zero_grad()
        mean, logarithm = means(reads(x)).chunk(2, 1)
        drawn = draws(mean + noise * lib.exp(0.5 * logarithm))
        loss = nn.functional.binary_cross_entropy(drawn, x, reduction="sum")
        loss = loss - 0.5 * (1 + logarithm - mean.pow(2) - logarithm.exp()).sum()
        loss.backward()
        update.step()
        return loss

    return step


def dcgan(engine: Engine) -> Step:
    """One step of a convolutional discriminator, one of a generator of transposed convolutions."""
    rng = np.random.default_rng(0)
    real = engine.tensor(rng.uniform(-1, 1, (16, 1, 28, 28)).astype(np.float32))
    noise = engine.tensor(rng.standard_normal((16, 32, 1, 1)).astype(np.float32))
    ones = engine.tensor(np.ones((16, 1), np.float32))
    D = engine.model(
        lambda nn: nn.Sequential(
            nn.Conv2d(1, 16, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, 2, 1),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(32 * 49, 1),
        )
    )
    G = engine.model(
        lambda nn: nn.Sequential(
            nn.ConvTranspose2d(32, 32, 7),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 4, 2, 1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, 2, 1),
            nn.Tanh(),
        )
    )
    loss = engine.nn.BCEWithLogitsLoss()
    settings = {"lr": 2e-4, "betas": (0.5, 0.999)}
    update_D = engine.optim.Adam(D.parameters(), **settings)
    update_G = engine.optim.Adam(G.parameters(), **settings)

    def step() -> Any:
        fake = G(noise)
        update_D.zero_grad()
        loss_D = loss(D(real), ones) + loss(D(fake.detach()), 1 - ones)
        loss_D.backward()
        update_D.step()
        update_G.zero_grad()
        loss_G = loss(D(fake), ones)
        loss_G.backward()
        update_G.step()
        return loss_D, loss_G

    return step


def wgan_gp(engine: Engine) -> Step:
    """One step of a critic whose slope is held to 1: a derivative of a derivative."""
    rng = np.random.default_rng(0)
    lib = engine.lib
    real, fake = (engine.tensor(rng.uniform(-1, 1, (64, 256)).astype(np.float32)) for _ in range(2))
    between = engine.tensor(rng.random((64, 1), np.float32))
    critic = engine.model(
        lambda nn: nn.Sequential(
            nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 64), nn.Tanh(), nn.Linear(64, 1)
        )
    )
    update = engine.optim.Adam(critic.parameters(), lr=1e-4)

    def step() -> Any:
        update.zero_grad()
        x = (between * real + (1 - between) * fake).requires_grad_()
        (slope,) = lib.autograd.grad(critic(x).sum(), x, create_graph=True)
        penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
        loss = critic(fake).mean() - critic(real).mean() + 10 * penalty
        loss.backward()
        update.step()
        return loss

    return step


GENERATING = [
    Case("vae", "VAE 784-400-20-400-784, Adam, batch 100", vae),
    Case("dcgan", "transposed convolutions with BatchNorm, a step of D and of G, batch 16", dcgan),
    Case("wgan-gp", "a critic 256-128-64-1 with its gradient's norm held to 1, batch 64", wgan_gp),
]
