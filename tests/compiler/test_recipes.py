"""Every recipe, eager and compiled: the same losses, outputs and weights over many steps."""

from __future__ import annotations

import sys
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from twins import UNFUSED, agree, both, supervised
from twins import batches as steps_of

import minigrad
from minigrad import nn, optim
from minigrad.models import MODELS
from minigrad.native.library import plainly
from minigrad.recipes import RECIPES, Recipe
from minigrad.training.data import read
from minigrad.training.start import build, learner_of

STEPS = 25
FEWER = dict.fromkeys(["small-alexnet", "waste-sorter", "resnet34", "googlenet", "resnet50"], 3)
FEWER |= {"alexnet224": 3, "vgg16": 3}
"""Steps of the networks of more than 5 million weights, of which 25 would take long: two are
recorded, without and with what an optimizer keeps, and the last one finds what a replay left."""

FEWER |= {"style-net": 6}
"""And of the one that goes through two networks on images of 64x64, thrice in each step."""

FEW = {
    "resnet34": 4,
    "googlenet": 4,
    "resnet50": 4,
    "small-alexnet": 4,
    "alexnet224": 2,
    "vgg16": 2,
}
"""Samples of a batch of large networks, where others have 32; four are enough to be normalised."""

NARROW = {"alexnet224": 256, "vgg16": 256}
"""Models with two dense layers of 4,096 between, 57 and 120 million weights of one shape: here
they have so many."""

QUICK = {"cnn", "diabetes-net", "dnn", "lenet-relu", "lenet-sigmoid", "lenet5", "memoryless"}
QUICK |= {"mnist-dnn", "mnist-linear", "softmax-net", "two-layer"}
OUTPUTS = {"dnn": 3, "diabetes-net": 1, "style-features": 195, "waste-sorter": 6} | dict.fromkeys(
    ["gru", "lstm", "memoryless", "rnn"], 8
)
"""Of the models that have others than 10."""

ALIKE = {"D2-batches": "D2", "N10-faster": "N10", "G1-source": "G1"}
"""Recipes whose steps differ from another one's in numbers alone."""

DEEPER = {"N9-resnet152": "N9-resnet50"}
"""Recipes whose networks have more of the blocks that another one's has, and no others."""


def compared() -> list[Recipe]:
    """The recipes whose steps are compared."""
    return [recipe for name, recipe in RECIPES.items() if name not in ALIKE | DEEPER]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(recipe.in_a_hurry(), marks=[] if recipe.model in QUICK else pytest.mark.slow)
        for recipe in compared()
    ],
    ids=lambda recipe: recipe.name,
)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    """Every recipe; its tests come one after the other, and its weights are drawn once."""
    return request.param


@lru_cache(maxsize=1)
def started(name: str) -> Any:
    """The model of a recipe as it starts."""
    recipe = RECIPES[name].in_a_hurry()
    width = NARROW.get(recipe.model)
    if width is None:
        return build(recipe, 0)
    wide = nn.FullConnection
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            nn, "FullConnection", lambda *two: wide(*(n if n != 4096 else width for n in two))
        )
        return build(recipe, 0)


