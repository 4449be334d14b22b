"""Kernels register themselves, each in its own file; the recipe of CONTRIBUTING is one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import minigrad
from minigrad.compiler.targets.cuda import kernels
from minigrad.compiler.targets.cuda.kernels import registry
from minigrad.ops.scan import cumsum
from minigrad.ops.softmax import softmax

RECIPE = Path(__file__).parent.parent.parent / "CONTRIBUTING.md"


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Kernels that come new are forgotten afterwards."""
    registry.ops()
    before = registry._lowerings.copy()
    yield
    registry._lowerings.clear()
    registry._lowerings.update(before)


@pytest.mark.usefixtures("gxx", "forgotten")
def test_a_new_kernel_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def step() -> minigrad.Tensor:
        return x.cumsum(0)

    x = minigrad.arange(5, dtype=minigrad.float32)
    with minigrad.cuda.simulated():
        before = minigrad.compile(step)
        assert before().tolist() == [0, 1, 3, 6, 10] and "eager: cumsum" in before.path
    text = RECIPE.read_text(encoding="utf-8").partition("## How to add a kernel")[2]
    (code, *_) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "running.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(kernels, "__path__", [*kernels.__path__, str(tmp_path)])
    registry._loaded.cache_clear()
    with minigrad.cuda.simulated() as device:
        after = minigrad.compile(step)
        assert [after().tolist() for _ in range(2)] == [[0, 1, 3, 6, 10]] * 2
    assert cumsum in registry.ops() and after.path == "simulated graph, 1 nodes"
    assert device.log[-1].startswith("cumsum_")
    sys.modules.pop(f"{kernels.__name__}.running")


def test_an_op_has_one_kernel() -> None:
    registry.ops()
    with pytest.raises(AssertionError, match="softmax has two kernels"):
        registry.lowers(softmax)(lambda *arrays: None)
