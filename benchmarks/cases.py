"""What is timed. A case, given an engine, makes a function that does one training step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import networks
from benchmarks.engines import Engine

Step = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One workload.

    Attributes:
        name, what: for the command line and the table.
        make: given an engine, the function that does the work once and returns the loss, if any.
        unit: the work counted once: a training step, or one call.
        quick: whether it belongs to the cases that run when none is named.
    """

    name: str
    what: str
    make: Callable[[Engine], Step]
    unit: str = "step"
    quick: bool = True


def supervised(
    network: Callable[[Any], Any],
    inputs: Callable[[np.random.Generator], np.ndarray[Any, Any]],
    targets: Callable[[np.random.Generator], np.ndarray[Any, Any]],
    loss: str,
    optimizer: str,
    **settings: float,
) -> Callable[[Engine], Step]:
    """The usual step: zero the gradients, forward, loss, backward, update."""

    def make(engine: Engine) -> Step:
        rng = np.random.default_rng(0)
        x, y = engine.tensor(inputs(rng)), engine.tensor(targets(rng))
        model = engine.model(network)
        criterion = getattr(engine.nn, loss)()
        update = getattr(engine.optim, optimizer)(model.parameters(), **settings)

        def step() -> Any:
            update.zero_grad()
            value = criterion(model(x), y)
            value.backward()
            update.step()
            return value

        return step

    return make


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
        return loss_D

    return step


def chain(engine: Engine) -> Step:
    """100 multiplications of a single number, and back: the overhead of an op."""
    x = engine.tensor(np.ones((), np.float32)).requires_grad_()

    def step() -> Any:
        y = x
        for _ in range(100):
            y = y * 1.01
        y.backward()
        x.grad = None
        return y

    return step


def loader(engine: Engine) -> Step:
    """One batch of 64 from MNIST, normalised: each side's own dataset, transforms and loader."""
    batches = iter(())

    def step() -> Any:
        nonlocal batches
        batch = next(batches, None)
        if batch is None:
            batches = iter(engine.mnist_loader(64))
            batch = next(batches)
        return None

    return step


def single(name: str, *shapes: tuple[int, ...], backward: bool) -> Callable[[Engine], Step]:
    """One op on its own, forward or forward and backward from a cotangent of ones."""

    def make(engine: Engine) -> Step:
        rng = np.random.default_rng(0)
        xs = [engine.tensor(rng.standard_normal(s).astype(np.float32)) for s in shapes]
        op = engine.function(name)
        if not backward:

            def forward() -> None:
                with engine.lib.no_grad():
                    op(*xs)

            return forward
        for x in xs:
            x.requires_grad_()
        g = engine.lib.ones_like(op(*xs).detach())

        def both() -> None:
            op(*xs).backward(g)
            for x in xs:
                x.grad = None

        return both

    return make


def _floats(*shape: int) -> Callable[[np.random.Generator], np.ndarray[Any, Any]]:
    return lambda rng: rng.standard_normal(shape).astype(np.float32)


def _labels(n: int, classes: int = 10) -> Callable[[np.random.Generator], np.ndarray[Any, Any]]:
    return lambda rng: rng.integers(0, classes, n)


def _truths(*shape: int) -> Callable[[np.random.Generator], np.ndarray[Any, Any]]:
    return lambda rng: rng.integers(0, 2, shape).astype(np.float32)


def _ones_column(n: int) -> Callable[[np.random.Generator], np.ndarray[Any, Any]]:
    def make(rng: np.random.Generator) -> np.ndarray[Any, Any]:
        x = rng.random((n, 785), np.float32)
        x[:, -1] = 1
        return x

    return make


