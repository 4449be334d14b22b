"""A function or a module of minigrad, as a check sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.device import place
from minigrad.gradcheck.function import Matrix, Pullback, Subject, called, flat
from minigrad.gradients import grad
from minigrad.recording import recording
from minigrad.tensor import Tensor, wrap


class Own(Subject):
    """Its inputs are new tensors with the numbers asked for; so are the parameters of a module."""

    framework = "minigrad"
    analytic = False

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.f, self.inputs = f, list(inputs)
        named = getattr(f, "named_parameters", None)
        self.parameters: list[tuple[str, Tensor]] = (
            [(n, p) for n, p in named() if p.requires_grad] if callable(named) else []
        )
        arrays = [_numbers(x) for x in self.inputs]
        some = any(isinstance(x, Tensor) and x.requires_grad for x in self.inputs)
        names = []
        for i, x in enumerate(self.inputs):
            if isinstance(x, Tensor) and x.is_floating_point():
                if some and not x.requires_grad:
                    arrays[i] = _Fixed(x)
                else:
                    names.append(f"input {i}")
            else:
                arrays[i] = _Fixed(x)
        arrays += [_numbers(p) for _, p in self.parameters]
        super().__init__(called(f), arrays, [*names, *(n for n, _ in self.parameters)])

    def _call(self, arrays: list[Any], follow: bool) -> tuple[list[Tensor], list[Tensor]]:
        """The results at these numbers, and the tensors that were varied."""
        count = len(self.inputs)
        given: list[Any] = []
        varied: list[Tensor] = []
        for x, a in zip(self.inputs, arrays[:count], strict=True):
            if isinstance(a, _Fixed):
                given.append(a.x)
                continue
            t = wrap(place(a, x.device) if x.device.type != "cpu" else a)
            if follow:
                t.requires_grad_()
            given.append(t)
            varied.append(t)
        with recording(follow), self._with(arrays[count:]):
            found = self.f(*given)
            varied += [p for _, p in self.parameters]
            several = flat(found, Tensor, self.name)
            return [y for y in several if y.is_floating_point()], varied

    @contextmanager
    def _with(self, numbers: list[Matrix]) -> Iterator[None]:
        """The parameters with other numbers for a while, in the type of those."""
        before = [p.array for _, p in self.parameters]
        try:
            for (_, p), a in zip(self.parameters, numbers, strict=True):
                p.array = place(a, p.device) if p.device.type != "cpu" else a
            yield
        finally:
            for (_, p), a in zip(self.parameters, before, strict=True):
                p.array = a

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        # Followed, as the function may itself ask for gradients.
        results, _ = self._call(arrays, follow=not self.parameters)
        return [np.asarray(y.detach().cpu().numpy()) for y in results]

    def pullback(self, arrays: list[Any]) -> Pullback:
        results, varied = self._call(arrays, follow=True)
        used = [k for k, y in enumerate(results) if y.requires_grad]

        def pull(cotangents: list[Matrix]) -> list[Any]:
            if not used:
                return [None] * len(varied)
            seeds = [
                wrap(
                    results[k].device.call(
                        "array", cotangents[k], dtype=results[k].dtype, copy=None
                    )
                )
                for k in used
            ]
            with self._with(arrays[len(self.inputs) :]):
                found = grad(
                    [results[k] for k in used], varied, seeds, retain_graph=True, allow_unused=True
                )
            return [None if g is None else np.asarray(g.detach().cpu().numpy()) for g in found]

        return pull

    def second(self, rng: np.random.Generator) -> Own:
        """The function's own gradient, of its inputs and of its cotangents."""
        results, _ = self._call(self.arrays, follow=True)
        given, weights = self.arrays[: len(self.inputs)], self.arrays[len(self.inputs) :]
        real = [i for i, a in enumerate(given) if not isinstance(a, _Fixed)]
        used = [k for k, y in enumerate(results) if y.requires_grad]
        seeds = [
            wrap(y.device.call("array", rng.standard_normal(y.shape), dtype=y.dtype))
            for y in (results[k] for k in used)
        ]

        def gradient(*given: Tensor) -> tuple[Tensor, ...]:
            whole, us = given[: len(self.inputs)], given[len(self.inputs) :]
            with recording(True):
                for x in [*(whole[i] for i in real), *(p for _, p in self.parameters)]:
                    if not x.requires_grad:
                        x.requires_grad_()
                found = self.f(*whole)
                several = flat(found, Tensor, self.name)
                ys = [y for y in several if y.is_floating_point()]
                goals = [*(whole[i] for i in real), *(p for _, p in self.parameters)]
                grads = grad([ys[k] for k in used], goals, us, create_graph=True, allow_unused=True)
            return tuple(d for d in grads if d is not None)

        made = Own.__new__(type(self))
        Own.__init__(made, gradient, [*self.inputs, *seeds])
        made.parameters = self.parameters
        Subject.__init__(
            *(made, f"the gradient of {self.name}"),
            [*given, *(_numbers(s) for s in seeds), *weights],
            [
                *(f"input {i}" for i in real),
                *(f"cotangent {k}" for k in range(len(seeds))),
                *(n for n, _ in self.parameters),
            ],
        )
        return made


class Held(Own):
    """A function that goes by the tensors that it holds and not by its arguments: the numbers of
    the tensors themselves are changed for a while, during each call and each walk back."""

    layouts = ()

    @contextmanager
    def _at(self, arrays: list[Any]) -> Iterator[list[Tensor]]:
        pairs = [
            (x, a) for x, a in zip(self.inputs, arrays, strict=True) if not isinstance(a, _Fixed)
        ]
        before = [x.array.copy() for x, _ in pairs]
        try:
            for x, a in pairs:
                x.device.call("copyto", x.array, place(np.asarray(a, x.dtype), x.device))
            yield [x for x, _ in pairs]
        finally:
            for (x, _), a in zip(pairs, before, strict=True):
                x.device.call("copyto", x.array, a)

    def _results(self) -> list[Tensor]:
        with recording(True):
            found = self.f(*self.inputs)
        several = flat(found, Tensor, self.name)
        return [y for y in several if y.is_floating_point()]

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        with self._at(arrays):
            results = self._results()
            return [np.array(y.detach().cpu().numpy()) for y in results]

    def pullback(self, arrays: list[Any]) -> Pullback:
        def pull(cotangents: list[Matrix]) -> list[Any]:
            with self._at(arrays) as varied:
                results = self._results()
                used = [k for k, y in enumerate(results) if y.requires_grad]
                if not used:
                    return [None] * len(varied)
                seeds = [
                    wrap(results[k].device.call("array", cotangents[k], dtype=results[k].dtype))
                    for k in used
                ]
                found = grad([results[k] for k in used], varied, seeds, allow_unused=True)
                return [None if g is None else np.array(g.detach().cpu().numpy()) for g in found]

        return pull


def own(f: Callable[..., Any], inputs: Sequence[Any]) -> Own:
    """The function as it takes its inputs: as arguments, or held."""
    subject = Own(f, inputs)
    results, varied = subject._call(subject.arrays, follow=True)
    used = [y for y in results if y.requires_grad]
    if used and varied:
        seeds = [wrap(y.device.call("ones", y.shape, dtype=y.dtype)) for y in used]
        if all(g is None for g in grad(used, varied, seeds, allow_unused=True)):
            return Held(f, inputs)
    return subject


class _Fixed:
    """An argument that is not varied, and passed as it is."""

    def __init__(self, x: Any) -> None:
        self.x = x


def _numbers(x: Any) -> Any:
    return np.array(x.detach().cpu().numpy()) if isinstance(x, Tensor) else x
