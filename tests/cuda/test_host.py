"""Kernels on the CPU: threads, blocks, barriers and shuffles as CUDA has them; bad launches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Kernel, Launch

pytestmark = pytest.mark.usefixtures("gxx")

TWICE = Kernel(
    "twice",
    """extern "C" __global__ void twice(const double *x, double *y, long long n) {
    for (int64_t i = mg_thread(); i < n; i += mg_threads()) y[i] = 2 * x[i];
}""",
)
FOLDS = Kernel(
    "folds",
    """extern "C" __global__ void folds(const float *x, float *sum, float *largest) {
    float own = x[mg_thread()];
    float a = mg_block_fold(mg_add(), own), b = mg_block_fold(mg_max(), own);
    sum[mg_thread()] = a;
    largest[mg_thread()] = b;
}""",
)
SHUFFLES = Kernel(
    "shuffles",
    """extern "C" __global__ void shuffles(int64_t *x, int64_t *y, int64_t *z) {
    int64_t own = threadIdx.x;
    x[own] = __shfl_down_sync(0xffffffffu, own, 3);
    __syncwarp();
    y[own] = __shfl_xor_sync(0xffffffffu, own, 5);
    z[own] = __shfl_sync(0xffffffffu, own, 7);
}""",
)
TURNED = Kernel(
    "turned",
    """extern "C" __global__ void turned(uint8_t *x) {
    __shared__ uint8_t kept[256];
    kept[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = kept[blockDim.x - 1 - threadIdx.x];
}""",
)
LEAVES = Kernel(
    "leaves",
    """extern "C" __global__ void leaves(const int64_t *stay) {
    if (threadIdx.x >= stay[0]) return;
    __syncthreads();
}""",
)
TORN = Kernel(
    "torn",
    """extern "C" __global__ void torn(int64_t *x) {
    x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 1);
    if (threadIdx.x % 32 == 5) return;
    x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 1);
}""",
)
TABLE = Kernel(
    "through_table",
    """extern "C" __global__ void through_table(const long long *table, void *any) {
    *(float *)table[1] = *(const float *)table[0];
    *(uint8_t *)any = 7;
}""",
)
ALL = [TWICE, FOLDS, SHUFFLES, TURNED, LEAVES, TORN, TABLE]


@pytest.fixture(scope="module")
def library() -> host.Library:
    return host.load(ALL)


@pytest.mark.parametrize("grid,block", [(1, 1), (3, 7), (5, 256)])
def test_every_thread_of_every_block_runs(library: host.Library, grid: int, block: int) -> None:
    x, y = np.arange(1000.0), np.zeros(1000)
    library.launch(Launch(TWICE, grid, block, (x, y, 999)))
    assert (y[:999] == 2 * x[:999]).all() and y[999] == 0


@pytest.mark.parametrize("block", [32, 64, 256])
def test_a_block_folds_its_numbers(library: host.Library, block: int) -> None:
    x = np.random.default_rng(0).integers(-99, 99, (4, block)).astype(np.float32)
    total, largest = np.zeros_like(x), np.zeros_like(x)
    library.launch(Launch(FOLDS, 4, block, (x, total, largest)))
    assert (total == x.sum(1, keepdims=True)).all()
    assert (largest == x.max(1, keepdims=True)).all()


def test_lanes_of_a_warp_read_each_other(library: host.Library) -> None:
    x, y, z = (np.zeros(64, np.int64) for _ in range(3))
    library.launch(Launch(SHUFFLES, 1, 64, (x, y, z)))
    own = np.arange(64)
    lane, first = own % 32, own - own % 32
    assert (x == np.where(lane + 3 < 32, own + 3, own)).all()
    assert (y == first + (lane ^ 5)).all()
    assert (z == first + 7).all()


@pytest.mark.parametrize("block", [40, 256])
def test_threads_share_memory_and_wait(library: host.Library, block: int) -> None:
    x = np.arange(block).astype(np.uint8)
    library.launch(Launch(TURNED, 1, block, (x,)))
    assert (x == np.arange(block)[::-1]).all()


def test_pointers_in_a_table_and_to_anything(library: host.Library) -> None:
    a, b, any_ = np.ones(1, np.float32), np.zeros(1, np.float32), np.zeros(1, bool)
    table = np.array([a.ctypes.data, b.ctypes.data])
    library.launch(Launch(TABLE, 1, 1, (table, any_)))
    assert b[0] == 1 and any_.view(np.uint8)[0] == 7


@pytest.mark.parametrize("stay", [5, 32])
def test_a_barrier_that_some_threads_miss(library: host.Library, stay: int) -> None:
    bad = Launch(LEAVES, 1, 64, (np.array([stay]),))
    with pytest.raises(RuntimeError, match="leaves: not all threads came to a barrier"):
        library.launch(bad)
    library.launch(replace(bad, args=(np.array([64]),)))  # and the next one is served again
    test_lanes_of_a_warp_read_each_other(library)


def test_a_warp_of_which_some_left_before_a_shuffle(library: host.Library) -> None:
    x = np.zeros(64, np.int64)
    with pytest.raises(RuntimeError, match="torn: not all threads came to a barrier"):
        library.launch(Launch(TORN, 1, 64, (x,)))
    test_lanes_of_a_warp_read_each_other(library)


def test_bad_launches(library: host.Library) -> None:
    x = np.zeros(8)
    for args in [(x, x), (x, x.astype(np.float32), 8), (x, 8, x), (x, x, 8, 8)]:
        with pytest.raises(TypeError, match="twice: expected arguments of the types ddn, got"):
            library.launch(Launch(TWICE, 1, 1, args))
    for grid, block in [(0, 1), (1, 0), (1, 257), (1 << 31, 1)]:
        with pytest.raises(ValueError, match="twice: CUDA launches no"):
            library.launch(Launch(TWICE, grid, block, (x, x, 8)))
    with pytest.raises(KeyError, match="unknown"):
        library.launch(Launch(Kernel("unknown", ""), 1, 1, ()))


def test_a_library_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    host.load([TWICE])
    (file,) = (tmp_path / "host").iterdir()
    first = file.stat().st_ino  # what is built is moved there; using it only touches it
    host.load([TWICE])
    assert file.stat().st_ino == first
    host.load([TWICE], ["-g1"])
    assert len(list((tmp_path / "host").iterdir())) == 2


def test_a_text_that_does_not_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"refused the kernels(.|\n)*wrong.cu:7:"):
        host.load([Kernel("wrong", '#line 7 "wrong.cu"\nvoid wrong(')])
    assert list((tmp_path / "host").iterdir()) == []


def test_without_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "compiler", lambda: None)
    with pytest.raises(RuntimeError, match="only where g\\+\\+ is"):
        host.load([TWICE])


def test_of_one_name_there_is_one_text() -> None:
    assert source([TWICE, TWICE]).count("void twice") == 1
    with pytest.raises(ValueError, match="two kernels are named twice"):
        source([TWICE, replace(TWICE, text="")])


def compute(library: host.Library) -> None:
    """With barriers and without; `sanitized` does it as well."""
    x = np.random.default_rng(0).random((3, 64), np.float32)
    total, largest = np.zeros_like(x), np.zeros_like(x)
    library.launch(Launch(FOLDS, 3, 64, (x, total, largest)))
    assert np.allclose(total, x.sum(1, keepdims=True), rtol=1e-6)
    assert (largest == x.max(1, keepdims=True)).all()
    y, z = np.arange(100.0), np.zeros(100)
    library.launch(Launch(TWICE, 2, 7, (y, z, 100)))
    assert (z == 2 * y).all()


def test_one_library_serves_launches_of_any_kind(library: host.Library) -> None:
    compute(library)
    compute(library)
