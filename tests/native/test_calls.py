"""Calls of kernels: products, batches, refusals, threads, forked processes."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import threads
from minigrad.layouts import LayoutError, dense
from minigrad.native import library
from minigrad.native.compiler import load
from minigrad.native.hook import described, native
from minigrad.native.library import Batch, Call, enabled, plainly, run
from minigrad.op import Op

pytestmark = pytest.mark.skipif(not enabled(), reason="no C compiler")

PROBE = (
    library.HEADER
    + """
static void mark(void *context, int64_t start, int64_t stop) {
    int64_t *seen = context;
    for (int64_t i = start; i < stop; i++) seen[i] += minigrad_threads();
}
int probe(void *const *a, const int64_t *n, const double *r) {
    if (n[1] < 0) return -n[1];
    minigrad_parallel(mark, a[0], n[0], n[1]);
    return 0;
}
"""
)


@pytest.fixture(scope="module")
def probe() -> int:
    """The address of a kernel in a library of its own that adds 1 everywhere."""
    made: Any = load(PROBE)
    address = ctypes.cast(made.probe, ctypes.c_void_p).value
    assert address
    return address


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four threads, whatever the machine has."""
    monkeypatch.setattr(library, "hold", lambda: 4)
    monkeypatch.setattr(library, "let_go", lambda: None)


def product(m: int, n: int, k: int, dtype: Any, ta: int = 0, tb: int = 0) -> tuple[Call, Any]:
    """A call that multiplies, and what must come out."""
    rng = np.random.default_rng(m + n + k)
    a, b = (rng.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n)))
    c = rng.standard_normal((m, n)).astype(dtype)
    want = 2 * (a @ b) + 0.5 * c
    a, b = (np.ascontiguousarray(x.T) if t else x for x, t in ((a, ta), (b, tb)))
    ints = [ta, tb, m, n, k, a.shape[1], b.shape[1], n]
    return Call("gemm", [c, a.T if ta else a, b.T if tb else b], ints, [2, 0.5]), want


needs_blas = pytest.mark.skipif(not library.multiplies(), reason="NumPy has another BLAS")


@needs_blas
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(
    st.integers(0, 70), st.integers(0, 70), st.integers(1, 40), st.integers(0, 1), st.integers(0, 1)
)
def test_products(dtype: Any, m: int, n: int, k: int, ta: int, tb: int) -> None:
    call, want = product(m, n, k, dtype, ta, tb)
    assert run(call)
    tolerance = 1e-12 if dtype is np.float64 else 1e-4
    np.testing.assert_allclose(call.arrays[0], want, rtol=tolerance, atol=tolerance)


