"""The GPU as a target, on paper: what it is given, and what it refuses.

What only a GPU can show is in test_on_a_gpu.py.
"""

from __future__ import annotations

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from gemms import aligned, product
from paper import ADD, TAKE, Paper, add, given, numbers, on_device
from standin_streams import Numbers

from minigrad.compiler.targets.cuda.device import blaslt, hardware, nvrtc
from minigrad.compiler.targets.cuda.device.hardware import Hardware
from minigrad.compiler.targets.cuda.launch import Kernel, Launch
from minigrad.errors import DeviceError


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_memory_is_aligned_and_of_a_stream_of_its_own(
    target: Hardware, paper: Paper, size: int
) -> None:
    memory = target.empty(size)
    assert (memory.shape, memory.dtype, memory.data.ptr % 256) == ((size,), np.uint8, 0)
    assert memory.memory.stream != paper.null.ptr


def test_new_kernels_are_one_module(paper: Paper) -> None:
    target = Hardware(paper.xp, 0)
    target.load([ADD, TAKE, ADD])
    target.load([ADD])
    other = Kernel("add", ADD.text.replace("n)", "m)"))
    target.load([ADD, other])
    assert [arch for _, arch in paper.compiled] == ["sm_90", "sm_90"]
    assert [text.count("__global__ void") for text, _ in paper.compiled] == [2, 1]


def test_a_source_that_is_refused_is_told(
    target: Hardware, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, arch: str) -> bytes:
        raise RuntimeError("kernels.cu(3): error")

    monkeypatch.setattr(nvrtc, "compiled", refuse)
    with pytest.raises(RuntimeError, match=r"kernels\.cu\(3\): error"):
        target.load([Kernel("new", "")])


def test_a_kernel_gets_its_arguments_as_the_driver_reads(target: Hardware, paper: Paper) -> None:
    work, expected = add()
    out = numbers(3)
    target.launch(work)
    target.launch(Launch(TAKE, 7, 32, (out, -5, (1 << 64) - 1)))
    target.launch(work)
    assert given(paper) == [expected, ["take", 7, 32, out.data.ptr, -5, -1], expected]


def test_a_kernel_that_cannot_be_launched_is_named(target: Hardware, paper: Paper) -> None:
    with pytest.raises(KeyError, match="new: this kernel was not loaded"):
        target.launch(Launch(Kernel("new", ""), 1, 1, ()))
    for block in (0, 1025):
        with pytest.raises(ValueError, match=f"add: {block} threads a block; this GPU can do 1024"):
            target.launch(add(block=block)[0])
    paper.refuse.add("add")
    with pytest.raises(RuntimeError, match=r"^add: add refused"):
        target.launch(add()[0])


def test_work_that_is_gone_is_forgotten_and_kept_no_longer(target: Hardware) -> None:
    work, _ = add()
    target.launch(work)
    assert len(target._calls) == 1
    del work
    gc.collect()
    assert len(target._calls) == 0


def test_work_is_given_to_the_stream_that_was_current_when_the_step_began(
    target: Hardware, paper: Paper
) -> None:
    (first, one), (second, two) = add(1), add(2)
    with (other := paper.Stream()):
        target.begin(numbers(0))
        target.launch(first)
        target.end()
        target.begin(numbers(0))
        target.launch(second)
        target.end()
    (record, event), *rest = given(paper)
    assert (record, rest) == ("record", [])  # the new stream waits for the one before, once
    assert given(paper, other.ptr) == [["wait", event], one, two]


def test_a_step_is_given_to_its_own_device(paper: Paper) -> None:
    target = Hardware(paper.xp, 1)
    assert paper.current == 0
    target.begin(numbers(0))
    assert paper.current == 1
    target.end()
    assert paper.current == 0


def test_what_cupy_does_itself_is_done_at_once(target: Hardware, paper: Paper) -> None:
    work, expected = add()
    target.launch(work)
    target.call(lambda: paper.give(0, "eager"))
    target.launch(work)
    target.synchronize()
    assert given(paper) == [expected, ["eager"], expected]
    assert paper.done[-1] == (0, "synchronize")


def test_numbers_of_the_host_go_by_pinned_memory(target: Hardware, paper: Paper) -> None:
    out, host = numbers(2, 3), np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2].T
    target.upload(out, host)
    expected = np.ascontiguousarray(host).tobytes()
    assert given(paper)[0] == ["copy", out.data.ptr, expected, 1]
    assert [kind for kind, *_ in given(paper)] == ["copy", "record"]


