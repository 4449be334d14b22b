"""Learning as a game of two: a generator that makes samples, a discriminator that finds it out."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from minigrad.draw.grid import make_grid
from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.learner import Learner
from minigrad.training.metrics import NumpyArray
from minigrad.training.mode import evaluating

NOISE = 64
"""Numbers that the generator makes a sample of."""

ROWS, ZOOM = 8, 2
"""Of a sheet: how many images a row and a column have, and how many pixels one becomes a side."""


class AdversarialLearner(Learner):
    """A model whose ``discriminator`` tells real samples from those of its ``generator``.

    The discriminator D descends  loss(D(x), 1) + loss(D(G(z)), 0),  then the generator G descends
    loss(D(G(z)), 1), the loss that does not saturate. Its loss is the discriminator's; its outputs
    are D(x) and D(G(z)) as the columns of (N, 2), both from before the updates. The noise z comes
    from a generator of its own, so that both libraries meet the same one.

    Source: I. Goodfellow et al., "Generative adversarial nets", 2014, algorithm 1 and section 3.
    """

    def __init__(self, side: Any, model: Any, loss: Any, seed: int = 0, **optimizers: Any) -> None:
        """``optimizers`` are two, ``discriminator`` and ``generator``."""
        super().__init__(side, model, loss, **optimizers)
        self.seed, self.noise = seed, Generator().manual_seed(seed)

    @classmethod
    def of(cls, recipe: Recipe, side: Any, model: Any, seed: int) -> Self:
        loss = getattr(side.nn, recipe.loss)()
        optimizer = getattr(side.optim, recipe.optimizer)
        players = {"discriminator": model.discriminator, "generator": model.generator}
        optimizers = {
            name: optimizer(player.parameters(), **recipe.settings)
            for name, player in players.items()
        }
        return cls(side, model, loss, seed, **optimizers)

    def learn(self, x: Any, noise: Any) -> Any:
        """A step of either player: the discriminator's loss, and its outputs for both kinds."""
        D, G = self.model.discriminator, self.model.generator
        made = G(noise)

        on_real, on_made = D(x), D(made.detach())
        loss = self._loss(on_real, 1) + self._loss(on_made, 0)
        self.optimizers["discriminator"].zero_grad()
        loss.backward()
        self.optimizers["discriminator"].step()

        fooling = self._loss(D(made), 1)
        self.optimizers["generator"].zero_grad()
        fooling.backward(inputs=list(G.parameters()))
        self.optimizers["generator"].step()
        return loss, on_real, on_made

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        loss, *outputs = self._learn(*self.given(x, y))
        return loss.item(), _columns(*outputs)

    def given(self, x: NumpyArray, y: NumpyArray) -> tuple[Any, Any]:
        return self.tensor(x), self._noise(len(x), self.noise)

    def look(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        D = self.model.discriminator
        with evaluating(self.model), self.side.no_grad():
            on_real, on_made = D(self.tensor(x)), D(self._made(len(x)))
            loss = self._loss(on_real, 1) + self._loss(on_made, 0)
        return loss.item(), _columns(on_real, on_made)

    def picture(self) -> NumpyArray:
        """A sheet of 8 by 8 samples, always of the same noise: they grow from one to the next."""
        with evaluating(self.model), self.side.no_grad():
            made = self._made(ROWS * ROWS).numpy(force=True)
        side = round(made[0].size ** 0.5)
        images = (made.reshape(-1, 1, side, side) + 1) / 2
        sheet = make_grid(images.repeat(ZOOM, 2).repeat(ZOOM, 3), ROWS).numpy()
        return np.asarray(np.round(sheet[0] * 255), np.uint8)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "noise": self.noise.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.noise.set_state(state["noise"])

    def _noise(self, count: int, source: Generator) -> Any:
        return self.tensor(source.numpy.standard_normal((count, NOISE), np.float32))

    def _made(self, count: int) -> Any:
        """Samples of noise that is always the same."""
        return self.model.generator(self._noise(count, Generator().manual_seed(self.seed + 1)))

    def _loss(self, judged: Any, truth: int) -> Any:
        return self.loss(judged, self.side.full_like(judged, truth))


def _columns(*outputs: Any) -> NumpyArray:
    return np.concatenate([output.numpy(force=True) for output in outputs], axis=1)
