"""What a case computes in float64, and how far from that rounding its factors to TF32 takes it:
that is the least that a policy costs, on any GPU."""

from __future__ import annotations

import base64
from argparse import Namespace
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.gpu.contenders import TRUTH
from benchmarks.gpu.emulation import rounding
from benchmarks.gpu.judged import gradient_error, loss_error
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.worker import Work

ROUNDING = ("default", "tf32")
"""The policies by which factors are rounded."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """The truth, and then again with what each policy costs."""
    true = _told(asked)
    found: dict[str, Any] = {
        "section": "truths",
        "case": asked.case,
        "losses": true["losses"],
        "gradients": packed(true["gradients"]),
        "checked_rows": true["checked_rows"],
        "emulated": {},
    }
    yield found
    for policy in (asked.policy,) if asked.brief else ROUNDING:
        with rounding(POLICIES[policy]):
            near = _told(asked)
        found["emulated"][policy] = {
            "loss": loss_error(near["losses"], true["losses"]),
            "gradient": gradient_error(near["gradients"], true["gradients"]),
        }
    yield found


def _told(asked: Asked) -> dict[str, Any]:
    """What the contender says that is not timed."""
    facts = {"contender": TRUTH, "case": asked.case, "policy": "fp32", "seconds": 0.0}
    return Work(Namespace(**facts, device=asked.device, rows=asked.rows, small=asked.dry)).told


def packed(gradients: list[list[float]]) -> dict[str, Any]:
    """Lists of numbers as one word."""
    flat = np.concatenate([np.zeros(0), *map(np.asarray, gradients)])
    text = base64.b64encode(flat.astype("<f8").tobytes()).decode()
    return {"sizes": [len(each) for each in gradients], "base64": text}


def unpacked(found: dict[str, Any]) -> list[list[float]]:
    """What was `packed`."""
    flat = np.frombuffer(base64.b64decode(found["base64"]), "<f8")
    places = np.cumsum([0, *found["sizes"]])
    return [flat[a:b].tolist() for a, b in pairwise(places)]
