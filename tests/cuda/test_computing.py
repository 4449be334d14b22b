"""Compiled steps on a GPU, down to the words that CUDA's driver and cuBLASLt are handed, with a
stand-in for the GPU behind them: they learn what the same steps learn eagerly on the CPU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from computing import computing
from learning import LEARNERS, Training, batches, dense, same

import minigrad
from minigrad import nn
from minigrad.compiler.targets.cuda.device.blaslt import Attribute, Compute, Epilogue

pytestmark = pytest.mark.usefixtures("gxx")

DEVICE = "cuda:1"  # while another is current


@LEARNERS
@pytest.mark.parametrize("epilogues", [tuple(Epilogue), (Epilogue.NONE,)], ids=["all", "none"])
def test_a_network_trains(
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], nn.Module],
    shape: tuple[int, ...],
    epilogues: tuple[Epilogue, ...],
) -> None:
    plain = Training(make, "cpu")
    expected = plain.run(plain.step, *shape)
    with computing(monkeypatch, *epilogues) as gpu:
        mine = Training(make, DEVICE)
        step = minigrad.compile(mine.step)
        losses, found, path = mine.run(step, *shape), mine.numbers(), step.path
        told = Counter(what for _, what, *_ in gpu.done)
    same(losses, expected, False, "losses", 1e-5)
    for name, held in plain.numbers().items():
        same(found[name], held, False, name, 1e-5)
    assert path.startswith("cuda graph") and told["graph upload"] == 1, path
    assert any("epilogue" in what for what in told) == (Epilogue.RELU_BIAS not in epilogues)


def test_several_steps_are_one_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Training(dense, "cpu")
    (x, y), *_ = batches(1, 5, 6)
    for _ in range(20):
        expected = plain.step(x, y).item()
    with computing(monkeypatch, *Epilogue) as gpu:
        mine = Training(dense, DEVICE)
        data = x.to(DEVICE), y.to(DEVICE)
        step = minigrad.compile(lambda: mine.step(*data))
        loss = step.repeat(20).item()
        found = mine.numbers()
        lengths = sorted(len(nodes) for nodes in gpu.executables.values())
    same(loss, expected, False, "loss", 1e-5)
    for name, held in plain.numbers().items():
        same(found[name], held, False, name, 1e-5)
    assert len(lengths) > 1 and lengths[-1] % 8 == 0


@pytest.mark.parametrize("allow", [False, True])
def test_the_policy_reaches_the_products(monkeypatch: pytest.MonkeyPatch, allow: bool) -> None:
    monkeypatch.setattr("minigrad.precision._matmul", "high" if allow else "highest")
    with computing(monkeypatch, *Epilogue) as gpu:
        mine = Training(dense, DEVICE)
        mine.run(minigrad.compile(mine.step), 5, 6)
        computed = {operation[Attribute.COMPUTE_TYPE] for operation in gpu.operations}
    assert computed == {Compute.TF32 if allow else Compute.FLOAT32}


def test_a_policy_that_changes_is_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    with computing(monkeypatch, *Epilogue) as gpu:
        mine = Training(dense, DEVICE)
        step = minigrad.compile(mine.step)
        mine.run(step, 5, 6)
        assert gpu.operations
        gpu.operations.clear()
        mine.run(step, 5, 6)
        assert not gpu.operations
        monkeypatch.setattr("minigrad.precision._matmul", "high")
        mine.run(step, 5, 6)
        assert {each[Attribute.COMPUTE_TYPE] for each in gpu.operations} == {Compute.TF32}
