"""Style transfer: what a picture must share with a photograph, and what with a painting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from minigrad.datasets.painting import painting
from minigrad.datasets.photographs import photograph, pixels, scaled
from minigrad.random import Generator
from minigrad.recipes import Recipe
from minigrad.training.features import OWN, Features, read
from minigrad.training.learner import Learner
from minigrad.training.metrics import NumpyArray
from minigrad.training.mode import evaluating


def gram(features: Any) -> Any:
    """G[n, i, j] = Σ f[n, i, p] · f[n, j, p] / P over the P places p: (N, C, H, W) to (N, C, C)

    Which features occur together, wherever that is. Source: Gatys et al., 2015, equation 3.
    """
    n, channels, height, width = features.shape
    rows = features.reshape(n, channels, height * width)
    return rows.matmul(rows.transpose(1, 2)) / (height * width)


class StyleLoss:
    """content · mean over layers of |F - P|² / |P|² + style · mean over layers of |G - A|² / |A|²
    + smooth · mean of the squared differences of neighbours,

    with the features F of the picture and P of the photograph, the Gram matrices G of the picture
    and A of the painting. Each is measured by its own size, so that the same weights serve any
    network. Source: Gatys et al., 2015, equations 1, 5 and 7; smoothness: Johnson et al., 2016.
    """

    def __init__(
        self, distance: Any, features: Features, painting: Any, options: Mapping[str, Any]
    ) -> None:
        """``distance`` is a mean squared error; ``options`` has ``content``, ``style``,
        ``smooth``, ``content_layers`` and ``style_layers``."""
        self.distance, self.features, self.options = distance, features, options
        seen = features(painting)
        self.grams = {name: gram(seen[name]) for name in options["style_layers"]}

    def __call__(self, picture: Any, photograph: Any) -> Any:
        with self.features.side.no_grad():
            goal = self.features(photograph)
        seen, options = self.features(picture), self.options
        content = [self._apart(seen[name], goal[name]) for name in options["content_layers"]]
        style = [self._apart(gram(seen[name]), aim) for name, aim in self.grams.items()]
        down = picture[:, :, 1:] - picture[:, :, :-1]
        right = picture[:, :, :, 1:] - picture[:, :, :, :-1]
        return (
            sum(content) * (options["content"] / len(content))
            + sum(style) * (options["style"] / len(style))
            + ((down * down).mean() + (right * right).mean()) * options["smooth"]
        )

    def _apart(self, seen: Any, goal: Any) -> Any:
        return self.distance(seen, goal.expand_as(seen)) / (goal * goal).mean()


class StyleLearner(Learner):
    """A network that repaints photographs. Both what it is given and what its loss compares with
    are the photographs.

    Options of its recipe: ``photograph`` is what `picture` shows, ``painting`` whose style is
    learned, ``features`` a file with a VGG's weights: paths, or "" for what is at hand. ``size``
    and ``painting_size`` are the lengths of their longer sides in pixels. After each step the
    learning rate is multiplied with ``decay``. The others are those of `StyleLoss`.
    """

    shown: Any
    schedule: Any

    @classmethod
    def of(cls, recipe: Recipe, side: Any, model: Any, seed: int) -> Self:
        learner, options = super().of(recipe, side, model, seed), recipe.options
        layers = (*options["content_layers"], *options["style_layers"])
        features = Features(side, read(options["features"] or OWN), layers, learner)
        style = learner.tensor(style_of(options)[None])
        learner.loss = StyleLoss(learner.loss, features, style, options)
        learner.schedule = side.optim.lr_scheduler.ExponentialLR(
            learner.optimizers["optimizer"], options["decay"]
        )
        shown = photograph(options["photograph"], options["size"])
        learner.shown = learner.tensor(shown[None])
        return learner

    def step(self, x: NumpyArray, y: NumpyArray) -> tuple[float, NumpyArray]:
        """Learn from a batch, then let the rate fall."""
        result = super().step(x, y)
        self.schedule.step()
        return result

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "schedule": self.schedule.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.schedule.load_state_dict(state["schedule"])

    def picture(self) -> NumpyArray:
        """The photograph in the style that is being learned."""
        with evaluating(self.model), self.side.no_grad():
            (output,) = self.model(self.shown).numpy(force=True)
        return np.asarray(pixels(output))


class ImageLearner(StyleLearner):
    """The same where the image itself is the parameter. It begins as the photograph with noise in
    it: ``noise``, another option, is its share. Where there is none yet, strokes can begin.
    """

    @classmethod
    def of(cls, recipe: Recipe, side: Any, model: Any, seed: int) -> Self:
        options, old = recipe.options, model.pixels
        image = photograph(options["photograph"], options["size"])[None]
        grain = Generator().manual_seed(seed).numpy.random(image.shape, np.float32)
        start = side.from_numpy(image + np.float32(options["noise"]) * (grain - image))
        model.pixels = side.nn.Parameter(start.to(device=old.device, dtype=old.dtype))
        return super().of(recipe, side, model, seed)


def style_of(options: Mapping[str, Any]) -> NumpyArray:
    """The painting, (3, H, W) in 0..1. Errors: as `photograph`."""
    path, size = options["painting"], options["painting_size"]
    image = photograph(path, size) if path else scaled(painting(), size, "painting")
    return np.asarray(image)
