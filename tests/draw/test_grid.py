"""make_grid and save_image against torchvision's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import minigrad
from minigrad.draw import make_grid, save_image

torch = pytest.importorskip("torch")
vision = pytest.importorskip("torchvision.utils")

rng = np.random.default_rng(0)


def images(*shape: int) -> Any:
    return rng.normal(0.4, 0.4, shape).astype(np.float32)


CASES: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((5, 3, 4, 6), {}),
    ((5, 1, 4, 6), {"nrow": 2}),
    ((5, 3, 4, 6), {"nrow": 3, "padding": 0}),
    ((9, 3, 4, 6), {"padding": 3, "pad_value": 0.5}),
    ((4, 3, 4, 6), {"normalize": True}),
    ((4, 3, 4, 6), {"normalize": True, "value_range": (-0.2, 0.7)}),
    ((4, 1, 4, 6), {"normalize": True, "scale_each": True}),
    ((4, 3, 4, 6), {"normalize": True, "value_range": (0.5, 0.5), "scale_each": True}),
    ((4, 3, 4, 6), {"scale_each": True, "value_range": (0.0, 0.1)}),
    ((1, 3, 4, 6), {"padding": 5}),
    ((1, 1, 4, 6), {"normalize": True}),
    ((3, 4, 6), {}),
    ((1, 4, 6), {}),
    ((4, 6), {}),
    ((2, 5, 4, 6), {"nrow": 1}),
    ((3, 3, 0, 6), {}),
]


@pytest.mark.parametrize(("shape", "settings"), CASES)
def test_the_grid_is_torchvisions_to_the_bit(shape: tuple[int, ...], settings: dict[str, Any]):
    x = images(*shape)
    expected = vision.make_grid(torch.from_numpy(x.copy()), **settings).numpy()
    for given_as in (minigrad.from_numpy(x.copy()), x.copy()):
        found = make_grid(given_as, **settings)
        assert found.dtype == minigrad.float32 and not found.requires_grad
        np.testing.assert_array_equal(found.numpy(), expected)


@settings(max_examples=40)
@given(
    n=st.integers(1, 9),
    c=st.sampled_from([1, 2, 3]),
    nrow=st.integers(1, 10),
    padding=st.integers(0, 3),
    normalize=st.booleans(),
    scale_each=st.booleans(),
)
def test_any_grid_is_torchvisions(n, c, nrow, padding, normalize, scale_each):
    x = images(n, c, 3, 2)
    said = dict(nrow=nrow, padding=padding, normalize=normalize, scale_each=scale_each)
    expected = vision.make_grid(torch.from_numpy(x.copy()), **said).numpy()
    np.testing.assert_array_equal(make_grid(x, **said).numpy(), expected)


def test_lists_and_other_types():
    parts = [images(3, 4, 5) for _ in range(3)]
    expected = vision.make_grid([torch.from_numpy(x) for x in parts]).numpy()
    np.testing.assert_array_equal(make_grid(parts).numpy(), expected)
    np.testing.assert_array_equal(make_grid([minigrad.tensor(x) for x in parts]).numpy(), expected)
    whole = rng.integers(0, 255, (4, 3, 2, 2), dtype=np.uint8)
    found = make_grid(whole, pad_value=7)
    assert found.dtype == minigrad.uint8
    np.testing.assert_array_equal(found.numpy(), vision.make_grid(torch.tensor(whole), pad_value=7))


def test_the_images_are_not_changed_and_not_on_the_tape():
    x = minigrad.tensor(images(4, 1, 3, 3), requires_grad=True)
    before = x.detach().clone()
    grid = make_grid(x, normalize=True, scale_each=True)
    assert (x == before).all() and not grid.requires_grad


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff"])
@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((6, 3, 4, 5), {"nrow": 3}),
        ((6, 1, 4, 5), {"normalize": True}),
        ((2, 3, 4, 5), {"padding": 1}),
    ],
)
def test_the_file_is_torchvisions(ending, shape, settings, tmp_path: Path):
    x = images(*shape)
    vision.save_image(torch.from_numpy(x.copy()), tmp_path / f"theirs.{ending}", **settings)
    save_image(minigrad.from_numpy(x.copy()), tmp_path / f"ours.{ending}", **settings)
    with (
        Image.open(tmp_path / f"theirs.{ending}") as theirs,
        Image.open(tmp_path / f"ours.{ending}") as ours,
    ):
        assert theirs.mode == ours.mode and theirs.size == ours.size
        np.testing.assert_array_equal(np.asarray(theirs), np.asarray(ours))
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"ours.{ending}", f"theirs.{ending}"]


def test_numbers_out_of_range_are_cut_off_and_nan_is_black(tmp_path: Path):
    x = np.array([[[-1.0, 0.0, 0.5, 1.0, 2.0, np.inf, -np.inf, np.nan]]] * 3)
    save_image(x, tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as picture:
        assert np.asarray(picture)[0, :, 0].tolist() == [0, 0, 128, 255, 255, 255, 0, 0]


def test_open_files_forms_and_alpha(tmp_path: Path):
    stream = io.BytesIO()
    save_image(images(3, 4, 5), stream, "PNG")
    assert stream.getvalue().startswith(b"\x89PNG")
    save_image(images(4, 4, 5), tmp_path / "odd.name", format="PNG")
    with Image.open(tmp_path / "odd.name") as picture:
        assert picture.mode == "RGBA" and picture.size == (5, 4)


@pytest.mark.parametrize(
    ("tensor", "settings", "error", "message"),
    [
        ("x.png", {}, TypeError, "tensor or list of tensors expected, got str"),
        ([1.0], {}, TypeError, "got float"),
        (None, {}, TypeError, "got NoneType"),
        ([], {}, ValueError, r"got shape \(0,\)"),
        (images(0, 3, 2, 2), {}, ValueError, r"got shape \(0, 3, 2, 2\)"),
        (images(3), {}, ValueError, r"got shape \(3,\)"),
        (images(1, 2, 3, 4, 5), {}, ValueError, r"got shape \(1, 2, 3, 4, 5\)"),
        ([images(3, 2, 2), images(3, 2, 3)], {}, RuntimeError, "equal size"),
        (images(2, 3, 2, 2), {"nrow": 0}, ValueError, "expected nrow of 1 or more"),
        (images(2, 3, 2, 2), {"padding": -1}, ValueError, "padding of 0 or more"),
        (
            images(2, 3, 2, 2),
            {"normalize": True, "value_range": [0, 1]},
            TypeError,
            "has to be a tuple",
        ),
    ],
)
def test_bad_images_are_told(tensor, settings, error, message):
    with pytest.raises(error, match=message):
        make_grid(tensor, **settings)


def test_bad_files_are_told_and_nothing_is_left(tmp_path: Path):
    x = images(3, 4, 5)
    with pytest.raises(ValueError, match=r"unknown file extension: '\.xyz'"):
        save_image(x, tmp_path / "x.xyz")
    with pytest.raises(ValueError, match="unknown file extension"):
        save_image(x, tmp_path / "x")
    with pytest.raises(ValueError, match="expected images of 1, 3 or 4 channels, got 2 channels"):
        save_image(images(2, 2, 3, 3), tmp_path / "x.png")
    with pytest.raises(OSError, match="missing"):
        save_image(x, tmp_path / "missing" / "x.png")
    with pytest.raises(KeyError):
        save_image(x, tmp_path / "x.png", format="NOTHING")
    assert not list(tmp_path.iterdir())
