"""The training cases: one step of each kind of network, and one batch of data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import networks
from benchmarks.case import Case, Step, Supervised, floats, labels, truths, with_ones
from benchmarks.kinds import KINDS

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def gan(engine: Engine) -> Step:
    """One step of the discriminator on real and generated images, one of the generator."""
    rng = np.random.default_rng(0)
    nn, optim = engine.nn, engine.optim
    real = engine.tensor(rng.uniform(-1, 1, (100, 784)).astype(np.float32))
    noise = engine.tensor(rng.standard_normal((100, 64)).astype(np.float32))
    ones = engine.tensor(np.ones((100, 1), np.float32))
    zeros = engine.tensor(np.zeros((100, 1), np.float32))
    D, G = engine.model(networks.discriminator), engine.model(networks.generator)
    loss = nn.BCELoss()
    update_D = optim.Adam(D.parameters(), lr=2e-4)
    update_G = optim.Adam(G.parameters(), lr=2e-4)

    def step() -> Any:
        fake = G(noise)
        update_D.zero_grad()
        loss_D = loss(D(real), ones) + loss(D(fake.detach()), zeros)
        loss_D.backward()
        update_D.step()
        update_G.zero_grad()
        loss_G = loss(D(fake), ones)
        loss_G.backward()
        update_G.step()
        return loss_D, loss_G

    return step


def chain(engine: Engine) -> Step:
    """100 multiplications of a single number, and back: the overhead of an op."""
    x = engine.tensor(np.ones((), np.float32)).requires_grad_()

    def step() -> Any:
        x.grad = None
        y = x
        for _ in range(100):
            y = y * 1.01
        y.backward()
        return x.grad

    return step


def loader(engine: Engine) -> Step:
    """One batch of 64 from MNIST, normalised: each side's own dataset, transforms and loader."""
    batches: Iterator[Any] = iter(())

    def step() -> Any:
        nonlocal batches
        batch = next(batches, None)
        if batch is None:
            batches = iter(engine.mnist_loader(64))
            batch = next(batches)
        return batch[0]

    return step


TRAINING = [
    Case(
        "dnn",
        "3-5-5-5-3 ReLU, MSE, SGD, full batch 7000",
        Supervised(
            networks.DNN, floats(7000, 3), truths(7000, 3), "MSELoss", "SGD", {"lr": 0.01}
        ),
    ),
    Case(
        "diabetes",
        "8-32-8-4-1 sigmoid, BCE, Adam, full batch 537",
        Supervised(
            networks.DIABETES, floats(537, 8), truths(537, 1), "BCELoss", "Adam", {"lr": 0.005}
        ),
    ),
    Case(
        "diabetes-128",
        "the same, batch 128",
        Supervised(
            networks.DIABETES, floats(128, 8), truths(128, 1), "BCELoss", "Adam", {"lr": 0.005}
        ),
    ),
    Case(
        "mlp",
        "784-512-256-128-64-10 ReLU, cross entropy, SGD momentum, batch 64",
        Supervised(
            networks.MLP, floats(64, 784), labels(64), "CrossEntropyLoss", "SGD",
            {"lr": 0.01, "momentum": 0.5},
        ),
    ),
    Case(
        "lenet5",
        "LeNet-5 tanh, cross entropy, SGD momentum, batch 256",
        Supervised(
            networks.lenet5, floats(256, 1, 28, 28), labels(256), "CrossEntropyLoss", "SGD",
            {"lr": 0.01, "momentum": 0.9},
        ),
    ),
    Case(
        "cnn",
        "conv 8, pool, conv 16, pool, 100, dropout 0.25, 10, Adam, batch 128",
        Supervised(
            networks.cnn, floats(128, 1, 28, 28), labels(128), "CrossEntropyLoss", "Adam",
            {"lr": 1e-3},
        ),
        random=True,
    ),
    Case(
        "alexnet28",
        "five 3x3 convolutions, 4096, 2048, 1024, dropout 0.4, 10, Adam, batch 128",
        Supervised(
            networks.alexnet28, floats(128, 1, 28, 28), labels(128), "CrossEntropyLoss", "Adam",
            {"lr": 1e-4},
        ),
        random=True,
    ),
    Case(
        "resnet34",
        "ResNet-34, SGD momentum, 8 images of 3x64x64",
        Supervised(
            networks.resnet34, floats(8, 3, 64, 64), labels(8, 1000), "CrossEntropyLoss", "SGD",
            {"lr": 0.01, "momentum": 0.9},
        ),
    ),
    Case(
        "resnet34-224",
        "ResNet-34, SGD momentum, 2 images of 3x224x224",
        Supervised(
            networks.resnet34, floats(2, 3, 224, 224), labels(2, 1000), "CrossEntropyLoss",
            "SGD", {"lr": 0.01, "momentum": 0.9},
        ),
        quick=False,
    ),
    Case("gan", "GAN on 784 pixels, one step of D and one of G, Adam, batch 100", gan),
    Case(
        "by-hand",
        "785-200-10, cross entropy, full-batch SGD, 55000 rows",
        Supervised(
            networks.BY_HAND, with_ones(55000, 785), labels(55000), "CrossEntropyLoss", "SGD",
            {"lr": 0.1},
        ),
    ),
    Case("chain", "100 multiplications of one number, and back", chain),
    Case(
        "loader", "one batch of 64 from MNIST, normalised", loader, unit="batch", random=True,
        compiled=False,
    ),
    *KINDS,
]  # fmt: skip
