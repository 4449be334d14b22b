"""What learns: a model with its loss and optimizer, in minigrad or in PyTorch."""

from __future__ import annotations

from typing import Any, Self

from minigrad.recipes import Recipe
from minigrad.training.metrics import NumpyArray
from minigrad.training.mode import evaluating


class Learner:
    """One side of a run: a model that learns from batches.

    ``side`` is the library itself, the module ``minigrad`` or the module ``torch``: the names are
    the same, so the step that stands here once is the textbook's in both. Arrays come in and go
    out as NumPy's, on any device.

    Attributes:
        name: the library's.
        model, loss: what is trained, and what it is trained for.
        optimizers: by name; this kind of learner has one.
        device, dtype: the model's, in the library's own terms; None where it has no parameters.
    """

    def __init__(self, side: Any, model: Any, loss: Any, **optimizers: Any) -> None:
        self.side, self.model, self.loss = side, model, loss
        self.optimizers = optimizers
        self.name: str = side.__name__
        first = next(iter(model.parameters()), None)
        self.device: Any = None if first is None else first.device
        self.dtype: Any = None if first is None else first.dtype
        self._learn = self.learn

    @classmethod
    def of(cls, recipe: Recipe, side: Any, model: Any, seed: int) -> Self:
        """The learner of a recipe; ``seed`` is for what its steps draw."""
        loss = getattr(side.nn, recipe.loss)()
        optimizer = getattr(side.optim, recipe.optimizer)
        return cls(side, model, loss, optimizer=optimizer(model.parameters(), **recipe.settings))

    def learn(self, x: Any, y: Any) -> Any:
        """The step of a textbook, on tensors: the loss and the outputs, from before the update."""
        output = self.model(x)
        loss = self.loss(output, y)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for optimizer in self.optimizers.values():
            optimizer.step()
        return loss, output

    def compile(self) -> None:
        """Have the steps from now on recorded and replayed, see `minigrad.compile`."""
        self._learn = self.side.compile(self.learn)

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        """Learn from a batch; the mean loss and the outputs, both from before the update."""
        loss, output = self._learn(*self.given(x, y))
        return loss.item(), output.numpy(force=True)

    def given(self, x: NumpyArray, y: NumpyArray) -> tuple[Any, Any]:
        """What `learn` is given for a batch."""
        return self.tensor(x), self.tensor(y)

    def look(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        """The mean loss and the outputs of a batch, in evaluation mode, without learning."""
        with evaluating(self.model), self.side.no_grad():
            output = self.model(self.tensor(x))
            loss = self.loss(output, self.tensor(y))
        return loss.item(), output.numpy(force=True)

    def picture(self) -> NumpyArray | None:
        """What there is to see of this learner: an image (H, W) or (H, W, 3) of uint8, or None."""
        return None

    def state_dict(self) -> dict[str, Any]:
        """Everything that a next step depends on."""
        return {
            "model": self.model.state_dict(),
            **{name: each.state_dict() for name, each in self.optimizers.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to where `state_dict` was called."""
        self.model.load_state_dict(state["model"])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state[name])

    def tensor(self, array: NumpyArray) -> Any:
        """The array as this side's tensor; numbers with a fraction take the model's type."""
        kind = self.dtype if array.dtype.kind == "f" else None
        return self.side.from_numpy(array).to(device=self.device, dtype=kind)
