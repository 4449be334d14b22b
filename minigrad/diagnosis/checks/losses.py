"""Losses that are given what they compute themselves, and targets that they cannot have."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.facts import Fact
from minigrad.tensor import Tensor

_WITH_LOGITS = "binary_cross_entropy_with_logits"
_OFTEN = 3


class Losses(Check):
    """Looks at what comes into a loss from outside of it."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.rows: dict[int, int] = {}  # calls in which all rows were probabilities, by line
        self.unit: dict[int, tuple[int, Any]] = {}

    def op(self, event: Happened) -> None:
        name = event.call.name
        if name not in ("cross_entropy", "nll_loss", _WITH_LOGITS):
            return
        for x, known in zip(event.operands, event.facts, strict=True):
            if isinstance(x, Tensor) and (known is None or known.call is not event.call):
                if name == _WITH_LOGITS:
                    self._binary(event, x, known)
                elif x.array.dtype.kind == "f" and x.tracked:
                    self._classes(event, x, known)

    def _classes(self, event: Happened, x: Tensor, known: Fact | None) -> None:
        name = event.call.name
        if event.op not in ("class_cross_entropy", "log_softmax", "take", "reshape", "permute"):
            return
        if known is not None and known.op == "softmax":
            told = "was given the result of softmax"
            if name == "nll_loss":
                told += " where it takes logarithms"
            self.found("softmax-before-cross-entropy", event.call, f"{name} {told}, {_ranged(x)}")
            return
        if name == "cross_entropy" and x.ndim >= 2 and x.shape[1] > 1 and _rows_add_up(x.array):
            line = event.call.line
            self.rows[line] = self.rows.get(line, 0) + 1
            if self.rows[line] == _OFTEN:
                self.found(
                    "softmax-before-cross-entropy",
                    event.call,
                    f"cross_entropy was given rows that add up to 1, {_ranged(x)}",
                )

    def _binary(self, event: Happened, x: Tensor, known: Fact | None) -> None:
        array = x.array
        if not array.size or array.dtype.kind != "f":
            return
        low, high = float(array.min()), float(array.max())
        if x.tracked:
            if known is not None and known.op in ("sigmoid", "softmax"):
                self.found(
                    "sigmoid-before-bce-with-logits",
                    event.call,
                    f"{_WITH_LOGITS} was given the result of {known.op}, {_ranged(x)}",
                )
            elif known is not None and known.op in ("div", "reciprocal"):
                count, _ = self.unit.get(event.call.line, (0, None))
                inside = 0 < low and high < 1
                self.unit[event.call.line] = (count + 1 if inside else -(10**9), event.call)
        elif event.op != "mul" and not (0 <= low and high <= 1):
            self.found(
                "labels-out-of-range",
                event.call,
                f"{_WITH_LOGITS} was given targets from {low:g} to {high:g}",
            )

    def end(self) -> None:
        for count, call in self.unit.values():
            if count > _OFTEN:
                self.found(
                    "sigmoid-before-bce-with-logits",
                    call,
                    f"{_WITH_LOGITS} was given numbers between 0 and 1 in all of {count} steps",
                )


def _rows_add_up(array: Any) -> bool:
    with np.errstate(all="ignore"):
        return bool((array >= 0).all()) and bool((abs(array.sum(1) - 1) < 1e-3).all())


def _ranged(x: Tensor) -> str:
    return f"numbers from {x.array.min():.3g} to {x.array.max():.3g}" if x.array.size else ""
