"""Backward is linear in the cotangent: exactly under powers of two, to rounding under addition."""

from __future__ import annotations

import numpy as np

from minigrad.gradcheck.contract import Contract
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.tolerance import close, moved, shakes, tolerance
from minigrad.gradcheck.trial import Trial


def linear(trial: Trial, contract: Contract) -> None:
    """Multiples, sums, zero."""
    pull = trial.puller(trial.x)
    u = contract.u
    whole = pull(u)
    zero = pull(np.zeros(trial.m))
    if np.any(np.nan_to_num(zero)):
        trial.found(
            Finding(
                "contract",
                "cotangent ignored" if close(zero, whole, eps=trial.eps) else "zero",
                "a cotangent of zeros gives a gradient that is not zero",
                expected=0.0,
                got=float(zero[int(np.argmax(np.abs(np.nan_to_num(zero))))]),
            )
        )
        return
    wide = trial.eps < 1e-12
    quick = trial.level.name == "quick"
    powers = [-(2.0**40), 2.0**-40] if wide else [-2.0, 2.0**-8]
    if not quick:
        powers = [-1.0, 2.0, -(2.0**12), *powers]
    for power in powers:
        if not close(pull(u * power) / power, whole, 2.0**-1060 / abs(power), trial.eps):
            _not_linear(trial, f"{power:g} times the cotangent is not {power:g} times the gradient")
            return
    first = u * 2.0 ** trial.rng.integers(-20 if wide else -4, 3, trial.m)
    sparse = u * (trial.rng.random(trial.m) < 0.5)
    for part in (first,) if quick else (first, sparse, np.abs(u)):
        a, b = pull(part), pull(u - part)
        far = 1e3 * trial.eps * (np.abs(a) + np.abs(b))
        if not quick:
            (shake,) = shakes(trial, 1)
            far = np.fmax(moved(a, [shake(part)]), moved(b, [shake(u - part)]))
        reach = np.abs(contract.first_values) @ (np.abs(part) + np.abs(u - part))
        slack = tolerance(trial, np.abs(a) + np.abs(b), far, np.full(trial.n, reach))
        if not close(a + b, whole, slack, trial.eps):
            _not_linear(trial, "the gradients of two cotangents do not add up to that of their sum")
            return


def _not_linear(trial: Trial, what: str) -> None:
    trial.found(Finding("contract", "linear", f"backward is not linear in the cotangent: {what}"))
