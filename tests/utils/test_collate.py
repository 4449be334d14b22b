"""From samples to tensors: the types and shapes of PyTorch's default_collate."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from minigrad.creation import from_numpy
from minigrad.tensor import Tensor
from minigrad.utils.data import Columns, default_collate, default_convert


class Point(NamedTuple):
    x: Any
    y: Any


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        ([1, 2], np.array([1, 2])),
        ([True, False], np.array([True, False])),
        ([0.5, 1.5], np.array([0.5, 1.5])),
        ([np.float32(1), np.float32(2)], np.array([1, 2], np.float32)),
        ([np.zeros(3, np.uint8)] * 2, np.zeros((2, 3), np.uint8)),
        ([np.array(4), np.array(5)], np.array([4, 5])),
    ],
)
def test_numbers_and_arrays_are_stacked_in_their_type(batch: Any, expected: Any) -> None:
    result = default_collate(batch)
    assert isinstance(result, Tensor)
    assert result.array.dtype == expected.dtype
    assert np.array_equal(result.array, expected)


def test_tensors_are_stacked() -> None:
    rows = [from_numpy(np.full((2, 2), k)) for k in range(3)]
    assert default_collate(rows).tolist() == [[[k, k], [k, k]] for k in range(3)]


def test_parts_are_collated_at_any_depth() -> None:
    sample = {"image": np.zeros(2), "name": "a", "more": (1, [2.0, Point(3, 4)])}
    batch = default_collate([sample, {**sample, "name": "b"}])
    assert batch["image"].shape == (2, 2)
    assert batch["name"] == ["a", "b"]
    first, (second, point) = batch["more"]
    assert first.tolist() == [1, 1] and second.tolist() == [2.0, 2.0]
    assert isinstance(point, Point) and point.y.tolist() == [4, 4]


def test_columns_are_taken_whole() -> None:
    images = np.zeros((4, 2, 2), np.float32)
    collated = default_collate(Columns((images, np.arange(4), list("abcd"))))
    assert np.shares_memory(collated[0].array, images)
    assert collated[1].tolist() == [0, 1, 2, 3]
    assert collated[2] == ["a", "b", "c", "d"]


def test_different_sizes_are_named() -> None:
    with pytest.raises(RuntimeError, match=r"\(2,\) in sample 0 and \(3,\) in sample 1"):
        default_collate([np.zeros(2), np.zeros(3)])
    with pytest.raises(RuntimeError, match="equal size"):
        default_collate([(1, 2), (1, 2, 3)])
    with pytest.raises(RuntimeError, match="equal size"):
        default_collate([from_numpy(np.zeros(2)), from_numpy(np.zeros((2, 1)))])


@pytest.mark.parametrize("sample", [object(), None, np.array(["text"]), np.array([None])])
def test_what_is_no_number_is_refused(sample: Any) -> None:
    with pytest.raises(TypeError, match="default_collate: expected"):
        default_collate([sample, sample])


def test_convert_makes_arrays_tensors_and_leaves_the_rest() -> None:
    done = default_convert(
        {"a": np.zeros(2), "b": ("x", [np.float32(1)]), "c": Point(1, np.ones(1))}
    )
    assert isinstance(done["a"], Tensor) and done["b"][0] == "x"
    assert done["b"][1][0].array.dtype == np.float32
    assert isinstance(done["c"], Point) and done["c"].x == 1 and isinstance(done["c"].y, Tensor)


def test_types_and_shapes_are_those_of_torch() -> None:
    data = pytest.importorskip("torch.utils.data")
    for batch in (
        [1, 2],
        [1.0, 2.0],
        [True, False],
        [np.ones(2, np.float32)] * 2,
        [np.int32(1)] * 2,
    ):
        ours, theirs = default_collate(batch), data.default_collate(batch)
        assert str(theirs.dtype).removeprefix("torch.") == str(ours.array.dtype)
        assert np.array_equal(theirs.numpy(), ours.array)
