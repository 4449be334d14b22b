"""Backward is linear in the cotangent: exactly under powers of two, to rounding under addition.

A cotangent is taken apart into terms of very different sizes and layouts in memory, and the
gradients of the terms put together again: where they make the gradient, all is well. Where they do
not, multiples, sums and layouts are tried one by one, and say what it is.
"""

from __future__ import annotations

import numpy as np

from minigrad.gradcheck.contract import Contract
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.layouts import cotangent_aliases, cotangent_layouts
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.strides import laid_out
from minigrad.gradcheck.tolerance import OWN, Shakes, close, roughness, tolerance
from minigrad.gradcheck.trial import REFUSALS, Trial
from minigrad.gradcheck.units import in_powers

POWERS = 40, -40
NARROW = 1, -8
"""Where numbers are of float32 or less."""
ENDS = {8: (1000, -1000), 4: (120, -118), 2: (14, -13)}
"""The powers of two that gradients of so many bytes stay within."""


def linear(trial: Trial, contract: Contract) -> None:
    """At level quick the parts of one cotangent, and what is not as it should be one by one."""
    if trial.level.name != "quick":
        multiples(trial, contract)
        contract.untouched()
        return
    ok = apart(trial, contract)
    contract.untouched()
    if ok:
        return
    for step in (multiples, cotangent_layouts, cotangent_aliases):
        if not trial.failed:
            step(trial, contract)
    if not trial.failed and not apart(trial, contract, wavers=True):
        _not_linear(trial, "the gradients of its terms do not add up to its gradient")


def apart(trial: Trial, contract: Contract, wavers: bool = False, limit: float = np.inf) -> bool:
    """Whether the gradients of a cotangent's terms add up to its gradient: one constant, broadcast,
    and large; one the argument itself, where it has the shape; the rest, small, otherwise laid out.
    """
    subject, u = trial.subject, contract.u
    large, _, small = powers(trial, contract)
    large = min(large, limit)
    arrays = trial.arrays(trial.x, wide=False)
    pull = subject.pullback(arrays)
    constants = [np.array(c) for c in trial.rng.standard_normal(len(trial.out_shapes))]
    level = joined_constants(trial, constants)
    rest = u - level
    broadcast = [
        np.broadcast_to((-large * c).astype(kind), shape)
        for c, shape, kind in zip(constants, trial.out_shapes, trial.out_types, strict=True)
    ]
    if "broadcast" not in subject.layouts:
        broadcast = [b.copy() for b in broadcast]
    terms = [(-large, broadcast)]
    twin = next((i for i in subject.varied if trial.is_twin(arrays[i])), None)
    if twin is not None:
        rest = rest - arrays[twin].reshape(-1)
        terms.append((1.0, [arrays[twin]]))
    last = trial.cotangents(rest * small)
    if "backwards" in subject.layouts:
        last = [laid_out(c, "backwards") for c in last]
    terms.append((small, last))
    whole, size, least = np.zeros((3, trial.n))
    try:
        for power, cotangents in terms:
            trial.pulls += 1
            part = trial.flat(pull(cotangents)) / power
            whole += part
            size += np.abs(part)
            least += trial.least / abs(power)
    except REFUSALS:
        return False
    if large > 2 and np.isfinite(contract.first_grad).all() and not np.isfinite(whole).all():
        # What backward computes with on its way overflows.
        return apart(trial, contract, wavers, 2.0)
    reach = np.abs(contract.first_values) @ (np.abs(level) + np.abs(rest))
    far = 1e3 * trial.eps * size / OWN + least
    if wavers:
        known = Shakes(trial, trial.x)
        for power, cotangents in terms:
            v = np.concatenate([np.asarray(c, float).reshape(-1) for c in cotangents]) / power
            far += known.far(v, trial.puller(trial.x)(v))
    slack = tolerance(trial, size, far, np.full(trial.n, reach))
    return close(whole, contract.first_grad, slack, trial.eps)


def powers(trial: Trial, contract: Contract) -> tuple[float, float, float]:
    """Factors of cotangents, a large one, one between, and a small one, of which the gradient keeps
    within its type's range."""
    large, small = POWERS if trial.eps < 1e-12 else NARROW
    size = np.abs(contract.first_grad)
    _, found = np.frexp(size[(size > 0) & (size < np.inf)])
    by = in_powers(trial)[(size > 0) & (size < np.inf)]
    seen = np.concatenate([found, found - by])  # by the check, and by the function
    narrow = min(kind.itemsize for kind in [*trial.types, *trial.out_types])
    top, bottom = ENDS.get(narrow, ENDS[8])
    up = max(1, min(large, top - int(seen.max(initial=0))))
    middle = max(1, min(12, top - int(seen.max(initial=0))))
    down = min(-1, max(small, bottom - int(seen.min(initial=0))))
    return 2.0**up, 2.0**middle, 2.0**down


def joined_constants(trial: Trial, constants: list[Matrix]) -> Matrix:
    """One vector of cotangents that are constant in each result."""
    sizes = [int(np.prod(shape, dtype=int)) for shape in trial.out_shapes]
    return np.repeat(np.array(constants), sizes)


def multiples(trial: Trial, contract: Contract) -> None:
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
    large, middle, small = powers(trial, contract)
    for power in (2.0, -middle, -large, small):
        scaled, least = pull(u * power) / power, trial.least / abs(power)
        while power < -2.0 and np.isfinite(whole).all() and not np.isfinite(scaled).all():
            # What backward computes with on its way overflows.
            power = -(2.0 ** (np.log2(-power) // 2))
            scaled = pull(u * power) / power
        if not close(scaled, whole, least, trial.eps):
            if roughness(trial):
                return multiples(trial, contract)
            _not_linear(trial, f"{power:g} times the cotangent is not {power:g} times the gradient")
            return
    first = u * 2.0 ** trial.rng.integers(-20 if trial.eps < 1e-12 else -4, 3, trial.m)
    sparse = u * (trial.rng.random(trial.m) < 0.5)
    ones = np.ones(trial.m)
    for part in (first, sparse, np.abs(u) + 1, ones):
        rest = u - part
        a, b = pull(part), pull(rest)
        size = np.abs(a) + np.abs(b)
        reach = np.full(
            trial.n, np.abs(contract.first_values) @ (np.abs(part) + np.abs(rest)), float
        )
        slack = tolerance(trial, size, 1e3 * trial.eps * size, reach)
        if close(a + b, whole, slack, trial.eps):
            continue
        if roughness(trial):
            return multiples(trial, contract)
        shakes = Shakes(trial, trial.x)
        alike = (1.0, 1.0, 1.0)
        far = np.fmax(shakes.far(part, a, 1, alike), shakes.far(rest, b, 1, alike))
        slack = tolerance(trial, size, np.fmax(far, 1e3 * trial.eps * size), reach)
        if not close(a + b, whole, slack, trial.eps):
            _not_linear(trial, "the gradients of two cotangents do not add up to that of their sum")
            return


def _not_linear(trial: Trial, what: str) -> None:
    trial.found(Finding("contract", "linear", f"backward is not linear in the cotangent: {what}"))
