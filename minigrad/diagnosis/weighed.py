"""Which findings stay, where one fault shows in several ways."""

from __future__ import annotations

from collections.abc import Iterable

from minigrad.diagnosis.report import Finding

_FOLLOWS = {
    "gradients-not-zeroed": (
        *("learning-rate-too-high", "exploding-gradients", "nan-or-inf", "dead-relu"),
        "backward-twice",
    ),
    "inputs-not-normalised": (
        *("exploding-gradients", "learning-rate-too-high", "dead-relu", "vanishing-gradients"),
        *("nan-or-inf", "learning-rate-too-low"),
    ),
    "symmetric-weights": ("vanishing-gradients", "learning-rate-too-low", "dead-relu"),
    "dead-relu": ("vanishing-gradients", "learning-rate-too-low"),
    "exploding-gradients": ("learning-rate-too-high", "nan-or-inf", "dead-relu"),
    "learning-rate-too-high": ("nan-or-inf", "exploding-gradients"),
    "vanishing-gradients": ("learning-rate-too-low",),
    "step-before-backward": (
        *("step-missing", "learning-rate-too-low", "parameter-without-gradient"),
        *("overwritten-value", "gradients-not-zeroed", "learning-rate-too-high"),
    ),
    "step-missing": ("learning-rate-too-low", "gradients-not-zeroed", "parameter-without-gradient"),
    "loss-detached": ("parameter-without-gradient", "evaluating-with-gradients"),
    "parameter-not-in-optimizer": ("parameter-without-gradient", "step-missing"),
    "softmax-before-cross-entropy": ("softmax-wrong-dim", "learning-rate-too-low"),
    "softmax-wrong-dim": ("vanishing-gradients",),
    "loss-broadcasts": ("learning-rate-too-high", "exploding-gradients"),
    "nan-or-inf": (
        *("learning-rate-too-high", "dead-relu", "vanishing-gradients", "learning-rate-too-low"),
    ),
}
"""What a fault brings about that is none of its own."""


def weighed(findings: Iterable[Finding], early: bool) -> list[Finding]:
    """The findings without those that follow from others, by line. ``early``: nan or inf was there
    before any step had been done, and is no step's fault."""
    found = list(findings)
    codes = [code for code in _FOLLOWS if any(f["code"] == code for f in found)]
    gone: set[str] = set()
    for code in sorted(codes, key=lambda code: (code == "nan-or-inf") != early):
        if code == "nan-or-inf" and not early:
            continue
        if code not in gone:
            gone.update(each for each in _FOLLOWS[code] if not (early and each == "nan-or-inf"))
    kept = [f for f in found if f["code"] not in gone]
    return sorted(kept, key=lambda f: (f["line"], f["code"]))
