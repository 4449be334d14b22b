"""Arguments to check a public function with, when only its name is known."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import linalg
from minigrad.autograd import no_grad
from minigrad.tensor import Tensor, wrap

PLACES = ("minigrad", "minigrad.nn.functional", "minigrad.linalg")
SYMMETRIC = ("linalg.cholesky", "linalg.eigh", "linalg.eigvalsh")
"""Functions of symmetric matrices."""
REFUSALS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
RANDOM = {
    *("alpha_dropout", "bernoulli", "dropout", "dropout1d", "dropout2d", "dropout3d"),
    *("feature_alpha_dropout", "gumbel_softmax", "multinomial", "normal", "poisson", "rrelu"),
}
"""Functions that give other numbers each time: there is nothing to compare."""


def _points() -> Iterator[list[Tensor]]:
    """Arguments to try, the plainest first: no ties, no zeros, inside of every domain."""
    rng = np.random.default_rng(0)

    def between(low: float, high: float, *shape: int) -> Tensor:
        count = int(np.prod(shape))
        spread = rng.permutation(np.linspace(low, high, count) + rng.uniform(0, 1e-3, count))
        return wrap(spread.reshape(shape)).requires_grad_()

    square = wrap(rng.standard_normal((4, 4)) * 0.3 + 2 * np.eye(4)).requires_grad_()
    symmetric = wrap(square.detach().numpy() + square.detach().numpy().T).requires_grad_()
    yield [between(0.11, 0.89, 3, 4)]
    yield [between(1.1, 2.9, 3, 4)]
    yield [between(0.11, 0.89, 3, 4), between(0.21, 0.93, 3, 4)]
    yield [square]
    yield [symmetric]
    yield [between(0.1, 0.9, 3, 4), between(0.2, 1.1, 4, 2)]
    yield [square, between(0.1, 0.9, 4, 2)]
    yield [between(-1, 1, 4), between(-1, 1, 4)]
    yield [between(-1, 1, 2, 3, 4), between(-1, 1, 2, 4, 3)]
    yield [between(-1, 1, 2, 3, 8)]


def found(name: str) -> Callable[..., Any] | None:
    """The public function of that name: ``sin``, ``nn.functional.relu`` or ``relu``."""
    for place in PLACES:
        module: Any = importlib.import_module(place)
        for part in name.split("."):
            module = getattr(module, part, None)
        if callable(module) and not inspect.isclass(module):
            return module  # type: ignore[no-any-return]
    return None


def _reduced_svd(x: Tensor) -> Any:
    """The values of a singular value decomposition; its vectors are known but for signs."""
    return linalg.svd(x, full_matrices=False)[1]


OTHERWISE: dict[str, Callable[..., Any]] = {
    "linalg.svd": _reduced_svd,
    "linalg.eigh": lambda x: linalg.eigh(x)[0],
}
"""What of a function is smooth."""


def sample(name: str) -> tuple[Any, list[Tensor]] | None:
    """The function of that name with arguments that it takes; None where there is none, or it takes
    more than tensors."""
    f = OTHERWISE.get(name) or found(name)
    if f is None:
        return None
    for point in _points():
        if name in SYMMETRIC and not _symmetric(point[0]):
            continue
        try:
            with no_grad():
                f(*point)
            results = f(*point)
        except REFUSALS:
            try:
                results = f(*point, dim=-1)
            except REFUSALS:
                continue
            f = functools.partial(f, dim=-1)
        several = results if isinstance(results, (tuple, list)) else [results]
        if all(isinstance(y, Tensor) for y in several) and any(
            y.requires_grad and y.numel() and bool(y.isfinite().all()) for y in several
        ):
            return f, point
    return None


def _symmetric(x: Tensor) -> bool:
    a = x.detach().numpy()
    return a.ndim == 2 and a.shape[0] == a.shape[1] and np.array_equal(a, a.T)


def names() -> list[str]:
    """All public functions that can be checked by their names."""
    listed = []
    for place in PLACES:
        module = importlib.import_module(place)
        prefix = place.removeprefix("minigrad").lstrip(".")
        for name in sorted(module.__all__):
            f = getattr(module, name)
            if not inspect.isfunction(f) or name.endswith("_") or name in RANDOM:
                continue
            if place != "minigrad" and f is getattr(
                importlib.import_module("minigrad"), name, None
            ):
                continue
            first = next(iter(inspect.signature(f).parameters), "")
            if first in ("input", "x", "A", "tensor", "self", "input1", "x1"):
                listed.append(f"{prefix}.{name}" if prefix else name)
    return listed
