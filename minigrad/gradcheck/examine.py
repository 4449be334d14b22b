"""`check`: the ladder of rungs, one after the other, and the report."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.contract import Contract, elsewhere, nearby
from minigrad.gradcheck.elements import Comparison, ask, directions, look
from minigrad.gradcheck.function import Subject
from minigrad.gradcheck.layouts import aliases, layouts
from minigrad.gradcheck.level import level_of
from minigrad.gradcheck.linear import linear
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.report import Report, Rung
from minigrad.gradcheck.subjects import subject_of
from minigrad.gradcheck.tolerance import moved, roughness, shaken
from minigrad.gradcheck.trial import NotChecked, Trial

ComplexWarning = np.exceptions.ComplexWarning


def check(
    f: Any,
    inputs: Any,
    *,
    level: str = "standard",
    seed: int | None = None,
    name: str | None = None,
) -> Report:
    """Whether the gradient of ``f`` at ``inputs`` is right: a `Report`, which is true where it is.

    ``f`` is a function or module of minigrad, of PyTorch, of JAX or of autograd, or a pair
    ``(forward, backward)`` of functions of NumPy arrays: ``forward(*inputs)`` gives an array or a
    tuple of them, ``backward(g, *inputs)`` a tuple with one gradient an input, None for integers.
    ``level`` is "quick", "standard" or "thorough". ``seed`` repeats a check; else it is fresh, and
    in the report. A wrong gradient raises nothing. Errors: TypeError and ValueError for what cannot
    be checked at all, and whatever ``f`` itself raises.
    """
    return examine(subject_of(f, inputs, name), level, seed)


def examine(subject: Subject, level: str = "standard", seed: int | None = None) -> Report:
    """`check` of a subject."""
    start = time.perf_counter()
    chosen = level_of(level)
    if not subject.varied:
        raise ValueError(
            f"check: {subject.name} has no argument of real numbers: an integer has no derivative"
        )
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    trial = Trial(subject, chosen, seed)
    report = Report(subject.name, subject.framework, level, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=ComplexWarning)
        try:
            _climb(trial, report)
        except NotChecked as reason:
            report.verdict = "not checked"
            trial.notes.append(str(reason))
    report.findings, report.notes = trial.findings, trial.notes
    report.calls, report.pulls = trial.calls, trial.pulls
    if trial.findings:
        report.verdict = "wrong"
    report.seconds = time.perf_counter() - start
    return report


def _climb(trial: Trial, report: Report) -> None:
    """The rungs in order; the first that finds something wrong ends the ladder."""
    contract = Contract(trial)

    def rung(name: str, *steps: Callable[[], Any], detail: str = "") -> bool:
        before = len(trial.findings)
        for step in steps:
            step()
            if trial.failed:
                break
        wrong = len(trial.findings) > before
        report.rungs.append(Rung(name, "wrong" if wrong else "right", detail))
        return not wrong

    if not contract.begin():
        report.rungs.append(Rung("contract", "wrong"))
        return
    if trial.n == 0 or trial.m == 0:
        report.rungs.append(Rung("contract", "right", "there is not one number to differentiate"))
        return
    if not rung(
        "contract",
        contract.repeat,
        lambda: roughness(trial),
        contract.rounded,
        lambda: linear(trial, contract),
        lambda: layouts(trial, contract),
        lambda: aliases(trial, contract),
    ):
        return
    oracle = Oracle(trial, trial.x)
    asked = ask(trial, oracle, contract.u)
    looked = look(trial, oracle, asked)
    compared = Comparison(trial, oracle, looked)
    how = "complex steps" if oracle.analytic else "extrapolated differences"
    report_steps = [compared.settle, compared.report]
    ok = rung(
        "oracle", *report_steps, detail=f"{how}, {looked.coordinates.size} of {trial.n} elements"
    )
    _jacobians(trial, report, looked, asked)
    if not ok:
        return
    more = trial.level.directions if looked.coordinates.size < trial.n else 0
    if not rung("structure", lambda: directions(trial, oracle, asked, "structure", more)):
        return
    if not rung("elsewhere", lambda: _elsewhere(trial, oracle, asked)):
        return
    rung("contract", contract.end)
    report.rungs.pop()


def _elsewhere(trial: Trial, oracle: Oracle, asked: Sequence[Any]) -> None:
    """At other points near by: what was right at one may be what was kept from it."""
    for k in range(trial.level.elsewhere):
        there = nearby(trial) if k % 2 else elsewhere(trial)
        if there is None:
            return
        other = Oracle(trial, there, oracle.analytic)
        pull = trial.puller(there)
        again = trial.puller(shaken(trial, there))
        found = []
        for u in (trial.rng.standard_normal(trial.m), np.abs(trial.rng.standard_normal(trial.m))):
            got = pull(u)
            found.append(type(asked[0])(u, got, moved(got, [again(shaken(trial, u))]), None))
        if not directions(trial, other, found, "elsewhere"):
            trial.findings[-1].kind = "elsewhere"
            trial.findings[
                -1
            ].message += ", at another point near by (what is kept from earlier arguments?)"
            return


def _jacobians(trial: Trial, report: Report, looked: Any, asked: Sequence[Any]) -> None:
    """The whole Jacobians for the report, where they were made."""
    rows = [a for a in asked if a.row is not None]
    if looked.jacobian is None or len(rows) < trial.m or looked.coordinates.size < trial.n:
        return
    got = np.array([a.got for a in sorted(rows, key=lambda a: a.row)])
    for where, name in zip(trial.slices, trial.subject.names, strict=True):
        report.jacobians[name] = (got[:, where], looked.jacobian[:, where])