def batches(recipe: Recipe, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Small batches of the shapes that the recipe learns from: its own pictures where it draws
    them, else random numbers."""
    if recipe.learner.startswith("style"):
        samples = read(recipe, None, 0).train
        x, y = zip(*(samples[i % len(samples)] for i in range(count)), strict=True)
        return [(a.numpy()[None], np.asarray(b)[None]) for a, b in zip(x, y, strict=True)]
    draw = np.random.default_rng(0)
    shape = (1, 28, 28) if recipe.model == "gan" else MODELS[recipe.model].input
    if "size" in recipe.options:
        shape = (3, *np.broadcast_to(recipe.options["size"], 2))
    outputs, size = OUTPUTS.get(recipe.model, 10), min(recipe.batch or 64, 32)
    size = FEW.get(recipe.model, size)
    made = []
    for _ in range(count):
        x = draw.standard_normal((size, *shape)).astype(np.float32)
        y = draw.integers(max(outputs, 2), size=size)
        if recipe.model == "diabetes-net":
            y = y[:, None].astype(np.float32)
        elif recipe.one_hot:
            y = np.eye(outputs, dtype=np.float32)[y]
        made.append((x, y))
    return made


class Run(NamedTuple):
    """The losses and outputs of each step, and the weights after them."""

    losses: np.ndarray
    outputs: list[np.ndarray]
    weights: dict[str, np.ndarray]


def run(recipe: Recipe, data: Any, options: Any = None, moved: bool = False) -> Run:
    """Learn from the batches; compiled with ``options`` where there are any. ``moved``: all inputs
    and weights are one rounding away."""
    model = deepcopy(started(recipe.name))
    minigrad.manual_seed(0)
    learner = learner_of(recipe, minigrad, model)
    if moved:
        data = [(np.nextafter(x, np.float32(np.inf)), y) for x, y in data]
        for p in learner.model.parameters():
            p.array[...] = np.nextafter(p.array, np.float32(np.inf))
    if options is not None:
        learner._learn = step = minigrad.compile(learner.learn, **options)
    minigrad.manual_seed(1)
    losses, outputs = [], []
    for x, y in data:
        loss, output = learner.step(x, y)
        losses.append(loss)
        outputs.append(output.copy())  # in G3 it is the image itself, which changes
    if options is not None:
        assert len(step.programs) == 1, "another program was recorded"
    weights = {name: t.numpy(force=True).copy() for name, t in learner.model.state_dict().items()}
    return Run(np.array(losses), outputs, weights)


def apart(a: Run, b: Run) -> np.ndarray:
    """How far apart the losses of each step are, relative."""
    return np.asarray(np.abs(a.losses - b.losses) / np.abs(b.losses))


def test_compiled_is_eager_to_the_bit(recipe: Recipe) -> None:
    data = batches(recipe, FEWER.get(recipe.model, STEPS))
    with plainly():
        want, have = run(recipe, data), run(recipe, data, UNFUSED)
    assert np.isfinite(want.losses).all() and want.losses[0] != want.losses[-1]
    assert np.array_equal(have.losses, want.losses)
    for a, b in zip(have.outputs, want.outputs, strict=True):
        assert a.tobytes() == b.tobytes()
    for name, weight in want.weights.items():
        assert have.weights[name].tobytes() == weight.tobytes(), name
    del have, want


def test_with_everything_on_it_learns_as_eager_does(recipe: Recipe) -> None:
    """To 1e-6; where the step itself carries a rounding further, to ten times that."""
    data = batches(recipe, FEWER.get(recipe.model, STEPS))
    eager = run(recipe, data)
    gaps = apart(run(recipe, data, {}), eager)
    allowed = np.full(len(data), 1e-6)
    if not (gaps <= allowed).all():
        own = np.maximum.accumulate(apart(run(recipe, data, moved=True), eager))
        allowed = np.maximum(allowed, 10 * own)
    assert (gaps <= allowed).all(), f"{gaps}, allowed {allowed}"


def test_every_model_of_a_recipe_takes_fewer_steps_only_where_it_is_large() -> None:
    for name in {recipe.model for recipe in compared()} - set(FEWER):
        assert MODELS[name].parameters <= 5_000_000, name
    assert min(MODELS[name].parameters for name in set(FEWER) - {"style-net"}) > 5_000_000


def blocks(name: str) -> set[str]:
    """What the blocks of a residual network are, and what is around them, all in one line each."""
    model = MODELS[RECIPES[name].in_a_hurry().model]()
    stages = [child for child in model.children() if isinstance(child, nn.Sequential)]
    assert len(stages) == 4
    rest = [repr(child) for child in model.children() if not isinstance(child, nn.Sequential)]
    return {repr(block) for stage in stages for block in stage} | set(rest)


def test_deeper_networks_have_the_blocks_of_another_one() -> None:
    for name, other in DEEPER.items():
        assert blocks(name) == blocks(other)
        have, want = RECIPES[name].in_a_hurry(), RECIPES[other].in_a_hurry()
        assert replace(have, name="", title="", model="") == replace(
            want, name="", title="", model=""
        )


class Residual(nn.Module):
    """y = x + tanh(W x + b) / 100"""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(2, 2)

    def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
        return x + self.dense(x).tanh() / 100


@both
def test_a_step_may_be_deep(options: dict[str, Any]) -> None:
    """Of more ops that wait for one another than Python takes calls in one another."""

    def make() -> Any:
        model = nn.Sequential(*(Residual() for _ in range(150))).double()
        return supervised(model, optim.SGD(model.parameters(), lr=0.001))

    calls = [(x.double(), y) for x, y in steps_of(2, 4, 2, classes=2)]
    twin = agree(make, calls, tolerance=1e-10, **options)
    assert len(twin.programs[0].ops) > sys.getrecursionlimit()


def test_recipes_that_are_left_out_are_like_another_one() -> None:
    for name, other in ALIKE.items():
        have, want = RECIPES[name].in_a_hurry(), RECIPES[other].in_a_hurry()
        for fact in ("model", "loss", "optimizer", "one_hot", "learner", "init"):
            assert getattr(have, fact) == getattr(want, fact), (name, fact)
        shapes = [[(x.shape, y.shape) for x, y in batches(each, 1)] for each in (have, want)]
        assert shapes[0] == shapes[1], name


LEARNERS = {RECIPES[name].learner: RECIPES[name] for name in ("N1", "G1", "G3", "G4")}


def test_there_is_a_recipe_for_each_kind_of_learner() -> None:
    assert set(LEARNERS) == {recipe.learner for recipe in RECIPES.values()}


@pytest.mark.parametrize("name", LEARNERS)
def test_gradients_of_compiled_steps_are_pytorchs(name: str) -> None:
    pytest.importorskip("torch")
    from reference.compare import pair
    from reference.parity import gradients, relative, without_dropout

    recipe = LEARNERS[name].in_a_hurry()
    # What an optimizer keeps comes into being at the first step: the second one is a replay.
    data = [(x[:2], y[:2]) for x, y in batches(recipe, 3)]
    ours, theirs = pair(recipe, 0, dtype="float64", compiled=True)
    with without_dropout(ours.model), without_dropout(theirs.model):
        for x, y in data:
            loss, other = (side.step(x, y)[0] for side in (ours, theirs))
            assert relative(loss, other) < 1e-10
            have, want = gradients(ours), gradients(theirs)
            assert have.keys() == want.keys() and have
            for key in have:
                assert relative(have[key], want[key]) < 1e-10, key
    assert ours._learn.path != "eager"
