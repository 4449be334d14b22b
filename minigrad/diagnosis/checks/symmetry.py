"""Units that began alike and stay alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Seen


class Symmetry(Check):
    """Weights whose units were equal before the first step, and are so after several; and weights
    of hidden layers that are constant, or all of a network that are zero. The zeros of a last
    layer, or of the last one in a residual branch, are none: their units get different gradients.
    """

    def end(self) -> None:
        weights = [seen for seen in self.watcher.leaves.values() if _is_weight(seen)]
        weights.sort(key=lambda seen: seen.order or 0)
        equal = [seen for seen in weights if _began_alike(seen)]
        if max((seen.steps + seen.by_hand for seen in weights), default=0) < 3:
            return
        for seen in equal:
            hidden = seen is not weights[-1]
            constant = seen.first is not None and float(seen.first.flat[0]) != 0
            stays = _alike(seen.param.array, _units(seen) or 0)
            # Biases that are random may part the units in the end, but slowly.
            if stays or (hidden and (constant or (len(equal) == len(weights) > 1))):
                self._tell(seen, stays)

    def _tell(self, seen: Seen, stays: bool) -> None:
        where = seen.written or seen.made
        if where is None:
            return
        shape = "x".join(map(str, seen.param.shape))
        n = seen.param.shape[_units(seen) or 0]
        later = f", and are equal after {seen.steps or seen.by_hand} updates" if stays else ""
        self.found(
            "symmetric-weights", where, f"all {n} units of a weight {shape} began equal{later}"
        )


def _is_weight(seen: Seen) -> bool:
    moved = seen.steps or seen.by_hand
    return _units(seen) is not None and seen.grads > 0 and moved > 0


def _began_alike(seen: Seen) -> bool:
    axis = _units(seen)
    if axis is None or seen.first is None or seen.first.shape != seen.param.array.shape:
        return False
    return seen.first.shape[axis] > 1 and _alike(seen.first, axis)


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
