"""MNIST: where it is found, what it gives, and what is said about broken files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.datasets import MNIST, FashionMNIST
from minigrad.datasets import transforms as T
from minigrad.errors import FileFormatError
from minigrad.random import Generator
from minigrad.utils.data import Columns, DataLoader, Subset

WriteIdx = Callable[..., Path]
DATA = os.environ.get("MINIGRAD_DATA")
SIZES = {"train": 50, "t10k": 20}


def images(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@pytest.fixture
def small(tmp_path: Path, write_idx: WriteIdx, lonely: Path) -> Path:
    """A root with a small MNIST of both splits in mnist/."""
    for prefix, count in SIZES.items():
        labels = (np.arange(count) % 10).astype(np.uint8)
        write_idx(tmp_path / "root/mnist" / f"{prefix}-images-idx3-ubyte.gz", images(count))
        write_idx(tmp_path / "root/mnist" / f"{prefix}-labels-idx1-ubyte", labels)
    return tmp_path / "root"


def test_attributes_are_those_of_torchvision(small: Path) -> None:
    train, test = MNIST(small), MNIST(small, train=False)
    assert (len(train), len(test)) == (50, 20)
    assert train.data.shape == (50, 28, 28) and train.data.dtype == np.uint8
    assert train.targets.dtype == np.int64 and train.targets.tolist()[:3] == [0, 1, 2]
    assert train.classes[7] == "7 - seven" and train.class_to_idx["0 - zero"] == 0
    assert "Split: Test" in repr(test) and "Number of datapoints: 20" in repr(test)


def test_a_sample_is_the_image_and_its_label(small: Path) -> None:
    image, label = MNIST(small)[13]
    assert np.array_equal(image, images(50)[13]) and image.dtype == np.uint8
    assert label == 3 and type(label) is int
    with pytest.raises(IndexError):
        MNIST(small)[50]


def test_a_batch_is_its_samples(small: Path) -> None:
    dataset = MNIST(
        small,
        transform=T.Compose([T.ToTensor(), T.Normalize((0.13,), (0.31,))]),
        target_transform=T.OneHot(10),
    )
    batch = dataset.__getitems__([4, 0, 17])
    assert isinstance(batch, Columns)
    for (image, target), index in zip(batch, [4, 0, 17], strict=True):
        one, one_target = dataset[index]
        assert one.shape == (1, 28, 28) and one.dtype == np.float32
        assert np.array_equal(image, one) and np.array_equal(target, one_target)


def test_a_plain_function_is_called_sample_by_sample(small: Path) -> None:
    dataset = MNIST(small, transform=lambda image: image[:2, :2] / 2)
    x, y = next(iter(DataLoader(dataset, 4)))
    assert x.shape == (4, 2, 2) and y.tolist() == [0, 1, 2, 3]
    assert np.array_equal(x.array, images(50)[:4, :2, :2] / 2)


def test_a_subset_of_it_comes_in_whole_batches(small: Path) -> None:
    part = Subset(MNIST(small, transform=T.ToTensor()), range(10, 20))
    assert isinstance(part.__getitems__([0, 1]), Columns)
    x, y = next(iter(DataLoader(part, 64, shuffle=True, generator=Generator().manual_seed(0))))
    assert x.shape == (10, 1, 28, 28) and sorted(y.tolist()) == list(range(10))


def test_replacing_data_and_targets_works_as_in_torchvision(small: Path) -> None:
    dataset = MNIST(small)
    dataset.data, dataset.targets = dataset.data[:5], dataset.targets[:5]
    assert len(dataset) == 5
    assert next(iter(DataLoader(dataset, 64)))[0].shape == (5, 28, 28)


@pytest.mark.parametrize("place", ["mnist", "MNIST/raw", "."])
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_the_root_may_hold_the_files_in_several_ways(
    place: str, packed: str, tmp_path: Path, write_idx: WriteIdx, lonely: Path
) -> None:
    write_idx(tmp_path / place / f"train-images-idx3-ubyte{packed}", images(3))
    write_idx(tmp_path / place / f"train-labels-idx1-ubyte{packed}", np.zeros(3, np.uint8))
    assert len(MNIST(tmp_path)) == len(MNIST(str(tmp_path))) == 3


def test_the_order_of_search_is_root_then_environment_then_cache(
    small: Path, tmp_path: Path, write_idx: WriteIdx, lonely: Path, monkeypatch: Any
) -> None:
    for folder, count in ((lonely, 3), (tmp_path / "env", 4)):
        write_idx(folder / "mnist/train-images-idx3-ubyte", images(count))
        write_idx(folder / "mnist/train-labels-idx1-ubyte", np.zeros(count, np.uint8))
    assert len(MNIST()) == 3
    monkeypatch.setenv("MINIGRAD_DATA", str(tmp_path / "env"))
    assert len(MNIST()) == 4
    assert len(MNIST(small)) == 50
    assert len(MNIST(tmp_path / "nowhere")) == 3


def test_nothing_found_says_what_was_looked_for_and_where(tmp_path: Path, lonely: Path) -> None:
    with pytest.raises(RuntimeError, match=r"MNIST: t10k-images-idx3-ubyte and t10k-labels.*") as e:
        MNIST(tmp_path / "root", train=False)
    assert str(tmp_path / "root") in str(e.value) and str(lonely) in str(e.value)
    assert "MINIGRAD_DATA" in str(e.value)


def test_fashion_mnist_has_its_own_folder_and_classes(small: Path, write_idx: WriteIdx) -> None:
    write_idx(small / "fashion-mnist/train-images-idx3-ubyte.gz", images(2))
    write_idx(small / "fashion-mnist/train-labels-idx1-ubyte.gz", np.array([9, 0], np.uint8))
    dataset = FashionMNIST(small)
    assert len(dataset) == 2
    assert dataset.classes[dataset[0][1]] == "Ankle boot"


def broken(name: str, array: np.ndarray, message: str) -> Any:
    return pytest.param(name, array, message, id=message)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        broken("images-idx3", images(50)[:, :27], r"expected uint8 images .* got .*\(50, 27, 28\)"),
        broken("images-idx3", images(50)[0], r"got uint8 of shape \(28, 28\)"),
        broken("labels-idx1", np.zeros(49, np.uint8), "expected 50 labels"),
        broken("labels-idx1", np.zeros((50, 1), np.uint8), "expected 50 labels"),
        broken("labels-idx1", np.arange(50, dtype=np.uint8), "of 0 to 9, got 10 at place 10"),
    ],
)
def test_a_file_of_another_kind_is_named(
    name: str, array: np.ndarray, message: str, small: Path, write_idx: WriteIdx
) -> None:
    for path in small.glob(f"mnist/train-{name}*"):
        path.unlink()
    write_idx(small / f"mnist/train-{name}-ubyte", array)
    with pytest.raises(FileFormatError, match=f"train-{name}-ubyte: .*{message}"):
        MNIST(small)


def test_a_truncated_file_is_named(small: Path) -> None:
    path = small / "mnist/train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(
        FileFormatError, match=r"train-images-idx3-ubyte\.gz: expected a whole gzip"
    ):
        MNIST(small)


def test_checksums_are_those_that_torchvision_knows() -> None:
    theirs = pytest.importorskip("torchvision.datasets")
    assert list(MNIST.checksums) == [name for name, _ in theirs.MNIST.resources]
    expected = {name: f"md5:{digest}" for name, digest in theirs.FashionMNIST.resources}
    assert FashionMNIST.checksums == expected


real = pytest.mark.skipif(DATA is None, reason="needs the data that MINIGRAD_DATA names")


@real
def test_the_real_mnist_has_its_known_statistics() -> None:
    train, test = MNIST(DATA), MNIST(DATA, train=False)
    assert (len(train), len(test)) == (60_000, 10_000)
    scaled = train.data.array.astype(np.float64) / 255
    assert round(scaled.mean(), 4) == 0.1307 and round(scaled.std(), 4) == 0.3081
    assert train.targets.tolist()[:10] == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.targets.tolist()[:5] == [7, 2, 1, 0, 4]


@real
def test_the_real_fashion_mnist_has_6000_and_1000_images_a_class() -> None:
    train, test = FashionMNIST(DATA), FashionMNIST(DATA, train=False)
    assert np.bincount(train.targets.array).tolist() == [6000] * 10
    assert np.bincount(test.targets.array).tolist() == [1000] * 10
    scaled = train.data.array.astype(np.float64) / 255
    assert round(scaled.mean(), 4) == 0.2860 and round(scaled.std(), 4) == 0.3528


@real
def test_real_batches_are_bit_for_bit_those_of_torchvision() -> None:
    torchvision = pytest.importorskip("torchvision")
    torch = pytest.importorskip("torch")
    head = MNIST(DATA, train=False).data.array[:200].copy()
    values = ((0.1307,), (0.3081,))
    both = torchvision.transforms.Compose(
        [torchvision.transforms.ToTensor(), torchvision.transforms.Normalize(*values)]
    )
    theirs = torch.stack([both(image) for image in head])
    mine = T.Compose([T.ToTensor(), T.Normalize(*values)]).batch(head)
    assert np.array_equal(theirs.numpy(), mine)
