"""Where a test's tensors are: on the CPU, on the stand-in for a GPU, on a GPU."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings

if "PYTEST_XDIST_WORKER" in os.environ:  # the workers share the cores: a thread each for NumPy
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

from minigrad import layouts
from minigrad.device import CPU, Device
from minigrad.device import device as as_device
from minigrad.errors import DeviceError

# A busy machine is no fault of a test.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The tests are never garbage: nobody looks for it among them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def layouts_at_each_run() -> Iterator[None]:
    """Every call of a kernel is held to its layouts, not only those of a replay before its first
    run."""
    with layouts.always():
        yield


def cuda_is_there() -> bool:
    try:
        Device("cuda", 0).xp.zeros(1)
    except DeviceError:
        return False
    return True


CUDA = cuda_is_there()
GPUS = [pytest.param("cuda", marks=pytest.mark.gpu)] if CUDA else []
"""Thousands of rows, which are not even collected where there is no GPU."""


def placed(kind: str) -> Iterator[Device]:
    """A device of that kind for the time of a test. The stand-in's is its second one, while the
    first is current: what is done without naming the device fails."""
    if kind == "stand-in":
        from standin import installed

        with installed():
            yield as_device("cuda:1")
    else:
        yield CPU if kind == "cpu" else as_device("cuda")


@pytest.fixture
def signals() -> Iterator[None]:
    """SIGINT and SIGTERM do what they do by default, here and in processes that are started: in
    the background of a shell, and below nohup, they may be ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(params=["cpu", "stand-in", *GPUS])
def device(request: pytest.FixtureRequest) -> Iterator[Device]:
    """Every device that a test of numbers runs on."""
    yield from placed(request.param)


@pytest.fixture(params=["cpu", *GPUS])
def real_device(request: pytest.FixtureRequest) -> Iterator[Device]:
    """The same without the stand-in, for tests that take long."""
    yield from placed(request.param)


@pytest.fixture(params=["stand-in", *GPUS])
def gpu(request: pytest.FixtureRequest) -> Iterator[Device]:
    """A GPU, or the stand-in for one."""
    yield from placed(request.param)
