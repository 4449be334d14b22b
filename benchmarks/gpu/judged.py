"""How far numbers are from the truth, and how far they may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.gpu.policies import Policy

NEAR = 4.0
"""A result may be so many times as far from float64 as PyTorch's, or as rounding alone takes it."""
BY_PYTORCH = {"loss": 1e-2, "gradient": 1e-1}
"""How far it may be from PyTorch's where nobody computed it in float64."""


def allowed(what: str, policy: Policy, truth: dict[str, Any], theirs: float | None) -> float:
    """How far a "loss" or a "gradient" may be from float64: as far as float32 goes, or so many
    times as far as the rounding goes that the policy allows, or as PyTorch's."""
    rounding = truth["emulated"].get(policy.rounds_as, {}).get(what) or 0.0
    exact = {"loss": policy.loss, "gradient": policy.gradient}[what]
    alike = theirs is not None and math.isfinite(theirs) and not policy.autocast
    near = NEAR * (theirs or 0.0) if alike else 0.0
    return max(exact, NEAR * rounding, near)


def loss_error(found: list[float], true: list[float] | None) -> float | None:
    """The largest difference of two losses, relative."""
    if true is None:
        return None
    gaps = [abs(a - b) / abs(b) for a, b in zip(found, true, strict=True)]
    return float(np.max(gaps))  # NumPy's, which keeps nan


def gradient_error(found: list[list[float]], true: list[list[float]] | None) -> float | None:
    """max over the parameters of |g - g64| / |g64|, by Euclid's norm over the sampled numbers."""
    if true is None or len(found) != len(true):
        return None
    errors = [0.0]
    for g, t in zip(found, true, strict=True):
        size = float(np.linalg.norm(t))
        gap = float(np.linalg.norm(np.subtract(g, t)))
        errors.append(gap / size if size else (0.0 if gap == 0 else math.inf))
    return float(np.max(errors))


def summary(times: list[float]) -> dict[str, float] | None:
    """The least, the median, the 10th and the 90th percentile; None of nothing."""
    if not times:
        return None
    low, middle, high = np.percentile(times, [10, 50, 90])
    return {"min": min(times), "median": float(middle), "p10": float(low), "p90": float(high)}
