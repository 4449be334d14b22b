"""PyTorch behind the face of a minigrad learner."""

from __future__ import annotations

from typing import Any

import torch

from minigrad.recipes import Recipe
from minigrad.training.learner import NumpyArray


class TorchLearner:
    """A recipe's twin model, learning with PyTorch."""

    name = "torch"

    def __init__(
        self, recipe: Recipe, model: torch.nn.Module, device: str = "cpu", dtype: str = "float32"
    ) -> None:
        self.device, self.dtype = device, getattr(torch, dtype)
        self.model = model.to(device=device, dtype=self.dtype)
        self.loss = getattr(torch.nn, recipe.loss)()
        self.optimizer = getattr(torch.optim, recipe.optimizer)(
            self.model.parameters(), **recipe.settings
        )

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        output = self.model(self._tensor(x))
        loss = self.loss(output, self._tensor(y))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item(), output.detach().cpu().numpy()

    def look(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        self.model.eval()
        with torch.no_grad():
            output = self.model(self._tensor(x))
            loss = self.loss(output, self._tensor(y))
        self.model.train()
        return loss.item(), output.cpu().numpy()

    def state_dict(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _tensor(self, array: NumpyArray) -> torch.Tensor:
        kind = self.dtype if array.dtype.kind == "f" else None
        return torch.from_numpy(array).to(device=self.device, dtype=kind)
