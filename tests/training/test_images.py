"""The samples of style transfer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minigrad.datasets.photographs import hopper, photograph
from minigrad.recipes import RECIPES, Recipe
from minigrad.training import data, images


def changed(name: str, **options: object) -> Recipe:
    recipe = RECIPES[name]
    return replace(recipe, options={**recipe.options, **options})


def test_a_photograph_is_its_own_only_sample_and_target():
    splits = data.read(changed("G3", size=48), None, 0)
    (x, y), *others = [splits.train[i] for i in range(len(splits.train))]
    assert not others and x.shape == (3, 48, 41)
    assert (x.numpy() == photograph("", 48)).all() and (y.numpy() == x.numpy()).all()
    assert splits.test is splits.train and splits.source == "Grace Hopper, from matplotlib"
    named = data.read(changed("G3", size=48, photograph=str(hopper())), None, 0)
    assert named.source == "grace_hopper.jpg"


@pytest.mark.parametrize("folder", [None, "empty"])
def test_where_a_folder_has_no_images_the_scenes_take_their_place(folder, tmp_path):
    pytest.importorskip("sklearn")
    root = None if folder is None else str(tmp_path)
    splits = data.read(changed("G4", samples=(6, 2), piece=32), root, 0)
    assert len(splits.train) == 6 and len(splits.test) == 2
    x, y = splits.train[np.arange(6)]
    assert x.shape == (6, 3, 32, 32) and (x.numpy() == y.numpy()).all()
    assert splits.source == "china.jpg and flower.jpg, from scikit-learn"


def test_without_photographs_it_is_said_where_to_get_some(monkeypatch):
    monkeypatch.setattr(images, "scenes", list)
    with pytest.raises(RuntimeError, match="G4: no photographs to learn on; give a folder"):
        data.read(RECIPES["G4"], None, 0)


def test_textures_are_normalised_as_the_recipe_says():
    recipe = changed("G3-features", samples=(50, 10))
    x, labels = data.read(recipe, None, 0).train[np.arange(50)]
    plain, same = data.read(replace(recipe, normalize=None), None, 0).train[np.arange(50)]
    assert plain.min() >= 0 and plain.max() <= 1
    assert (labels.numpy() == same.numpy()).all() and labels.max() < 195
    mean, std = (np.array(numbers).reshape(3, 1, 1) for numbers in recipe.normalize)
    np.testing.assert_allclose(x.numpy(), (plain.numpy() - mean) / std, atol=1e-5)
