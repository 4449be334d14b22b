"""An answer that computes: a function whose results are compared with the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.exercise.calling import Matrix, arrays, called
from minigrad.exercise.exercise import Maker, Wrong
from minigrad.exercise.faults import OF_VALUES, Typical, explain, same, wrong_shape

SEED = 20


@dataclass(frozen=True)
class Values:
    """The student's function, beside the one that is right.

    Attributes:
        truth: from the inputs to the result, or a tuple of results.
        inputs: what to try it on.
        typical: faults of this exercise, each a sentence and a function that makes it.
        results: what the results are called.
        use: how the answer is used, where it is not called with the inputs.
        turns: how many inputs it is tried on.
    """

    truth: Callable[..., Any]
    inputs: Maker
    typical: Typical = field(default_factory=dict)
    results: Sequence[str] = ("the result",)
    use: Callable[..., Any] | None = None
    turns: int = 3
    kind: str = "value"

    def grade(self, answer: Any) -> None:
        """Errors: Wrong, with the class of fault."""
        if not callable(answer):
            raise Wrong("type", f"expected something to call, got a {type(answer).__name__}")
        rng = np.random.default_rng(SEED)
        turns = [self.inputs(rng, turn) for turn in range(self.turns)]
        first: list[Matrix] = []
        for given in turns:
            got, want = self._once(answer, given), self._right(given)
            self._judge(answer, given, got, want, turns)
            first = first or got
        again = self._once(answer, turns[0])
        if not all(same(a, b) for a, b in zip(again, first, strict=True)):
            raise Wrong("state", "the second call with the same arguments gives another result")

    def outputs(self, answer: Any) -> Iterator[list[Matrix]]:
        """What an answer gives, turn by turn. Errors: Wrong."""
        rng = np.random.default_rng(SEED)
        turns = [self.inputs(rng, turn) for turn in range(self.turns)]
        for given in turns:
            yield [np.asarray(y, float) for y in self._once(answer, given)]

    def _once(self, answer: Any, given: list[Any]) -> list[Matrix]:
        use = self.use
        f = answer if use is None else lambda *xs: use(answer, *xs)
        return arrays(called(f, given), len(self.results), ", ".join(self.results))

    def _right(self, given: list[Any], f: Callable[..., Any] | None = None) -> list[Matrix]:
        with np.errstate(all="ignore"):
            found = (self.truth if f is None else f)(*[_own(x) for x in given])
        return arrays(found, len(self.results), "")

    def _judge(
        self,
        answer: Any,
        given: list[Any],
        got: list[Matrix],
        want: list[Matrix],
        turns: list[list[Any]],
    ) -> None:
        right = [g.shape == w.shape and same(g, w) for g, w in zip(got, want, strict=True)]
        if all(right):
            for name, g, w in zip(self.results, got, want, strict=True):
                if w.dtype == np.float64 and g.dtype == np.float32:
                    raise Wrong("rounded", f"{name}: {OF_VALUES['rounded']}")
                if w.dtype == np.uint8 and g.dtype != np.uint8:  # nobody has bytes by chance
                    told = f"{name}: the numbers are right, but of the type {g.dtype}, not uint8"
                    raise Wrong("type", told)
            return
        for fault, (said, f) in self.typical.items():
            try:
                made = self._right(given, f)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                continue
            if all(g.shape == m.shape and same(g, m) for g, m in zip(got, made, strict=True)):
                raise Wrong(fault, said)
        for name, g, w in zip(self.results, got, want, strict=True):
            if g.shape != w.shape:
                raise wrong_shape(name, np.asarray(g, float), np.asarray(w, float))
        if all(w.ndim == 0 for w in want):  # of one number any other one is a multiple
            got = _stacked([self._once(answer, xs) for xs in turns[1:]])
            want = _stacked([self._right(xs) for xs in turns[1:]])
            given = turns[1]
        wide = [np.asarray(g, float) for g in got]
        right_ones = [np.asarray(w, float) for w in want]
        shaped = [x for x in given if isinstance(x, np.ndarray)]
        raise explain(self.results, wide, right_ones, OF_VALUES, inputs=shaped)


def _own(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def _stacked(turns: Sequence[list[Matrix]]) -> list[Matrix]:
    """The results of several turns, each result's as one array."""
    return [np.array(result) for result in zip(*turns, strict=True)]
