"""The device layer: whether the facts hold on which the captured step rests. A GPU can tell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.gpu.device import SPARE, empty, fetched, opened, placed, seconds_of
from benchmarks.gpu.part import Asked
from minigrad.compiler.targets.cuda.device import nvrtc
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu, Kernel, Launch
from minigrad.device import cupy

COUNT = Kernel(
    "mg_count",
    'extern "C" __global__ void mg_count(float *x) { if (mg_thread() == 0) x[0] += 1.0f; }',
)
TOGETHER = 8
"""Steps in one graph."""
SHAPES = (
    (64, 512, 784), (64, 10, 64), (512, 784, 64), (64, 784, 512), (100, 784, 256), (256, 84, 120),
    (50176, 16, 150), (128, 100, 784), (128, 4096, 4096),
)  # fmt: skip
"""m, n, k of products in the training cases."""

Answer = dict[str, Any]
REAL = "this needs a GPU"


def findings(asked: Asked) -> Iterator[Answer]:
    """A question a finding: what is expected, what came, ``ok``: None where it has no answer
    here."""
    with opened(asked.device) as target:
        spare = target.empty(SPARE)
        target.begin(spare)
        for question in (
            loaded, nan_kept, pinned, product_captured, many_steps, refused, feature_code,
            two_streams, epilogues, first_choice,
        ):  # fmt: skip
            text = " ".join((question.__doc__ or "").split())
            try:
                answer = question(target, asked.dry)
            except Exception as error:  # the others are still asked
                answer = {"answer": f"{type(error).__name__}: {error}", "ok": False}
            found = {"question": question.__name__, "expected": text, **answer}
            line = f"questions: {question.__name__}: {answer['answer']}"
            yield {**found, **({"wrong": [line]} if answer["ok"] is False else {})}


def loaded(target: Gpu, dry: bool) -> Answer:
    """A module is loaded, and a kernel of it runs."""
    target.load([COUNT])
    x = placed(target, np.zeros(1, np.float32))
    for _ in range(3):
        target.launch(Launch(COUNT, 1, 32, (x,)))
    value = float(fetched(target, x)[0])
    return {"answer": f"counted to {value:g}", "ok": value == 3.0}


def nan_kept(target: Gpu, dry: bool) -> Answer:
    """A nan stays a nan in the product whose ReLU is done while it is written."""
    told = {}
    for tf32 in (False, True):
        work = _product(target, (32, 64, 64), tf32)
        numbers = fetched(target, work.a)
        numbers[3, 4] = np.nan
        target.upload(work.a, numbers)
        target.launch(work)
        told["TF32" if tf32 else "FP32"] = bool(np.isnan(fetched(target, work.out)[3]).all())
    return {"answer": f"kept: {told}", "ok": all(told.values())}


def pinned(target: Gpu, dry: bool) -> Answer:
    """Uploads from pinned memory stand in line with kernels, whatever the host does meanwhile."""
    target.load([COUNT])
    host, x = np.zeros(1 << 16, np.float32), empty(target, (1 << 16,))
    found = []
    for i in range(20):
        host[:] = i
        target.upload(x, host)
        host[:] = -1
        target.launch(Launch(COUNT, 1, 32, (x,)))
        target.upload(x[1:2], x[:1])
        if i % 7 == 0:
            found.append(fetched(target, x)[:3].tolist())
    right = [[i + 1.0, i + 1.0, float(i)] for i in range(0, 20, 7)]
    return {"answer": f"{found[-1]}, of {right[-1]}", "ok": found == right}


def refused(target: Gpu, dry: bool) -> Answer:
    """cupy.matmul raises while a stream is captured."""
    if dry:
        return {"answer": REAL, "ok": None}
    xp = cupy()
    a = xp.ones((64, 64), np.float32)
    xp.matmul(a, a)
    stream = xp.cuda.Stream(non_blocking=True)
    with stream:
        stream.begin_capture()
        try:
            xp.matmul(a, a)
            answer = "it does not: a product of CuPy's can be captured here"
        except NotImplementedError as error:
            answer = f"NotImplementedError: {error}"
        try:
            stream.end_capture()
        except RuntimeError as error:
            answer += f"; the capture is lost: {error}"
    return {"answer": answer, "ok": True}  # either way nothing that is done here depends on it


def product_captured(target: Gpu, dry: bool) -> Answer:
    """A product by cuBLASLt that is captured gives what it gives outside, to the bit, and the graph
    allocates nothing."""
    work = _product(target, (8, 10, 16) if dry else (64, 512, 784))
    target.launch(work)
    outside = fetched(target, work.out)
    graph = target.capture(lambda: target.launch(work))
    target.upload(work.out, np.full(work.out.shape, np.nan, np.float32))
    graph.launch()
    same = np.array_equal(fetched(target, work.out), outside)
    # A node that allocates is refused when it is captured.
    kinds = dict(getattr(graph, "kinds", {"node": graph.nodes}))
    return {"answer": f"{'equal' if same else 'different'}; {kinds}", "ok": bool(same)}


def epilogues(target: Gpu, dry: bool) -> Answer:
    """cuBLASLt has bias and ReLU for the products of the cases, in FP32 and TF32."""
    if dry:
        return {"answer": REAL, "ok": None}
    gpu: Any = target
    rows, missing = [], 0
    for shape in SHAPES:
        for tf32 in (False, True):
            for relu in (False, True):
                choice = gpu.choice(_product(target, shape, tf32, relu))
                missing += not choice.whole
                facts = {"shape": list(shape), "tf32": tf32, "relu": relu}
                rows.append({**facts, "whole": choice.whole, "of": len(choice.candidates)})
    # A kernel serves where cuBLASLt has no epilogue, so that this is told and is no mistake.
    return {"answer": f"{missing} of {len(rows)} without", "ok": True, "matrix": rows}


def first_choice(target: Gpu, dry: bool) -> Answer:
    """cuBLASLt's first algorithm is the fastest of those that it names, for most products."""
    if dry:
        return {"answer": REAL, "ok": None}
    gpu: Any = target
    rows, gains = [], []
    for shape in SHAPES:
        first = seconds_of(target, partial(target.launch, _product(target, shape)), 0.01)
        gpu.tune(_product(target, shape))
        best = seconds_of(target, partial(target.launch, _product(target, shape)), 0.01)
        rows.append({"shape": list(shape), "first_us": 1e6 * first, "tuned_us": 1e6 * best})
        gains.append(first / best)
    return {"answer": f"tuned: {min(gains):.2f} to {max(gains):.2f} times as fast", "ok": True,
            "products": rows}  # fmt: skip


