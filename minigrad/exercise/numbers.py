"""An answer that predicts: a dictionary of numbers, shapes or words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.exercise.exercise import Wrong

LARGEST = 2**1000
"""Larger whole numbers do not fit a float, with which they would be compared."""


@dataclass(frozen=True)
class Question:
    """What is asked, how the right answer is found, and what is often answered instead: by the
    class of fault the value and a sentence."""

    asked: str
    truth: Callable[[], Any]
    typical: Mapping[str, tuple[Any, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Numbers:
    """Questions with one right answer each; a number may be rounded to three digits."""

    questions: Sequence[Question]
    close: float = 2e-3
    kind: str = "number"

    def grade(self, answer: Any) -> None:
        """Errors: Wrong, with the class of fault."""
        if not isinstance(answer, dict):
            raise Wrong("type", f"expected a dictionary of answers, got a {type(answer).__name__}")
        if all(answer.get(q.asked) is None for q in self.questions):
            raise Wrong("not done", "the numbers are still missing")
        for question in self.questions:
            if answer.get(question.asked) is None:
                raise Wrong("missing", f"{question.asked}: there is no answer yet")
            self._judge(question, plain(answer[question.asked]))

    def _judge(self, question: Question, got: Any) -> None:
        want = plain(question.truth())
        if self._same(got, want):
            return
        for fault, (value, said) in question.typical.items():
            if self._same(got, plain(value)):
                raise Wrong(fault, f"{question.asked}: {said}")
        raise Wrong(*_general(question.asked, got, want))

    def _same(self, got: Any, want: Any) -> bool:
        if isinstance(want, tuple):
            return (
                isinstance(got, tuple) and len(got) == len(want) and all(map(self._same, got, want))
            )
        if isinstance(want, (str, bool)) or isinstance(got, (str, tuple)):
            return type(got) is type(want) and bool(got == want)
        if isinstance(want, int):
            return bool(got == want)
        return bool(abs(got - want) <= self.close * abs(want) + 1e-12)


def plain(x: Any) -> Any:
    """Python's own numbers and tuples. Errors: Wrong for what is none."""
    try:
        return _plain(x)
    except Wrong:
        raise
    except Exception:  # of somebody's class, or of a list that holds itself
        raise Wrong("type", f"a {type(x).__name__} is no number, shape or word") from None


def _plain(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return tuple(map(_plain, x))
    if isinstance(x, np.floating):
        return float(x)
    if isinstance(x, (np.generic, np.ndarray)) or callable(getattr(x, "item", None)):
        return _plain(x.tolist())
    if isinstance(x, int) and abs(x) > LARGEST:
        return float("inf")
    if isinstance(x, (str, bool, int, float)):
        return x
    raise Wrong("type", f"expected a number, a shape or a word, got a {type(x).__name__}")


def _general(asked: str, got: Any, want: Any) -> tuple[str, str]:
    """The class of a wrong answer that nobody foresaw."""
    if type(got) is not type(want) and {type(got), type(want)} - {int, float}:
        return "type", f"{asked}: expected a {type(want).__name__}, got a {type(got).__name__}"
    if isinstance(want, tuple):
        if len(got) != len(want):
            return "dimensions", f"{asked}: it has {len(want)} numbers, not {len(got)}"
        if got == want[::-1] or sorted(map(str, got)) == sorted(map(str, want)):
            return "exchanged", f"{asked}: the right numbers in another order"
        return "other number", f"{asked}: {got} is not right"
    if isinstance(want, (str, bool)):
        return "other answer", f"{asked}: {got!r} is not right"
    if want and abs(got + want) <= 2e-3 * abs(want):
        return "sign", f"{asked}: the sign is wrong"
    if isinstance(want, int) and abs(got - want) == 1:
        return "off by one", f"{asked}: {got} is one too {'many' if got > want else 'few'}"
    for factor in (2.0, 0.5, 10.0, 0.1, 100.0, 0.01):
        if want and abs(got - factor * want) <= 2e-3 * abs(factor * want):
            return "constant", f"{asked}: {got} is {factor:g} times what it should be"
    return "other number", f"{asked}: {got} is not right"
