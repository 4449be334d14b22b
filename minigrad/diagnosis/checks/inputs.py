"""Inputs of a model that are far from 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.diagnosis.check import Check, Happened
from minigrad.tensor import Tensor

LARGE = 15.0
"""A root of the mean square that is too large for an input."""
UNLIKE = 100.0
"""Features whose deviations differ by more than that do not fit together."""
_MAPS = frozenset(("linear", "conv", "matmul"))


class Inputs(Check):
    """Looks at data, on no tape and made by no model, that a weight is multiplied with."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.looks: dict[int, int] = {}

    def op(self, event: Happened) -> None:
        if event.op not in _MAPS or not event.result.tracked or len(event.operands) < 2:
            return
        x, weight = event.operands[:2]
        if not (isinstance(x, Tensor) and isinstance(weight, Tensor)):
            return
        if x.tracked or not weight.tracked or x.array.dtype.kind != "f" or x.ndim < 2:
            return
        known = event.facts[0]
        if known is not None and (known.forwards or known.leaves or known.cut):
            return
        line = event.call.line
        self.looks[line] = self.looks.get(line, 0) + 1
        if self.looks[line] > 5:
            return
        told = judged(x.array)
        if told:
            self.found(
                "inputs-not-normalised", self.watcher.outermost() or event.call, f"inputs {told}"
            )


def judged(array: Any) -> str:
    """What is wrong with these inputs, "" where nothing is."""
    if not array.size or not np.isfinite(array).all():
        return ""
    rms = float(np.sqrt(np.mean(np.square(array, dtype=np.float64))))
    mean, deviation = float(array.mean()), float(array.std())
    told = f"from {array.min():.4g} to {array.max():.4g}, of mean {mean:.3g} and deviation "
    if rms > LARGE or (abs(mean) > 5 and abs(mean) > 5 * deviation and array.size >= 8):
        return f"{told}{deviation:.3g}"
    if array.ndim == 2 and len(array) >= 8 and array.shape[1] > 1:
        each = array.std(0)
        each = each[each > 0]
        if each.size > 1 and each.max() > UNLIKE * each.min() and each.max() > 5:
            return f"whose features have deviations from {each.min():.2g} to {each.max():.2g}"
    return ""