TRAINING = [
    Case(
        "dnn",
        "3-5-5-5-3 ReLU, MSE, SGD, full batch 7000",
        supervised(
            networks.dnn, _floats(7000, 3), _truths(7000, 3), "MSELoss", "SGD", lr=0.01
        ),
    ),
    Case(
        "diabetes",
        "8-32-8-4-1 sigmoid, BCE, Adam, full batch 537",
        supervised(
            networks.diabetes, _floats(537, 8), _truths(537, 1), "BCELoss", "Adam", lr=0.005
        ),
    ),
    Case(
        "diabetes-128",
        "the same, batch 128",
        supervised(
            networks.diabetes, _floats(128, 8), _truths(128, 1), "BCELoss", "Adam", lr=0.005
        ),
    ),
    Case(
        "mlp",
        "784-512-256-128-64-10 ReLU, cross entropy, SGD momentum, batch 64",
        supervised(
            networks.mlp, _floats(64, 784), _labels(64), "CrossEntropyLoss", "SGD",
            lr=0.01, momentum=0.5,
        ),
    ),
    Case(
        "lenet5",
        "LeNet-5 tanh, cross entropy, SGD momentum, batch 256",
        supervised(
            networks.lenet5, _floats(256, 1, 28, 28), _labels(256), "CrossEntropyLoss", "SGD",
            lr=0.01, momentum=0.9,
        ),
    ),
    Case(
        "cnn",
        "conv 8, pool, conv 16, pool, 100, 10, Adam, batch 128",
        supervised(
            networks.cnn, _floats(128, 1, 28, 28), _labels(128), "CrossEntropyLoss", "Adam",
            lr=1e-3,
        ),
    ),
    Case(
        "alexnet28",
        "five 3x3 convolutions, 4096, 2048, 1024, 10, Adam, batch 128",
        supervised(
            networks.alexnet28, _floats(128, 1, 28, 28), _labels(128), "CrossEntropyLoss", "Adam",
            lr=1e-4,
        ),
    ),
    Case(
        "resnet34",
        "ResNet-34, SGD momentum, 8 images of 3x64x64",
        supervised(
            networks.resnet34, _floats(8, 3, 64, 64), _labels(8, 1000), "CrossEntropyLoss", "SGD",
            lr=0.01, momentum=0.9,
        ),
    ),
    Case(
        "resnet34-224",
        "ResNet-34, SGD momentum, 2 images of 3x224x224",
        supervised(
            networks.resnet34, _floats(2, 3, 224, 224), _labels(2, 1000), "CrossEntropyLoss",
            "SGD", lr=0.01, momentum=0.9,
        ),
        quick=False,
    ),
    Case("gan", "GAN on 784 pixels, one step of D and one of G, Adam, batch 100", gan),
    Case(
        "by-hand",
        "785-200-10, cross entropy, full-batch SGD, 55000 rows",
        supervised(
            networks.by_hand, _ones_column(55000), _labels(55000), "CrossEntropyLoss", "SGD",
            lr=0.1,
        ),
    ),
    Case("chain", "100 multiplications of one number, and back", chain),
    Case("loader", "one batch of 64 from MNIST, normalised", loader, unit="batch"),
]  # fmt: skip


def _singles() -> list[Case]:
    """Case W10: single ops at several sizes."""
    cases = []
    sizes: list[tuple[str, tuple[tuple[int, ...], ...]]] = []
    for n in (1_000, 100_000, 4_000_000):
        sizes += [(name, ((n,), (n,))) for name in ("add", "mul")]
        sizes += [(name, ((n,),)) for name in ("exp", "relu", "tanh", "sum")]
    sizes += [("softmax", (shape,)) for shape in ((64, 10), (4096, 10), (4096, 1000))]
    sizes += [("matmul", ((n, n), (n, n))) for n in (64, 128, 256, 512, 1024)]
    sizes += [("max_pool2d", (shape,)) for shape in ((128, 8, 28, 28), (128, 256, 8, 8))]
    sizes += [
        ("conv2d", ((256, 1, 28, 28), (6, 1, 5, 5))),
        ("conv2d", ((256, 6, 14, 14), (16, 6, 5, 5))),
        ("conv2d", ((128, 16, 14, 14), (32, 16, 3, 3))),
        ("conv2d", ((128, 128, 7, 7), (256, 128, 3, 3))),
        ("conv2d", ((8, 64, 16, 16), (64, 64, 3, 3))),
    ]
    for name, shapes in sizes:
        size = ",".join("x".join(map(str, shape)) for shape in dict.fromkeys(shapes))
        for backward in (False, True):
            ending = "fwd+bwd" if backward else "fwd"
            cases.append(
                Case(
                    f"{name}[{size}]/{ending}",
                    f"{name} on {size}, {ending}",
                    single(name, *shapes, backward=backward),
                    unit="call",
                    quick=False,
                )
            )
    return cases


OPS = _singles()
CASES = {case.name: case for case in [*TRAINING, *OPS]}


def chosen(names: list[str]) -> list[Case]:
    """The named cases; ``ops`` stands for the single ops, ``all`` for everything, no name for the
    training cases. Errors: KeyError that lists what there is."""
    if not names:
        return [case for case in CASES.values() if case.quick]
    found: list[Case] = []
    for name in names:
        if name == "all":
            found += CASES.values()
        elif name == "ops":
            found += OPS
        elif name in CASES:
            found.append(CASES[name])
        else:
            known = ", ".join(case.name for case in TRAINING)
            raise KeyError(f"no case {name!r}; there are {known}, 'ops' and 'all'")
    return list(dict.fromkeys(found))
