"""Gradients that are added to those of a step before."""

from __future__ import annotations

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Seen, Trainer, Walk


class Accumulation(Check):
    """A gradient counts as left over if a step has used it, nobody has forgotten it, a walk adds to
    it, and the sum is used again. Several walks between two steps are accumulation on purpose, and
    what a generator's loss leaves in a discriminator is forgotten before it is used."""

    def step_begins(self, trainer: Trainer) -> None:
        self._used(trainer.params)

    def step_ended(self, trainer: Trainer) -> None:  # what closures left
        self._used(trainer.params)

    def walks(self, walk: Walk) -> None:  # those who update by hand have done so by now
        self._used([s for s in self.watcher.leaves.values() if s.by_hand > 1 and not s.steps])

    def _used(self, params: list[Seen]) -> None:
        polluted = [seen for seen in params if seen.polluted is not None]
        if not polluted:
            return
        where = polluted[0].polluted
        assert where is not None
        self.found(
            "gradients-not-zeroed",
            where,
            f"backward() added to the gradients of {len(polluted)} of {len(params)} parameters "
            "that the step before had used already",
        )
        for seen in polluted:
            seen.polluted = None
