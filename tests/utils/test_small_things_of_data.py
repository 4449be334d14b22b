"""What PyTorch's data tools take: any batch sampler, slices, sizes, timeouts, containers."""

from __future__ import annotations

import collections
import threading
from itertools import islice
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.utils import data as here
from minigrad.utils.data import DataLoader, RandomSampler, Subset, TensorDataset

torch = pytest.importorskip("torch")
there = torch.utils.data


@pytest.mark.parametrize(
    "sampler",
    [
        lambda: RandomSampler(range(7), replacement=True, num_samples=10**10),
        lambda: RandomSampler(range(10**5), num_samples=10**12),
        lambda: here.WeightedRandomSampler([1, 2, 3], 10**10),
    ],
)
def test_any_number_of_draws_is_begun_at_once(sampler: Any) -> None:
    def first() -> list[int]:
        minigrad.manual_seed(3)
        return list(islice(iter(sampler()), 1000))

    assert first() == first() and len(set(first())) > 2


def test_more_orders_than_fit_at_once_are_still_orders() -> None:
    drawn = list(RandomSampler(range(50_000), num_samples=120_000))
    assert len(drawn) == 120_000
    assert sorted(drawn[:50_000]) == sorted(drawn[50_000:100_000]) == list(range(50_000))


@pytest.mark.parametrize(
    "batches", [[(0, 1)], [[0, 1]], [np.array([0, 1])], [range(2)], [minigrad.tensor([0, 1])]]
)
def test_batches_of_indices_of_any_kind(batches: Any) -> None:
    table = TensorDataset(minigrad.arange(4), minigrad.arange(4) * 2)
    ((left, right),) = DataLoader(table, batch_sampler=batches)
    assert left.tolist() == [0, 1] and right.tolist() == [0, 2]
    ((batch),) = DataLoader([5, 6, 7], batch_sampler=batches)
    assert batch.tolist() == [5, 6]


@pytest.mark.parametrize("read", [lambda s: s[:], lambda s: s[1:], lambda s: s[[1, 0]]])
def test_slices_and_lists_of_a_subset(read: Any) -> None:
    def on(s: Any, tools: Any) -> Any:
        table = tools.TensorDataset(s.arange(6), s.arange(6) * 2)
        return [t.tolist() for t in read(tools.Subset(table, [4, 2, 5]))]

    assert on(minigrad, here) == on(torch, there)


def test_the_indices_of_a_split_are_lists() -> None:
    left, right = here.random_split(range(10), [4, 6])
    assert sorted(left.indices + right.indices) == list(range(10))


def test_a_subset_with_a_sample_of_its_own_needs_batches_of_its_own() -> None:
    class Doubled(Subset[int]):
        def __getitem__(self, index: Any) -> Any:
            return 2 * super().__getitem__(index)

    with pytest.raises(NotImplementedError, match="__getitems__"):
        Doubled(range(4), [0])  # type: ignore[arg-type]


SETTINGS: list[dict[str, Any]] = [
    {"timeout": -1},
    {"num_workers": -1},
    {"persistent_workers": True},
    {"multiprocessing_context": "spawn"},
    {"prefetch_factor": 2},
    {"batch_size": 0},
    {"batch_size": True},
    {"batch_size": 2.0},
    {"batch_size": None, "drop_last": True},
    {"drop_last": 1},
    {"shuffle": True, "sampler": [0]},
    {"batch_sampler": [[0]], "batch_size": 2},
    {"batch_sampler": [[0]], "drop_last": True},
    {"pin_memory": False, "in_order": False, "pin_memory_device": ""},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_settings_are_refused_as_there(settings: dict[str, Any]) -> None:
    def on(loader: Any) -> Any:
        try:
            return [batch.tolist() for batch in loader([1, 2, 3], **settings)]
        except (TypeError, ValueError, RuntimeError) as error:
            return type(error)

    assert on(DataLoader) == on(there.DataLoader)


def test_a_batch_that_does_not_come_in_time() -> None:
    release = threading.Event()

    class Slow(here.Dataset[int]):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> int:
            release.wait(30)
            return index

    try:
        with pytest.raises(RuntimeError, match=r"timed out after 0\.01 seconds"):
            list(DataLoader(Slow(), num_workers=1, timeout=0.01))
    finally:
        release.set()


def test_what_a_worker_raises_as_it_begins_is_raised() -> None:
    def begin(number: int) -> None:
        raise KeyError(f"worker {number}")

    with pytest.raises(KeyError, match="worker 0"):
        list(DataLoader([1, 2], num_workers=1, worker_init_fn=begin))
    assert here.get_worker_info() is None


Point = collections.namedtuple("Point", "x y")
SAMPLES: list[list[Any]] = [
    [Point(1, 2.0), Point(3, 4.0)],
    [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
    [collections.OrderedDict(a=1), collections.OrderedDict(a=2)],
    [collections.UserList([1, 2.0]), collections.UserList([3, 4.0])],
    [(np.float32(1), np.int8(2)), (np.float32(3), np.int8(4))],
    [[True, 1.5], [False, 2.5]],
    ["a", "b"],
]


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda samples: type(samples[0]).__name__)
def test_containers_are_collated_as_there(samples: list[Any]) -> None:
    def told(x: Any) -> Any:
        if hasattr(x, "tolist"):
            return x.tolist(), str(x.dtype).removeprefix("torch.")
        if isinstance(x, dict):
            return type(x).__name__, {k: told(v) for k, v in x.items()}
        if isinstance(x, (str, int, float)):
            return x
        return type(x).__name__, [told(v) for v in x]

    assert told(here.default_collate(samples)) == told(there.default_collate(samples))
    assert told(here.default_convert(samples[0])) == told(there.default_convert(samples[0])) or (
        isinstance(samples[0], tuple)
    )


def test_datasets_without_random_access_one_after_another() -> None:
    def on(tools: Any) -> Any:
        class Upwards(tools.IterableDataset):  # type: ignore[misc]
            def __iter__(self) -> Any:
                return iter([1, 2])

            def __len__(self) -> int:
                return 2

        both = Upwards() + Upwards()
        return type(both).__name__, len(both), list(both)

    assert on(here) == on(there)


@pytest.mark.parametrize("seed", [-1, -(2**63), 2**64 - 1, 2**63, 0, -(2**63) - 1, 2**64, "x", 1.5])
def test_every_seed_that_pytorch_takes(seed: Any) -> None:
    def on(s: Any) -> Any:
        try:
            return s.manual_seed(seed).initial_seed()
        except ValueError:
            return ValueError

    assert on(minigrad) == on(torch)
    minigrad.rand(2)
