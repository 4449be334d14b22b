"""Where do two sides differ first? Every number of a few steps, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.training.learner import Learner
from minigrad.training.metrics import NumpyArray

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
"""How far numbers may be apart, relative to the largest of their tensor."""

PART = 1 << 20
"""Numbers compared at a time: a copy of a large network's gradients in float64 takes gigabytes."""

BEFORE = ("forward", "loss", "gradient")
"""The stages of a step before the optimizer's."""


@dataclass(frozen=True)
class Difference:
    """One tensor on both sides.

    Attributes:
        step, stage, name: where it was met: the stage is forward, loss, gradient, optimizer or
            weight.
        relative: max |ours - theirs| / max |theirs|; inf where it is on one side only, or where
            the shapes differ.
    """

    step: int
    stage: str
    name: str
    relative: float

    def __str__(self) -> str:
        return f"step {self.step}, {self.stage} {self.name}: {self.relative:.2e}"


@dataclass(frozen=True)
class Parity:
    """The report: every difference, in the order in which the numbers came to be."""

    differences: tuple[Difference, ...]
    tolerance: float

    @property
    def first(self) -> Difference | None:
        """The first tensor that differs by more than the tolerance; None where all agree."""
        return self._first(self.differences)

    @property
    def first_gradient(self) -> Difference | None:
        """The same among the outputs, the loss and the gradients of the first step, before any
        optimizer: Adam divides a gradient by its own size, and so its rounding too."""
        return self._first([d for d in self.differences if d.step == 1 and d.stage in BEFORE])

    def _first(self, differences: Sequence[Difference]) -> Difference | None:
        # Written so that what is no number does not agree.
        return next((d for d in differences if not d.relative <= self.tolerance), None)

    def largest(self, stage: str, step: int | None = None) -> Difference:
        """The largest difference of a stage, in all steps or in one."""
        return max(
            (d for d in self.differences if d.stage == stage and step in (None, d.step)),
            key=lambda d: d.relative,
        )

    def __str__(self) -> str:
        stages = dict.fromkeys(d.stage for d in self.differences)
        lines = [f"largest {self.largest(stage)}" for stage in stages]
        verdict = "all agree" if self.first is None else f"first to differ: {self.first}"
        return "\n".join([*lines, f"{verdict} (tolerance {self.tolerance:.0e})"])


def parity(
    ours: Learner,
    theirs: Learner,
    batches: Sequence[tuple[NumpyArray, NumpyArray]],
    tolerance: float | None = None,
) -> Parity:
    """Let both learn from the batches, a step each, and compare everything on the way.

    Both must start from the same weights (`reference.weights.to_torch`). The tolerance is that of
    the learners' type.
    """
    found: list[Difference] = []
    with without_dropout(ours.model), without_dropout(theirs.model):
        for step, (x, y) in enumerate(batches, 1):
            outputs = [_watched(ours, x, y), _watched(theirs, x, y)]
            for stage, a, b in (
                ("forward", outputs[0][1], outputs[1][1]),
                ("loss", {"": outputs[0][0]}, {"": outputs[1][0]}),
                ("gradient", gradients(ours), gradients(theirs)),
                ("optimizer", _optimizer_state(ours), _optimizer_state(theirs)),
                ("weight", _weights(ours), _weights(theirs)),
            ):
                found += [
                    Difference(step, stage, name, relative(a.get(name), b.get(name)))
                    for name in {**a, **b}
                ]
    if tolerance is None:
        tolerance = TOLERANCE[str(ours.dtype)]
    return Parity(tuple(found), tolerance)


def rounding_error(single: Learner, double: Learner, x: NumpyArray, y: NumpyArray) -> Difference:
    """The gradient of a float32 learner that is farthest from that of its float64 copy, after one
    step of both: how much of a difference between two sides is this side's own rounding."""
    found = []
    with without_dropout(single.model), without_dropout(double.model):
        for learner in (single, double):
            learner.step(x, y)
            found.append(gradients(learner))
    return max(
        (Difference(1, "gradient", n, relative(found[0][n], g)) for n, g in found[1].items()),
        key=lambda d: d.relative,
    )


def relative(a: Any, b: Any) -> float:
    """max |a - b| / max |b|: 0 where both are 0, inf where one is missing or shaped otherwise."""
    if a is None or b is None or np.shape(a) != np.shape(b):
        return float("inf")
    a, b = np.ravel(a), np.ravel(b)
    gaps, sizes = [0.0], [0.0]
    for i in range(0, a.size, PART):
        theirs = b[i : i + PART].astype(np.float64)
        gaps.append(np.abs(a[i : i + PART] - theirs).max())
        sizes.append(np.abs(theirs).max())
    gap, size = float(np.max(gaps)), float(np.max(sizes))  # NumPy's max, which keeps nan
    return gap / size if size else (0.0 if gap == 0 else float("inf"))


def _watched(learner: Any, x: NumpyArray, y: NumpyArray) -> tuple[float, dict[str, NumpyArray]]:
    """A step: the loss, and the output of each layer by its name and the number of its call."""
    seen: dict[str, NumpyArray] = {}

    def watch(name: str) -> Any:
        def hook(module: Any, args: Any, result: Any) -> None:
            calls = sum(key.partition(" ")[0] == name and key[-1] != "]" for key in seen)
            title = f"{name} (call {calls + 1})" if calls else name
            for part, tensor in enumerate(_tensors(result)):
                seen[f"{title} [{part}]" if part else title] = _array(tensor).copy()

        return hook

    handles = [
        module.register_forward_hook(watch(name))
        for name, module in learner.model.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        loss, _ = learner.step(x, y)
    finally:
        for handle in handles:
            handle.remove()
    return loss, seen


def _tensors(result: Any) -> list[Any]:
    """The tensors of a layer's result, which may be tuples in tuples."""
    return [t for part in result for t in _tensors(part)] if isinstance(result, tuple) else [result]


def _array(tensor: Any) -> NumpyArray:
    return np.asarray(tensor.detach().cpu().numpy())


def gradients(learner: Learner) -> dict[str, NumpyArray]:
    """The gradients as the last step left them, by the parameter's name."""
    return {
        name: _array(p.grad) for name, p in learner.model.named_parameters() if p.grad is not None
    }


def _weights(learner: Any) -> dict[str, NumpyArray]:
    return {name: _array(t) for name, t in learner.model.state_dict().items()}


def _optimizer_state(learner: Learner) -> dict[str, Any]:
    """The numbers that the optimizers keep for each parameter, by the parameter's name."""
    names = {id(p): name for name, p in learner.model.named_parameters()}
    found: dict[str, Any] = {}
    for optimizer in learner.optimizers.values():
        order = [names[id(p)] for group in optimizer.param_groups for p in group["params"]]
        for place, entries in optimizer.state_dict()["state"].items():
            for key, value in entries.items():
                if value is not None:
                    array = _array(value) if hasattr(value, "detach") else value
                    found[f"{order[int(place)]} {key}"] = array
    return found


@contextmanager
def without_dropout(model: Any) -> Iterator[None]:
    """Dropout is switched off in this block: the two sides draw other random numbers."""
    layers = [m for m in model.modules() if "Dropout" in type(m).__name__]
    _set_training(layers, False)
    try:
        yield
    finally:
        _set_training(layers, True)


def _set_training(layers: Iterable[Any], mode: bool) -> None:
    for layer in layers:
        layer.train(mode)
