"""An answer that differentiates: ``backward(g, *inputs)``, beside minigrad's own tape."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.exercise.calling import Matrix, arrays, called
from minigrad.exercise.exercise import Maker, Wrong
from minigrad.exercise.faults import OF_GRADIENTS, Typical, explain, same, wrong_shape
from minigrad.gradients import grad
from minigrad.tensor import Tensor, wrap

SEED = 21
TURNS = 3
SEVERAL = "what was used several times, as a row that is stretched, gets the sum of its gradients"


@dataclass(frozen=True)
class Rules:
    """The student's backward, beside the derivative of what it is the backward of.

    Attributes:
        forward: the function of tensors; the truth is its derivative, by the tape, in float64.
        inputs: what to try it on. What is no array of real numbers is not differentiated.
        typical: faults of this exercise, each a sentence and a backward that makes it.
        held: the forward with a path held constant (a detach), each with its sentence.
        use: from the answer to a backward, where it is none itself.
        only: how many of the inputs are differentiated, all by default.
    """

    forward: Callable[..., Any]
    inputs: Maker
    typical: Typical = field(default_factory=dict)
    held: Mapping[str, tuple[str, Callable[..., Any]]] = field(default_factory=dict)
    use: Callable[[Any], Callable[..., Any]] | None = None
    only: int | None = None
    kind: str = "rule"

    def grade(self, answer: Any) -> None:
        """Errors: Wrong, with the class of fault."""
        if not callable(answer):
            raise Wrong("type", f"expected something to call, got a {type(answer).__name__}")
        backward = answer if self.use is None else self.use(answer)
        rng = np.random.default_rng(SEED)
        first: tuple[list[Any], list[Matrix]] | None = None
        for turn in range(TURNS):
            given = self.inputs(rng, turn)
            g = _cotangent(rng, turn, self._results(self.forward, given)[0])
            got = self._judge(backward, g, given)
            first = first or ([g, *given], got)
        assert first is not None
        again = arrays(called(backward, first[0]), len(first[1]), "a gradient")
        if not all(same(a, b) for a, b in zip(again, first[1], strict=True)):
            raise Wrong("state", "the second call with the same arguments gives another result")

    def outputs(self, answer: Any) -> Iterator[list[Matrix]]:
        """What an answer gives, turn by turn. Errors: Wrong."""
        backward = answer if self.use is None else self.use(answer)
        rng = np.random.default_rng(SEED)
        for turn in range(TURNS):
            given = self.inputs(rng, turn)
            y, varied = self._results(self.forward, given)
            g = _cotangent(rng, turn, y)
            found = arrays(called(backward, [g, *given]), len(varied), "a gradient")
            yield [np.asarray(y, float) for y in found]

    def _names(self, given: Sequence[Any]) -> list[str]:
        names = [f"d{name}" for name in inspect.signature(self.forward).parameters]
        real = [i for i, x in enumerate(given) if _varied(x)]
        return [names[i] for i in real[: self.only]]

    def _results(self, forward: Callable[..., Any], given: Sequence[Any]) -> tuple[Any, list[Any]]:
        made = [wrap(np.array(x)) if isinstance(x, np.ndarray) else x for x in given]
        varied = [x for x in made if isinstance(x, Tensor) and x.is_floating_point()]
        varied = varied[: self.only]
        for x in varied:
            x.requires_grad_()
        return forward(*made), varied

    def _right(self, forward: Callable[..., Any], g: Matrix, given: Sequence[Any]) -> list[Matrix]:
        y, varied = self._results(forward, given)
        found = grad(y, varied, wrap(np.asarray(g)), allow_unused=True)
        return [
            np.zeros(x.shape) if d is None else np.asarray(d.numpy())
            for x, d in zip(varied, found, strict=True)
        ]

    def _jacobian(self, shape: tuple[int, ...], given: Sequence[Any]) -> Matrix:
        rows = []
        for row in np.eye(int(np.prod(shape, dtype=int))):
            found = self._right(self.forward, row.reshape(shape), given)
            rows.append(np.concatenate([d.reshape(-1) for d in found]))
        return np.array(rows)

    def _judge(self, backward: Callable[..., Any], g: Matrix, given: list[Any]) -> list[Matrix]:
        want = self._right(self.forward, g, given)
        names = self._names(given)
        told = f"a gradient for each input ({', '.join(names)})"
        got = arrays(called(backward, [g, *given]), len(want), told)
        if all(same(a, w) for a, w in zip(got, want, strict=True)):
            for name, a in zip(names, got, strict=True):
                if a.dtype == np.float32:
                    raise Wrong("rounded", f"{name}: {OF_GRADIENTS['rounded']}")
            return got
        for fault, (said, f) in self.typical.items():
            try:
                with np.errstate(all="ignore"):
                    made = arrays(f(g, *given), len(want), "")
            except (ArithmeticError, LookupError, TypeError, ValueError):
                continue
            if _equal(got, made):
                raise Wrong(fault, said)
        for fault, (said, forward) in self.held.items():
            if _equal(got, self._right(forward, g, given)):
                raise Wrong(fault, said)
        for name, a, w in zip(names, got, want, strict=True):
            if a.shape != w.shape:
                found = wrong_shape(name, np.asarray(a, float), w)
                if found.fault == "not summed":
                    found = Wrong("not summed", f"{found}: {SEVERAL}")
                raise found
        raise explain(
            names,
            [np.asarray(a, float) for a in got],
            want,
            OF_GRADIENTS,
            lambda: self._jacobian(g.shape, given),
            g.reshape(-1),
            [x for x in given if _varied(x)][: self.only],
            g.size // len(g) if g.ndim else 0,
        )


def _equal(got: Sequence[Matrix], made: Sequence[Matrix]) -> bool:
    """All the same numbers, in the same shapes."""
    return all(
        a.shape == np.shape(m) and same(np.asarray(a, float), np.asarray(m, float))
        for a, m in zip(got, made, strict=True)
    )


def _varied(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def _cotangent(rng: np.random.Generator, turn: int, y: Any) -> Matrix:
    """The gradient of y; where it is one number, of another sign at the next turn."""
    g = np.asarray(rng.standard_normal(tuple(y.shape)))
    return g if g.ndim else np.asarray(np.copysign(g, (-1) ** turn))
