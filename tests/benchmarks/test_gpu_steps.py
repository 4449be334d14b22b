"""Step times of gpu-check: who is measured, what is wrong, who is late."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

pytest.importorskip("torch")

from benchmarks import turns
from benchmarks.gpu import parts, steps
from benchmarks.gpu.judged import allowed
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truths import packed, unpacked
from benchmarks.process import Process

TOLD = {
    "losses": [2.0, 1.0], "gradients": [[1.0, 2.0], [3.0]], "compile_s": 1.0, "path": "a graph",
    "versions": {"torch": "9"}, "params": 100, "batch": 64, "checked_rows": None,
}  # fmt: skip
LAST = {"loss": [2.0, 1.0, 0.5], "steps": 99, "peak_bytes": 7, "counts": {"kernels": 3}}
TRUTH = {
    "losses": [2.0, 1.0], "gradients": packed([[1.0, 2.0], [3.0]]),
    "emulated": {
        "default": {"loss": 1e-6, "gradient": 1e-5}, "tf32": {"loss": 5e-3, "gradient": 2e-2},
    },
}  # fmt: skip


class Played:
    """In a contender's place: says what a test wants."""

    told_by: dict[str, dict[str, Any]]  # hung by the fixture
    last_by: dict[str, dict[str, Any]]
    failure_by: dict[str, dict[str, Any]]
    begun: list[str]

    def __init__(self, name: str, options: dict[str, Any], end: float) -> None:
        self.name, self.options = name, options
        self.told: dict[str, Any] = {}
        self.blocks: list[dict[str, Any]] = []
        self.failure = self.failure_by.get(name, {})
        self.said = self.told_by.get(name, TOLD)
        self.begun.append(name)

    def __enter__(self) -> Played:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def end(self) -> None:
        pass

    def hear(self, seconds: float) -> dict[str, Any]:
        return self.said

    def round(self, seconds: float) -> dict[str, Any]:
        block = {"ms": 0.5, "device_ms": 0.4, "steps": 8, "foreign": 0.0, "peak_mb": None}
        self.blocks.append(block)
        return block

    def ask(self) -> None:
        self.said = self.last_by.get(self.name, LAST)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> type[Played]:
    monkeypatch.setattr(turns, "PAUSE", 0.0)
    monkeypatch.setattr(steps, "Alone", Played)
    Played.told_by, Played.last_by, Played.failure_by, Played.begun = {}, {}, {}, []
    return Played


NAMES = ("torch-eager", "minigrad-graph")
Found = dict[str, list[Any]]


def measured(
    names: tuple[str, ...] = NAMES, case: str = "mlp", policy: str = "default", truth: Any = TRUTH
) -> Found:
    """The runs of a cell, and the lines for people."""
    found: Found = {"runs": [], "wrong": [], "skipped": [], "absent": []}
    asked = Asked("cuda", 60.0, case, policy, names, truth=truth)
    for each in steps.findings(asked):
        for word in ("wrong", "skipped", "absent"):
            found[word] += each.pop(word, [])
        found["runs"] += [each] if each else []
    return found


def test_a_cell_is_every_contender_with_its_numbers(played: type[Played]) -> None:
    found = measured()
    assert played.begun == [*NAMES]
    assert found["wrong"] == found["skipped"] == []
    assert [run["contender"] for run in found["runs"]] == [*NAMES]
    run = found["runs"][1]
    assert set(run) == {
        "section", "workload", "what", "batch", "checked_rows", "optimizer", "policy", "contender",
        "path", "versions", "params", "flops", "bytes_min", "kernels", "graphs", "counts",
        "blocks_us", "blocks_device_us", "blocks_steps", "wall_us", "device_us", "peak_bytes",
        "loss", "steps", "losses_without_dropout", "loss_err", "rel_err", "compile_s", "notes",
        "beside",
    }  # fmt: skip
    assert run["optimizer"] == "SGD lr 0.01 momentum 0.5" and run["bytes_min"] == 4 * 100 * 4
    assert run["blocks_us"] == [500.0] * steps.ROUNDS and run["wall_us"]["median"] == 500.0
    assert run["blocks_device_us"] == [400.0] * steps.ROUNDS and run["loss_err"] == 0.0
    assert run["beside"] == {"torch-eager": 500.0, "minigrad-graph": 500.0}
    assert json.loads(json.dumps(run)) == run


def test_gradients_are_packed_into_a_word() -> None:
    for gradients in ([[1.5, -0.1], [3e-300]], [], [[]]):
        assert unpacked(json.loads(json.dumps(packed(gradients)))) == gradients


@pytest.mark.parametrize(
    ("told", "last", "line"),
    [
        ({"losses": [2.0, 1.1]}, {}, "losses are 1.0e-01 from float64; 1e-04 is allowed"),
        ({"gradients": [[1.0, 2.5], [3.0]]}, {}, "gradients are 2.2e-01 from float64; 1e-03 is"),
        ({"gradients": [[1.0, 2.0]]}, {}, "there are not as many gradients as in float64"),
        ({}, {"loss": [2.0, 1.0, 2.5]}, "the loss did not go down: 2 to 2.5"),
        ({}, {"loss": [2.0, 1.0, float("nan")]}, "losses are not finite"),
        ({"losses": [2.0, float("nan")]}, {}, "losses are nan from float64"),
    ],
)
def test_wrong_numbers_are_told(
    played: type[Played], told: dict[str, Any], last: dict[str, Any], line: str
) -> None:
    played.told_by = {"minigrad-graph": {**TOLD, **told}}
    played.last_by = {"minigrad-graph": {**LAST, **last}}
    (wrong,) = measured()["wrong"]
    assert wrong.startswith(f"mlp, default: minigrad-graph: {line}")


