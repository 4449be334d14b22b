"""How work grows: an MLP over batch size, depth and width, LeNet-5 over batch size; and the roofs.

Counted are the products of matrices, 2·M·N·K each, and the memory traffic that no step avoids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks import networks
from benchmarks.case import Case, Step, Supervised, floats, labels

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine

BATCH, DEPTH, WIDTH = 64, 4, 512
"""The MLP from which each sweep changes one number: 784, DEPTH hidden layers of WIDTH, 10."""


class Layer(NamedTuple):
    """A layer as a product of matrices: for each sample ``positions`` rows of ``inputs`` numbers
    become rows of ``outputs``."""

    positions: int
    inputs: int
    outputs: int


LENET5 = [
    Layer(28 * 28, 25, 6),
    Layer(10 * 10, 6 * 25, 16),
    Layer(1, 16 * 25, 120),
    Layer(1, 120, 84),
    Layer(1, 84, 10),
]


def products(layers: Sequence[Layer], batch: int) -> float:
    """FLOP of a training step: forward, weight gradients, and input gradients but of the first
    layer."""
    each = [2.0 * batch * layer.positions * layer.inputs * layer.outputs for layer in layers]
    return 3 * sum(each) - each[0]


def traffic(layers: Sequence[Layer], batch: int, inputs: int) -> float:
    """Bytes that a step must move: weights and velocities in and out, the batch in. All else could
    stay in a large enough cache."""
    parameters = sum((layer.inputs + 1) * layer.outputs for layer in layers)
    return 4.0 * (4 * parameters + batch * inputs)


@dataclass(frozen=True, eq=False)
class Point:
    """A case of a sweep, or of a roof: the changed number, FLOP and bytes of one step."""

    value: int
    case: Case
    flop: float
    bytes: float


@dataclass(frozen=True, eq=False)
class Sweep:
    """One number changes, the others stay.

    Attributes:
        name, what: for the report.
        variable: the number that changes.
    """

    name: str
    what: str
    variable: str
    points: tuple[Point, ...]


def _mlp(value: int, *, batch: int = BATCH, depth: int = DEPTH, width: int = WIDTH) -> Point:
    sizes = (784, *[width] * depth, 10)
    layers = [Layer(1, i, o) for i, o in pairwise(sizes)]
    case = Case(
        f"mlp[{batch},{depth},{width}]",
        f"MLP, batch {batch}, {depth} hidden layers of {width}",
        Supervised(
            networks.Dense(sizes), floats(batch, 784), labels(batch), "CrossEntropyLoss", "SGD",
            {"lr": 0.01, "momentum": 0.5},
        ),
    )  # fmt: skip
    return Point(value, case, products(layers, batch), traffic(layers, batch, 784))


def _lenet5(batch: int) -> Point:
    case = Case(
        f"lenet5[{batch}]",
        f"LeNet-5, batch {batch}",
        Supervised(
            networks.lenet5, floats(batch, 1, 28, 28), labels(batch), "CrossEntropyLoss", "SGD",
            {"lr": 0.01, "momentum": 0.9},
        ),
    )  # fmt: skip
    return Point(batch, case, products(LENET5, batch), traffic(LENET5, batch, 784))


SWEEPS = [
    Sweep(
        "batch",
        f"MLP 784-{DEPTH}x{WIDTH}-10 over batch size",
        "batch size",
        tuple(_mlp(n, batch=n) for n in (1, 4, 16, 64, 256, 1024, 4096)),
    ),
    Sweep(
        "depth",
        f"MLP 784-dx{WIDTH}-10, batch {BATCH}, over depth",
        "hidden layers",
        tuple(_mlp(n, depth=n) for n in (1, 2, 4, 8, 16, 32)),
    ),
    Sweep(
        "width",
        f"MLP 784-{DEPTH}xw-10, batch {BATCH}, over width",
        "width",
        tuple(_mlp(n, width=n) for n in (32, 64, 128, 256, 512, 1024, 2048)),
    ),
    Sweep(
        "lenet5",
        "LeNet-5 over batch size",
        "batch size",
        tuple(_lenet5(n) for n in (1, 4, 16, 64, 256, 1024)),
    ),
]


def _into(name: str, *shape: int) -> Callable[[Engine], Step]:
    """A function of two arrays into memory that is there."""

    def make(engine: Engine) -> Step:
        rng = np.random.default_rng(0)
        a, b, out = (engine.tensor(rng.random(shape, np.float32)) for _ in range(3))
        call = getattr(engine.lib, name)

        def step() -> Any:
            with engine.lib.no_grad():
                return call(a, b, out=out)

        return step

    return make


_N, _LONG = 2048, 1 << 25
ROOFS = [
    Point(
        _N,
        Case(f"sgemm[{_N}]", f"the product of two {_N}x{_N} matrices", _into("matmul", _N, _N)),
        2.0 * _N**3,
        12.0 * _N**2,
    ),
    Point(
        _LONG,
        Case("stream[2^25]", "the sum of two arrays of 2^25 numbers", _into("add", _LONG)),
        1.0 * _LONG,
        12.0 * _LONG,
    ),
]
"""What the machine can do at most: a large product of matrices, a long sum."""
