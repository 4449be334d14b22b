"""Step times of gpu-check: who is measured, what is wrong, what is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("torch")

from benchmarks.gpu.budget import Budget

from benchmarks import turns
from benchmarks.catalogue import CASES
from benchmarks.gpu import parts, steps
from benchmarks.gpu.parts import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.record import Record
from benchmarks.gpu.steps import Steps
from benchmarks.process import Process

TOLD = {
    "losses": [2.0, 1.0], "gradients": [[1.0, 2.0], [3.0]], "compile_s": 1.0, "path": "a graph",
    "versions": {"torch": "9"}, "params": 100, "batch": 64, "checked_rows": None,
}  # fmt: skip
LAST = {"loss": [2.0, 1.0, 0.5], "steps": 99, "peak_bytes": 7, "counts": {"kernels": 3}}


class Played:
    """In a contender's place: says what a test wants."""

    told_by: dict[str, dict[str, Any]]  # hung by the fixture
    last_by: dict[str, dict[str, Any]]
    failure_by: dict[str, dict[str, Any]]
    begun: list[str]

    def __init__(self, name: str, options: list[str], budget: Budget) -> None:
        self.name, self.options = name, options
        self.blocks: list[dict[str, Any]] = []
        self.failure = self.failure_by.get(name, {})
        self.begun.append(name)

    def __enter__(self) -> Played:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def end(self) -> None:
        pass

    def hear(self, seconds: float) -> dict[str, Any]:
        return self.told_by.get(self.name, TOLD)

    def round(self, seconds: float) -> dict[str, Any]:
        block = {"ms": 0.5, "device_ms": 0.4, "steps": 8, "foreign": 0.0, "peak_mb": None}
        self.blocks.append(block)
        return block

    def last_words(self) -> dict[str, Any]:
        return self.last_by.get(self.name, LAST)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> type[Played]:
    monkeypatch.setattr(turns, "PAUSE", 0.0)
    monkeypatch.setattr(steps, "Contestant", Played)
    Played.told_by, Played.last_by, Played.failure_by, Played.begun = {}, {}, {}, []
    return Played


NAMES = ("torch-eager", "minigrad-graph")


def measured(minutes: float = 5.0, names: tuple[str, ...] = NAMES) -> tuple[Steps, Record]:
    record = Record(None, False, {})
    return Steps(record, Budget(minutes), "cuda", None, names), record


def test_a_cell_is_every_contender_with_its_numbers(played: type[Played]) -> None:
    made, record = measured()
    made.cell(CASES["mlp"], POLICIES["default"], made.names)
    assert played.begun == [*NAMES, "float64"]
    made.cell(CASES["mlp"], POLICIES["fp32"], made.names)
    assert played.begun[3:] == list(NAMES)  # the truth is known
    assert record.report["wrong"] == record.report["skipped"] == []
    assert [run["contender"] for run in record.report["runs"]] == [*NAMES, *NAMES]
    run = record.report["runs"][1]
    assert set(run) == {
        "workload", "what", "batch", "checked_rows", "optimizer", "policy", "contender", "path",
        "versions", "params", "flops", "bytes_min", "kernels", "graphs", "counts", "blocks_us",
        "blocks_device_us", "blocks_steps", "wall_us", "device_us", "peak_bytes", "loss", "steps",
        "losses_without_dropout", "loss_err", "rel_err", "compile_s", "notes",
    }  # fmt: skip
    assert run["optimizer"] == "SGD lr 0.01 momentum 0.5" and run["bytes_min"] == 4 * 100 * 4
    assert run["blocks_us"] == [500.0] * made.rounds and run["wall_us"]["median"] == 500.0
    assert run["blocks_device_us"] == [400.0] * made.rounds and run["loss_err"] == 0.0
    assert json.loads(json.dumps(run)) == run


