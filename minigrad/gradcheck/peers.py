"""Functions of JAX and of autograd, as a check sees them. Both give a pullback of their own."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.function import Matrix, Pullback, Subject, called, flat, is_varied


class Jax(Subject):
    """A function of jax.numpy. Its results are new arrays: nothing of it depends on layouts."""

    framework = "jax"
    layouts = ()
    analytic = True

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.jax: Any = importlib.import_module("jax")
        self.f = f
        arrays = [np.array(x) if hasattr(x, "dtype") else x for x in inputs]
        super().__init__(called(f), arrays)

    def _partial(self, arrays: list[Any]) -> tuple[Callable[..., Any], list[Any]]:
        def f(*varied: Any) -> list[Any]:
            whole = list(arrays)
            for i, x in zip(self.varied, varied, strict=True):
                whole[i] = x
            found = self.f(*whole)
            several = flat(found, None, self.name)
            return [y for y in several if np.dtype(y.dtype).kind in "fc"]

        return f, [self.jax.numpy.asarray(arrays[i]) for i in self.varied]

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        f, varied = self._partial(arrays)
        return [np.asarray(y) for y in f(*varied)]

    def pullback(self, arrays: list[Any]) -> Pullback:
        f, varied = self._partial(arrays)
        _, pull = self.jax.vjp(f, *varied)
        return lambda cotangents: [
            np.asarray(g) for g in pull([self.jax.numpy.asarray(c) for c in cotangents])
        ]


class Autograd(Subject):
    """A function of autograd.numpy with NumPy arrays."""

    framework = "autograd"

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.make_vjp: Any = importlib.import_module("autograd").make_vjp
        self.f = f
        super().__init__(called(f), [np.asarray(x) if is_varied(x) else x for x in inputs])

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        found = self.f(*arrays)
        several = list(found) if isinstance(found, (tuple, list)) else [found]
        return [y for y in map(np.asarray, several) if y.dtype.kind in "fc"]

    def pullback(self, arrays: list[Any]) -> Pullback:
        alone = not isinstance(self.f(*arrays), (tuple, list))
        pulls = [self.make_vjp(self.f, i)(*arrays)[0] for i in self.varied]
        return lambda cotangents: [p(cotangents[0] if alone else tuple(cotangents)) for p in pulls]
