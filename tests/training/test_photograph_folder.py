"""A folder of photographs as a recipe reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad.datasets.folder import read_image
from minigrad.errors import FileFormatError
from minigrad.recipes import RECIPES
from minigrad.training import data, folder
from minigrad.training.loop import Loop
from minigrad.training.start import build, learner_of

Image = pytest.importorskip("PIL.Image")

N10 = RECIPES["N10"]
KINDS = ("blue", "cyan", "green", "magenta", "red", "yellow")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Six classes of 10 plain JPEG images each but for the last, which has 5, of several sizes."""
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        for k in range(5 if kind == "yellow" else 10):
            image = Image.new("RGB", (90 + 7 * k, 120 - 3 * k), kind)
            image.save(tmp_path / kind / f"{k:02d}.jpg")
    return tmp_path


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this test's own."""
    found = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("MINIGRAD_CACHE", str(found))
    return found


def names(samples: object) -> list[str]:
    paths = [samples.dataset.samples[i][0] for i in samples.indices]  # type: ignore[attr-defined]
    return ["/".join(Path(path).parts[-2:]) for path in paths]


def test_a_fifth_of_each_class_is_kept_for_the_test(photographs, capsys):
    splits = data.read(N10, str(photographs), seed=1)
    train, test = names(splits.train), names(splits.test)
    for kind in KINDS:
        counts = [sum(name.startswith(kind) for name in part) for part in (train, test)]
        assert counts == ([4, 1] if kind == "yellow" else [8, 2])
    assert not set(train) & set(test) and splits.validation is None
    assert splits.source == str(photographs) and capsys.readouterr().err == ""
    assert names(data.read(N10, str(photographs), seed=1).test) == test
    assert names(data.read(N10, str(photographs), seed=2).test) != test


def test_images_become_what_the_network_takes(photographs):
    splits = data.read(N10, str(photographs), seed=0)
    for i in range(len(splits.test)):
        image, label = splits.test[i]
        assert image.shape == (3, 84, 84) and image.dtype == np.float32
        path, expected = splits.test.dataset.samples[splits.test.indices[i]]
        mean, std = np.array(N10.normalize)
        colour = (read_image(path)[50, 50] / 255 - mean) / std
        np.testing.assert_allclose(image[:, 40, 40], colour, atol=1e-5)
        assert label == expected


def test_another_number_of_classes_is_refused_by_name(photographs):
    (photographs / "yellow").rename(photographs.parent / "elsewhere")
    try:
        with pytest.raises(ValueError, match=r"N10: the network tells 6 .* found 5: blue, cyan"):
            data.read(N10, str(photographs), seed=0)
    finally:
        (photographs.parent / "elsewhere").rename(photographs / "yellow")


def test_bad_folders(photographs, tmp_path_factory):
    flat = tmp_path_factory.mktemp("flat")
    Image.new("RGB", (9, 9)).save(flat / "a.png")
    with pytest.raises(FileNotFoundError, match="expected a folder a class"):
        data.read(N10, str(flat), seed=0)
    (photographs / "red" / "x.jpg").write_bytes(b"no image")
    splits = data.read(N10, str(photographs), seed=0)
    with pytest.raises(FileFormatError, match=r"x\.jpg: expected an image"):
        list(Loop.of(N10, splits, [], 0).loader)
    for path in (photographs / "red").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError, match="no image for the classes red"):
        data.read(N10, str(photographs), seed=0)


@pytest.mark.parametrize("given", [True, False])
def test_without_images_drawn_ones_are_taken_and_a_line_says_so(
    given, cache, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(folder, "drawn_waste", lambda path: folder_of_six(path))
    (tmp_path / "mnist").mkdir()
    splits = data.read(N10, str(tmp_path) if given else None, seed=0)
    assert splits.source == str(cache / "waste")
    assert len(splits.train) == 12 and len(splits.test) == 0
    reason = f"no images in {tmp_path}" if given else "no folder of images is given with --data"
    told = f"N10: {reason}; using the drawn pictures in {cache / 'waste'} instead\n"
    assert capsys.readouterr().err == told


def folder_of_six(path: Path) -> Path:
    """The drawn pictures, two of each kind."""
    from minigrad.datasets.waste import drawn_waste

    return drawn_waste(path, 2)


@pytest.mark.slow
def test_the_drawn_pictures_are_learned(cache):
    # At twice this rate it depends on roundings whether 96 pictures are enough, in PyTorch as well.
    recipe = replace(N10, settings={"lr": 0.015}, batch=4, epochs=9, every=9)
    splits = data.read(recipe, None, seed=0)
    assert len(splits.train) == 96 and len(splits.test) == 24
    learner = learner_of(recipe, minigrad, build(recipe, 0))
    loop = Loop.of(recipe, splits, [learner], 0)
    loop.run([])
    last = loop.history["minigrad"][-1]
    assert last["test_accuracy"] > 80 and last["test_loss"] < 0.6
