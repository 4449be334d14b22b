"""Models in the wrong mode, and evaluations on the tape."""

from __future__ import annotations

from typing import Any

from minigrad.calls import Call
from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Forward, Trainer
from minigrad.nn.dropout import Dropout
from minigrad.nn.normalization import _BatchNorm as BatchNorm


class Mode(Check):
    """A call of a model whose result no walk back ever came to is an evaluation; the others train,
    also those that only make the data of a loss (a generator's, a teacher's)."""

    def __init__(self, watcher: Any) -> None:
        super().__init__(watcher)
        self.evals: dict[int, Call] = {}
        self.judged = 0

    def mode(self, module: Any, training: bool, call: Call) -> None:
        for each in module.modules():
            if training:
                self.evals.pop(id(each), None)
            else:
                self.evals[id(each)] = call

    def module(self, module: Any, args: tuple[Any, ...]) -> None:
        if isinstance(module, BatchNorm) and module.training and args:
            if args[0].ndim > 1 and args[0].shape[0] == 1:
                self.found(
                    "batch-norm-batch-of-one",
                    self.watcher.here(),
                    f"{type(module).__name__} in training mode was given a batch of one sample, "
                    f"{tuple(args[0].shape)}",
                )

    def step_ended(self, trainer: Trainer) -> None:
        forwards = self.watcher.forwards
        changed = {id(seen.param) for seen in trainer.params if seen.changed >= 0}
        for forward in forwards[max(self.judged, len(forwards) - 50) :]:
            if forward.walked and forward.tracked and not forward.training:
                own = {id(p) for p in forward.root.parameters() if p.requires_grad}
                if own & changed and depends_on_mode(forward.root):
                    told = depends_on_mode(forward.root)
                    self.found(
                        "training-in-eval-mode",
                        self.evals.get(id(forward.root), forward.call),
                        f"{type(forward.root).__name__}, which holds {told}, is trained in "
                        "evaluation mode",
                    )
        self.judged = len(forwards)

    def end(self) -> None:
        trained = {
            id(seen.param) for seen in self.watcher.leaves.values() if seen.steps or seen.by_hand
        }
        looks = [
            forward
            for forward in self.watcher.forwards
            if forward.done
            and not forward.walked
            and forward.after > 0
            and any(id(p) in trained for p in forward.root.parameters())
        ]
        for forward in looks:
            name = type(forward.root).__name__
            told = depends_on_mode(forward.root)
            if forward.training and told and not self._sampled(forward, looks):
                self.found(
                    "evaluating-in-train-mode",
                    forward.call,
                    f"{name}, which holds {told}, is evaluated in training mode",
                )
            if forward.tracked and not forward.taken_off:
                self.found(
                    "evaluating-with-gradients",
                    forward.call,
                    f"{sum(f.call.line == forward.call.line for f in looks)} results of {name} "
                    "were recorded, and no backward() came to them",
                )

    def _sampled(self, forward: Forward, looks: list[Forward]) -> bool:
        """Whether the same input goes through it again and again: dropout on purpose."""
        if any(isinstance(m, BatchNorm) for m in forward.root.modules()):
            return False
        same = [f for f in looks if f.given == forward.given and f.after == forward.after]
        return len(same) >= 3


def depends_on_mode(root: Any) -> str:
    """The layer of a model that does something else in evaluation mode, "" for none."""
    for module in root.modules():
        if isinstance(module, BatchNorm) or (isinstance(module, Dropout) and module.p > 0):
            return type(module).__name__
        rate = getattr(module, "dropout", 0.0)  # of recurrent networks and attention
        if rate.__class__ is float and rate > 0:
            return type(module).__name__
    return ""
