"""The DataLoader: order, batches, worker threads, errors, and the state an epoch starts from."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.creation import from_numpy
from minigrad.datasets import ArrayDataset
from minigrad.datasets.transforms import RandomHorizontalFlip
from minigrad.random import Generator, default_generator
from minigrad.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SubsetRandomSampler,
    TensorDataset,
)


class Numbers(Dataset[int]):
    """Sample i is i; the later ones of a batch of 4 are ready first, and ``broken`` is not."""

    def __init__(self, count: int, broken: int = -1, wait: float = 0.0) -> None:
        self.count, self.broken, self.wait = count, broken, wait
        self.threads: set[str] = set()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> int:
        self.threads.add(threading.current_thread().name)
        time.sleep(self.wait * (3 - index % 4))
        if index == self.broken:
            raise ValueError("a scratch on the disk")
        return index


class Count(IterableDataset[int]):
    """0 ... n - 1."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.n))


def lists(loader: DataLoader[Any]) -> list[Any]:
    return [batch.tolist() for batch in loader]


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


@given(st.integers(1, 20), st.integers(1, 7), st.booleans(), st.sampled_from([0, 2]))
def test_batches_are_the_samples_in_order(n: int, size: int, drop: bool, workers: int) -> None:
    loader = DataLoader(Numbers(n), size, drop_last=drop, num_workers=workers)
    expected = [list(range(start, min(start + size, n))) for start in range(0, n, size)]
    if drop and len(expected[-1]) < size:
        expected.pop()
    assert lists(loader) == expected
    assert len(loader) == len(expected)


def test_a_dataset_of_tensors_comes_in_whole_batches() -> None:
    rows = np.arange(20, dtype=np.float32).reshape(10, 2)
    dataset = TensorDataset(from_numpy(rows), from_numpy(np.arange(10)))
    x, y = next(iter(DataLoader(dataset, 4, shuffle=True, generator=seeded())))
    assert np.array_equal(x.array, rows[y.array])
    assert x.array.dtype == np.float32 and y.array.dtype == np.int64


def test_a_batch_method_is_called_once_a_batch_and_a_collate_fn_sees_samples() -> None:
    calls: list[list[int]] = []

    class Batched(Numbers):
        def __getitems__(self, indices: Sequence[int]) -> list[int]:
            calls.append(list(indices))
            return [10 * index for index in indices]

    loader = DataLoader(Batched(5), 2, collate_fn=sum)
    assert list(loader) == [10, 50, 40]
    assert calls == [[0, 1], [2, 3], [4]]


def test_a_collate_fn_reads_a_batch_of_columns_as_samples() -> None:
    dataset = TensorDataset(from_numpy(np.arange(4)), from_numpy(np.arange(4) * 10))
    loader = DataLoader(
        dataset, 2, collate_fn=lambda samples: [(int(a), int(b)) for a, b in samples]
    )
    assert list(loader) == [[(0, 0), (1, 10)], [(2, 20), (3, 30)]]


def test_no_batch_size_gives_single_samples() -> None:
    assert list(DataLoader(Numbers(3), batch_size=None)) == [0, 1, 2]
    assert len(DataLoader(Numbers(3), batch_size=None)) == 3
    pairs = ArrayDataset(from_numpy(np.zeros((3, 2))), from_numpy(np.arange(3)))
    sample, target = next(iter(DataLoader(pairs, batch_size=None)))
    assert sample.shape == (2,) and int(target) == 0


@pytest.mark.parametrize("workers", [0, 2])
def test_an_iterable_dataset_is_read_in_its_own_order(workers: int) -> None:
    loader = DataLoader(Count(7), 3, num_workers=workers)
    assert lists(loader) == [[0, 1, 2], [3, 4, 5], [6]]
    assert lists(DataLoader(Count(7), 3, drop_last=True)) == [[0, 1, 2], [3, 4, 5]]
    assert list(DataLoader(Count(3), None)) == [0, 1, 2]
    with pytest.raises(TypeError, match=r"Count: .* define __len__"):
        len(loader)


def test_samplers_decide_the_order() -> None:
    dataset = Numbers(10)
    some = DataLoader(dataset, None, sampler=SubsetRandomSampler([7, 8, 9]))
    assert sorted(some) == [7, 8, 9]
    assert lists(DataLoader(dataset, batch_sampler=[[3, 1], [9]])) == [[3, 1], [9]]
    assert len(DataLoader(dataset, batch_sampler=[[3, 1], [9]])) == 2


def test_a_batch_sampler_gives_two_loaders_the_same_batches() -> None:
    order = list(BatchSampler(RandomSampler(range(10), generator=seeded(4)), 3, False))
    assert lists(DataLoader(Numbers(10), batch_sampler=order)) == order


def test_shuffling_is_a_function_of_the_seed_and_each_epoch_is_new() -> None:
    def epochs(seed: int, workers: int) -> list[Any]:
        generator = seeded(seed)
        loader = DataLoader(Numbers(20), 6, shuffle=True, generator=generator, num_workers=workers)
        return [lists(loader), lists(loader)]

    assert epochs(1, 0) == epochs(1, 2)
    assert epochs(1, 0)[0] != epochs(1, 0)[1] != epochs(2, 0)[1]


