"""A made-up report of gpu-check, for tests of what is made of one."""

from __future__ import annotations

from typing import Any

from benchmarks.gpu.record import SECTIONS


def run(contender: str, us: float, **facts: Any) -> dict[str, Any]:
    """A contender's entry, as `benchmarks.gpu.steps` writes it."""
    wall = {"min": us, "median": us, "p10": us, "p90": 2 * us}
    return {
        "workload": "mlp", "policy": "default", "contender": contender, "wall_us": wall,
        "device_us": wall, "kernels": 25, "peak_bytes": 3_000_000, "rel_err": 2e-7,
        "loss": [2.3, 1.2, 0.1], "compile_s": 0.5, "path": "one graph", "notes": [], **facts,
    }  # fmt: skip


def report(**facts: Any) -> dict[str, Any]:
    """A run on a GPU that never was, as `benchmarks.gpu.record.sorted_out` gives it."""
    return {
        "schema": 2,
        "kind": "gpu-check",
        "complete": True,
        "when": "2001-02-03T04:05:06Z",
        "commit": "abcdef",
        "machine": {"gpu": "Paper 9000", "versions": {"torch": "9.9", "triton": None}},
        "ceilings": {"copy_TBs": 4.3, "gemm_size": 8192},
        "questions": [
            {"question": "q", "expected": "it is so.", "answer": "it is", "ok": True},
            {"question": "r", "expected": "it is too.", "answer": "no", "ok": None},
        ],
        "kernels": [{"kernel": "a", "ok": True}, {"kernel": "b", "ok": None}],
        "suite": [{"counts": {"passed": 2}}, {"counts": {"passed": 1}}, {"test": "t", "why": "w"}],
        "prepared": [{"prepared": "library", "seconds": 9.5}],
        "profile": [
            {
                "case": "mlp", "by": "differences", "sum_us": 12.5,
                "kernels": [{"kernel": "product", "times": 3, "us": 2.5}],
            },
            {"case": "mlp", "by": "ncu", "why_not": "it may not look"},
        ],
        "tuned": [],
        "runs": [
            run("torch-eager", 300.0),
            run("torch-compile-ro", 100.0, kernels=None, notes=["it launched no graph"]),
            run("minigrad-graph", 50.0, rel_err=None),
            run("minigrad-graph-x8", 40.0, device_us=None),
        ],
        "accuracy": [
            {
                "system": "D3", "title": "a net", "known": "96.66", "epochs": 2, "of_epochs": 5,
                "test_accuracy": {"minigrad": 95.1, "torch": 95.2}, "data": "60,000 train",
            },
            {"system": "N1"},
        ],
        "seconds": {},
        "states": {},
        "absent": ["torch-graph: it is not there"],
        "skipped": ["steps: gan under fp32: no time was left"],
        "wrong": [],
        **facts,
    }  # fmt: skip


def stored(**facts: Any) -> dict[str, Any]:
    """The same as the file holds it: a part for each section, and one with the lines."""
    made = report(**facts)
    lines = {name: made.pop(name) for name in ("absent", "skipped", "wrong")}
    parts = {"lines": _part("lines", [lines])}
    for name in (*SECTIONS, "seconds", "states"):
        found = made.pop(name)
        if name in SECTIONS:
            parts[name] = _part(name, found if isinstance(found, list) else [found])
    return {**made, "left": [], "parts": parts}


def _part(kind: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": kind, "state": "done", "seconds": 1.0, "findings": findings}
