"""The structure of the Jacobian: slopes along directions through all elements at once.

A random direction of signs sees an error in any element, unless errors cancel; that of a single
element of many shows as long as it is not below the rounding of their sum. Where elements tie,
directions in which they move together ask for their sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.gradcheck.elements import Asked
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.steps import around, kinks, slopes
from minigrad.gradcheck.tolerance import tolerance
from minigrad.gradcheck.trial import Trial
from minigrad.gradcheck.verdicts import Verdict, acquits, judge, steep, ulps, within


def directions(
    trial: Trial, oracle: Oracle, asked: Sequence[Asked], rung: str, more: int = 0
) -> bool:
    """Backward against slopes along directions through all elements. True where all is right."""
    for _ in range(more):
        oracle.another()
    if any(np.any(kinks(s)) for s in oracle.along):
        # Where elements tie, moving them together is smooth: their shares have to add up.
        oracle.another(oracle.scale.copy())
        oracle.another(np.full(trial.n, float(np.median(oracle.scale))))
        for _ in range(4 if trial.level.name != "quick" else 1):
            oracle.another()
    weights = np.array([a.u for a in asked])
    sizes = np.abs(weights)
    grads = np.array([a.got for a in asked])
    allowed = np.array([tolerance(trial, a.got, a.far) for a in asked])
    most = sizes.max(1)
    base = 16 * trial.eps * (sizes @ np.abs(oracle.here))
    for k, v in enumerate(oracle.directions):
        got = grads @ v
        slack = base + allowed @ np.abs(v)
        fine = oracle.steps[k] if oracle.analytic and k < len(oracle.steps) else None
        if fine is None:
            s = oracle.slope(k)
            want, bar = weights @ s.middle, 2 * (sizes @ s.middle_bar)
            steepest = np.abs(s.middle).max()
        else:
            want = weights @ fine
            bar = 120 * (sizes @ oracle.shaky) + 4e-11 * (sizes @ np.abs(fine))
            steepest = np.abs(fine).max()
        slack = slack + 4 * trial.eps * most * (steepest if steepest < np.inf else 0.0)
        agrees = (
            np.abs(got - want) <= 4 * slack + bar
            if fine is not None
            else (np.abs(got - want) <= slack + bar)
        )
        for a in np.flatnonzero(~agrees).tolist():
            one = oracle.slope(k).along(asked[a].u)
            verdict = judge(float(got[a]), one, float(slack[a]))
            if fine is not None and verdict.word != "kink":
                # Where differences do not contradict complex steps, those are sharper.
                off = abs(float(want[a]) - verdict.expected)
                if off <= 8 * verdict.bar + 1e-9 * abs(float(want[a])):
                    verdict = Verdict("wrong", float(want[a]), float(bar[a] / 4 + slack[a]))
            if verdict.word != "wrong":
                continue
            short = None if fine is not None else float(slack[a])
            if not _confirmed(trial, oracle, v, asked[a].u, float(got[a]), verdict.expected, short):
                continue
            row = asked[a].row
            what = trial.say_out(row) if row is not None else "a weighted sum of the results"
            message = f"the slope of {what} along a random direction through all inputs is wrong"
            trial.found(
                Finding(
                    *(rung, "direction", message),
                    output=what,
                    expected=verdict.expected,
                    bar=verdict.bar,
                    got=float(got[a]),
                    ulps=ulps(float(got[a]), verdict.expected, trial.eps),
                )
            )
            return False
    return True


def _confirmed(
    trial: Trial, oracle: Oracle, v: Matrix, u: Matrix, got: float, want: float, slack: float | None
) -> bool:
    """Whether much shorter steps along the same direction say so as well (where there is a slack:
    complex steps are as short as can be), and no slope all around is what backward gave."""
    if slack is not None:
        short = 2.0**-8
        s = slopes(trial, oracle.x, v * short, oracle.here).along(u)
        verdict = judge(got * short, s, slack * short)
        if acquits(trial, verdict, got * short, want * short):
            return False
        if verdict.word == "wrong":
            want = verdict.expected / short
    low, high = around(trial, oracle.x, oracle.scale, v, oracle.here, u, 48)
    return not (within(got, want, low, high) or steep(trial, oracle, u, v, got, want))
