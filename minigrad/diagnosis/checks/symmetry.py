"""Units that began alike and stay alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Seen


class Symmetry(Check):
    """Weights whose units were equal before the first step, and are so after several: not the zeros
    of a last layer, whose units get different gradients."""

    def end(self) -> None:
        if self.watcher.clock < 3 and not any(s.by_hand > 2 for s in self.watcher.leaves.values()):
            return
        for seen in self.watcher.leaves.values():
            if seen.first is None or not seen.grads or not (seen.steps or seen.by_hand):
                continue
            now = seen.param.array
            axis = _units(seen)
            if axis is None or now.shape[axis] < 2 or seen.first.shape != now.shape:
                continue
            if _alike(seen.first, axis) and _alike(now, axis):
                where = seen.written or seen.made
                if where is not None:
                    shape = "x".join(map(str, now.shape))
                    self.found(
                        "symmetric-weights",
                        where,
                        f"all {now.shape[axis]} units of a weight {shape} began equal and are "
                        f"equal after {seen.steps or seen.by_hand} updates",
                    )


def _units(seen: Seen) -> int | None:
    """The dimension that counts the units: of `linear` and convolutions the first, of x @ W the
    last."""
    if seen.param.ndim < 2:
        return None
    if seen.op in ("linear", "conv"):
        return 0
    if seen.op == "matmul":
        return int(seen.param.ndim - 1)
    if seen.op == "permute":  # x @ W.T
        return 0
    return None


def _alike(array: Any, axis: int) -> bool:
    """Whether all slices along this dimension are equal."""
    with np.errstate(all="ignore"):
        first = np.take(array, [0], axis)
        size = float(np.abs(array).max(initial=0))
        return bool((np.abs(array - first) <= 1e-4 * size).all())
