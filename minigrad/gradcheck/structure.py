"""The structure of the Jacobian: slopes along directions through all elements at once.

A random direction of signs sees an error in any element, unless errors cancel; that of a single
element of many shows as long as it is not below the rounding of their sum. Where elements tie,
directions in which they move together ask for their sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigrad.gradcheck.elements import AGREES, Asked, plain
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.steps import around, kinks, slopes
from minigrad.gradcheck.tolerance import roughness, tolerance
from minigrad.gradcheck.trial import Trial
from minigrad.gradcheck.verdicts import Verdict, acquits, judge, lost, steep, ulps, within


def directions(
    trial: Trial,
    oracle: Oracle,
    asked: Sequence[Asked],
    rung: str,
    more: int = 0,
    gross: bool = False,
) -> bool:
    """Backward against slopes along directions through all elements. True where all is right.
    ``gross``: what is off by less than a thousandth is not looked at, as far from the point that
    was asked for a right gradient may have lost digits."""
    for _ in range(more):
        oracle.another()
    if not oracle.analytic and oracle.brief(0) is None:
        oracle.slope(0)
    if any(np.any(kinks(s)) for s in oracle.along):
        # Where elements tie, moving them together is smooth: their shares have to add up.
        oracle.another(oracle.scale.copy())
        oracle.another(np.full(trial.n, float(np.median(oracle.scale))))
        for _ in range(4 if trial.level.name != "quick" else 1):
            oracle.another()
    weights = np.array([a.u for a in asked])
    sizes = np.abs(weights)
    grads = np.array([a.got for a in asked])
    far = np.zeros(grads.shape)
    most = sizes.max(1)
    eps = trial.eps
    base = 16 * trial.eps * (sizes @ np.abs(oracle.here))
    strict = tolerance(trial, grads)

    def compared(k: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """What backward gives along direction k, what is right, its bar, and the slack."""
        v = oracle.directions[k]
        allowed = tolerance(trial, grads, far) if far.any() or trial.eps > eps else strict
        far_out = max(1.0, float(np.abs(v).max()))
        slack = base * (trial.eps / eps) * far_out + allowed @ np.abs(v)
        if gross:
            slack += (
                1e-3 * np.abs(grads @ v)
                + 1e-6 * (np.abs(grads) @ np.abs(v))
                + 1e6 * base
                + 1e-9 * most
            )
        fine = oracle.steps[k] if oracle.analytic and k < len(oracle.steps) else None
        if fine is not None:
            want, bar = weights @ fine, 4e-11 * (sizes @ np.abs(fine))
            steepest = np.abs(fine).max()
            if oracle.shaky is not None:
                bar = bar + 120 * (sizes @ oracle.shaky)
        else:
            s = oracle.slope(k)
            want, bar = weights @ s.middle, 2 * (sizes @ s.middle_bar)
            steepest = np.abs(s.middle).max()
        slack = slack + 4 * trial.eps * most * (steepest if steepest < np.inf else 0.0)
        return grads @ v, want, bar, slack

    def apart(k: int, got: Matrix, want: Matrix, bar: Matrix, slack: Matrix) -> Matrix:
        fine = oracle.analytic and k < len(oracle.steps)
        return np.flatnonzero(~(np.abs(got - want) <= (4 if fine else 1) * slack + bar))

    def at_first(k: int) -> bool:
        """Whether a first look by two differences agrees with backward."""
        if oracle.analytic or oracle.known(k):
            return False
        brief = oracle.brief(k)
        if brief is None:
            return False
        far_off = np.abs(grads @ oracle.directions[k] - weights @ brief)
        return bool((far_off <= AGREES * (sizes @ np.abs(brief))).all())

    for k, v in enumerate(oracle.directions):
        if at_first(k):
            continue
        if not apart(k, *compared(k)).size:
            continue
        # How well function and backward can be known is only now found out.
        roughness(trial)
        oracle.closer()
        for a in apart(k, *compared(k)):
            far[a] = asked[a].far
        got, want, bar, slack = compared(k)
        fine = oracle.steps[k] if oracle.analytic and k < len(oracle.steps) else None
        for a in apart(k, got, want, bar, slack).tolist():
            one = oracle.slope(k).along(asked[a].u)
            verdict = judge(float(got[a]), one, float(slack[a]))
            exact = False
            if fine is not None and verdict.word != "kink":
                # Where differences do not contradict complex steps, those are sharper.
                off = abs(float(want[a]) - verdict.expected)
                if off <= 8 * verdict.bar + 1e-9 * abs(float(want[a])):
                    verdict = Verdict("wrong", float(want[a]), float(bar[a] / 4 + slack[a]))
                    total = float(np.abs(grads[a]) @ np.abs(v))
                    size = float(sizes[a] @ np.abs(fine))
                    exact = plain(abs(float(got[a] - want[a])), size, total)
            if verdict.word != "wrong" or lost(float(got[a]), verdict, trial, asked[a].u):
                continue
            short = None if fine is not None else float(slack[a])
            if not exact and not _confirmed(
                trial, oracle, v, asked[a].u, float(got[a]), verdict.expected, short
            ):
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
