"""Which letter was marked: a task for a memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import minigrad
from minigrad.recipes import RECIPES, Recipe
from minigrad.training import data
from minigrad.training.loop import Loop
from minigrad.training.start import build, learner_of


def test_the_marked_letter_is_asked_for_at_the_end():
    splits = data.read(RECIPES["G2-lstm"], None, seed=3)
    x, y = (t.numpy() for t in splits.train[np.arange(5000)])
    assert x.shape == (5000, 20, 9) and x.dtype == np.float32 and len(splits.test) == 1000
    assert not x[:, -1].any()  # the question: nothing is shown
    letters, marks = x[:, :-1, :-1], x[:, :, -1]
    assert (letters.sum(axis=2) == 1).all() and (marks.sum(axis=1) == 1).all()
    places = marks.argmax(axis=1)
    np.testing.assert_array_equal(letters[np.arange(5000), places].argmax(axis=1), y)
    assert set(places) == set(range(19)) and set(y) == set(range(8))  # any place, any letter
    again, other = (data.read(RECIPES["G2-lstm"], None, seed).train[:9] for seed in (3, 4))
    assert (again[0].numpy() == x[:9]).all() and (other[0].numpy() != x[:9]).any()
    shorter = data.read(RECIPES["G2-rnn"], None, seed=3)
    assert shorter.train[0][0].shape == (10, 9)


def accuracy(recipe: Recipe, epochs: int, **options: object) -> float:
    """On the test samples, after so many epochs."""
    recipe = replace(recipe, epochs=epochs, every=epochs, options={**recipe.options, **options})
    splits = data.read(recipe, None, seed=0)
    loop = Loop.of(recipe, splits, [learner_of(recipe, minigrad, build(recipe, 0))], 0)
    loop.run([])
    return loop.history["minigrad"][-1]["test_accuracy"]


def test_a_gru_remembers_and_a_dense_net_of_the_same_task_cannot():
    small = {"length": 6, "samples": (1600, 400)}
    assert accuracy(RECIPES["G2-gru"], 6, **small) > 95
    assert accuracy(RECIPES["G2-dense"], 6, **small) < 25  # a guess is right in 12.5 % of cases


def test_a_dense_net_that_sees_the_last_step_alone_says_the_same_to_all():
    model = build(RECIPES["G2-dense"], 0)
    splits = data.read(RECIPES["G2-dense"], None, seed=0)
    output = model(splits.test[np.arange(50)][0]).detach().numpy()
    np.testing.assert_allclose(output, output[:1].repeat(50, 0), atol=1e-6)


def test_the_dense_net_is_of_the_rnn_s_size():
    counts = [
        sum(p.numel() for p in build(RECIPES[name], 0).parameters())
        for name in ("G2-rnn", "G2-dense")
    ]
    assert counts[0] == counts[1] == 1_640


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("G2-rnn", 99, 100),
        ("G2-rnn-long", 8, 40),
        ("G2-lstm", 99, 100),
        ("G2-gru", 99, 100),
        ("G2-dense", 8, 17),
    ],
)
def test_what_the_recipes_come_to(name, least, most):
    epochs = {"G2-rnn": 16, "G2-lstm": 7, "G2-gru": 4}.get(name, 3)
    assert least <= accuracy(RECIPES[name], epochs) <= most
