"""Training data in the same order in each epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.calls import Call
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.seen import Walk
from minigrad.tensor import Tensor
from minigrad.utils.data import SequentialSampler


class Order(Check):
    """Loaders in order that are trained on for several epochs, and batches of one class each. Where
    a state is carried from batch to batch (truncated backpropagation) order is meant."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.epochs: dict[int, _Epochs] = {}
        self.current: _Epochs | None = None
        self.labels: dict[int, list[tuple[int, frozenset[int]]]] = {}
        self.calls: dict[int, Call] = {}
        self.carried = False

    def epoch(self, loader: Any, call: Call | None) -> None:
        batches = loader.batch_sampler
        plain = isinstance(loader.sampler, SequentialSampler)
        if call is None or batches is None or not plain or len(loader) < 2:
            return
        self.epochs.setdefault(id(loader), _Epochs(loader, call)).begun += 1

    def batch(self, loader: Any) -> None:
        self.current = self.epochs.get(id(loader))

    def walked(self, walk: Walk) -> None:
        if self.current is not None and walk.adds:
            self.current.walks += 1
            self.current.trained.add(self.current.begun)

    def op(self, event: Happened) -> None:
        now = self.watcher.clock
        if event.result.tracked and not self.carried:
            self.carried = any(
                f is not None and f.cut is not None and f.cut.how.startswith("detach")
                and f.forwards and f.cut.made < now
                for f in event.facts
            )  # fmt: skip
        if event.call.name in ("cross_entropy", "nll_loss") and event.op != "add":
            for x, known in zip(event.operands, event.facts, strict=True):
                integers = isinstance(x, Tensor) and x.array.dtype.kind in "iu" and x.numel() >= 4
                if integers and (known is None or known.call is not event.call):
                    self._batch(event, x.array, (known.last if known else None) or event.call)

    def _batch(self, event: Happened, labels: Any, call: Call) -> None:
        rows = self.labels.setdefault(event.call.line, [])
        if rows and rows[-1][0] == self.watcher.clock:
            return
        self.calls.setdefault(event.call.line, call)
        rows.append((self.watcher.clock, frozenset(np.unique(labels).tolist())))

    def end(self) -> None:
        if self.carried:
            return
        for seen in self.epochs.values():
            if len(seen.trained) >= 2 and seen.walks >= 4:
                self.found(
                    "not-shuffled",
                    seen.call,
                    f"the same {len(seen.loader)} batches came in the same order in "
                    f"{len(seen.trained)} epochs",
                )
        if self.findings:
            return
        for line, rows in self.labels.items():
            kinds = frozenset().union(*(labels for _, labels in rows))
            single = sum(len(labels) == 1 for _, labels in rows)
            if len(rows) >= 4 and len(kinds) > 1 and single >= 0.8 * len(rows):
                self.found(
                    "not-shuffled",
                    self.calls[line],
                    f"{single} of {len(rows)} batches hold samples of one class only",
                )


class _Epochs:
    def __init__(self, loader: Any, call: Call) -> None:
        self.loader, self.call = loader, call
        self.begun = self.walks = 0
        self.trained: set[int] = set()
