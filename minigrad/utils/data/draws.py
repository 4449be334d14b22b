"""Where the random transforms of a batch draw from.

Worker threads read batches at the same time, so one shared stream would give other images each
run. The DataLoader draws one seed an epoch and gives every batch a stream of its own, made of
the seed and the batch's number: the images of an epoch depend on neither the number of workers
nor their timing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from minigrad.random import Generator, default_generator


class _BatchStream:
    """The stream of one batch, made when it is first asked for: most batches never do."""

    def __init__(self, *seed: int) -> None:
        self.seed = seed
        self.made: np.random.Generator | None = None

    def get(self) -> np.random.Generator:
        if self.made is None:
            self.made = np.random.default_rng(self.seed)
        return self.made


_reading: ContextVar[_BatchStream | None] = ContextVar("the batch being read", default=None)


@contextmanager
def batch_stream(seed: int, number: int) -> Iterator[None]:
    """Inside the block, `stream` draws for this batch of this epoch."""
    token = _reading.set(_BatchStream(seed, number))
    try:
        yield
    finally:
        _reading.reset(token)


def stream(generator: Generator | None = None) -> np.random.Generator:
    """The generator's numbers; without one, those of the batch being read; else the default's."""
    if generator is not None:
        return generator.numpy
    reading = _reading.get()
    return default_generator.numpy if reading is None else reading.get()
