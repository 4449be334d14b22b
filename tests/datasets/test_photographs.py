"""Photographs, a painting and textures: what style is learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigrad.datasets import photographs
from minigrad.datasets.folder import read_image
from minigrad.datasets.painting import painting
from minigrad.datasets.photographs import crops, images_in, photograph, pixels, scaled
from minigrad.datasets.textures import COLOURS, PAIRS, PATTERNS, textures
from minigrad.errors import FileFormatError
from minigrad.random import Generator

Image = pytest.importorskip("PIL.Image")


def saved(folder: Path, mode: str, size: tuple[int, int], name: str = "photo.png") -> Path:
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    array = np.random.default_rng(0).integers(256, size=(size[1], size[0], *channels))
    Image.fromarray(array.astype(np.uint8), mode=None).save(folder / name)
    return folder / name


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(("size", "shape"), [((64, 48), (24, 32)), ((20, 40), (32, 16))])
def test_a_photograph_of_any_mode_has_its_longer_side_as_asked(mode, size, shape, tmp_path):
    image = photograph(saved(tmp_path, mode, size), 32)
    assert image.shape == (3, *shape) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1 and image.std() > 0.02
    assert mode != "L" or (image == image[:1]).all()


def test_grace_hopper_is_always_at_hand():
    image = photograph("", 48)
    assert image.shape == (3, 48, 41)
    assert pixels(image).shape == (48, 41, 3)


def test_pixels_undo_what_a_photograph_is_scaled_by():
    image = np.random.default_rng(0).integers(256, size=(20, 30, 3)).astype(np.uint8)
    assert (pixels(scaled(image, 30, "")) == image).all()
    assert pixels(np.array([-1.0, 0.5, 2.0]).reshape(3, 1, 1)).tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize("size", [(8, 8), (200, 17), (15, 40)])
def test_a_photograph_that_is_too_small_or_gets_too_narrow(size, tmp_path):
    path = saved(tmp_path, "RGB", size)
    with pytest.raises(ValueError, match="expected an image whose sides keep 16 pixels") as error:
        photograph(path, 48)
    assert f"{path}: " in str(error.value) and f"got {size[0]}x{size[1]}" in str(error.value)


def test_a_file_that_is_no_image_or_is_not_there(tmp_path):
    (tmp_path / "notes.jpg").write_text("not an image")
    with pytest.raises(FileFormatError, match=r"notes\.jpg: expected an image"):
        photograph(tmp_path / "notes.jpg", 48)
    with pytest.raises(FileNotFoundError):
        photograph(tmp_path / "nowhere.jpg", 48)


def test_the_images_of_a_folder(tmp_path):
    for name in ("b.PNG", "a.jpg"):
        saved(tmp_path, "RGB", (20, 20), name)
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "deeper").mkdir()
    saved(tmp_path / "deeper", "RGB", (20, 20))
    assert [path.name for path in images_in(tmp_path)] == ["a.jpg", "b.PNG"]


def test_pieces_are_square_of_every_image_and_the_same_for_the_same_seed():
    images = [np.full((3, 40, 60), 0.25, np.float32), np.full((3, 50, 30), 0.75, np.float32)]
    images[0][:, :, :30] = 0.0
    made = crops(images, 40, 16, Generator().manual_seed(0))
    assert made.shape == (40, 3, 16, 16) and made.dtype == np.float32
    assert {0.0, 0.25, 0.75} <= set(made.round(3).ravel().tolist())
    edges = made[:, 0, 8, 0] - made[:, 0, 8, -1]
    assert (edges > 0).any() and (edges < 0).any()  # some are mirrored
    assert (crops(images, 40, 16, Generator().manual_seed(0)) == made).all()
    assert (crops(images, 40, 16, Generator().manual_seed(1)) != made).any()


def test_without_scikit_learn_there_are_no_scenes(monkeypatch):
    monkeypatch.setattr(photographs, "find_spec", lambda name: None)
    assert photographs.scenes() == []


def test_the_painting_is_colourful_and_the_same_every_time():
    first = painting(64)
    assert first.shape == (64, 64, 3) and first.dtype == np.uint8
    painting.cache_clear()
    assert (painting(64) == first).all() and (painting(64, seed=1) != first).any()
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 0  # another caller has the same array
    red, _, blue = np.moveaxis(first.astype(int), -1, 0)
    assert (blue - red > 60).mean() > 0.3 and (red - blue > 60).mean() > 0.15


def test_textures_are_patterns_in_pairs_of_colours():
    images, labels = textures(600, 32, Generator().manual_seed(0))
    assert images.shape == (600, 3, 32, 32) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    assert set(labels // len(PAIRS)) == set(range(len(PATTERNS)))
    assert set(labels % len(PAIRS)) == set(range(len(PAIRS)))
    colours = np.array(list(COLOURS.values()))
    for number, pair in enumerate(PAIRS):
        shown = images[labels % len(PAIRS) == number].mean((0, 2, 3))
        np.testing.assert_allclose(shown, colours[list(pair)].mean(0), atol=0.12)
    again, _ = textures(600, 32, Generator().manual_seed(0))
    assert (again == images).all()


def test_stripes_have_their_direction():
    images, labels = textures(800, 32, Generator().manual_seed(0))
    names = list(PATTERNS)
    upright, level = (images[labels // len(PAIRS) == names.index(name)] for name in names[:3:2])
    along_x, along_y = (np.abs(np.diff(upright, axis=axis)).mean() for axis in (3, 2))
    assert names[0] == "upright stripes" and along_x > 1.3 * along_y
    along_x, along_y = (np.abs(np.diff(level, axis=axis)).mean() for axis in (3, 2))
    assert names[2] == "level stripes" and along_y > 1.3 * along_x


def test_what_is_read_is_what_is_saved(tmp_path):
    path = tmp_path / "painting.png"
    Image.fromarray(painting(64)).save(path)
    assert (read_image(path) == painting(64)).all()
