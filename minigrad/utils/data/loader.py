"""The DataLoader: batches of a dataset, in order, read ahead by worker threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count, islice
from typing import Any, Generic, TypeVar

from minigrad.random import Generator, default_generator
from minigrad.recording import following, switch
from minigrad.utils.data.collate import default_collate, default_convert
from minigrad.utils.data.dataset import Dataset, IterableDataset, gather, length
from minigrad.utils.data.draws import batch_stream
from minigrad.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    SequentialSampler,
    batches,
    check_count,
    count_batches,
)

T_co = TypeVar("T_co", covariant=True)

SEED_LIMIT = 2**63


class DataLoader(Generic[T_co]):
    """An iterable of batches; each ``iter(loader)`` is an epoch.

    An epoch draws from ``generator`` only when it starts: a seed for the random transforms, then
    the order. So the generator's state at that moment is the epoch. ``get_state()`` there and
    ``set_state()`` later give the same epoch again. Workers are threads: they share memory, cost
    nothing to start, and any number of them gives the same batches.

    Errors: ValueError for settings that exclude each other, RuntimeError after ``timeout``. What a
    dataset or ``worker_init_fn`` raises is raised in the caller, the dataset's with a note that
    names the sample.

    Example:
        >>> dataset = minigrad.utils.data.TensorDataset(minigrad.arange(5.0), minigrad.arange(5))
        >>> loader = minigrad.utils.data.DataLoader(dataset, batch_size=2)
        >>> len(loader)
        3
        >>> for x, y in loader:
        ...     print(x, y)
        tensor([0., 1.]) tensor([0, 1])
        tensor([2., 3.]) tensor([2, 3])
        tensor([4.]) tensor([4])
        >>> shuffled = minigrad.utils.data.DataLoader(dataset, batch_size=5, shuffle=True)
        >>> sorted(next(iter(shuffled))[1].tolist())
        [0, 1, 2, 3, 4]
    """

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Sequence[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], object] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        """
        Args:
            dataset: the samples, by number (`Dataset`) or as a stream (`IterableDataset`).
            batch_size: samples in a batch; None gives single samples.
            shuffle: a new random order each epoch; for the training data.
            sampler: an order of one's own, an iterable of numbers; excludes shuffle.
            batch_sampler: an iterable of lists of numbers, each a batch; excludes batch_size,
                shuffle, sampler and drop_last.
            num_workers: threads that read ahead, which pays where reading a sample means decoding a
                file; a dataset of arrays is read fastest without.
            collate_fn: makes a batch of a list of samples; None is `default_collate`.
            drop_last: leave out the last batch where it is shorter.
            timeout: seconds to wait for a batch of the workers, 0 for ever.
            worker_init_fn: called by each thread with its number before its first batch.
            generator: draws the random numbers; None is the default one, which ``manual_seed``
                seeds.
            prefetch_factor: batches that each worker reads ahead; None is 2.
            pin_memory, pin_memory_device, persistent_workers: accepted for PyTorch's scripts, and
                change nothing.
            multiprocessing_context, in_order: likewise; batches come in order in any case.
        """
        streaming = isinstance(dataset, IterableDataset)
        if num_workers < 0:
            raise ValueError(f"DataLoader: expected num_workers of at least 0, got {num_workers}")
        if timeout < 0:
            raise ValueError(f"DataLoader: timeout option should be non-negative, got {timeout}")
        for name, value in (
            ("persistent_workers", persistent_workers),
            ("multiprocessing_context", multiprocessing_context),
        ):
            if value and num_workers == 0:
                raise ValueError(f"DataLoader: {name} option needs num_workers > 0")
        if prefetch_factor is not None and (num_workers == 0 or prefetch_factor < 1):
            raise ValueError(
                "DataLoader: expected prefetch_factor of at least 1 together with workers, got "
                f"prefetch_factor={prefetch_factor} and num_workers={num_workers}"
            )
        if streaming and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader: an IterableDataset has its own order; "
                "expected no shuffle, sampler or batch_sampler"
            )
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "DataLoader: batch_sampler option is mutually exclusive with batch_size, "
                    "shuffle, sampler, and drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("DataLoader: drop_last needs a batch_size, got batch_size=None")

        if sampler is None and not streaming and batch_sampler is None:
            length(dataset)
            sized: Any = dataset
            sampler = (
                RandomSampler(sized, generator=generator) if shuffle else SequentialSampler(sized)
            )
        if batch_size is not None and sampler is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        elif batch_size is not None and streaming:
            check_count("DataLoader", batch_size, "batch_size")
        batched = batch_size is not None or batch_sampler is not None

        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        default: Callable[[Any], Any] = default_collate if batched else default_convert
        self.collate_fn = collate_fn or default
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.worker_init_fn = worker_init_fn
        self.generator = generator
        self.prefetch_factor = prefetch_factor
        self.persistent_workers = persistent_workers
        self.timeout = timeout
        self.multiprocessing_context = multiprocessing_context
        self.pin_memory_device = pin_memory_device
        self.in_order = in_order
        switch.recorder.loads(self)

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)  # type: ignore[arg-type]
        if self.sampler is not None:
            return len(self.sampler)  # type: ignore[arg-type]
        length(self.dataset)
        size = 1 if self.batch_size is None else self.batch_size
        return count_batches(self.dataset, size, self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        seed = int((self.generator or default_generator).numpy.integers(SEED_LIMIT))
        jobs: Iterator[Any] = enumerate(self._jobs())
        if following:
            jobs = switch.recorder.batches(self, jobs)
        return self._read_ahead(seed, jobs) if self.num_workers else self._read(seed, jobs)

    def _jobs(self) -> Iterator[Any]:
        """What `_fetch` makes batches of: indices, or of an IterableDataset the samples."""
        if self.batch_sampler is not None:
            return iter(self.batch_sampler)
        if self.sampler is not None:
            return iter(self.sampler)
        stream: Any = self.dataset
        if self.batch_size is None:
            return iter(stream)
        return batches(iter(stream), self.batch_size, self.drop_last)

    def _fetch(self, seed: int, number: int, job: Any) -> Any:
        """Batch ``number`` of the epoch, ready to train on."""
        with batch_stream(seed, number):
            if isinstance(self.dataset, IterableDataset):
                return self.collate_fn(job)
            if self.batch_sampler is not None:
                return self.collate_fn(gather(self.dataset, job))
            return self.collate_fn(gather(self.dataset, [job])[0])

    def _read(self, seed: int, jobs: Iterator[tuple[int, Any]]) -> Iterator[Any]:
        for number, job in jobs:
            yield self._fetch(seed, number, job)

    def _read_ahead(self, seed: int, jobs: Iterator[tuple[int, Any]]) -> Iterator[Any]:
        """As `_read`, with a fixed number of batches under way in the threads."""
        ahead = self.num_workers * (self.prefetch_factor or 2)
        numbers = count()
        failures: list[BaseException] = []

        def begin() -> None:
            try:
                if self.worker_init_fn is not None:
                    self.worker_init_fn(next(numbers))
            except BaseException as error:
                failures.append(error)

        pool = ThreadPoolExecutor(
            self.num_workers,
            thread_name_prefix="minigrad-data",
            initializer=begin,
        )
        late = False
        try:
            underway: deque[Future[Any]] = deque(
                pool.submit(self._fetch, seed, number, job) for number, job in islice(jobs, ahead)
            )
            while underway:
                job = underway.popleft()
                late = bool(self.timeout and not wait([job], self.timeout).done)
                if late:
                    raise RuntimeError(f"DataLoader: timed out after {self.timeout} seconds")
                batch = job.result()
                if failures:
                    raise failures[0]
                for number, indices in islice(jobs, 1):
                    underway.append(pool.submit(self._fetch, seed, number, indices))
                yield batch
        finally:
            pool.shutdown(wait=not late, cancel_futures=True)


def get_worker_info() -> None:
    """None: workers are threads that share the dataset, and one reads an IterableDataset, so that
    there is no part of it for each to choose."""
