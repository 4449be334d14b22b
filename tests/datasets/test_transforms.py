"""Transforms: a batch is its images, the values are torchvision's, and bad input is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.datasets import transforms as T
from minigrad.random import Generator


def decoded(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def scaled(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


KINDS = {
    "gray": decoded(5, 9, 12),
    "colour": decoded(5, 9, 12, 3),
    "scaled": scaled(5, 3, 9, 12),
}
EVERYWHERE = [
    lambda: T.Resize((6, 7)),
    lambda: T.Resize(5),
    lambda: T.CenterCrop((4, 6)),
    lambda: T.CenterCrop(15),
    lambda: T.RandomCrop(5, padding=2, generator=seeded()),
    lambda: T.RandomCrop((13, 4), pad_if_needed=True, generator=seeded()),
    lambda: T.RandomHorizontalFlip(generator=seeded()),
    lambda: T.Grayscale(3),
    lambda: T.Grayscale(),
    lambda: T.ConvertImageDtype(np.float32),
    lambda: T.ConvertImageDtype(np.uint8),
    lambda: T.Flatten(),
    lambda: T.Compose([T.Resize(6), T.RandomHorizontalFlip(generator=seeded())]),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", EVERYWHERE, ids=lambda make: repr(make()).split("(")[0])
def test_a_batch_is_its_images_one_by_one(make: Any, kind: str) -> None:
    images = KINDS[kind]
    alone = make()
    whole = make().batch(images)
    single = np.stack([alone(image) for image in images])
    assert whole.dtype == single.dtype
    np.testing.assert_allclose(whole, single, rtol=1e-12, atol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", EVERYWHERE, ids=lambda make: repr(make()).split("(")[0])
def test_the_input_is_left_alone(make: Any, kind: str) -> None:
    images = KINDS[kind].copy()
    images.flags.writeable = False
    make().batch(images)


# -- the values of torchvision ---------------------------------------------------------------


@pytest.fixture
def theirs() -> Any:
    return pytest.importorskip("torchvision.transforms")


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 1), (9, 12, 3)])
def test_to_tensor_and_normalize_agree_bit_for_bit(shape: tuple[int, ...], theirs: Any) -> None:
    image = decoded(*shape)
    channels = shape[2] if len(shape) == 3 else 1
    mean, std = (0.4, 0.5, 0.6)[:channels], (0.2, 0.25, 0.3)[:channels]
    expected = theirs.ToTensor()(image)
    mine = T.ToTensor()(image)
    assert mine.dtype == np.float32 and np.array_equal(mine, expected.numpy())
    expected = theirs.Normalize(mean, std)(expected)
    assert np.array_equal(T.Normalize(mean, std)(mine), expected.numpy())


def test_to_tensor_keeps_the_values_of_other_types(theirs: Any) -> None:
    for image in (scaled(4, 5), scaled(4, 5, 3).astype(np.float32), decoded(4, 5).astype(np.int32)):
        mine, expected = T.ToTensor()(image), theirs.ToTensor()(image).numpy()
        assert mine.dtype == expected.dtype and np.array_equal(mine, expected)


@pytest.mark.parametrize("size", [(6, 7), (20, 30), (9, 5), 4, 18])
@pytest.mark.parametrize("antialias", [True, False])
def test_resize_agrees_in_float64(size: Any, antialias: bool, theirs: Any, torch: Any) -> None:
    image = scaled(3, 9, 13)
    expected = theirs.Resize(size, antialias=antialias)(torch.from_numpy(image)).numpy()
    mine = T.Resize(size, antialias)(image)
    assert mine.shape == expected.shape
    np.testing.assert_allclose(mine, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("size", [(6, 7), (20, 30), 5])
def test_resize_of_uint8_agrees_with_pillow_to_a_level(size: Any, theirs: Any) -> None:
    image_type = pytest.importorskip("PIL.Image")
    image = decoded(9, 12, 3)
    expected = np.asarray(theirs.Resize(size)(image_type.fromarray(image)))
    mine = T.Resize(size)(image)
    assert mine.shape == expected.shape and mine.dtype == np.uint8
    # Pillow rounds to whole levels between the two directions, this does not.
    assert np.abs(mine.astype(int) - expected.astype(int)).max() <= 1


@pytest.mark.parametrize("size", [4, (5, 8), (9, 12), (12, 15), (4, 15)])
def test_center_crop_agrees(size: Any, theirs: Any, torch: Any) -> None:
    image = scaled(3, 9, 12)
    expected = theirs.CenterCrop(size)(torch.from_numpy(image)).numpy()
    assert np.array_equal(T.CenterCrop(size)(image), expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_grayscale_agrees(channels: int, theirs: Any, torch: Any) -> None:
    image_type = pytest.importorskip("PIL.Image")
    image = scaled(3, 9, 12)
    expected = theirs.Grayscale(channels)(torch.from_numpy(image)).numpy()
    # torchvision's own weights have four digits, 0.2989 for red.
    np.testing.assert_allclose(T.Grayscale(channels)(image), expected, atol=2e-4)
    colours = decoded(9, 12, 3)
    levels = np.asarray(theirs.Grayscale(channels)(image_type.fromarray(colours)))
    mine = T.Grayscale(channels)(colours)
    assert mine.shape == levels.shape
    assert np.abs(mine.astype(int) - levels.astype(int)).max() <= 1


def test_flip_agrees(theirs: Any, torch: Any) -> None:
    image = scaled(3, 9, 12)
    expected = theirs.RandomHorizontalFlip(1.0)(torch.from_numpy(image)).numpy()
    assert np.array_equal(T.RandomHorizontalFlip(1.0)(image), expected)


@pytest.mark.parametrize(("source", "target"), [("u1", "f4"), ("f4", "u1"), ("f8", "f4")])
def test_convert_agrees(source: str, target: str, theirs: Any, torch: Any) -> None:
    image = decoded(3, 9, 12) if source == "u1" else scaled(3, 9, 12).astype(source)
    name = {"u1": torch.uint8, "f4": torch.float32}[target]
    expected = theirs.ConvertImageDtype(name)(torch.from_numpy(image)).numpy()
    mine = T.ConvertImageDtype(np.dtype(target))(image)
    assert mine.dtype == expected.dtype and np.array_equal(mine, expected)


# -- what they promise ------------------------------------------------------------------------


def test_a_crop_is_a_piece_of_the_padded_image_and_every_place_comes() -> None:
    image = decoded(4, 5)
    padded = np.pad(image, ((1, 1), (2, 2)))
    pieces = {
        padded[top : top + 3, left : left + 4].tobytes(): (top, left)
        for top in range(4)
        for left in range(6)
    }
    crops = T.RandomCrop((3, 4), padding=(2, 1), generator=seeded()).batch(
        np.repeat(image[None], 400, 0)
    )
    assert {pieces[crop.tobytes()] for crop in crops} == set(pieces.values())


def test_four_paddings_are_left_top_right_bottom() -> None:
    image = np.full((1, 1), 7, np.uint8)
    whole = T.RandomCrop((5, 7), padding=(1, 2, 5, 2), fill=9)(image)
    assert whole[2, 1] == 7 and np.count_nonzero(whole == 9) == 34


def test_a_flip_comes_with_its_probability() -> None:
    images = np.repeat(np.array([[0, 1]], np.uint8)[None], 2000, 0)
    flipped = T.RandomHorizontalFlip(0.3, seeded()).batch(images)[:, 0, 0]
    assert abs(flipped.mean() - 0.3) < 0.04
    assert T.RandomHorizontalFlip(0.0)(images[0]).tolist() == [[0, 1]]


def test_the_same_generator_gives_the_same_images() -> None:
    images = decoded(20, 8, 8)
    first, second, other = (
        T.RandomCrop(4, generator=seeded(seed)).batch(images) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second) and not np.array_equal(first, other)


def test_one_hot_and_flatten() -> None:
    assert T.OneHot(3)(2).tolist() == [0, 0, 1] and T.OneHot(3)(2).dtype == np.float32
    assert T.OneHot(2, np.float64).batch(np.array([1, 0])).tolist() == [[0, 1], [1, 0]]
    assert T.Flatten()(decoded(2, 3)).shape == (6,)


def test_a_pillow_image_is_read_first() -> None:
    image_type = pytest.importorskip("PIL.Image")
    image = decoded(4, 5, 3)
    assert np.array_equal(T.ToTensor()(image_type.fromarray(image)), T.ToTensor()(image))


def test_compose_goes_in_order_and_takes_plain_functions() -> None:
    both = T.Compose([T.ToTensor(), lambda x: x + 1, T.Lambda(lambda x: x * 2), T.Flatten()])
    assert not both.batches
    assert np.allclose(both(np.full((1, 2), 255, np.uint8)), [4, 4])
    assert T.Compose([T.ToTensor(), T.Compose([T.Flatten()])]).batches
    assert not T.Compose([T.Compose([T.Lambda(abs)])]).batches


def test_reprs_read_like_torchvisions(theirs: Any) -> None:
    for make in (
        lambda m: m.ToTensor(),
        lambda m: m.Normalize((0.1307,), (0.3081,)),
        lambda m: m.CenterCrop(10),
        lambda m: m.RandomCrop(32, padding=4),
        lambda m: m.RandomHorizontalFlip(p=0.5),
        lambda m: m.Grayscale(num_output_channels=3),
        lambda m: m.Compose([m.ToTensor(), m.CenterCrop((2, 3))]),
    ):
        assert repr(make(T)) == repr(make(theirs))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: T.ToTensor()(decoded(4)), ValueError, r"ToTensor: .* got shape \(4,\)"),
        (lambda: T.Normalize(0.5, 0.0), ValueError, "Normalize: expected a std other than 0"),
        (lambda: T.Normalize(0.5, 1)(decoded(1, 4, 4)), TypeError, "Normalize: .*ToTensor"),
        (lambda: T.Normalize((1, 2), (1, 2))(scaled(3, 4, 4)), ValueError, "each of 2 values"),
        (lambda: T.Normalize(0.5, 1)(scaled(4, 4)), ValueError, r"got shape \(4, 4\)"),
        (lambda: T.ConvertImageDtype(np.int64), TypeError, "ConvertImageDtype: .* got int64"),
        (lambda: T.Grayscale(2), ValueError, "Grayscale: .* got 2"),
        (lambda: T.Grayscale()(decoded(4, 4, 2)), ValueError, "Grayscale: .* 1 or 3 channels"),
        (lambda: T.Resize(4)(scaled(4, 4)), ValueError, "Resize: expected a uint8 image"),
        (lambda: T.Resize((1, 2, 3)), ValueError, r"Resize: .* got \(1, 2, 3\)"),
        (lambda: T.Resize(0), ValueError, "Resize: .* got 0"),
        (lambda: T.CenterCrop(-1), ValueError, "CenterCrop: .* got -1"),
        (lambda: T.CenterCrop((1.5, 2)), ValueError, "CenterCrop: expected a size"),
        (lambda: T.RandomCrop(4, padding=(1, 2, 3)), ValueError, "RandomCrop: expected a padding"),
        (lambda: T.RandomCrop(9)(decoded(8, 8)), ValueError, r"at least \(9, 9\) .* got \(8, 8\)"),
        (lambda: T.RandomHorizontalFlip(1.5), ValueError, "RandomHorizontalFlip: .* got 1.5"),
        (lambda: T.OneHot(3)(3), ValueError, "OneHot: expected labels of 0 to 2, got 3"),
        (lambda: T.OneHot(3)(-1), ValueError, "OneHot: .* got -1"),
        (lambda: T.Lambda(3), TypeError, "Lambda: expected a function, got int"),
        (lambda: T.Transform()(decoded(2, 2)), NotImplementedError, "Transform must define batch"),
    ],
)
def test_bad_input_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