@pytest.mark.parametrize("workers", [0, 3])
def test_an_epoch_starts_again_from_the_state_of_the_generator(workers: int) -> None:
    generator = seeded(3)
    loader = DataLoader(Numbers(20), 6, shuffle=True, generator=generator, num_workers=workers)
    lists(loader)
    state = generator.get_state()
    second = lists(loader)
    third = lists(loader)
    generator.set_state(state)
    assert [lists(loader), lists(loader)] == [second, third]


@pytest.mark.parametrize("workers", [0, 3])
def test_an_epoch_draws_only_when_it_starts(workers: int) -> None:
    default_generator.manual_seed(0)
    batches = iter(DataLoader(Numbers(20), 6, shuffle=True, num_workers=workers))
    state = default_generator.get_state()
    list(batches)
    assert default_generator.get_state() == state


def test_random_transforms_do_not_depend_on_the_number_of_workers() -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 4, 4), dtype=np.uint8)
    dataset = ArrayDataset(from_numpy(images), from_numpy(np.arange(40)), RandomHorizontalFlip())

    def epochs(workers: int) -> list[np.ndarray]:
        loader = DataLoader(dataset, 8, generator=seeded(9), num_workers=workers)
        return [np.concatenate([x.array for x, _ in loader]) for _ in range(2)]

    alone, threaded = epochs(0), epochs(3)
    assert np.array_equal(alone, threaded)
    assert not np.array_equal(alone[0], alone[1])
    assert not np.array_equal(alone[0], images)


def test_workers_keep_the_order_although_later_samples_are_ready_first() -> None:
    dataset = Numbers(12, wait=0.002)
    assert lists(DataLoader(dataset, 1, num_workers=4)) == [[i] for i in range(12)]
    assert all(name.startswith("minigrad-data") for name in dataset.threads)
    assert len(dataset.threads) > 1


def test_each_worker_begins_with_its_number() -> None:
    begun: list[tuple[int, str]] = []

    def begin(number: int) -> None:
        begun.append((number, threading.current_thread().name))

    dataset = Numbers(12, wait=0.002)
    assert len(lists(DataLoader(dataset, 1, num_workers=3, worker_init_fn=begin))) == 12
    numbers, names = zip(*begun, strict=True)
    assert sorted(numbers) == list(range(len(begun))) and len(set(names)) == len(begun)
    assert dataset.threads <= set(names)
    begun.clear()
    list(DataLoader(dataset, 4, worker_init_fn=begin))
    assert not begun


def test_workers_read_only_so_far_ahead() -> None:
    read: list[int] = []

    class Watched(Numbers):
        def __getitem__(self, index: int) -> int:
            read.append(index)
            return index

    batches = iter(DataLoader(Watched(100), 1, num_workers=2, prefetch_factor=3))
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert len(read) <= 7


def test_threads_end_with_the_epoch_even_when_it_is_left_early() -> None:
    def workers() -> set[threading.Thread]:
        return {t for t in threading.enumerate() if t.name.startswith("minigrad-data")}

    before = workers()
    for _ in DataLoader(Numbers(100), 1, num_workers=2):
        break
    list(DataLoader(Numbers(10), 2, num_workers=2))
    assert workers() == before


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_a_sample_is_raised_in_the_caller_and_names_it(workers: int) -> None:
    batches = iter(DataLoader(Numbers(12, broken=7), 3, num_workers=workers))
    assert [next(batches).tolist() for _ in range(2)] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="a scratch on the disk") as caught:
        next(batches)
    assert caught.value.__notes__ == ["while reading sample 7 of Numbers"]


def test_a_missing_sample_of_an_array_dataset_is_named() -> None:
    dataset = TensorDataset(from_numpy(np.zeros(3)))
    with pytest.raises(IndexError) as caught:
        list(DataLoader(dataset, batch_sampler=[[0, 9]]))
    assert caught.value.__notes__ == ["while reading the samples [0, 9] of TensorDataset"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_workers": -1}, "num_workers"),
        ({"prefetch_factor": 2}, "prefetch_factor"),
        ({"num_workers": 1, "prefetch_factor": 0}, "prefetch_factor"),
        ({"sampler": [1], "shuffle": True}, "mutually exclusive with shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "mutually exclusive with batch_size"),
        ({"batch_sampler": [[1]], "shuffle": True}, "mutually exclusive"),
        ({"batch_sampler": [[1]], "drop_last": True}, "mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "drop_last"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataLoader(Numbers(3), **settings)


@pytest.mark.parametrize("settings", [{"shuffle": True}, {"sampler": [0]}, {"batch_size": 0}])
def test_an_iterable_dataset_takes_no_order(settings: Any) -> None:
    with pytest.raises(ValueError, match="DataLoader: "):
        DataLoader(Count(3), **settings)


def test_a_dataset_without_a_length_is_named_at_once() -> None:
    class Endless(Dataset[int]):
        pass

    with pytest.raises(TypeError, match=r"Endless: .* define __len__"):
        DataLoader(Endless())
