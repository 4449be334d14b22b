"""Filters and feature maps: the pixels of the picture are the numbers of the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import minigrad
from minigrad import nn
from minigrad.draw import draw_features, draw_filters
from minigrad.draw.plot import Plot
from minigrad.draw.tiles import Panel
from minigrad.models import CNN, LeNet5

rng = np.random.default_rng(0)
NET, ONE = LeNet5(), minigrad.ones(1, 28, 28)


def titles(plot: Plot) -> list[str]:
    return [text.get_text() for text in plot.figure.texts]


def tiles(plot: Plot, i: int, rows: int, columns: int) -> np.ndarray[Any, Any]:
    """The number, or the colour, in the middle of each of so many tiles of the i-th panel."""
    image = np.asarray(plot.figure.axes[i].images[0].get_array())
    high, wide = image.shape[0] / rows, image.shape[1] / columns
    return np.array(
        [
            [image[int((r + 0.45) * high), int((c + 0.45) * wide)] for c in range(columns)]
            for r in range(rows)
        ]
    )


def test_a_tile_for_each_kernel():
    weight = minigrad.arange(-3, 3, dtype=minigrad.float32).reshape(6, 1, 1, 1)
    plot = draw_filters(weight * minigrad.ones(6, 1, 5, 5))
    assert titles(plot) == ["weight (6, 1, 5, 5), up to ±3"]
    assert tiles(plot, 0, 1, 6).tolist() == [[-3, -2, -1, 0, 1, 2]]
    assert plot.figure.axes[0].images[0].get_clim() == (-3, 3)  # zero has the middle colour


def test_every_pixel_of_a_kernel_and_the_gaps_between():
    kernel = rng.normal(size=(2, 3, 4))
    image = Panel("", list(kernel)).image
    fine = 60 // 4
    gap = image.shape[1] - 2 * 4 * fine
    assert image.shape == (3 * fine, 2 * 4 * fine + gap) and gap > 0
    np.testing.assert_array_equal(image[fine // 2 :: fine, fine // 2 : 4 * fine : fine], kernel[0])
    np.testing.assert_array_equal(
        image[fine // 2 :: fine, 4 * fine + gap + fine // 2 :: fine], kernel[1]
    )
    assert np.isnan(image[:, 4 * fine : 4 * fine + gap]).all()


def test_kernels_of_several_channels_are_columns():
    values = minigrad.arange(5 * 4, dtype=minigrad.float32).reshape(5, 4, 1, 1)
    plot = draw_filters(values * minigrad.ones(5, 4, 3, 3))
    np.testing.assert_array_equal(tiles(plot, 0, 4, 5), values.numpy()[:, :, 0, 0].T)
    assert "a column for each filter, a row for each input channel" in titles(plot)[0]


def test_kernels_that_see_colours_are_colours():
    weight = minigrad.zeros(4, 3, 5, 5)
    weight[1, 0], weight[2, 1] = 2.0, -2.0
    found = tiles(draw_filters(weight), 0, 1, 4)[0]
    np.testing.assert_array_equal(
        found, [[0.5, 0.5, 0.5], [1, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0.5]]
    )


def test_the_first_convolution_of_a_network_and_what_is_left_out():
    assert titles(draw_filters(LeNet5()))[0].startswith("net.0: Conv2d (6, 1, 5, 5), up to ±0.")
    assert titles(draw_filters(nn.Conv1d(1, 4, 9)))[0].startswith("Conv1d (4, 1, 9), up to ±0.")
    assert "; drawn: 10 of 70" in titles(draw_filters(nn.Conv2d(1, 70, 3), limit=10))[0]
    title = titles(draw_filters(nn.Conv2d(20, 33, 3)))[0]
    assert "; drawn: 16 of 33, 16 of 20 channels; a column" in title


def test_numbers_that_are_none_and_nothing_but_zeros():
    weight = minigrad.zeros(3, 1, 2, 2)
    assert titles(draw_filters(weight))[0].endswith("up to ±1")
    weight[0], weight[1] = float("nan"), float("inf")
    weight[2] = 0.5
    draw_filters(weight).render("png")
    draw_filters(minigrad.full((2, 3, 2, 2), float("nan"))).render("png")


def test_the_features_are_what_the_layers_compute(tmp_path: Path):
    model, image = LeNet5(), minigrad.tensor(rng.normal(size=(1, 28, 28)).astype(np.float32))
    plot = draw_features(model, image, tmp_path / "features.png")
    assert [re.sub(r", -?[\d.e-]+ to .*?(;|$)", r"\1", title) for title in titles(plot)] == [
        "input (1, 1, 28, 28)",
        "net.0: Conv2d (1, 6, 28, 28)",
        "net.3: Conv2d (1, 16, 10, 10)",
        "net.6: Conv2d (1, 120, 1, 1); drawn: 64 of 120",
    ]
    with minigrad.no_grad():
        last = model.net[:7](image[None]).numpy().reshape(-1)
    np.testing.assert_array_equal(tiles(plot, 3, 4, 16).reshape(-1), last[:64])
    clim = plot.figure.axes[3].images[0].get_clim()
    assert clim == (last.min(), last.max())
    with Image.open(tmp_path / "features.png") as picture:
        assert picture.width == 9 * 150 and np.asarray(picture.convert("L")).std() > 20


def test_layers_by_name_and_flat_results():
    image = minigrad.rand(1, 1, 28, 28)
    plot = draw_features(NET, image, layers=["net.2", "net.11"], limit=4)
    assert [title.split(" (")[0] for title in titles(plot)] == [
        *("input", "net.2: AvgPool2d", "net.11: FullConnection"),
    ]
    assert "; drawn: 4 of 6" in titles(plot)[1]
    colour = draw_features(nn.Conv2d(3, 2, 3), minigrad.rand(3, 8, 8))
    assert colour.figure.axes[0].images[0].get_array().shape[2] == 3
    assert titles(colour)[1].startswith("the model: Conv2d (1, 2, 6, 6)")


def test_the_network_runs_in_evaluation_mode_and_is_as_before():
    model, image = CNN(), minigrad.rand(1, 28, 28)
    state = minigrad.get_rng_state()
    draw_features(model, image, layers=["classifier.3"])
    assert model.training and model.classifier[3].training
    assert minigrad.get_rng_state() == state  # dropout drew no number
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(
    ("layer", "settings", "error", "message"),
    [
        ("net.0", {}, TypeError, "expected a Module or a tensor, got str"),
        (nn.Linear(3, 2), {}, ValueError, "a Linear has no convolution in it"),
        (minigrad.ones(3, 2), {}, ValueError, r"got \(3, 2\); reshape them"),
        (minigrad.ones(3, 0, 2, 2), {}, ValueError, r"got \(3, 0, 2, 2\)"),
        (nn.Conv3d(1, 1, 2), {}, ValueError, r"got \(1, 1, 2, 2, 2\)"),
        (nn.Conv2d(1, 1, 2), {"limit": 0}, ValueError, "limit of 1 or more, got 0"),
        (nn.Conv2d(1, 1, 2), {"path": "x.jpg"}, ValueError, "ends in .png"),
    ],
)
def test_bad_filters_are_told(layer, settings, error, message):
    with pytest.raises(error, match=message):
        draw_filters(layer, **settings)


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (("x", minigrad.ones(1, 9, 9)), {}, TypeError, "got str and Tensor"),
        ((NET, np.ones((1, 28, 28))), {}, TypeError, "got LeNet5 and ndarray"),
        ((NET, minigrad.ones(2, 1, 28, 28)), {}, ValueError, r"one image .* got \(2, 1, 28, 28\)"),
        ((NET, minigrad.ones(28, 28)), {}, ValueError, r"got \(28, 28\)"),
        ((NET, ONE), {"layers": ["net.99"]}, ValueError, "has no 'net.99'; there are net,"),
        ((nn.Flatten(), ONE), {}, ValueError, "called no convolution"),
        ((NET, ONE), {"limit": 0}, ValueError, "limit of 1 or more"),
    ],
)
def test_bad_features_are_told(arguments, settings, error, message):
    with pytest.raises(error, match=message):
        draw_features(*arguments, **settings)