@needs_blas
@pytest.mark.parametrize("shape", [(500, 100, 70), (100, 500, 70), (1000, 3, 900), (17, 900, 400)])
def test_large_products_are_cut_for_threads(many: None, shape: tuple[int, int, int]) -> None:
    call, want = product(*shape, np.float64)
    assert run(call)
    np.testing.assert_allclose(call.arrays[0], want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("grain", [0, 1, 5, 1000])
def test_a_shared_loop_does_every_round_once(
    many: None, probe: int, count: int, grain: int
) -> None:
    seen = np.zeros(max(count, 1), np.int64)
    for again in range(1, 20):
        assert run(Call(probe, [seen], [count, grain], walks=[dense(len(seen))]))
        assert (seen[:count] == again).all(), "each round once, each with one thread inside"


def test_several_python_threads_at_once(many: None, probe: int) -> None:
    arrays = [np.zeros(5000, np.int64) for _ in range(6)]
    together = threading.Barrier(len(arrays), timeout=30)

    def work(array: Any) -> None:
        batch = Batch([Call(probe, [array], [len(array), 10], walks=[dense(5000)])] * 20)
        together.wait()
        for _ in range(20):
            batch.run()

    workers = [threading.Thread(target=work, args=[array]) for array in arrays]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert all((array == 400).all() for array in arrays)


def in_child(check: Callable[[], bool]) -> bool:
    """Whether the check holds in a forked process."""
    child = os.fork()
    if child == 0:
        passed = False
        try:
            passed = check()
        finally:
            os._exit(0 if passed else 1)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(many: None, probe: int) -> None:
    seen = np.zeros(1000, np.int64)
    call = Call(probe, [seen], [1000, 1], walks=[dense(1000)])
    assert run(call)

    def check() -> bool:
        return run(call) and bool((seen == 2).all())

    assert in_child(check)
    assert run(call) and (seen == 2).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_forked_while_the_blas_is_held_has_its_threads_back() -> None:
    before = minigrad.get_num_threads()
    threads.hold()
    try:
        assert in_child(lambda: minigrad.get_num_threads() == before and threads.hold() == before)
    finally:
        threads.let_go()


def test_a_batch_stops_at_the_call_that_refuses(probe: int) -> None:
    first, second, third = (np.zeros(4, np.int64) for _ in range(3))
    calls = [
        Call(probe, [first], [4, 1], walks=[dense(4)]),
        Call(probe, [second], [4, -1], walks=[dense(4)]),
        Call(probe, [third], [4, 1], walks=[dense(4)]),
    ]
    with pytest.raises(IndexError, match="index is out of range"):
        Batch(calls).run()
    assert first.all() and not second.any() and not third.any()
    with pytest.raises(MemoryError, match="no memory"):
        Batch([Call(probe, [second], [4, -2], walks=[dense(4)])]).run()
    assert not run(calls[1])


def test_an_empty_batch() -> None:
    Batch([]).run()


def test_an_unknown_kernel() -> None:
    with pytest.raises(LayoutError, match="nonsense: no kernel says"):
        run(Call("nonsense", [np.zeros(3)]))


def test_plainly_is_for_this_thread_and_block() -> None:
    found = []
    with plainly():
        assert not enabled()
        with plainly():
            pass
        assert not enabled()
        other = threading.Thread(target=lambda: found.append(enabled()))
        other.start()
        other.join()
    assert enabled() and found == [True]


def test_the_blas_is_held_and_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = [3]
    monkeypatch.setattr(threads, "_blas", lambda: (lambda: noted[-1], noted.append))
    assert threads.hold() == 3 and threads.hold() == 3
    assert noted == [3, 1] and minigrad.get_num_threads() == 3
    minigrad.set_num_threads(2)
    threads.let_go()
    assert noted == [3, 1]
    threads.let_go()
    assert noted == [3, 1, 2]


@pytest.fixture
def scaled() -> Op:
    """An op with a kernel: y = 2 x, by a product with one number."""
    return made()


def made(least: int = 0) -> Op:

    def scaled(xp: Any, x: Any, *, out: Any = None) -> Any:
        """y = 2 x"""
        return xp.multiply(x, 2, out=out)

    op = Op(scaled)

    @native(op, least)
    def _(x: Any, *, out: Any) -> Call | None:
        if x.dtype != np.float64:
            return None
        y = np.full_like(x, np.nan) if out is None else out
        one = np.ones((1, 1))
        return Call("gemm", [y, x, one], [0, 0, x.size, 1, 1, 1, 1, 1], [2.0, 0.0])

    return op


@needs_blas
def test_an_op_takes_its_kernel_where_it_may(scaled: Op) -> None:
    x = np.arange(12.0).reshape(3, 4)
    assert described[scaled](x, out=None) is not None
    for given_x in (x, x.T, x[::2, 1:], x.astype(np.float32), x.astype(np.int64)):
        got = scaled.forward(np, given_x)
        np.testing.assert_array_equal(got, given_x * 2)
        assert got.dtype == given_x.dtype
        with plainly():
            np.testing.assert_array_equal(scaled.forward(np, given_x), given_x * 2)


@needs_blas
def test_a_kernel_writes_where_it_is_told(scaled: Op) -> None:
    x = np.arange(12.0).reshape(3, 4)
    out = np.empty((3, 4))
    assert scaled.forward(np, x, out=out) is out
    np.testing.assert_array_equal(out, x * 2)
    wide = np.empty((3, 8))[:, ::2]  # no dense memory: NumPy writes
    assert scaled.forward(np, x, out=wide) is wide
    np.testing.assert_array_equal(wide, x * 2)


@needs_blas
def test_few_numbers_are_done_before_a_kernel_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled = made(least=10)
    ran: list[Call] = []
    monkeypatch.setattr("minigrad.native.hook.run", lambda call: ran.append(call) or run(call))
    for size, kernels in ((9, 0), (10, 1)):
        np.testing.assert_array_equal(scaled.forward(np, np.ones(size)), np.full(size, 2.0))
        assert len(ran) == kernels
