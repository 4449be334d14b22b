"""What learns: a model with its loss and optimizer, behind a face that PyTorch can wear as well."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from minigrad import nn, optim
from minigrad.autograd import no_grad
from minigrad.creation import from_numpy
from minigrad.dtypes import as_dtype
from minigrad.models import MODELS
from minigrad.random import manual_seed
from minigrad.recipes import Recipe
from minigrad.tensor import Tensor

NumpyArray = np.ndarray[Any, Any]


class Learner(Protocol):
    """One side of a training run. Arrays come in and go out as NumPy's, on any device."""

    name: str

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        """Learn from a batch; the mean loss and the outputs, both from before the update."""
        ...

    def look(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        """The mean loss and the outputs of a batch, in evaluation mode, without learning."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that a next step depends on."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to where `state_dict` was called."""
        ...


def build(recipe: Recipe, seed: int) -> nn.Module:
    """The recipe's model with the weights that the seed gives."""
    manual_seed(seed)
    model = MODELS[recipe.model]()
    if recipe.init != "default":
        start = getattr(nn.init, recipe.init)
        for name, param in model.named_parameters():
            if name.endswith("weight") and param.ndim > 1:
                start(param)
    return model


class MinigradLearner:
    """A recipe's model, learning with minigrad."""

    name = "minigrad"

    def __init__(
        self, recipe: Recipe, model: nn.Module, device: str = "cpu", dtype: str = "float32"
    ) -> None:
        self.device, self.dtype = device, as_dtype(dtype)
        self.model = model.to(device=device, dtype=self.dtype)
        self.loss: Any = getattr(nn, recipe.loss)()
        self.optimizer: Any = getattr(optim, recipe.optimizer)(
            self.model.parameters(), **recipe.settings
        )

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        output = self.model(self._tensor(x))
        loss = self.loss(output, self._tensor(y))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item(), output.numpy(force=True)

    def look(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        self.model.eval()
        with no_grad():
            output = self.model(self._tensor(x))
            loss = self.loss(output, self._tensor(y))
        self.model.train()
        return loss.item(), output.numpy(force=True)

    def state_dict(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _tensor(self, array: NumpyArray) -> Tensor:
        kind = self.dtype if array.dtype.kind == "f" else None
        return from_numpy(array).to(device=self.device, dtype=kind)
