"""Recipes that draw pictures, remember and read folders, run as people run them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from minigrad.datasets.folder import read_image

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Six folders of five small photographs."""
    draw = np.random.default_rng(0)
    for k in range(6):
        folder = tmp_path / "photographs" / f"kind{k}"
        folder.mkdir(parents=True)
        for i in range(5):
            pixels = np.uint8(draw.integers(256, size=(60, 50, 3)) // 4 + 30 * k)
            Image.fromarray(pixels).save(folder / f"{i}.jpg")
    return tmp_path / "photographs"


def test_a_gan_leaves_sheets_of_samples(command, small_mnist, tmp_path):
    done = command("train", "G1", "--data", str(small_mnist), "--epochs", "6", "--out", "o")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("epoch")]
    assert [line.split()[1] for line in lines] == ["5/6", "6/6"]
    for told in ("train loss", "D_real 0.", "D_fake 0.", "G_loss"):
        assert told in lines[0]
    for k in (5, 6):
        sheet = read_image(tmp_path / "o" / "pictures" / f"epoch-000{k}.png")
        assert sheet.shape == (466, 466, 3) and sheet.std() > 10
    history = json.loads((tmp_path / "o" / "report.json").read_text())["history"]["minigrad"]
    assert {"train_D_real", "test_D_fake", "test_G_loss"} <= set(history[-1])


def test_a_network_with_a_memory_needs_no_data(command, tmp_path):
    done = command("train", "g2-rnn", "--epochs", "1", "--out", "o")
    assert done.returncode == 0, done.stderr
    assert "data: drawn from the seed" in done.stdout and "memory (RNN)" in done.stdout
    assert (tmp_path / "o" / "model.safetensors").exists()


def test_sorting_a_folder_of_photographs(command, photographs, tmp_path):
    done = command("train", "N10", "--data", str(photographs), "--epochs", "1", "--out", "o")
    assert done.returncode == 0, done.stderr
    assert f"data: {photographs}" in done.stdout and done.stderr == ""
    report = json.loads((tmp_path / "o" / "report.json").read_text())
    assert report["data"] == "24 train, 6 test; photographs"
    (photographs / "kind5").rename(tmp_path / "kind5")
    done = command("train", "N10", "--data", str(photographs), "--epochs", "1")
    assert done.returncode == 1
    assert "N10: the network tells 6 classes apart" in done.stderr
    assert "found 5: kind0, kind1" in done.stderr and "Traceback" not in done.stderr


def test_without_photographs_drawn_ones_are_sorted(command, environment, small_mnist, tmp_path):
    environment["MINIGRAD_CACHE"] = str(tmp_path / "cache")
    done = command("train", "N10", "--data", str(small_mnist), "--epochs", "1", "--batch", "48")
    assert done.returncode == 0, done.stderr
    drawn = tmp_path / "cache" / "waste"
    told = f"N10: no images in {small_mnist}; using the drawn pictures in {drawn} instead\n"
    assert done.stderr.startswith(told)  # kernels are built anew here, which may be told as well
    assert len(list(drawn.rglob("*.png"))) == 120


@pytest.mark.slow
def test_a_gan_is_compared(command, small_mnist, tmp_path):
    pytest.importorskip("torch")
    done = command("compare", "G1", "--data", str(small_mnist), "--epochs", "1", "--json", "c.json")
    assert done.returncode == 0, done.stderr
    for row in ("test D_real", "test D_fake", "test G_loss", "test loss"):
        assert done.stdout.count(f"│ {row} ") == 1
    report = json.loads((tmp_path / "c.json").read_text())
    assert report["parity"]["float64"]["gradient"] <= 1e-10
    ours, theirs = (report["history"][side][0] for side in ("minigrad", "torch"))
    assert ours["train_loss"] == pytest.approx(theirs["train_loss"], rel=1e-4)
    assert ours["test_D_fake"] == pytest.approx(theirs["test_D_fake"], abs=1e-3)
