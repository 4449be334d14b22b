"""The simulated GPU: what a real one refuses is refused, and a graph does what was captured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad.compiler.targets.cuda.device.simulation import Simulated, current, simulated
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch
from minigrad.errors import CompileError

pytestmark = pytest.mark.usefixtures("gxx")

ADD = Kernel(
    "simulated_add",
    """extern "C" __global__ void simulated_add(float *x MG_STRIDED, long long n) {
    x[threadIdx.x] += n;
}""",
)


@pytest.fixture
def device() -> Simulated:
    made = Simulated()
    made.load([ADD])
    return made


def floats(device: Simulated, *shape: int) -> Any:
    size = int(np.prod(shape)) * 4
    return device.empty(size).view(np.float32).reshape(shape)


def test_memory_is_aligned_and_poisoned(device: Simulated) -> None:
    x = device.empty(1000)
    assert x.size == 1000 and x.ctypes.data % 256 == 0 and device.allocated == 1000
    assert np.isnan(x.view(np.float32)).all() and np.isnan(x.view(np.float64)).all()
    assert (x.view(np.int64) == -1).all()
    x[...] = 0
    device.begin(x)
    assert (x == 255).all()


def test_a_graph_does_what_was_captured_and_nothing_before(device: Simulated) -> None:
    x, n = floats(device, 4), 2
    device.upload(x, np.zeros(4, np.float32))
    graph = device.capture(lambda: device.launch(Launch(ADD, 1, 4, (x, n))))
    n = 5  # an argument of a captured kernel stays what it was
    assert graph.nodes == device.nodes == 1 and (x == 0).all()
    graph.launch()
    graph.launch()
    assert (x == 4).all()
    device.launch(Launch(ADD, 1, 4, (x, n)))
    device.synchronize()
    assert (x == 9).all()
    assert device.log == [
        "upload float32[4]",
        *(["graph of 1 nodes", "simulated_add, 1 blocks of 4"] * 2),
        "simulated_add, 1 blocks of 4",
    ]


FORBIDDEN: dict[str, Callable[[Simulated, Any], Any]] = {
    "memory was asked for": lambda device, x: device.empty(4),
    "numbers were copied from the host": lambda device, x: device.upload(x, np.ones_like(x)),
    "the host waited": lambda device, x: device.synchronize(),
    "the array library was called": lambda device, x: device.call(lambda: None),
    "kernels were loaded": lambda device, x: device.load([ADD]),
    "a step began": lambda device, x: device.begin(x),
    "a step ended": lambda device, x: device.end(),
    "another graph was begun": lambda device, x: device.capture(lambda: None),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_a_capture_refuses(device: Simulated, what: str) -> None:
    x = floats(device, 4)
    FORBIDDEN[what](device, x)  # anywhere else it is allowed
    with pytest.raises(CompileError, match=f"{what} while a graph was captured"):
        device.capture(lambda: FORBIDDEN[what](device, x))
    FORBIDDEN[what](device, x)  # the capture is over


def test_a_graph_is_not_launched_while_another_is_captured(device: Simulated) -> None:
    graph = device.capture(lambda: None)
    with pytest.raises(CompileError, match="a graph was launched while"):
        device.capture(graph.launch)


def test_a_kernel_has_to_be_loaded(device: Simulated) -> None:
    other = Kernel("simulated_other", ADD.text.replace("simulated_add", "simulated_other"))
    work = Launch(other, 1, 4, (floats(device, 4), 1))
    for give in (device.launch, lambda work: device.capture(lambda: device.launch(work))):
        with pytest.raises(CompileError, match="simulated_other was launched, but not loaded"):
            give(work)


def test_an_upload_converts_nothing(device: Simulated) -> None:
    for numbers in (np.zeros(4), np.zeros(3, np.float32)):
        with pytest.raises(ValueError, match=r"uploaded into float32\[4\]"):
            device.upload(floats(device, 4), numbers)


@pytest.mark.parametrize("kind", ["f", "d"])
@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
def test_products(device: Simulated, kind: str, ta: bool, tb: bool) -> None:
    draw = np.random.default_rng(0)
    a, b = draw.standard_normal((3, 4, 5)).astype(kind), draw.standard_normal((5, 6)).astype(kind)
    bias, out = draw.standard_normal(6).astype(kind), draw.standard_normal((3, 4, 6)).astype(kind)
    want = np.maximum(a @ b + 2 * out + bias, 0)
    left = np.ascontiguousarray(a.swapaxes(1, 2)) if ta else a
    right = np.ascontiguousarray(b.T) if tb else b
    leads = {"lda": left.shape[2], "ldb": right.shape[1], "ldc": 6}
    steps = (20, 0, 24)
    work = Gemm(
        *(out, left, right, ta, tb, 4, 6, 5),
        **leads,
        batch=3,
        steps=steps,
        beta=2.0,
        bias=bias,
        relu=True,
    )
    device.launch(work)
    np.testing.assert_allclose(out, want, rtol=1e-5 if kind == "f" else 1e-13)
    assert device.log == ["product 4 x 6 x 5, 3 times + bias, relu"]


def test_the_block_says_where_steps_replay() -> None:
    assert current() is None
    with simulated() as outer:
        with simulated() as inner:
            assert current() is inner is not outer
        assert current() is outer
    assert current() is None
