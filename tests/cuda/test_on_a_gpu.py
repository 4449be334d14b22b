"""What only a GPU can show: that products and kernels compute, alone and in graphs.

Written without one. Bounds are not measured but proven: factors that are off by u each (nothing for
float32, 2⁻¹⁰ for TF32, rounded or cut) and k sums with unit roundoff v err by at most
(2 u + u² + k v) |a| |b| to first order (Higham, Accuracy and Stability of Numerical Algorithms,
2002, section 3.5).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import learning
import numpy as np
import pytest
from learning import LEARNERS, Training, batches

import minigrad
from minigrad import nn
from minigrad.compiler.targets.cuda.device.hardware import Hardware
from minigrad.compiler.targets.cuda.device.hardware import gpu as of_device
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch
from minigrad.device import Array, cupy, device
from minigrad.errors import CompileError

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not minigrad.cuda.is_available(), reason="no CUDA device"),
]

SCALE = Kernel(
    "scale",
    """
extern "C" __global__ void scale(float* out, const float* x, const float* rate, int64_t n) {
    for (int64_t i = mg_thread(); i < n; i += mg_threads()) out[i] = x[i] - *rate * out[i];
}
""",
)
NONE: Any = None
ROUND_FLOAT, ROUND_TF32 = 2.0**-24, 2.0**-10


@pytest.fixture
def real() -> Hardware:
    """The first GPU, with a kernel."""
    found = of_device(device("cuda"))
    found.load([SCALE])
    found.begin(NONE)
    return found


def random(*shape: int, seed: int = 0, kind: str = "float32") -> Array:
    return cupy().asarray(np.random.default_rng(seed).normal(size=shape).astype(kind))


def scaled(out: Array, x: Array, rate: Array) -> Launch:
    return Launch(SCALE, 4, 64, (out, x, rate, x.size))


def dense(m: int, n: int, k: int, kind: str = "float32", **changes: Any) -> Gemm:
    """A product of matrices that lie dense, transposed where asked for."""
    ta, tb = changes.get("ta", False), changes.get("tb", False)
    a = random(*((k, m) if ta else (m, k)), seed=1, kind=kind)
    b = random(*((n, k) if tb else (k, n)), seed=2, kind=kind)
    out = random(m, n, seed=3, kind=kind)
    plain = Gemm(out, a, b, ta, tb, m, n, k, a.shape[1], b.shape[1], n)
    return replace(plain, **changes)


def truth(gemm: Gemm) -> tuple[Array, Array]:
    """The product in float64, and |a| |b| (with the bias), by which errors are measured."""
    host = cupy().asnumpy
    a, b, out = (host(x).astype(np.float64) for x in (gemm.a, gemm.b, gemm.out))
    a, b = a.T if gemm.ta else a, b.T if gemm.tb else b
    bias = 0.0 if gemm.bias is None else host(gemm.bias).astype(np.float64)
    result = a @ b + gemm.beta * out + bias
    size = np.abs(a) @ np.abs(b) + np.abs(gemm.beta * out) + np.abs(bias)
    return (np.maximum(result, 0) if gemm.relu else result), size


def bound(gemm: Gemm, factor: float) -> float:
    return 2 * factor + factor**2 + (gemm.k + 3) * ROUND_FLOAT


@pytest.mark.parametrize("tf32", [False, True])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("ta, tb", [(False, False), (False, True), (True, False), (True, True)])
def test_every_epilogue_is_as_near_as_proven(
    real: Hardware, ta: bool, tb: bool, bias: bool, relu: bool, tf32: bool
) -> None:
    for m, n, k in ((64, 512, 784), (64, 10, 64), (256, 6, 25), (3, 5, 7)):
        b = random(n, seed=4) if bias else None
        gemm = dense(m, n, k, ta=ta, tb=tb, bias=b, relu=relu, tf32=tf32)
        expected, size = truth(gemm)
        real.launch(gemm)
        error = np.abs(cupy().asnumpy(gemm.out) - expected) / size
        assert error.max() <= bound(gemm, ROUND_TF32 if tf32 else 0.0), (m, n, k)


@pytest.mark.parametrize("relu", [False, True])
def test_float64_is_computed_in_float64(real: Hardware, relu: bool) -> None:
    gemm = dense(33, 17, 65, "float64", relu=relu, bias=random(17, kind="float64"), tf32=True)
    expected, _ = truth(gemm)
    real.launch(gemm)
    assert np.allclose(cupy().asnumpy(gemm.out), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("beta", [1.0, -0.5])
def test_a_product_is_added_to_what_is_there(real: Hardware, beta: float) -> None:
    gemm = dense(65, 33, 17, beta=beta)
    expected, size = truth(gemm)
    real.launch(gemm)  # with beta the run beside must not have counted
    assert (np.abs(cupy().asnumpy(gemm.out) - expected) <= bound(gemm, 0.0) * size).all()


def test_tf32_rounds_and_float32_does_not(real: Hardware) -> None:
    worst = {}
    for tf32 in (False, True):
        gemm = dense(256, 256, 64, tf32=tf32)
        expected, size = truth(gemm)
        real.launch(gemm)
        worst[tf32] = (np.abs(cupy().asnumpy(gemm.out) - expected) / size).max()
    assert worst[False] <= bound(dense(1, 1, 64), 0.0) < worst[True]


def test_a_nan_stays_a_nan_in_every_epilogue(real: Hardware) -> None:
    for bias in (None, random(32)):
        gemm = dense(32, 32, 32, relu=True, bias=bias)
        gemm.a[3, 4] = np.nan
        real.launch(gemm)
        assert np.isnan(cupy().asnumpy(gemm.out)[3]).all()


def test_batches_side_by_side_and_behind_each_other(real: Hardware) -> None:
    a, b, out = random(4, 16, 8, seed=1), random(4, 8, 12, seed=2), cupy().zeros((16, 4, 12), "f")
    real.launch(Gemm(out, a, b, False, False, 16, 12, 8, 8, 12, 48, batch=4, steps=(128, 96, 12)))
    host = cupy().asnumpy
    expected = np.einsum("zij,zjk->izk", host(a).astype("d"), host(b).astype("d"))
    assert np.allclose(host(out), expected, rtol=1e-5, atol=1e-5)


def test_cupys_own_products_refuse_to_be_captured() -> None:
    """Why products are done by `products` and not by CuPy."""
    xp = cupy()
    x, stream = random(8, 8), xp.cuda.Stream(non_blocking=True)
    xp.matmul(x, x)
    with stream:
        stream.begin_capture()
        try:
            with pytest.raises(NotImplementedError):
                xp.matmul(x, x)
        finally:
            stream.end_capture()


def step(rate: Array) -> tuple[list[Any], Array, Array]:
    """Some work on memory of its own: a product with its epilogue, and a kernel."""
    weight, x = random(32, 48, seed=5), random(16, 32, seed=6)
    hidden, state = cupy().zeros((16, 48), "f"), random(16, 48, seed=7)
    bias = random(48, seed=8)
    gemm = Gemm(hidden, x, weight, False, False, 16, 48, 32, 32, 48, 48, bias=bias, relu=True)
    return [gemm, scaled(state, hidden, rate)], state, hidden


def run(target: Hardware, works: list[Any]) -> None:
    for work in works:
        target.launch(work)


def test_a_graph_is_bit_equal_to_plain_launches(real: Hardware) -> None:
    rate = cupy().full(1, 0.25, "f")
    works, state, _ = step(rate)
    first = state.copy()
    for _ in range(3):
        run(real, works)
    real.synchronize()
    expected, state[...] = state.copy(), first
    graph = real.capture(lambda: run(real, works))
    assert (state == first).all().item(), "a capture does nothing"
    for _ in range(3):
        graph.launch()
    real.synchronize()
    assert (state == expected).all().item()
    assert graph.kinds["kernel"] >= 2 and not graph.kinds["allocation"]
    gc.collect()
    graph.launch()


def test_eight_steps_in_a_graph_are_eight_steps(real: Hardware) -> None:
    works, state, _ = step(cupy().full(1, 0.25, "f"))
    first = state.copy()
    for _ in range(8):
        run(real, works)
    real.synchronize()
    expected, state[...] = state.copy(), first
    real.capture(lambda: [run(real, works) for _ in range(8)] and None).launch()
    assert (state == expected).all().item()


def test_a_rate_is_changed_between_replays(real: Hardware) -> None:
    rate = cupy().zeros(1, "f")
    works, state, hidden = step(rate)
    run(real, works)
    graph = real.capture(lambda: run(real, works))
    expected, host = cupy().asnumpy(state), cupy().asnumpy(hidden)
    for number in np.linspace(0.0, 0.9, 50, dtype=np.float32):
        real.upload(rate, np.array([number]))
        graph.launch()
        expected = host - number * expected
    assert np.allclose(cupy().asnumpy(state), expected, rtol=1e-5, atol=1e-5)


def test_two_programs_live_side_by_side(real: Hardware) -> None:
    rate = cupy().full(1, 0.5, "f")
    programs = [step(rate) for _ in range(2)]
    graphs = []
    for works, _, _ in programs:
        run(real, works)
        graphs.append(real.capture(lambda works=works: run(real, works)))
    for i in (0, 1, 1, 0):
        graphs[i].launch()
    del graphs[0]
    gc.collect()
    junk = [real.empty(1 << 20) for _ in range(8)]
    for memory in junk:
        memory[...] = 255
    graphs[0].launch()
    graphs[0].launch()
    one, two = (cupy().asnumpy(state) for _, state, _ in programs)
    run(real, programs[0][0])
    run(real, programs[0][0])
    assert np.array_equal(cupy().asnumpy(programs[0][1]), two) and not np.array_equal(one, two)


def test_a_replay_stands_in_line_on_any_stream(real: Hardware) -> None:
    xp = cupy()
    works, state, hidden = step(xp.full(1, 0.0, "f"))
    run(real, works)
    graph = real.capture(lambda: run(real, works))
    for _ in range(20):
        with xp.cuda.Stream(non_blocking=True):
            real.begin(NONE)
            works[0].a[...] += 1  # an eager op before
            graph.launch()
            copy = state + 0  # and one after
            real.end()
            same = (copy == hidden).all().item()
        assert same
    real.begin(NONE)


def test_a_capture_that_fails_leaves_the_stream_whole(real: Hardware) -> None:
    works, state, _ = step(cupy().full(1, 0.5, "f"))
    run(real, works)

    def body() -> None:
        run(real, works)
        real.upload(state, np.zeros(state.shape, np.float32))

    with pytest.raises(CompileError, match="numbers are uploaded inside it"):
        real.capture(body)
    real.capture(lambda: run(real, works)).launch()
    real.synchronize()


def test_uploads_do_not_overtake_each_other(real: Hardware) -> None:
    out, host = cupy().zeros(1 << 20, "f"), np.zeros(1 << 20, np.float32)
    sums = cupy().zeros(100)
    for i in range(100):
        host[:] = i
        real.upload(out, host)
        sums[i] = out.sum() / out.size
    assert np.array_equal(cupy().asnumpy(sums), np.arange(100.0))


def test_the_fastest_algorithm_is_as_right(real: Hardware) -> None:
    gemm = dense(96, 160, 224, bias=random(160), relu=True)
    before = gemm.out.copy()
    real.tune(gemm)
    real.synchronize()
    assert (gemm.out == before).all().item()
    expected, size = truth(gemm)
    real.launch(gemm)
    assert (np.abs(cupy().asnumpy(gemm.out) - expected) <= bound(gemm, 0.0) * size).all()
    assert real.choice(gemm).candidates


def test_facts_are_those_of_the_machine(real: Hardware) -> None:
    facts = real.facts()
    assert facts["gpu"] == minigrad.cuda.get_device_name()
    assert int(facts["memory bytes"]) > 1 << 30 and str(facts["driver"]).count(".") == 1


@LEARNERS
def test_a_compiled_step_learns_what_the_cpu_learns(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], nn.Module], shape: tuple[int, ...]
) -> None:
    monkeypatch.setattr(minigrad.backends.cudnn, "allow_tf32", False)
    plain, mine = Training(make, "cpu"), Training(make, "cuda")
    step = minigrad.compile(mine.step)
    expected, found = plain.run(plain.step, *shape), mine.run(step, *shape)
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert step.path.startswith("cuda graph"), step.path


def test_steps_in_one_graph_learn_the_same() -> None:
    plain, mine = Training(learning.dense, "cpu"), Training(learning.dense, "cuda")
    (x, y), *_ = batches(1, 5, 6)
    here = x.to("cuda"), y.to("cuda")
    found = minigrad.compile(lambda: mine.step(*here)).repeat(20).item()
    for _ in range(20):
        expected = plain.step(x, y).item()
    assert np.isclose(found, expected, rtol=1e-5, atol=1e-6)
