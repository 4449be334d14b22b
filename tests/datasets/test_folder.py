"""A folder of images: classes, order, decoding in threads, broken files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigrad.datasets import ImageFolder
from minigrad.datasets import transforms as T
from minigrad.errors import FileFormatError
from minigrad.utils.data import DataLoader

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes: red images of several sizes, and blue ones, in three formats."""
    for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        (tmp_path / name / "more").mkdir(parents=True)
        for k, suffix in enumerate(("png", "bmp", "more/x.ppm")):
            path = tmp_path / name / (suffix if "/" in suffix else f"{k}.{suffix}")
            Image.new("RGB", (6 + k, 8), colour).save(path)
        (tmp_path / name / "notes.txt").write_text("not an image")
    return tmp_path


def test_a_class_is_a_folder_and_the_order_is_sorted(root: Path) -> None:
    dataset = ImageFolder(root)
    assert dataset.classes == ["blue", "red"] and dataset.class_to_idx == {"blue": 0, "red": 1}
    assert dataset.targets == [0, 0, 0, 1, 1, 1] and dataset.imgs is dataset.samples
    assert [Path(path).relative_to(root).as_posix() for path, _ in dataset.samples[:3]] == [
        "blue/0.png",
        "blue/1.bmp",
        "blue/more/x.ppm",
    ]
    image, label = dataset[4]
    assert image.shape == (8, 7, 3) and image.dtype == np.uint8 and label == 1
    assert image[0, 0].tolist() == [255, 0, 0]


def test_the_images_and_order_are_those_of_torchvision(root: Path) -> None:
    theirs = pytest.importorskip("torchvision.datasets").ImageFolder(str(root))
    ours = ImageFolder(root)
    assert ours.classes == theirs.classes and ours.targets == theirs.targets
    assert [path for path, _ in ours.samples] == [path for path, _ in theirs.samples]
    assert all(np.array_equal(ours[i][0], theirs[i][0]) for i in range(len(ours)))


@pytest.mark.parametrize("workers", [0, 2])
def test_images_of_several_sizes_fit_a_batch_after_resizing(root: Path, workers: int) -> None:
    fit = T.Compose([T.Resize((4, 4)), T.ToTensor()])
    loader = DataLoader(ImageFolder(root, fit), 4, num_workers=workers)
    (x, y), (rest, _) = loader
    assert x.shape == (4, 3, 4, 4) and rest.shape == (2, 3, 4, 4)
    assert y.tolist() == [0, 0, 0, 1]
    assert x.array[:, :, 0, 0].tolist() == [[0, 0, 1]] * 3 + [[1, 0, 0]]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_image_is_named_by_its_file_and_its_number(root: Path, workers: int) -> None:
    whole = (root / "red/0.png").read_bytes()
    (root / "red/0.png").write_bytes(whole[: len(whole) // 2])
    loader = DataLoader(ImageFolder(root, T.Resize((4, 4))), 6, num_workers=workers)
    with pytest.raises(FileFormatError, match=r"0\.png: expected an image") as caught:
        list(loader)
    assert caught.value.__notes__ == ["while reading sample 3 of ImageFolder"]


def test_a_foreign_file_with_an_images_name_is_named(root: Path) -> None:
    (root / "blue/0.png").write_text("<html>404</html>")
    with pytest.raises(FileFormatError, match=r"0\.png: expected an image that Pillow can decode"):
        ImageFolder(root)[0]


def test_folders_without_classes_or_images_are_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder a class"):
        ImageFolder(root / "red" / "more")
    (root / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no image for the classes empty"):
        ImageFolder(root)
    assert ImageFolder(root, allow_empty=True).class_to_idx["empty"] == 1
    with pytest.raises(FileNotFoundError):
        ImageFolder(tmp_path / "nowhere")


def test_own_loader_and_own_choice_of_files(root: Path) -> None:
    dataset = ImageFolder(
        root,
        loader=lambda path: Path(path).read_text(),
        is_valid_file=lambda path: path.endswith(".txt"),
        target_transform=lambda label: -label,
    )
    assert [dataset[i] for i in range(len(dataset))] == [("not an image", 0), ("not an image", -1)]
