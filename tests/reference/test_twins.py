"""Every model and its twin: the same names, the same numbers, gradients to rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import minigrad  # noqa: E402
from minigrad.models import MODELS  # noqa: E402
from minigrad.recipes import RECIPES, Recipe  # noqa: E402
from minigrad.training.learner import Learner  # noqa: E402
from minigrad.training.start import build  # noqa: E402
from reference.compare import pair  # noqa: E402
from reference.models import TWINS  # noqa: E402
from reference.parity import Difference, Parity, parity, relative, rounding_error  # noqa: E402
from reference.weights import from_torch, to_torch  # noqa: E402

BIG = {name for name, model in MODELS.items() if model.input == (3, 224, 224)}
"""Compared in tests/models/test_big_networks.py, in a way that fits memory."""
OTHERWISE = {recipe.model for recipe in RECIPES.values() if recipe.learner != "supervised"}
"""Compared where their learners are tested."""
SMALL = [name for name in MODELS if name not in BIG | OTHERWISE]
BY_MODEL = {
    name: Recipe(name, "", name, "noise", "CrossEntropyLoss", "SGD", {"lr": 0.01, "momentum": 0.9})
    for name in SMALL
} | {recipe.model: recipe for recipe in RECIPES.values() if recipe.model in SMALL}
"""How each learns: by its recipe, where it has one."""

every_small_model = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == "small-alexnet" else name
        for name in SMALL
    ],
)


def batches(recipe: Recipe, count: int, size: int = 6) -> list[tuple[np.ndarray, np.ndarray]]:
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        x = draw.standard_normal((size, *MODELS[recipe.model].input))
        outputs = MODELS[recipe.model].output[0]
        y = draw.integers(max(outputs, 2), size=size)
        if recipe.loss == "BCELoss":
            y = y[:, None].astype(float)
        elif recipe.loss == "MSELoss":
            y = np.eye(outputs)[y]
        made.append((x, y))
    return made


def test_every_model_has_a_twin_and_every_recipe_a_model():
    assert set(MODELS) == set(TWINS)
    assert {recipe.model for recipe in RECIPES.values()} <= set(MODELS)


@every_small_model
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_outputs_losses_gradients_and_optimizer_agree(name, dtype, tolerance):
    recipe = BY_MODEL[name]
    ours, theirs = pair(recipe, seed=1, dtype=dtype)
    report = parity(ours, theirs, batches(recipe, 3), tolerance=tolerance)
    if dtype == "float32" and recipe.optimizer == "Adam":
        # Adam divides a gradient by its own size, and so its rounding: some weights are soon a step
        # apart, others on every processor. Adam itself is held to PyTorch's in float64.
        assert report.first_gradient is None, str(report)
    else:
        assert report.first is None, str(report)
    stages = {d.stage for d in report.differences}
    assert {"forward", "loss", "gradient", "weight"} <= stages
    count = len(list(ours.model.parameters()))
    assert sum(d.stage == "gradient" for d in report.differences) == 3 * count
    if recipe.optimizer == "Adam" or "momentum" in recipe.settings:
        assert sum(d.stage == "optimizer" for d in report.differences) >= 3 * count


@every_small_model
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_names_shapes_and_the_gradient_of_the_input_agree(name, dtype, tolerance):
    ours, theirs = (learner.model.eval() for learner in pair(BY_MODEL[name], seed=1, dtype=dtype))
    for kind in ("state_dict", "named_parameters", "named_buffers"):
        mine, other = dict(getattr(ours, kind)()), dict(getattr(theirs, kind)())
        assert [(k, tuple(v.shape)) for k, v in mine.items()] == [
            (k, tuple(v.shape)) for k, v in other.items()
        ]
    assert [k for k, _ in ours.named_modules()] == [k for k, _ in theirs.named_modules()]
    ((x, _),) = batches(BY_MODEL[name], 1)
    x = x.astype(dtype)
    a, b = minigrad.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, expected = ours(a), theirs(b)
    weights = np.random.default_rng(3).standard_normal(tuple(expected.shape)).astype(dtype)
    y.backward(minigrad.from_numpy(weights))
    expected.backward(torch.from_numpy(weights))
    assert a.grad.shape == a.shape and float(b.grad.abs().max()) > 0
    assert relative(a.grad.numpy(), b.grad.numpy()) < tolerance


@every_small_model
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_move_both_ways_to_the_bit(name, dtype):
    ours, theirs = pair(BY_MODEL[name], seed=2, dtype=dtype)
    for key, tensor in ours.model.state_dict().items():
        assert theirs.model.state_dict()[key].numpy().tobytes() == tensor.numpy().tobytes()
    fresh = build(BY_MODEL[name], seed=3).to(dtype=ours.dtype)
    from_torch(theirs.model, fresh)
    for key, tensor in ours.model.state_dict().items():
        assert fresh.state_dict()[key].numpy().tobytes() == tensor.numpy().tobytes()


def test_moving_weights_is_no_alias():
    ours, theirs = pair(BY_MODEL["dnn"], seed=0)
    before = ours.model.state_dict()["net.0.weight"].numpy().copy()
    with torch.no_grad():
        theirs.model.net[0].weight.fill_(7)
    assert (ours.model.state_dict()["net.0.weight"].numpy() == before).all()


def test_models_that_differ_are_refused_with_every_difference():
    ours = MODELS["dnn"]()
    twin = torch.nn.Module()
    twin.net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(5, 5))
    twin.extra = torch.nn.Linear(1, 1)
    twin.double()
    before = twin.net[0].weight.detach().clone()
    with pytest.raises(ValueError) as error:
        to_torch(ours, twin)
    for part in (
        "net.4.weight: only in minigrad",
        "extra.bias: only in PyTorch",
        "net.0.weight: float32 of shape (5, 3) in minigrad, float64 of shape (4, 3) in PyTorch",
    ):
        assert part in str(error.value)
    assert (twin.net[0].weight == before).all()
    with pytest.raises(ValueError, match=r"extra\.bias: only in PyTorch"):
        from_torch(twin, ours)


def spoiled(change) -> Parity:
    recipe = BY_MODEL["two-layer"]
    ours, theirs = pair(recipe, seed=1, dtype="float64")
    change(ours, theirs)
    return parity(ours, theirs, batches(recipe, 2))


def test_parity_names_the_layer_whose_output_is_wrong():
    def change(ours: Learner, theirs: Learner) -> None:
        theirs.model.relu = torch.nn.Tanh()

    first = spoiled(change).first
    assert first is not None
    assert (first.step, first.stage, first.name) == (1, "forward", "relu")


def test_parity_names_the_gradient_that_is_wrong():
    def change(ours: Learner, theirs: Learner) -> None:
        theirs.model.output.bias.register_hook(lambda g: g * 1.001)

    first = spoiled(change).first
    assert first is not None
    assert (first.step, first.stage, first.name) == (1, "gradient", "output.bias")


def test_parity_names_the_optimizer():
    def change(ours: Learner, theirs: Learner) -> None:
        momentum = torch.optim.SGD(theirs.model.parameters(), lr=0.001, momentum=0.5)
        theirs.optimizers["optimizer"] = momentum

    first = spoiled(change).first
    assert first is not None
    assert (first.step, first.stage) == (1, "optimizer")
    assert first.relative == float("inf")  # a momentum on one side only


def test_parity_names_the_step_in_which_the_weights_part():
    def change(ours: Learner, theirs: Learner) -> None:
        theirs.optimizers["optimizer"].param_groups[0]["lr"] *= 1.01

    report = spoiled(change)
    assert report.first is not None
    assert (report.first.step, report.first.stage) == (1, "weight")
    assert report.first_gradient is None  # up to there all was well
    assert "first to differ: step 1, weight" in str(report)


def test_relative_differences():
    assert relative([1.0, 2.0], [1.0, 2.0]) == 0
    assert relative([1.0, 2.2], [1.0, 2.0]) == pytest.approx(0.1)
    assert relative([0.0], [0.0]) == 0 and relative([], []) == 0
    assert relative([1.0], [0.0]) == relative(None, [1.0]) == relative([1.0], [[1.0]])
    assert relative(None, [1.0]) == float("inf")
    bad = Parity((Difference(1, "loss", "", float("nan")),), 1e-5)
    assert bad.first is not None  # what is no number does not agree


@pytest.mark.parametrize("side", [0, 1])
def test_rounding_error_is_that_of_float32_and_names_the_gradient(side):
    recipe = BY_MODEL["lenet5"]
    x, y = batches(recipe, 1)[0]
    single, double = (pair(recipe, 0, dtype=kind)[side] for kind in ("float32", "float64"))
    worst = rounding_error(single, double, x, y)
    assert 1e-9 < worst.relative < 1e-5
    single.model.net[9].bias.register_hook(lambda g: g * 1.5)
    worst = rounding_error(single, double, x, y)
    assert worst.name == "net.9.bias" and worst.relative == pytest.approx(0.5, rel=1e-3)


def test_dropout_is_on_again_after_parity():
    recipe = BY_MODEL["cnn"]
    ours, theirs = pair(recipe, seed=0)
    parity(ours, theirs, batches(recipe, 1))
    assert all(m.training for m in ours.model.modules())
    assert all(m.training for m in theirs.model.modules())


def test_both_learners_wear_the_same_face():
    recipe = replace(RECIPES["D5"], settings={"lr": 0.1})
    (x, y), *_ = batches(recipe, 1, size=20)
    for learner in pair(recipe, seed=0):
        state = learner.state_dict()
        copied = {k: np.array(v.detach().numpy()) for k, v in state["model"].items()}
        before, output = learner.look(x, y)
        assert isinstance(before, float) and output.shape == (20, 10)
        losses = [learner.step(x, y)[0] for _ in range(20)]
        assert losses[0] == pytest.approx(before, rel=1e-6) and losses[-1] < losses[0]
        as_tensor = torch.from_numpy if learner.name == "torch" else lambda a: a
        learner.load_state_dict(
            {
                "model": {k: as_tensor(v) for k, v in copied.items()},
                "optimizer": state["optimizer"],
            }
        )
        assert learner.look(x, y)[0] == before