def _product(
    target: Gpu, shape: tuple[int, int, int], tf32: bool = False, relu: bool = True
) -> Gemm:
    """A linear layer's product with its bias, on random numbers."""
    rng = np.random.default_rng(0)
    m, n, k = shape
    a, b = (placed(target, rng.standard_normal(s, np.float32)) for s in ((m, k), (n, k)))
    bias, out = placed(target, rng.standard_normal(n, np.float32)), empty(target, (m, n))
    return Gemm(out, a, b, False, True, m, n, k, k, k, n, bias=bias, relu=relu, tf32=tf32)


def feature_code(target: Gpu, dry: bool) -> Answer:
    """Code that NVRTC made for exactly this architecture (sm_90a) is loaded and runs."""
    if dry:
        return {"answer": REAL, "ok": None}
    xp = cupy()
    facts = xp.cuda.runtime.getDeviceProperties(0)
    arch = f"sm_{facts['major']}{facts['minor']}" + ("a" if facts["major"] >= 9 else "")
    module = xp.cuda.function.Module()
    module.load(nvrtc.compiled(source([COUNT]), arch))
    x = xp.zeros(1, np.float32)
    module.get_function(COUNT.name)((1,), (32,), (x,))
    value = float(x[0])
    return {"answer": f"{arch}: counted to {value:g}", "ok": value == 1.0}


def two_streams(target: Gpu, dry: bool) -> Answer:
    """A capture forks onto a second stream and joins again, and the numbers are right."""
    if dry:
        return {"answer": REAL, "ok": None}
    xp = cupy()
    facts = xp.cuda.runtime.getDeviceProperties(0)
    module = xp.cuda.function.Module()
    module.load(nvrtc.compiled(source([COUNT]), f"sm_{facts['major']}{facts['minor']}"))
    count = module.get_function(COUNT.name)
    x, y = xp.zeros(1, np.float32), xp.zeros(1, np.float32)
    one, two = (xp.cuda.Stream(non_blocking=True) for _ in range(2))
    fork, join = (xp.cuda.Event(disable_timing=True) for _ in range(2))
    xp.cuda.Device().synchronize()
    with one:
        one.begin_capture()
        count((1,), (32,), (x,), stream=one)
        fork.record(one)
        two.wait_event(fork)
        count((1,), (32,), (y,), stream=two)
        join.record(two)
        count((1,), (32,), (x,), stream=one)
        one.wait_event(join)
        graph = one.end_capture()
        for _ in range(3):
            graph.launch(one)
        one.synchronize()
    values = (float(x[0]), float(y[0]))
    return {"answer": f"3 launches counted to {values[0]:g} and {values[1]:g}, of 6 and 3",
            "ok": values == (6.0, 3.0)}  # fmt: skip


def many_steps(target: Gpu, dry: bool) -> Answer:
    """A graph of eight steps that is launched three times does 24."""
    target.load([COUNT])
    x = placed(target, np.zeros(1, np.float32))
    work = Launch(COUNT, 1, 32, (x,))

    def body() -> None:
        for _ in range(TOGETHER):
            target.launch(work)

    graph = target.capture(body)
    for _ in range(3):
        graph.launch()
    value = float(fetched(target, x)[0])
    return {"answer": f"counted to {value:g}; {graph.nodes} nodes",
            "ok": value == 3 * TOGETHER and graph.nodes == TOGETHER}  # fmt: skip