def test_where_pytorch_is_far_from_float64_more_is_allowed(played: type[Played]) -> None:
    far = {**TOLD, "gradients": [[1.0, 2.1], [3.0]]}
    played.told_by = {"torch-eager": far, "minigrad-graph": far}
    found = measured(policy="fp32")
    assert found["wrong"] == [] and found["runs"][1]["rel_err"] > 0.02


def test_tf32_may_be_as_far_as_rounding_alone_takes_it() -> None:
    """And float32 may not, whatever TF32 comes to."""
    for name, what, most in (
        ("tf32", "gradient", 8e-2), ("tf32", "loss", 2e-2), ("bf16", "gradient", 8e-2),
        ("default", "gradient", 1e-3), ("fp32", "gradient", 1e-3), ("fp32", "loss", 1e-4),
    ):  # fmt: skip
        assert allowed(what, POLICIES[name], TRUTH, None) == pytest.approx(most)
    assert allowed("gradient", POLICIES["fp32"], TRUTH, 0.5) == 2.0
    assert allowed("gradient", POLICIES["bf16"], TRUTH, 0.5) == 8e-2  # PyTorch's is another type
    assert allowed("gradient", POLICIES["fp32"], TRUTH, float("nan")) == 1e-3


def test_without_a_truth_pytorch_is_the_judge(played: type[Played]) -> None:
    played.told_by = {"minigrad-graph": {**TOLD, "gradients": [[1.0, 2.5], [3.0]]}}
    (line,) = measured(truth=None)["wrong"]
    assert line == "mlp, default: minigrad-graph: gradients are 2.2e-01 from torch-eager; " + (
        "1e-01 is allowed"
    )
    assert measured(("minigrad-graph",), truth=None)["wrong"] == []


def test_who_is_not_there_is_told(played: type[Played]) -> None:
    played.told_by = {
        "torch-graph": {"absent": "no CUDA"},
        "torch-compile": {"failed": "RuntimeError: no triton"},
        "minigrad-eager": {"failed": "it said nothing for 5 s and was ended", "late": True},
        "minigrad-graph": {"failed": "ValueError: no"},
    }
    found = measured(tuple(played.told_by), "gan")
    assert found["absent"] == ["torch-graph: no CUDA"]
    assert found["skipped"] == [
        "gan, default: torch-compile: RuntimeError: no triton",
        "gan, default: minigrad-eager: it said nothing for 5 s and was ended",
    ]
    assert found["wrong"] == ["gan, default: minigrad-graph: ValueError: no"]
    assert found["runs"] == []


def test_who_fails_in_a_round_is_told(played: type[Played]) -> None:
    played.failure_by = {
        "torch-eager": {"failed": "OutOfMemoryError: no"},
        "minigrad-eager": {"failed": "the time was over", "late": True},
        "minigrad-graph": {"failed": "RuntimeError: an illegal access"},
    }
    found = measured(tuple(played.failure_by))
    assert found["wrong"] == ["mlp, default: minigrad-graph: RuntimeError: an illegal access"]
    assert found["skipped"] == [
        "mlp, default: torch-eager: OutOfMemoryError: no",
        "mlp, default: minigrad-eager: the time was over",
    ]
    assert len(found["runs"]) == 3  # with the blocks until then


def test_kernels_that_could_not_be_counted_are_noted(played: type[Played]) -> None:
    played.last_by = {"torch-compile-ro": {**LAST, "counts": {"unknown": "no rights"}}}
    (run,) = measured(("torch-compile-ro",))["runs"]
    assert run["kernels"] is None
    assert run["notes"] == ["its kernels could not be counted: no rights"]


def test_what_is_no_graph_is_noted(played: type[Played]) -> None:
    played.told_by = {"minigrad-graph": {**TOLD, "path": "cuda launches, 9 nodes"}}
    notes = [run["notes"] for run in measured(("torch-compile-ro", "minigrad-graph"))["runs"]]
    assert notes == [
        ["reduce-overhead launched no CUDA graph"],
        ["no graph was replayed: cuda launches, 9 nodes"],
    ]


def test_no_block_begins_when_the_time_is_over() -> None:
    options = {"case": "mlp", "device": "cpu", "rows": None, "small": True}
    with steps.Alone("minigrad-eager", options, time.monotonic() - 1.0) as process:
        told = process.round(0.1)
        assert told == process.failure == {"failed": "the time was over", "late": True}


# -- processes -------------------------------------------------------------------------------------


def test_a_process_that_says_nothing_is_ended() -> None:
    with Process("tokenize", []) as process:  # it waits for its input
        told = process.hear(0.3)
        assert told == {"failed": "its process said nothing for 0 s and was ended", "late": True}
        assert process.hear(5)["failed"].startswith("its process ended with code -9")


@pytest.mark.slow
def test_a_part_speaks_from_its_own_process() -> None:
    asked = Asked("simulated", 20.0)
    said = list(parts.told("benchmarks.gpu.environment", asked, 60.0))
    assert said[0]["gpu"] is None and said[0]["versions"]["numpy"]
    assert said[0]["device"] == "simulated" and said[1:] == [{"done": True}]