def test_pinned_memory_is_held_until_its_copy_is_done(target: Hardware, paper: Paper) -> None:
    out, under_way = numbers(3), target._staging._under_way
    for _ in range(3):
        target.upload(out, np.ones(3, np.float32))
    assert len(paper.pinned_memory) == 3
    under_way[0][0].done = under_way[2][0].done = True  # only what is in front is looked at
    target.upload(out, np.ones(3, np.float32))
    assert len(paper.pinned_memory) == 3
    for _ in range(40):
        target.upload(out, np.ones(3, np.float32))
    assert len(paper.pinned_memory) == 32
    assert sum(what == "synchronize" for _, what, *_ in paper.done) == 44 - 32  # waited for these


def test_nothing_is_uploaded_as_nothing(target: Hardware, paper: Paper) -> None:
    target.upload(numbers(0), np.zeros(0, np.float32))
    assert given(paper) == []


def test_numbers_of_the_device_stay_there(target: Hardware, paper: Paper) -> None:
    out, dense = numbers(2, 3), numbers(2, 3)
    strided = Numbers(np.zeros((3, 2), np.float32).T)
    target.upload(out, dense)
    target.upload(out, strided)
    target.upload(strided, out)
    assert given(paper) == [
        ["copy", out.data.ptr, bytes(24), 3],
        ["copyto", out.data.ptr, strided.data.ptr],
        ["copyto", strided.data.ptr, out.data.ptr],
    ]


def test_what_does_not_fit_is_not_uploaded(target: Hardware) -> None:
    out = numbers(3)
    said = r"upload: expected float32 of shape \(3,\), got float64 of shape \(2,\)"
    with pytest.raises(ValueError, match=said):
        target.upload(out, np.zeros(2))
    with pytest.raises(ValueError, match=r"the place of shape \(3,\) is not dense"):
        target.upload(Numbers(np.zeros(6, np.float32)[::2]), np.zeros(3, np.float32))
    far = numbers(3)
    far.device = SimpleNamespace(id=1)
    with pytest.raises(ValueError, match=r"upload: the numbers are on .*, not on cuda:0"):
        target.upload(out, far)


def test_a_product_is_first_done_beside_its_place(target: Hardware, paper: Paper) -> None:
    gemm, other = (on_device(product(out=aligned(np.zeros(14, np.float32))[2:])) for _ in range(2))
    target.launch(gemm)
    target.launch(gemm)
    (_, beside), *rest = given(paper)
    assert beside != gemm.out.data.ptr and beside % 256 == gemm.out.data.ptr % 256 == 8
    assert rest == [["product", gemm.out.data.ptr]] * 2
    target.launch(other)  # of the same kind
    assert given(paper)[3:] == [["product", other.out.data.ptr]]


def test_a_kernel_follows_where_the_epilogue_is_not_there(target: Hardware, paper: Paper) -> None:
    gemm = on_device(product(relu=True))
    target.launch(gemm)
    where, (kernel, *facts) = gemm.out.data.ptr, given(paper)[2]
    assert given(paper)[1] == ["product", where] and kernel.startswith("epilogue_")
    assert facts == [1, 256, where, 0, 12, 4, 3, 3, 0]  # no bias, no address


def test_algorithms_are_tried_beside_the_place(target: Hardware, paper: Paper) -> None:
    gemm = on_device(product())
    target.tune(gemm)
    tried = [facts[1] for facts in given(paper) if facts[0] == "tried"]
    assert len(tried) == hardware.TIMES + 1 and gemm.out.data.ptr not in tried
    assert target.choice(gemm) == "for 4"
    assert target._products is not None and target._products[0].seconds == 0.001


def test_facts_say_what_ran(target: Hardware, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blaslt, "version", lambda: (13, 1, 1))
    monkeypatch.setattr(nvrtc, "version", lambda: (13, 0))
    assert target.name == "cuda:0 (Paper H100)"
    assert target.facts() == {
        "gpu": "Paper H100",
        "compute capability": "9.0",
        "multiprocessors": 132,
        "L2 bytes": 50 << 20,
        "memory bytes": 80 << 30,
        "driver": "13.2",
        "runtime": "12.9",
        "CuPy": "14.0",
        "cuBLASLt": "13.1.1",
        "NVRTC": "13.0",
    }


def test_there_is_one_target_for_each_gpu(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cupy", lambda: paper.xp)
    hardware.gpu.cache_clear()
    first = hardware.gpu(hardware.Device("cuda", 0))
    assert hardware.gpu(hardware.Device("cuda", 0)) is first
    assert hardware.gpu(hardware.Device("cuda", 1)).index == 1
    hardware.gpu.cache_clear()


def test_without_a_gpu_there_is_no_target() -> None:
    try:
        hardware.cupy()
    except DeviceError:
        with pytest.raises(DeviceError, match="cuda: CuPy"):
            hardware.gpu(hardware.Device("cuda", 0))
    else:
        assert hardware.gpu(hardware.Device("cuda", 0)).name.startswith("cuda:0 (")
