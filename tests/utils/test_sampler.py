"""Samplers: the order of an epoch, and that it is a function of the generator's state."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.random import Generator, default_generator
from minigrad.utils.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_sequential_is_0_1_2() -> None:
    sampler = SequentialSampler("abcd")
    assert list(sampler) == [0, 1, 2, 3] and len(sampler) == 4


def test_random_is_every_sample_once_and_another_order_each_epoch() -> None:
    sampler = RandomSampler(range(100), generator=seeded())
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    assert type(first[0]) is int


def test_the_order_for_a_seed_is_the_same_everywhere() -> None:
    # Written down once: batches must not change with the platform or the library's version.
    assert list(RandomSampler(range(10), generator=seeded(0))) == [4, 6, 2, 7, 3, 5, 9, 0, 8, 1]


def test_the_state_of_the_generator_is_the_epoch() -> None:
    generator = seeded(5)
    sampler = RandomSampler(range(50), generator=generator)
    list(sampler)
    state = generator.get_state()
    second = list(sampler)
    generator.set_state(state)
    assert list(sampler) == second


def test_the_order_is_drawn_when_the_epoch_starts() -> None:
    generator = seeded(5)
    batches = iter(BatchSampler(RandomSampler(range(50), generator=generator), 5, False))
    state = generator.get_state()
    next(batches)
    list(batches)
    assert generator.get_state() == state


def test_without_a_generator_the_default_one_is_drawn_from() -> None:
    default_generator.manual_seed(11)
    first = list(RandomSampler(range(20)))
    default_generator.manual_seed(11)
    assert list(RandomSampler(range(20))) == first


def test_more_samples_than_there_are_is_several_orders_in_a_row() -> None:
    order = list(RandomSampler(range(4), num_samples=10, generator=seeded()))
    assert len(order) == 10
    assert sorted(order[:4]) == sorted(order[4:8]) == [0, 1, 2, 3]


def test_with_replacement_draws_are_independent() -> None:
    sampler = RandomSampler(range(4), replacement=True, num_samples=4000, generator=seeded())
    counts = Counter(sampler)
    assert len(sampler) == 4000
    assert all(abs(counts[i] - 1000) < 150 for i in range(4))


def test_an_empty_dataset_has_an_empty_order() -> None:
    assert list(RandomSampler([])) == []


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_counts_must_be_positive_integers(count: Any) -> None:
    with pytest.raises(ValueError, match="num_samples"):
        RandomSampler(range(4), num_samples=count)
    with pytest.raises(ValueError, match="num_samples"):
        WeightedRandomSampler([1.0], count)
    with pytest.raises(ValueError, match="batch_size"):
        BatchSampler(range(4), count, False)


def test_a_subset_in_random_order() -> None:
    sampler = SubsetRandomSampler([3, 5, 8], generator=seeded())
    assert sorted(sampler) == [3, 5, 8] and len(sampler) == 3


def test_weights_are_proportional_to_how_often_an_index_comes() -> None:
    counts = Counter(WeightedRandomSampler([1, 0, 3], 8000, generator=seeded()))
    assert counts[1] == 0
    assert abs(counts[2] / counts[0] - 3) < 0.3


def test_weights_without_replacement_give_each_index_once() -> None:
    sampler = WeightedRandomSampler([5, 1, 2, 0], 3, replacement=False, generator=seeded())
    assert sorted(sampler) == [0, 1, 2]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [1, np.nan], [1, np.inf], [[1, 2]]])
def test_weights_that_are_no_weights_are_refused(weights: Any) -> None:
    with pytest.raises(ValueError, match="WeightedRandomSampler: expected"):
        WeightedRandomSampler(weights, 1)


def test_more_draws_than_weights_are_refused_without_replacement() -> None:
    with pytest.raises(ValueError, match=r"3 samples .* from 2 positive"):
        WeightedRandomSampler([1, 0, 1], 3, replacement=False)


@given(st.integers(0, 30), st.integers(1, 9), st.booleans())
def test_batches_are_the_order_cut_into_lists(count: int, size: int, drop_last: bool) -> None:
    sampler = BatchSampler(range(count), size, drop_last)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    kept = count - count % size if drop_last else count
    assert [i for batch in batches for i in batch] == list(range(kept))
    assert all(len(batch) == size for batch in batches[:-1])


def test_a_sampler_must_define_its_order() -> None:
    class Nothing(Sampler[int]):
        pass

    with pytest.raises(NotImplementedError, match="Nothing"):
        iter(Nothing())
