"""A student's file as it is read, and judged in this process."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from minigrad.autograd import inference_mode
from minigrad.exercise.calling import tried
from minigrad.exercise.exercise import Exercise, Verdict, Wrong
from minigrad.exercise.faults import GUESSES, same
from minigrad.exercise.mistakes import mistakes

UNSURE = (*GUESSES, "wrong shape")
PATIENCE = 1.0
"""Seconds for finding a mistake by trying."""


@inference_mode(False)  # the truth is differentiated also where somebody calls this under no_grad
def judge(exercise: Exercise, answer: Any) -> Verdict:
    """The verdict on a function, a class or a dictionary."""
    begun = time.perf_counter()
    try:
        with np.errstate(all="ignore"):
            exercise.grader.grade(answer)
        verdict = Verdict(exercise.name, True)
    except Wrong as wrong:
        found = _mistake(exercise, answer, wrong) if wrong.fault in UNSURE else wrong
        verdict = Verdict(exercise.name, False, found.fault, str(found))
    verdict.seconds = time.perf_counter() - begun
    return verdict


def _mistake(exercise: Exercise, answer: Any, wrong: Wrong) -> Wrong:
    """The mistake in the solution that makes the student's numbers, where there is one."""
    outputs = getattr(exercise.grader, "outputs", None)
    if outputs is None:
        return wrong
    try:
        got = list(outputs(answer))
    except Wrong:
        return wrong
    begun = time.perf_counter()
    for fault, said, text in mistakes(exercise.solution):
        if time.perf_counter() - begun > PATIENCE:
            break
        if fault == "number" and wrong.fault == "wrong shape":
            continue  # it is no number that is wrong then
        space: dict[str, Any] = {"__name__": "answer"}
        try:
            tried(lambda: exec(text, space))  # noqa: B023
            made = outputs(space[exercise.asks])
            alike = all(all(map(same, *turn)) for turn in zip(got, made, strict=True))
        except (Wrong, KeyError):
            continue
        if alike:
            return Wrong(fault, f"{said} ({wrong})")
    return wrong


@inference_mode(False)
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
