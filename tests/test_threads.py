"""Sharing a loop among threads: every image once, the same bits, errors and warnings at home."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import threads
from minigrad.native.library import plainly
from minigrad.nn.functional.convolution import conv2d
from minigrad.ops import columns
from minigrad.tensor import Tensor


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A BLAS of three threads, that notes what it was set to."""
    noted = [3]
    blas: tuple[Callable[[], int], Callable[[int], None]] = (lambda: noted[-1], noted.append)
    monkeypatch.setattr(threads, "_blas", lambda: blas)
    return noted


def test_parts_cover_the_range_at_the_same_time(settings: list[int]) -> None:
    together = threading.Barrier(3, timeout=30)
    seen: list[tuple[int, int]] = []

    def work(start: int, stop: int) -> None:
        together.wait()
        seen.append((start, stop))

    threads.share(10, work)
    assert sorted(seen) == [(0, 3), (3, 6), (6, 10)]
    assert settings == [3, 1, 3], "the BLAS must be held to one thread, and let go again"


def test_a_loop_inside_a_loop_is_one_part(settings: list[int]) -> None:
    inner: list[tuple[int, int]] = []

    def work(start: int, stop: int) -> None:
        inner.append((start, stop))

    threads.share(3, lambda start, stop: threads.share(7, work))
    assert inner == [(0, 7)] * 3


def test_errors_are_raised_here_and_the_blas_is_let_go(settings: list[int]) -> None:
    def work(start: int, stop: int) -> None:
        if start:
            raise ValueError(f"part {start}")

    with pytest.raises(ValueError, match="part 1"):
        threads.share(3, work)
    assert settings == [3, 1, 3]
    threads.share(3, lambda start, stop: None)  # and the next loop is shared again
    assert settings == [3, 1, 3, 1, 3]


def test_without_a_blas_that_can_be_asked_nothing_is_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "_blas", lambda: None)
    seen: list[tuple[int, int]] = []
    threads.share(5, lambda start, stop: seen.append((start, stop)))
    assert seen == [(0, 5)]


def gradients(x: Tensor, w: Tensor, b: Tensor) -> list[Any]:
    for t in (x, w, b):
        t.grad = None
    y = conv2d(x, w, b, padding=1)
    y.square().sum().backward()
    return [y.detach().numpy(), *(t.grad.numpy() for t in (x, w, b) if t.grad is not None)]


def test_a_shared_convolution_gives_the_same_numbers(
    settings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, w, b = (
        minigrad.from_numpy(rng.standard_normal(shape)).requires_grad_()
        for shape in ((7, 3, 12, 12), (4, 3, 3, 3), (4,))
    )
    with plainly():
        alone = gradients(x, w, b)
        monkeypatch.setattr(columns, "SHARED", 0)
        shared, again = gradients(x, w, b), gradients(x, w, b)
    assert 1 in settings
    for a, c, d in zip(alone, shared, again, strict=True):
        np.testing.assert_allclose(c, a, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(d, c)


def test_numpy_does_not_warn_in_the_other_threads(
    settings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "SHARED", 0)
    x = minigrad.full((3, 1, 4, 4), 3e38)
    with plainly():
        y = conv2d(x, minigrad.full((1, 1, 2, 2), 2.0))
    assert np.isinf(y.numpy()).all()


def test_number_of_threads(settings: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert minigrad.get_num_threads() == 3
    minigrad.set_num_threads(2)
    assert minigrad.get_num_threads() == 2 and settings == [3, 2]
    with pytest.raises(RuntimeError, match="set_num_threads: expects a positive integer, got 0"):
        minigrad.set_num_threads(0)
    monkeypatch.setattr(threads, "_blas", lambda: None)
    minigrad.set_num_threads(5)
    assert minigrad.get_num_threads() == 1


def test_scratch_memory_is_kept_for_a_use_and_a_thread() -> None:
    kind = np.dtype(np.float32)
    first = threads.scratch(np, "a use", (4, 5), kind)
    assert first.shape == (4, 5) and first.dtype == kind
    assert np.shares_memory(first, threads.scratch(np, "a use", (2, 3), np.dtype(np.float64)))
    assert not np.shares_memory(first, threads.scratch(np, "another", (4, 5), kind))
    elsewhere: list[Any] = []
    other = threading.Thread(
        target=lambda: elsewhere.append(threads.scratch(np, "a use", (4, 5), kind))
    )
    other.start()
    other.join()
    assert not np.shares_memory(first, elsewhere[0])
    large = threads.scratch(np, "a use", (threads.KEPT,), np.dtype(np.uint16))
    assert not np.shares_memory(
        large, threads.scratch(np, "a use", (threads.KEPT,), np.dtype(np.uint16))
    )
