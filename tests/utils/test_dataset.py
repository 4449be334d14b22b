"""Datasets: samples by number, whole batches, parts and sums of datasets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.creation import from_numpy
from minigrad.random import Generator
from minigrad.utils.data import (
    Columns,
    ConcatDataset,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    random_split,
)


class Squares(Dataset[int]):
    """Sample i is i * i; it has no batch method."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self.count:
            raise IndexError(f"no square {index}")
        return index * index


def table(count: int = 6) -> TensorDataset:
    rows = np.arange(count * 2, dtype=np.float32).reshape(count, 2)
    return TensorDataset(from_numpy(rows), from_numpy(np.arange(count)))


def test_tensor_dataset_gives_the_rows_of_its_tensors() -> None:
    row, label = table()[4]
    assert row.tolist() == [8.0, 9.0] and label.item() == 4
    assert len(table()) == 6


def test_a_batch_of_a_tensor_dataset_is_its_samples_in_the_order_asked_for() -> None:
    batch = table().__getitems__([5, 0, 5])
    assert isinstance(batch, Columns) and len(batch) == 3
    assert batch.columns[0].tolist() == [[10, 11], [0, 1], [10, 11]]
    assert [label.item() for _, label in batch] == [5, 0, 5]
    assert batch[1][0].tolist() == [0, 1]
    assert batch[1:].columns[1].tolist() == [0, 5]


def test_tensor_dataset_refuses_tensors_of_different_first_sizes() -> None:
    with pytest.raises(AssertionError, match=r"first sizes \[3, 2\]"):
        TensorDataset(from_numpy(np.zeros(3)), from_numpy(np.zeros(2)))


def test_columns_refuse_different_lengths_and_no_column() -> None:
    with pytest.raises(ValueError, match=r"lengths \[2, 3\]"):
        Columns((np.zeros(2), np.zeros(3)))
    with pytest.raises(ValueError, match="at least one column"):
        Columns(())


def test_a_subset_reads_batches_with_the_batch_method_of_its_dataset() -> None:
    subset = Subset(Subset(table(), [5, 4, 3, 2]), [0, 2, 3])
    assert len(subset) == 3
    assert subset[1][1].item() == 3
    batch = subset.__getitems__([2, 0])
    assert isinstance(batch, Columns)
    assert batch.columns[1].tolist() == [2, 5]


def test_a_subset_of_a_dataset_without_a_batch_method_reads_sample_by_sample() -> None:
    assert list(Subset(Squares(10), [1, 3, 5]).__getitems__([2, 0])) == [25, 1]


def test_an_error_in_a_batch_names_the_sample() -> None:
    with pytest.raises(IndexError, match="no square 12") as caught:
        Subset(Squares(10), [1, 12]).__getitems__([0, 1])
    assert caught.value.__notes__ == ["while reading sample 12 of Squares"]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_a_concatenation_is_the_samples_one_after_another(counts: list[int]) -> None:
    whole = ConcatDataset([Squares(count) for count in counts])
    expected = [i * i for count in counts for i in range(count)]
    assert len(whole) == len(expected)
    assert [whole[i] for i in range(len(whole))] == expected
    assert [whole[i - len(whole)] for i in range(len(whole))] == expected
    for outside in (len(whole), -len(whole) - 1):
        with pytest.raises(IndexError, match=f"index {outside} is out of range"):
            whole[outside]


def test_plus_concatenates() -> None:
    both = Squares(2) + Squares(3)
    assert both.cumulative_sizes == [2, 5]
    assert [both[i] for i in range(5)] == [0, 1, 0, 1, 4]


def test_concat_refuses_what_has_no_samples_by_number() -> None:
    class Stream(IterableDataset[int]):
        pass

    with pytest.raises(AssertionError, match="at least one"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="IterableDataset"):
        ConcatDataset([Squares(2), Stream()])
    with pytest.raises(NotImplementedError, match=r"Stream: .* __iter__"):
        iter(Stream())


def test_a_dataset_must_define_its_samples_and_its_length() -> None:
    class Nothing(Dataset[int]):
        pass

    with pytest.raises(NotImplementedError, match=r"Nothing: .* __getitem__"):
        Nothing()[0]
    with pytest.raises(TypeError, match=r"Nothing: .* define __len__"):
        ConcatDataset([Nothing()])


@pytest.mark.parametrize(
    ("count", "lengths", "sizes"),
    [
        (10, [7, 3], [7, 3]),
        (10, [0.7, 0.3], [7, 3]),
        (11, [0.5, 0.25, 0.25], [6, 3, 2]),
        (3, [0.5, 0.5], [2, 1]),
        (5, [5, 0], [5, 0]),
    ],
)
def test_random_split_has_the_sizes_of_torch_and_loses_no_sample(
    count: int, lengths: list[Any], sizes: list[int]
) -> None:
    parts = random_split(Squares(count), lengths, Generator().manual_seed(3))
    assert [len(part) for part in parts] == sizes
    assert sorted(i for part in parts for i in part.indices) == list(range(count))


def test_random_split_is_a_function_of_the_generator() -> None:
    first, second, other = (
        random_split(Squares(50), [25, 25], Generator().manual_seed(seed))[0].indices
        for seed in (1, 1, 2)
    )
    assert first == second != other


@pytest.mark.parametrize("lengths", [[5, 4], [11], [12, -2], [0.5, 0.4], [1.5, -0.5]])
def test_random_split_refuses_lengths_that_do_not_fit(lengths: list[Any]) -> None:
    with pytest.raises(ValueError, match="random_split: expected"):
        random_split(Squares(10), lengths)


def test_random_split_agrees_with_torch_on_sizes() -> None:
    data = pytest.importorskip("torch.utils.data")
    for count, fractions in ((10, [0.33, 0.33, 0.34]), (7, [0.5, 0.5]), (100, [0.1] * 10)):
        theirs = [len(part) for part in data.random_split(range(count), fractions)]
        assert [len(part) for part in random_split(Squares(count), fractions)] == theirs


def test_the_indices_of_a_subset_may_be_replaced_by_a_list() -> None:
    numbers = TensorDataset(minigrad.arange(5))
    part = Subset(numbers, [0, 1])
    part.indices = [4, 2, 3]
    assert len(part) == 3 and part[0][0].item() == 4
    (batch,) = [x.tolist() for (x,) in minigrad.utils.data.DataLoader(part, batch_size=3)]
    assert batch == [4, 2, 3]


def test_data_is_found_without_an_import_of_its_own() -> None:
    assert minigrad.utils.data.Subset is Subset
    with pytest.raises(
        AttributeError, match=r"module 'minigrad\.utils' has no attribute 'nothing'"
    ):
        minigrad.utils.nothing  # noqa: B018
