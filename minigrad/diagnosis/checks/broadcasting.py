"""Predictions (N, 1) against targets (N): compared each with each."""

from __future__ import annotations

from minigrad.diagnosis.check import Check, Happened
from minigrad.tensor import Tensor


class Broadcasting(Check):
    """Looks at ops of two tensors: one on the tape, one of data, a column and a row of one length
    that were not written as such."""

    def op(self, event: Happened) -> None:
        if len(event.operands) != 2 or event.call.name not in _PAIRED:
            return
        x, y = event.operands
        if not (isinstance(x, Tensor) and isinstance(y, Tensor)) or x.tracked == y.tracked:
            return
        a, b = (x, y) if x.ndim == 2 else (y, x)
        n = a.array.shape[0] if a.ndim == 2 else 0
        if n > 1 and b.ndim == 1 and tuple(a.shape) == (n, 1) and tuple(b.shape) == (n,):
            self.found(
                "loss-broadcasts",
                event.call,
                f"{event.call.name} of shapes {tuple(x.shape)} and {tuple(y.shape)} gave "
                f"{tuple(event.result.shape)}",
            )


_PAIRED = frozenset(("sub", "sub_", "mul", "add", "div", "subtract", "maximum", "minimum"))
