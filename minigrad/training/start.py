"""Where a run of a recipe starts: the model with its first weights, and the learner."""

from __future__ import annotations

from typing import Any

from minigrad import nn
from minigrad.models import MODELS
from minigrad.random import manual_seed
from minigrad.recipes import Recipe
from minigrad.training.adversarial import AdversarialLearner
from minigrad.training.learner import Learner
from minigrad.training.style import ImageLearner, StyleLearner

LEARNERS: dict[str, type[Learner]] = {
    "adversarial": AdversarialLearner,
    "style-image": ImageLearner,
    "style-net": StyleLearner,
    "supervised": Learner,
}
"""Every kind of learner by the name that recipes know it by."""


def build(recipe: Recipe, seed: int) -> nn.Module:
    """The recipe's model in minigrad, with the weights that the seed gives."""
    manual_seed(seed)
    model = MODELS[recipe.model]()
    if recipe.init != "default":
        start = getattr(nn.init, recipe.init)
        for name, param in model.named_parameters():
            if name.endswith("weight") and param.ndim > 1:
                start(param)
    return model


def learner_of(
    recipe: Recipe,
    side: Any,
    model: Any,
    seed: int = 0,
    device: str = "cpu",
    dtype: str = "float32",
    compiled: bool = False,
) -> Learner:
    """The recipe's learner around a model of ``side``, the module ``minigrad`` or ``torch``.
    ``compiled``: its steps are recorded and replayed, where minigrad does them on the CPU."""
    model = model.to(device=device, dtype=getattr(side, dtype))
    learner = LEARNERS[recipe.learner].of(recipe, side, model, seed)
    if compiled and side.__name__ == "minigrad" and device == "cpu":
        learner.compile()
    return learner
