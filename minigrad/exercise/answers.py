"""A student's file as it is read, and judged in this process."""

from __future__ import annotations

import time
from typing import Any

from minigrad.exercise.calling import tried
from minigrad.exercise.exercise import Exercise, Verdict, Wrong


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """The verdict on a function, a class or a dictionary."""
    begun = time.perf_counter()
    try:
        exercise.grader.grade(answer)
        verdict = Verdict(exercise.name, True)
    except Wrong as wrong:
        verdict = Verdict(exercise.name, False, wrong.fault, str(wrong))
    verdict.seconds = time.perf_counter() - begun
    return verdict


def judge_source(exercise: Exercise, source: str, filename: str = "answer.py") -> Verdict:
    """The verdict on a file's text, which is run."""
    try:
        return judge(exercise, _asked(exercise, source, filename))
    except Wrong as wrong:
        return Verdict(exercise.name, False, wrong.fault, str(wrong))


def _asked(exercise: Exercise, source: str, filename: str) -> Any:
    try:
        code = compile(source, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        told = getattr(error, "msg", None) or str(error)
        raise Wrong("syntax", f"it is no Python that can be read: {told}{where}") from None
    space: dict[str, Any] = {"__name__": "answer", "__file__": filename}
    tried(lambda: exec(code, space))
    if exercise.asks not in space:
        raise Wrong("name", f"the file has to define {exercise.asks}, and it does not")
    return space[exercise.asks]
