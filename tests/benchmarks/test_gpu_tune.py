"""Tables that gpu-check fills by timing: what is faster is taken, what is not stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.gpu import tune
from benchmarks.gpu.part import Asked
from minigrad.compiler.targets.cuda import tuning
from minigrad.compiler.targets.cuda.launch import Gemm
from minigrad.compiler.targets.cuda.tuning import Limits, Table


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    tuning.table.cache_clear()
    yield
    tuning.table.cache_clear()


GPU: Any = SimpleNamespace(name="cuda:0 (Paper 9000)")


def test_limits_that_are_faster_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all cases together, and each with those that were taken before it."""
    met: list[Limits] = []

    def times(target: Any, asked: Asked, cases: Sequence[str], limits: Limits) -> list[float]:
        met.append(limits)
        faster = 0.9 if limits.slab == 16 << 20 else 1.0  # both cases
        chance = 0.99 if limits.enough == 132 else 1.0
        mixed = (0.5, 2.0) if limits.few_filters == 64 else (1.0, 1.0)
        return [faster * chance * x for x in mixed]

    monkeypatch.setattr(tune, "_times", times)
    asked = Asked("cuda", 60.0, file="cnn,resnet34")
    found = list(tune._limits(GPU, asked, "Paper 9000"))
    assert {x["limit"]: x["taken"] for x in found} == {
        "few_filters": 32, "few_weights": 256, "many_places": 64, "slab": 16 << 20, "enough": 264,
        "long": 8192,
    }  # fmt: skip
    assert found[3]["tried"][str(16 << 20)] == pytest.approx(0.9)
    assert met[-1] == Limits(slab=16 << 20, long=32768)
    assert tuning.table("Paper 9000") == Table("Paper 9000", Limits(slab=16 << 20))


def test_what_was_found_is_kept_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune, "_times", lambda target, asked, cases, limits: [limits.few_filters])
    found = list(tune._limits(GPU, Asked("cuda", -1.0, file="cnn"), "Paper 9000"))
    assert found == [{"skipped": ["tune: few_filters and what follows: no time was left"]}]
    clock = iter([0.0, 1.0, 2.0, 99.0])
    monkeypatch.setattr(tune.time, "monotonic", lambda: next(clock))
    list(tune._limits(GPU, Asked("cuda", 10.0, file="cnn"), "Paper 9000"))
    assert tuning.table("Paper 9000").limits == Limits(few_filters=16)


def test_algorithms_are_written_down_beside_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    tune.saved(Table("Paper 9000", Limits(long=4096), {"known": "0f" * 64}))
    x = np.zeros((4, 4), np.float32)
    works = [Gemm(x, x, x, False, False, 4, 4, k, 4, 4, 4) for k in (4, 4, 3)]
    step = SimpleNamespace(replays=[SimpleNamespace(work=works)])
    monkeypatch.setattr(tune, "_made", lambda asked, case, policy: step)
    tried: list[Gemm] = []

    def tuned(gemm: Gemm) -> list[float]:
        tried.append(gemm)
        return [3e-6, 1e-6]

    target: Any = SimpleNamespace(**vars(GPU), tune=tuned, algorithms={"new": "1e" * 64})
    found = list(tune._products(target, Asked("cuda", 10.0, "mlp"), "Paper 9000"))
    assert [each.k for each in tried] == [4, 3]  # a kind once
    assert [each["taken"] for each in found] == [1, 1] and found[0]["us"] == pytest.approx([3, 1])
    assert tuning.table("Paper 9000") == Table(
        "Paper 9000", Limits(long=4096), {"known": "0f" * 64, "new": "1e" * 64}
    )
