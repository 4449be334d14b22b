"""A generator and a discriminator that learn from each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import minigrad
from minigrad.recipes import RECIPES
from minigrad.training.adversarial import AdversarialLearner
from minigrad.training.metrics import METRICS
from minigrad.training.start import build, learner_of

torch = pytest.importorskip("torch")

from reference.compare import pair  # noqa: E402
from reference.parity import parity, relative  # noqa: E402

G1 = RECIPES["G1"]


def images(count: int, seed: int = 0) -> np.ndarray:
    """Bright bars on black, in -1..1: (count, 1, 28, 28)."""
    draw = np.random.default_rng(seed)
    made = np.full((count, 1, 28, 28), -1, np.float32)
    for image, place in zip(made, draw.integers(4, 20, count), strict=True):
        image[:, 4:24, place : place + 4] = draw.uniform(0.5, 1)
    return made


def labels(count: int) -> np.ndarray:
    return np.zeros(count, np.int64)


def learner(seed: int = 0, **changes: object) -> AdversarialLearner:
    recipe = replace(G1, **changes)
    found = learner_of(recipe, minigrad, build(recipe, seed), seed)
    assert isinstance(found, AdversarialLearner)
    return found


def weights(of: AdversarialLearner) -> dict[str, np.ndarray]:
    return {name: t.numpy().copy() for name, t in of.model.state_dict().items()}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_outputs_losses_and_gradients_are_pytorchs(dtype, tolerance):
    ours, theirs = pair(G1, seed=1, dtype=dtype)
    report = parity(ours, theirs, [(images(20, k), labels(20)) for k in range(3)], tolerance)
    assert report.first_gradient is None, str(report)
    if dtype == "float64":  # in float32 Adam divides rounding by itself
        assert report.first is None, str(report)
    names = [d.name for d in report.differences if (d.step, d.stage) == (1, "gradient")]
    assert sorted(names) == sorted(name for name, _ in ours.model.named_parameters())
    kept = {d.name for d in report.differences if (d.step, d.stage) == (2, "optimizer")}
    assert {f"{name} exp_avg" for name in names} <= kept  # of both optimizers


def test_a_step_is_the_textbook_s_on_the_same_noise():
    """Written out in PyTorch, with losses that are formulas."""
    ours, theirs = pair(G1, seed=2, dtype="float64")
    D, G = theirs.model.discriminator, theirs.model.generator
    draw = np.random.Generator(np.random.PCG64(2))
    z = torch.from_numpy(draw.standard_normal((10, 64), np.float32)).double()
    x = torch.from_numpy(images(10)).double()
    real, made = D(x), D(G(z).detach())
    loss = -(real.log().mean() + (1 - made).log().mean())
    expected = torch.autograd.grad(loss, list(D.parameters()))

    found, output = ours.step(images(10), labels(10))
    assert found == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(output, torch.cat([real, made], 1).detach().numpy(), rtol=1e-12)
    for param, g in zip(ours.model.discriminator.parameters(), expected, strict=True):
        assert relative(param.grad.numpy(), g.numpy()) < 1e-10

    changed = {name: torch.from_numpy(w) for name, w in weights(ours).items() if "disc" in name}
    theirs.model.load_state_dict({**theirs.model.state_dict(), **changed})  # D has learned first
    expected = torch.autograd.grad(-D(G(z)).log().mean(), list(G.parameters()))
    for param, g in zip(ours.model.generator.parameters(), expected, strict=True):
        assert relative(param.grad.numpy(), g.numpy()) < 1e-10


def test_each_player_learns_while_the_other_stands_still():
    game = learner(settings={"lr": 0.001})
    x, y = images(50), labels(50)

    def turn(player: str, steps: int) -> np.ndarray:
        for name, optimizer in game.optimizers.items():
            optimizer.param_groups[0]["lr"] = 0.001 if name == player else 0.0
        before = weights(game)
        judged = [game.step(x, y)[1].mean(axis=0) for _ in range(steps)]
        for name, w in weights(game).items():
            assert (w != before[name]).any() == name.startswith(player), name
        return judged[-1]

    real, made = turn("discriminator", 15)
    assert real > made + 0.3
    assert turn("generator", 30)[1] > made + 0.3


def test_looking_and_pictures_change_nothing():
    game = learner()
    x, y = images(30), labels(30)
    game.step(x, y)
    before, noise = weights(game), game.noise.get_state()
    loss, output = game.look(x, y)
    assert game.look(x, y)[0] == loss and output.shape == (30, 2)
    np.testing.assert_array_equal(game.picture(), game.picture())
    assert all((w == before[name]).all() for name, w in weights(game).items())
    assert game.noise.get_state() == noise and game.model.training
    game.step(x, y)
    assert game.look(x, y)[0] != loss and game.noise.get_state() != noise


def test_both_libraries_meet_the_same_noise():
    for a, b in zip(*(side.picture() for side in pair(G1, seed=3)), strict=True):
        assert np.abs(a.astype(int) - b).max() <= 1  # a rounding of 255 levels
    mine, other = (side._noise(4, side.noise) for side in pair(G1, seed=3))
    assert mine.tolist() == other.tolist()


def test_the_picture_is_a_sheet_of_samples():
    game = learner()
    game.step(images(10), labels(10))
    sheet = game.picture()
    assert sheet.shape == (8 * 58 + 2, 8 * 58 + 2) and sheet.dtype == np.uint8
    noise = np.random.Generator(np.random.PCG64(1)).standard_normal((64, 64), np.float32)
    made = game.model.generator(minigrad.from_numpy(noise)).detach().numpy()
    last = (made[-1].reshape(28, 28) + 1) * 127.5
    assert np.abs(sheet[-58:-2:2, -58:-2:2] - last).max() < 0.51
    assert not sheet[:2].any() and not sheet[:, -2:].any()


def test_it_goes_on_from_its_state_to_the_same_bits():
    x, y = images(30), labels(30)
    whole, other = learner(), learner(seed=9)
    whole.step(x, y)
    state = whole.state_dict()
    assert set(state) == {"model", "discriminator", "generator", "noise"}
    other.load_state_dict(state)
    a, b = whole.step(x, y), other.step(x, y)
    assert a[0] == b[0] and (a[1] == b[1]).all()
    mine = weights(other)
    assert all((w == mine[name]).all() for name, w in weights(whole).items())


def test_what_is_counted():
    output = np.array([[0.9, 0.5], [0.7, 0.25]], np.float32)
    values = {name: METRICS[name].of(output, labels(2)) for name in G1.metrics}
    assert values["D_real"] == pytest.approx(0.8) and values["D_fake"] == pytest.approx(0.375)
    assert values["G_loss"] == pytest.approx(1.5 * np.log(2))
    found_out = np.array([[1.0, 0.0]], np.float32)
    assert METRICS["G_loss"].of(found_out, labels(1)) == 100  # as BCELoss has it


def test_the_source_s_settings_are_kept_and_told():
    source = RECIPES["G1-source"]
    assert source.settings == {"lr": 1e-6} and "does not learn" in source.title
    assert source.describe() == "BCELoss, Adam lr 1e-06, batch 100, 40 epochs"
    assert G1.describe() == "BCELoss, Adam lr 0.0002, betas 0.5 and 0.999, batch 100, 40 epochs"
    game = learner(settings=source.settings)
    first = game.look(images(50), labels(50))[0]
    for _ in range(10):
        game.step(images(50), labels(50))
    assert game.look(images(50), labels(50))[0] == pytest.approx(first, abs=0.01)
