"""How a program is replayed on a GPU: the ladder from a graph down to op by op, what moves in and
out, and what is told of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.compiler.targets.cpu.target import Cpu
from minigrad.compiler.targets.cuda.device.simulation import Simulated
from minigrad.compiler.targets.cuda.replay import GRAPH
from minigrad.compiler.targets.cuda.target import Cuda
from minigrad.compiler.targets.register import chosen
from minigrad.device import CPU, Device
from minigrad.errors import CompileError
from minigrad.lines import line
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from test_repeat import BATCH, SIZE, Training
from test_trained import mlp
from twins import Side, agree, batches, convolutional, supervised

pytestmark = pytest.mark.usefixtures("gxx")

CALLS = batches(6, 7, 6)


# -- the ladder -------------------------------------------------------------------------------


def test_the_first_run_is_by_launches_and_then_there_is_a_graph() -> None:
    with minigrad.cuda.simulated() as device:
        step = minigrad.compile(lambda x: (x @ x).exp() + 1)
        assert step.path == "eager"
        step(minigrad.ones(3, 3))
        assert step.path == "simulated launches, 2 nodes: not captured yet"
        assert [line[:5] for line in device.log] == ["uploa", "produ", "chain"]
        step(minigrad.ones(3, 3))
        assert step.path == "simulated graph, 2 nodes" and device.nodes == 2
        step(minigrad.ones(3, 3))
    assert sum(line.startswith("graph") for line in device.log) == 2


def test_without_a_graph() -> None:
    with minigrad.cuda.simulated() as device:
        step = agree(mlp, CALLS, disable=["graph"], tolerance=1e-5)
    assert step.path.startswith("simulated launches, ")
    assert step.path.endswith("nodes: graphs are disabled")
    assert device.nodes == 0 and "call" not in device.log


def test_a_device_that_refuses_to_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any, body: Any) -> Any:
        raise RuntimeError("no room")

    monkeypatch.setattr(Simulated, "capture", refuse)
    with minigrad.cuda.simulated():
        step = agree(mlp, CALLS, tolerance=1e-5)
    assert step.path.endswith("nodes: no graph: no room")


def test_what_may_not_be_captured_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    launch = Simulated.launch

    def hasty(self: Any, work: Any) -> None:
        self.synchronize()
        launch(self, work)

    monkeypatch.setattr(Simulated, "launch", hasty)
    with minigrad.cuda.simulated():
        step = minigrad.compile(lambda x: x * 2)
        step(minigrad.ones(3))
        with pytest.raises(CompileError, match="the host waited while a graph was captured"):
            step(minigrad.ones(3))


def test_an_op_without_a_kernel_is_the_array_librarys() -> None:
    with minigrad.cuda.simulated() as device:
        step = minigrad.compile(lambda x: (x * 2).sort(0)[0] + 1)
        for seed in range(3):
            x = minigrad.from_numpy(np.random.default_rng(seed).standard_normal(7))
            np.testing.assert_allclose(step(x).numpy(), np.sort(2 * x.numpy()) + 1)
    assert step.path == "simulated launches, 3 nodes, 1 of 4 ops eager: argsort"
    assert "call" in device.log


def test_without_kernels() -> None:
    with minigrad.cuda.simulated() as device:
        step = agree(mlp, CALLS, native=False, tolerance=1e-5)
        other = minigrad.compile(pooled(), native=False)
        for x in (1.0, 2.0):
            other(minigrad.full((8, 1, 28, 28), x))
    assert step.path == f"simulated eager, {step.replays[-1].plain} calls"
    assert step.replays[-1].native == other.replays[-1].native == device.nodes == 0
    assert all(each.kind == "op" for each in other.programs[-1].instructions)


def test_without_kernels_a_constant_begins_as_it_was_without_one_too() -> None:
    def step(x: Any) -> Any:
        return minigrad.zeros(3).add_(x)  # a zero that a replay writes over

    with minigrad.cuda.simulated() as device:
        twin = minigrad.compile(step, native=False)
        assert [twin(minigrad.ones(3)).tolist() for _ in range(3)] == [[1, 1, 1]] * 3
    assert twin.path == "simulated eager, 1 calls" and twin.replays[-1].native == 0
    assert {each.partition(" ")[0] for each in device.log} == {"upload", "call"}


def pooled() -> Any:
    """A convolution and pooling, which one kernel would do."""
    conv = nn.Conv2d(1, 6, 5)
    return lambda x: F.max_pool2d(conv(x).relu(), 2)


def test_where_kernels_cannot_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any, kernels: Any) -> None:
        raise RuntimeError("the compiler is out of order")

    monkeypatch.setattr(Simulated, "load", refuse)
    with minigrad.cuda.simulated():
        step = minigrad.compile(lambda x: x * 2 + 1)
        with pytest.warns(RuntimeWarning, match=r"out of order\n.*is replayed by the array lib"):
            found = step(minigrad.ones(3))
    np.testing.assert_array_equal(found.numpy(), 3)
    assert step.path.startswith("simulated eager")


@pytest.mark.parametrize("name", [each.name for each in Cuda.passes if each is not GRAPH])
def test_each_pass_can_be_left_out(name: str) -> None:
    def make() -> Side:
        model = convolutional()
        return supervised(model, optim.Adam(model.parameters(), lr=0.01))

    with minigrad.cuda.simulated():
        step = agree(make, batches(6, 3, 2, 10, 10), disable=[name], tolerance=1e-4)
    assert step.path.startswith("simulated graph")


def test_what_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with minigrad.cuda.simulated():
        minigrad.compile(lambda x: x * 2, explain=True)(minigrad.ones(3))
    told = capsys.readouterr().out
    for name in ("epilogues", "pairs", "bundles"):
        assert f"  {name} " in told
    assert "layout " not in told and "1 calls: simulated launches, 1 nodes" in told


# -- what moves in and out --------------------------------------------------------------------


def test_a_graph_of_many_steps() -> None:
    training = Training()
    with minigrad.cuda.simulated() as device:
        step = minigrad.compile(training.step)
        step.repeat(SIZE // BATCH)
        training.again()
        training.order = minigrad.arange(SIZE).repeat(5)  # data for 25 steps
        step.repeat(2)
        nodes = step.replays[-1].counts["nodes"]
        device.log.clear()
        step.repeat(19)
    graphs = [line for line in device.log if line.startswith("graph")]
    assert graphs == [f"graph of {n * nodes} nodes" for n in (8, 8, 3)]
    assert not any(line.startswith("upload") for line in device.log)
    assert int(training.cursor) == 21 * BATCH


def test_numbers_of_the_host_are_copied_before_the_graph() -> None:
    with minigrad.cuda.simulated() as device:
        step = minigrad.compile(lambda x: x + minigrad.randn(3))
        minigrad.manual_seed(2)
        found = [step(minigrad.zeros(3)).numpy() for _ in range(3)]
    minigrad.manual_seed(2)
    np.testing.assert_array_equal(found, [minigrad.randn(3).numpy() for _ in range(3)])
    assert step.replays[-1].counts["uploads"] == 1
    assert device.log[-4:-2] == ["upload float32[3]"] * 2


def test_arguments_that_are_written_into_are_written_back() -> None:
    x, y = minigrad.arange(3.0), minigrad.arange(3.0)
    with minigrad.cuda.simulated():
        step = minigrad.compile(lambda a, b: a.mul_(2) + b)
        for i in range(3):
            np.testing.assert_array_equal(step(x, y).numpy(), (2 ** (i + 1) + 1) * np.arange(3.0))
        np.testing.assert_array_equal(x.numpy(), 8 * np.arange(3.0))
        with pytest.raises(CompileError, match="shares memory with another"):
            step(x, x)


def test_constants_begin_anew_at_each_step() -> None:
    def step() -> Any:
        total = minigrad.zeros(3)
        total += 1
        total.mul_(2)
        return total

    with minigrad.cuda.simulated():
        twin = minigrad.compile(step)
        for _ in range(4):
            np.testing.assert_array_equal(twin().numpy(), 2)


def test_what_a_step_returns_is_new_and_gradients_stay() -> None:
    w = minigrad.ones(3).requires_grad_()

    def step(x: Any) -> Any:
        w.grad = None
        loss = (w * x).sum()
        loss.backward()
        return loss

    with minigrad.cuda.simulated():
        twin = minigrad.compile(step)
        losses = [twin(minigrad.full((3,), float(i))) for i in range(4)]
        assert [float(loss) for loss in losses] == [0, 3, 6, 9]
        kept = w.grad
        np.testing.assert_array_equal(w.grad.numpy(), 3)
        twin(minigrad.full((3,), 5.0))
        assert w.grad is kept
        np.testing.assert_array_equal(kept.numpy(), 5)


def test_numbers_that_are_read_before_they_are_written_are_poison() -> None:
    x = minigrad.ones(4, 4)
    with minigrad.cuda.simulated():
        step = minigrad.compile(lambda: F.softmax(x @ x, 1).sum())
        step()
        replay: Any = step.replays[-1]
        replay._arena[...] = 0
        step()
        assert np.isfinite(float(step()))
        lowering = replay.lowered
        lowering.work = [work for work in lowering.work if work is not lowering.products[0]]
        replay._graphs.clear()
        assert np.isnan(float(step()))  # the product is missing, and nobody reads old numbers


def test_precision_is_part_of_what_is_recorded() -> None:
    x = minigrad.ones(3, 3)
    with minigrad.cuda.simulated():
        step = minigrad.compile(lambda: x @ x)
        step()
        try:
            minigrad.set_float32_matmul_precision("high")
            step()
        finally:
            minigrad.set_float32_matmul_precision("highest")
        step()
    flags = [[work.tf32 for work in replay.lowered.products] for replay in step.replays]
    assert flags == [[False], [True]]


def test_a_step_has_one_device() -> None:
    here = line()
    assert isinstance(chosen({}), Cpu) and isinstance(chosen({CPU: here}), Cpu)
    with minigrad.cuda.simulated() as device:
        target = chosen({CPU: here})
        assert isinstance(target, Cuda) and target.gpu is device
    with pytest.raises(CompileError, match=r"on cpu \(.*\) and on cuda:0 \(.*\); a step has one"):
        chosen({CPU: here, Device("cuda", 0): here})
