"""What a recipe is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Channels = float | tuple[float, ...]


@dataclass(frozen=True)
class Recipe:
    """What to train and how, as plain data: minigrad and PyTorch are both built from it.

    Attributes:
        name, title: what it is called, and what it is in one line.
        model: a name in ``minigrad.models.MODELS``.
        data: a name in ``minigrad.training.data.DATASETS``.
        normalize: mean and standard deviation that images are normalised with, of all channels or
            of each; None leaves 0..1.
        one_hot: targets as rows with a 1 at the class, in place of class indices.
        validation: the share of the training samples that is kept back, the last ones.
        loss: the name of a loss module; optimizer: of an optimizer, with its settings.
        batch: samples a step; None takes all of them at once.
        epochs: how often the training samples are gone through.
        learner: what a step does with a batch, a name in ``minigrad.training.start.LEARNERS``.
        metrics: what is counted beside the loss, names in ``minigrad.training.metrics.METRICS``.
        options: what only this recipe's data or learner asks for; "progress" is after how many
            steps a line is printed.
        quick: fields and options that a quick comparison changes, to last seconds.
        init: how weights (not biases) start: "default" or an initialiser of ``nn.init``.
        every: after how many epochs the test samples are looked at.
        known: the test accuracy in percent that the source reports, as it writes it; None where
            it reports none.
    """

    name: str
    title: str
    model: str
    data: str
    loss: str
    optimizer: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    batch: int | None = 64
    epochs: int = 5
    normalize: tuple[Channels, Channels] | None = None
    one_hot: bool = False
    validation: float = 0.0
    learner: str = "supervised"
    metrics: tuple[str, ...] = ("accuracy",)
    options: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    init: str = "default"
    every: int = 1
    known: str | None = None

    def in_a_hurry(self) -> Recipe:
        """The recipe as a quick comparison takes it."""
        changes = {**self.quick, "options": {**self.options, **self.quick.get("options", {})}}
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain data for JSON and checkpoints."""
        return asdict(self)

    def longer(self, times: int) -> Recipe:
        """The recipe with so many times the epochs, of which as many are looked at."""
        return replace(self, epochs=self.epochs * times, every=self.every * times)

    def reaches_known(self, accuracy: float) -> bool:
        """Whether this accuracy, rounded as the source's, is the known result or better."""
        if self.known is None:
            return True
        decimals = len(self.known.partition(".")[2])
        return round(accuracy, decimals) >= float(self.known)

    def describe(self) -> str:
        """Loss, optimizer and settings in one line."""
        settings = ", ".join(f"{key} {_told(value)}" for key, value in self.settings.items())
        batch = "full batch" if self.batch is None else f"batch {self.batch}"
        return f"{self.loss}, {self.optimizer} {settings}, {batch}, {self.epochs} epochs"


def _told(value: Any) -> str:
    """A setting in words: a number, or several."""
    return " and ".join(map(_told, value)) if isinstance(value, list | tuple) else f"{value:g}"
