"""Parameters without an optimizer, without a gradient, and losses off the tape."""

from __future__ import annotations

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.seen import Forward, Seen, Walk
from minigrad.nn.parameter import Parameter


class Connection(Check):
    """Judges at the end: which leaves got gradients, and which optimizers have them."""

    def __init__(self, watcher: object) -> None:
        super().__init__(watcher)  # type: ignore[arg-type]
        self.frozen: set[int] = set()  # parameters of models that were only used in eval mode
        self.trained: set[int] = set()
        self.names: dict[int, str] = {}

    def forward(self, forward: Forward, args: tuple[object, ...], result: object) -> None:
        own = {id(p): name for name, p in forward.root.named_parameters()}
        if not forward.root.training:
            self.frozen |= own.keys()
        else:
            self.trained |= own.keys()
        for key, name in own.items():
            self.names.setdefault(key, name)

    def walks(self, walk: Walk) -> None:
        for y in walk.roots:
            if y.tracked and y.node is None and not isinstance(y, Parameter) and walk.adds:
                seen = self.watcher.leaves.get(id(y))
                if seen is None or not self._in_optimizer(seen):
                    made = self.watcher.lines.of(y.array) or walk.call
                    self.found(
                        "loss-detached",
                        made,
                        "backward() began at a tensor of its own, which no op has computed",
                    )

    def end(self) -> None:
        if not self.watcher.trainers:
            return
        trainers = list(self.watcher.trainers.values())
        have = {id(seen.param) for trainer in trainers for seen in trainer.params}
        trained = any(seen.grads for trainer in trainers for seen in trainer.params)
        if self.watcher.clock >= 2:
            self._left_out(have, trained)
        if trained:
            self._unreached()

    def _in_optimizer(self, seen: Seen) -> bool:
        return any(seen in trainer.params for trainer in self.watcher.trainers.values())

    def _left_out(self, have: set[int], trained: bool) -> None:
        """Leaves that get gradients, and that no optimizer has."""
        left = [
            seen
            for key, seen in self.watcher.leaves.items()
            if key not in have
            and seen.grads >= 2
            and not seen.by_hand
            and not (key in self.frozen and key not in self.trained)
        ]
        left = [s for s in left if isinstance(s.param, Parameter) or s.grads >= 3]
        of_modules = any(
            isinstance(seen.param, Parameter)
            for trainer in self.watcher.trainers.values()
            for seen in trainer.params
        )
        if not of_modules:  # an image is optimized: the network that judges it stays as it is
            left = [s for s in left if not isinstance(s.param, Parameter)]
        if left:
            trainer = next(iter(self.watcher.trainers.values()))
            told = ", ".join(self._name(seen) for seen in left[:3])
            self.found(
                "parameter-not-in-optimizer",
                trainer.made,
                f"{len(left)} parameters ({told}) got gradients, and no optimizer has them",
            )

    def _unreached(self) -> None:
        """Parameters that an optimizer has, and that never get a gradient."""
        for trainer in self.watcher.trainers.values():
            if trainer.steps < 2 or not any(seen.grads for seen in trainer.params):
                continue
            lone = [s for s in trainer.params if not s.grads and s.param.requires_grad]
            by_line: dict[int, list[Seen]] = {}
            for seen in lone:
                where = seen.cut.call if seen.cut else seen.made or trainer.made
                by_line.setdefault(where.line, []).append(seen)
            for line, group in by_line.items():
                first = group[0]
                told = ", ".join(self._name(seen) for seen in group[:3])
                how = f": cut off by {first.cut.how}" if first.cut else ", and are never used"
                self.found(
                    "parameter-without-gradient",
                    line,
                    f"{len(group)} parameters ({told}) got no gradient in {trainer.steps} steps"
                    + ("" if first.order is not None and not first.cut else how),
                )

    def _name(self, seen: Seen) -> str:
        shape = "x".join(map(str, seen.param.shape)) or "one number"
        return f"{self.names.get(id(seen.param), 'a leaf')} {shape}"
