"""`check`: the ladder of rungs, one after the other, and the report."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.contract import Contract, steady
from minigrad.gradcheck.elements import Asked, Comparison, Looked, ask, look
from minigrad.gradcheck.function import Matrix, Subject
from minigrad.gradcheck.layouts import aliases, layouts
from minigrad.gradcheck.level import level_of
from minigrad.gradcheck.linear import linear
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.points import afar, elsewhere, inner, nearby
from minigrad.gradcheck.report import Report, Rung
from minigrad.gradcheck.second import second
from minigrad.gradcheck.structure import directions
from minigrad.gradcheck.subjects import subject_of
from minigrad.gradcheck.suspects import OF_CONTRACT, Evidence, sentence, suspect
from minigrad.gradcheck.tolerance import Shakes, tolerance
from minigrad.gradcheck.trial import NotChecked, Trial
from minigrad.gradcheck.units import Counted

ComplexWarning = np.exceptions.ComplexWarning


OTHERS = (elsewhere, inner, afar, nearby)
"""Points that are looked at in turn."""
ALONE = ("shape", "count", "type", "raises", "writes")
"""Findings that need no comparison of numbers."""


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

    Args:
        f: what is checked.
        inputs: tensors or arrays, one or several.
        name: what the report calls it; None takes the function's own.
    """
    return examine(subject_of(f, inputs, name), level, seed)


def examine(subject: Subject, level: str = "standard", seed: int | None = None) -> Report:
    """`check` of a subject."""
    start = time.perf_counter()
    chosen = level_of(level)
    if not subject.varied:
        kinds = ", ".join(f"a {getattr(x, 'dtype', type(x).__name__)}" for x in subject.arrays)
        raise ValueError(
            f"check: {subject.name} has no argument of real numbers, but {kinds or 'none'}: an "
            "integer has no derivative, nor has anything else"
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
            if trial.failed and trial.findings[0].kind not in ALONE:
                steady(trial)
        except NotChecked as reason:
            report.verdict = "not checked"
            trial.findings.clear()
            trial.notes.append(str(reason))
    report.findings, report.notes = trial.findings, trial.notes
    report.calls, report.pulls = trial.calls, trial.pulls
    if trial.findings:
        report.verdict = "wrong"
        kind = trial.findings[0].kind
        if kind not in ("value", "direction"):
            report.suspect = OF_CONTRACT.get(kind, kind)
        report.suspicion = sentence(report.suspect)
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
        contract.rounded,
        lambda: linear(trial, contract),
        lambda: layouts(trial, contract),
        lambda: aliases(trial, contract),
    ):
        return
    oracle = Oracle(trial, trial.x, here=contract.here)
    asked = ask(trial, oracle, contract.u, contract.first_grad)
    compared = Comparison(trial, oracle, asked)
    looked = compared.looked
    how = "complex steps" if oracle.analytic else "extrapolated differences"
    ok = rung(
        "oracle",
        *(compared.settle, compared.report),
        detail=f"{how}, {looked.coordinates.size} of {trial.n} elements",
    )
    _jacobians(trial, report, looked, asked)
    more = trial.level.directions if looked.coordinates.size < trial.n else 0
    ok = ok and rung("structure", lambda: directions(trial, oracle, asked, "structure", more))
    if not ok:
        _suspicion(trial, report, oracle, asked, looked)
        return
    if not rung("elsewhere", lambda: _elsewhere(trial, oracle, contract)):
        return
    if trial.level.second:
        rung("second", lambda: second(trial))
    contract.end()


def _suspicion(
    trial: Trial, report: Report, oracle: Oracle, asked: list[Asked], looked: Looked
) -> None:
    """Which class of fault makes the wrong gradient of the right one."""
    if looked.coordinates.size < trial.n:
        if trial.n > 512:
            return
        trial.level = level_of("standard")
        looked = look(trial, oracle, asked[:1])
    first = asked[0]

    def parts(flat: Matrix) -> list[Matrix]:
        return [flat[w].reshape(s) for w, s in zip(trial.slices, trial.shapes, strict=True)]

    one = trial.out_shapes[0] if len(trial.out_shapes) == 1 else ()
    # A gradient that is itself known to so much only is not asked to be explained better.
    slack = tolerance(trial, first.got, first.far, looked.reach[0])
    share = np.max(slack / np.maximum(np.abs(looked.want[0]), 1e-300), initial=0.0)
    precision = min(max(4 * float(share), 1e-9 if oracle.analytic else 1e-6), 1e-3)
    evidence = Evidence(
        parts(first.got),
        parts(looked.want[0]),
        looked.jacobian,
        first.u,
        trial.m // one[0] if one else 0,
        parts(trial.x),
        precision,
    )
    report.suspect = suspect(evidence)


def _elsewhere(trial: Trial, oracle: Oracle, contract: Contract) -> None:
    """At other points near by: what was right at one may be what was kept from it."""
    for k in range(trial.level.elsewhere):
        place = contract.other if k == 0 else OTHERS[k % len(OTHERS)](trial)
        if place is None:
            return
        there, values = place
        other = Oracle(trial, there, oracle.analytic, values)
        shakes = Shakes(trial, there)
        found = [Asked(contract.u, contract.there, shakes)] if k == 0 else []
        if trial.level.name != "quick":
            if other.analytic:
                other.another()
            pull = trial.puller(there)
            cotangents = trial.rng.standard_normal((2, trial.m))
            cotangents[1] = np.abs(cotangents[1])
            found += [Asked(u, pull(u), shakes) for u in cotangents]
        far = OTHERS[k % len(OTHERS)] is afar
        if not directions(trial, other, found, "elsewhere", gross=far):
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
    want = looked.jacobian
    if isinstance(trial.subject, Counted):
        power = trial.subject.of[:, None] - trial.subject.by
        got, want = np.ldexp(got, power), np.ldexp(want, power)
    for where, name in zip(trial.slices, trial.subject.names, strict=True):
        report.jacobians[name] = (got[:, where], want[:, where])