@pytest.mark.parametrize(
    ("told", "last", "line"),
    [
        ({"losses": [2.0, 1.1]}, {}, "losses are 1.0e-01 from float64; 2e-03 is allowed"),
        ({"gradients": [[1.0, 2.5], [3.0]]}, {}, "gradients are 2.2e-01 from float64; 2e-02 is"),
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
    made, record = measured()
    made.cell(CASES["mlp"], POLICIES["default"], made.names)
    (wrong,) = record.report["wrong"]
    assert wrong.startswith(f"mlp, default: minigrad-graph: {line}")


def test_where_pytorch_is_far_from_float64_more_is_allowed(played: type[Played]) -> None:
    far = {**TOLD, "gradients": [[1.0, 2.1], [3.0]]}
    played.told_by = {"torch-eager": far, "minigrad-graph": far}
    made, record = measured()
    made.cell(CASES["mlp"], POLICIES["fp32"], made.names)
    assert record.report["wrong"] == [] and record.report["runs"][1]["rel_err"] > 0.02


def test_who_is_not_there_is_told(played: type[Played]) -> None:
    played.told_by = {
        "torch-graph": {"absent": "no CUDA"},
        "torch-compile": {"failed": "RuntimeError: no triton"},
        "minigrad-eager": {"failed": "it said nothing for 5 s and was ended", "late": True},
        "minigrad-graph": {"failed": "ValueError: no"},
    }
    made, record = measured(names=tuple(played.told_by))
    made.cell(CASES["gan"], POLICIES["default"], made.names)
    assert record.report["absent"] == ["torch-graph: no CUDA"]
    assert record.report["skipped"] == [
        "gan, default: torch-compile: RuntimeError: no triton",
        "gan, default: minigrad-eager: it said nothing for 5 s and was ended",
    ]
    assert record.report["wrong"] == ["gan, default: minigrad-graph: ValueError: no"]
    assert record.report["runs"] == []


def test_who_fails_in_a_round_is_told(played: type[Played]) -> None:
    played.failure_by = {
        "torch-eager": {"failed": "OutOfMemoryError: no"},
        "minigrad-eager": {"failed": "the time was over", "late": True},
        "minigrad-graph": {"failed": "RuntimeError: an illegal access"},
    }
    made, record = measured(names=tuple(played.failure_by))
    made.cell(CASES["mlp"], POLICIES["default"], made.names)
    assert record.report["wrong"] == [
        "mlp, default: minigrad-graph: RuntimeError: an illegal access"
    ]
    assert record.report["skipped"] == [
        "mlp, default: torch-eager: OutOfMemoryError: no",
        "mlp, default: minigrad-eager: the time was over",
    ]
    assert len(record.report["runs"]) == 3  # with the blocks until then


def test_kernels_that_could_not_be_counted_are_noted(played: type[Played]) -> None:
    played.last_by = {"torch-compile-ro": {**LAST, "counts": {"unknown": "no rights"}}}
    made, record = measured(names=("torch-compile-ro",))
    made.cell(CASES["mlp"], POLICIES["default"], made.names)
    (run,) = record.report["runs"]
    assert run["kernels"] is None
    assert run["notes"] == ["its kernels could not be counted: no rights"]


def test_what_is_no_graph_is_noted(played: type[Played]) -> None:
    played.told_by = {"minigrad-graph": {**TOLD, "path": "cuda launches, 9 nodes"}}
    made, record = measured(names=("torch-compile-ro", "minigrad-graph"))
    made.cell(CASES["mlp"], POLICIES["default"], made.names)
    notes = [run["notes"] for run in record.report["runs"]]
    assert notes == [
        ["reduce-overhead launched no CUDA graph"],
        ["no graph was replayed: cuda launches, 9 nodes"],
    ]


def test_what_does_not_fit_is_listed(played: type[Played]) -> None:
    made, record = measured(minutes=1.0)
    made.all(["mlp", "cnn"], ["default"], keep=20.0)
    assert played.begun == [] and record.report["skipped"] == [
        "steps: mlp under default: no time was left", "steps: cnn under default: no time was left",
    ]  # fmt: skip
    made.all(["mlp"], ["default", "tf32"], keep=0.0)
    assert {run["policy"] for run in record.report["runs"]} == {"default", "tf32"}


def test_what_compiles_long_is_measured_under_one_policy(played: type[Played]) -> None:
    made, record = measured(names=("torch-compile", "minigrad-graph"))
    made.all(["mlp"], ["tf32", "fp32"], keep=0.0)
    found = [(run["policy"], run["contender"]) for run in record.report["runs"]]
    assert found == [
        ("tf32", "torch-compile"), ("tf32", "minigrad-graph"), ("fp32", "minigrad-graph"),
    ]  # fmt: skip
    assert record.report["skipped"] == [
        "steps: torch-compile under fp32: for these ask for this policy alone"
    ]


def test_no_block_begins_when_the_time_is_over() -> None:
    with steps.Contestant("minigrad-eager", ["mlp", "--device", "cpu"], Budget(-1.0)) as process:
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
    said = list(parts.told("environment", Asked("simulated", [], None, 20.0)))
    assert len(said) == 1
    assert said[0]["gpu"] is None and said[0]["versions"]["numpy"]
    assert said[0]["device"] == "simulated"


def test_a_part_that_fails_says_why() -> None:
    said = list(parts.told("kernels", Asked("simulated", ["nosuch"], 4, 20.0)))
    assert said[-1]["failed"] == "KeyError: 'nosuch'"


def test_a_part_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "GRACE", 0.05)
    (said,) = parts.told("environment", Asked("simulated", [], None, 0.0))
    assert said["failed"].endswith("and was ended") and said["late"]
