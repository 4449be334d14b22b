"""Exercises by name: what is asked, checks, hints, solutions."""

from __future__ import annotations

import difflib
from typing import Any

from minigrad.exercise.answers import judge
from minigrad.exercise.book import EXERCISES
from minigrad.exercise.exercise import Exercise, Verdict


def find(name: str) -> Exercise:
    """The exercise of this name. Errors: KeyError that names close ones for a ``name`` that is
    none.

    Example:
        >>> minigrad.exercise.find("tanh-rule").title
        'The rule of tanh'
    """
    wanted = name.lower().replace("_", "-")
    if wanted in EXERCISES:
        return EXERCISES[wanted]
    close = difflib.get_close_matches(wanted, EXERCISES, n=3, cutoff=0.5)
    meant = f"; did you mean {' or '.join(close)}" if close else ""
    raise KeyError(f"there is no exercise {name!r}{meant}; minigrad.exercise.names() lists them")


def names(unit: str | int | None = None) -> list[str]:
    """The names of all exercises, in the order of the course, or of those of one ``unit``.

    Example:
        >>> minigrad.exercise.names(unit=5)
        ['tape-multiply', 'tape-twice', 'tape-order', 'tape-exp-and-divide']
    """
    return [e.name for e in EXERCISES.values() if unit is None or e.unit == str(unit)]


def check(name: str, answer: Any) -> Verdict:
    """Whether an answer is right, and if it is not, what is wrong with it: for notebooks.

    The truth is computed anew each time, by minigrad's own tape or from the definition, at numbers
    that nobody knows before. Nothing is stored.

    Args:
        name: the exercise's name.
        answer: the function, the class or the dictionary that it asks for.

    Returns:
        a verdict that is true where the answer is right; printed, it is a sentence.

    Errors: KeyError for a name that is none.

    Example:
        >>> def backward(g, x, b):
        ...     return g, g
        >>> minigrad.exercise.check("bias-rule", backward).fault
        'not summed'
        >>> def backward(g, x, b):
        ...     return g, g.sum(axis=0)
        >>> minigrad.exercise.check("bias-rule", backward)
        bias-rule: right.
    """
    return judge(find(name), answer)


def hint(name: str, stage: int = 1) -> str:
    """One of the three hints of the exercise ``name``; ``stage`` 1 says least, 3 most.

    Errors: KeyError for a name, ValueError for a stage that is none.

    Example:
        >>> minigrad.exercise.hint("bias-rule")
        'Every row of y uses the same b.'
    """
    if stage not in (1, 2, 3):
        raise ValueError(f"hint: expected a stage of 1, 2 or 3, got {stage!r}")
    return find(name).hints[stage - 1]


def solution(name: str) -> str:
    """A file that solves the exercise ``name``. Errors: KeyError for a name that is none.

    Example:
        >>> print(minigrad.exercise.solution("bias-rule"))
        def backward(g, x, b):
            return g, g.sum(axis=0)
    """
    return find(name).solution.strip()


def start(name: str) -> str:
    """The file that one begins with in the exercise ``name``: its words, and its hole. Errors:
    KeyError for a name that is none.

    Example:
        >>> print(minigrad.exercise.start("bias-rule"))
        \"\"\"The gradient of a bias
        ...
        def backward(g, x, b):
            raise NotImplementedError  # your lines
        <BLANKLINE>
    """
    return find(name).file()
