"""Style transfer as people run it: their own photographs, paintings, networks and folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from minigrad.datasets.folder import read_image
from minigrad.models import stylize
from minigrad.serialization import load, save

Image = pytest.importorskip("PIL.Image")

TINY = ("--set", "size=48", "--set", "painting_size=48")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with three small photographs."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    draw = np.random.default_rng(0)
    for name in ("a.jpg", "b.png", "c.png"):
        pixels = draw.integers(256, size=(6, 8, 3)).astype(np.uint8).repeat(10, 0).repeat(10, 1)
        Image.fromarray(pixels).save(folder / name)
    return folder


def test_a_photograph_of_ones_own_in_the_style_of_another(command, pictures, tmp_path):
    arguments = (
        "train", "G3", *TINY, "--epochs", "6", "--out", "o",
        "--set", f"photograph={pictures / 'a.jpg'}", "--set", f"painting={pictures / 'b.png'}",
    )  # fmt: skip
    done = command(*arguments)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "data: a.jpg" in done.stdout and "(1, 3, 36, 48)" in done.stdout
    picture = read_image(tmp_path / "o" / "pictures" / "epoch-0006.png")
    assert picture.shape == (36, 48, 3)
    pixels = load(tmp_path / "o" / "model.safetensors").pixels.detach().numpy()
    assert np.abs(picture / 255 - pixels[0].transpose(1, 2, 0).clip(0, 1)).max() < 0.003
    history = json.loads((tmp_path / "o" / "report.json").read_text())["history"]["minigrad"]
    assert len(history) == 6 and history[-1]["train_loss"] < history[0]["train_loss"]
    done = command(*arguments[:4], *arguments[4:6], "--out", "o", "--epochs", "8", "--resume")
    assert done.returncode == 1  # without the photograph it would be another run
    assert "options: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_network_learned_on_a_folder_repaints_any_photograph(command, pictures, tmp_path):
    done = command(
        "train", "G4", *TINY, "--epochs", "1", "--out", "o", "--data", str(pictures),
        "--set", "piece=48", "--set", "samples=[4,2]",
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert f"data: the 3 images in {pictures}" in done.stdout
    shown = read_image(tmp_path / "o" / "pictures" / "epoch-0001.png")
    assert shown.shape == (48, 41, 3)  # Grace Hopper, whom it did not see
    model = load(tmp_path / "o" / "model.safetensors")
    image = read_image(pictures / "c.png")
    assert stylize(model, image).shape == image.shape


@pytest.mark.slow
def test_a_stopped_picture_goes_on_to_the_same_bits(command, tmp_path):
    for out, epochs in (("whole", "5"), ("part", "3")):
        done = command("train", "G3", *TINY, "--epochs", epochs, "--out", out)
        assert done.returncode == 0, done.stderr
    done = command("train", "G3", *TINY, "--epochs", "5", "--out", "part", "--resume")
    assert done.returncode == 0 and "continuing in epoch 4" in done.stdout, done.stderr
    whole, part = (
        read_image(tmp_path / out / "pictures" / "epoch-0005.png") for out in ("whole", "part")
    )
    assert (whole == part).all()
    whole, part = (load(tmp_path / out / "model.safetensors") for out in ("whole", "part"))
    assert whole.pixels.detach().numpy().tobytes() == part.pixels.detach().numpy().tobytes()


@pytest.mark.slow
def test_a_feature_stack_of_ones_own(command, tmp_path):
    done = command(
        "train", "G3-features", "--epochs", "1", "--out", "f", "--set", "samples=[64,32]"
    )
    assert done.returncode == 0, done.stderr
    done = command("train", "G3", *TINY, "--epochs", "2", "--set", "features=f/model.safetensors")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("colour=red", "G3 has no option 'colour'; it has photograph, painting, features"),
        ("size=large", "G3: expected for size a value like 288, got large"),
        ("size=4.5", "G3: expected for size a value like 288, got 4.5"),
        ("style_layers=relu1_1", "G3: expected for style_layers a value like [\"relu1_1\""),
        ('style_layers=["relu7_1"]', "features: no relu7_1; there are relu1_1, relu2_1"),
        ("size=8", "expected an image whose sides keep 16 pixels"),
        ("photograph=nowhere.jpg", "No such file or directory: 'nowhere.jpg'"),
        ("painting=notes.txt", "notes.txt: expected an image that Pillow can decode"),
        ("features=vgg.pth", "safetensors.torch.save_file(torch.load(old, weights_only=True)"),
        ("features=other.safetensors", "expected a VGG's state_dict, which has features.0.weight"),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_fit_is_told_in_one_line(command, setting, told, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "vgg.pth").write_bytes(b"PK\x03\x04" + bytes(60))
    if setting.startswith("features=other"):
        save({"number": 1}, tmp_path / "other.safetensors")
    done = command("train", "G3", "--set", "size=48", "--set", setting, "--epochs", "1")
    assert done.returncode == 1 and told in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_pairs_and_recipes_without_options_have_none(command):
    done = command("train", "G3", "--set", "size")
    assert done.returncode == 2 and "expected KEY=VALUE, got size" in done.stderr
    done = command("train", "D3", "--set", "size=3")
    assert done.returncode == 1 and "D3 has no option 'size'; it has none" in done.stderr
    done = command("train", "P2", "--set", "size=3")
    assert done.returncode == 1 and "lesson P2 has no size" in done.stderr
