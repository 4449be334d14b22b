"""The contenders by name: engines whose steps are timed on a GPU."""

from __future__ import annotations

from benchmarks.engines import Entry

CONTENDERS = {
    "torch-eager": Entry("cuda_torch", "Eager", "reference"),
    "torch-eager-tuned": Entry("cuda_torch", "Tuned", "reference"),
    "torch-compile": Entry("cuda_torch", "Compile", "reference"),
    "torch-compile-ro": Entry("cuda_torch", "ReduceOverhead", "reference"),
    "torch-graph": Entry("cuda_torch", "WholeGraph", "reference"),
    "minigrad-eager": Entry("cuda_minigrad", "Eager"),
    "minigrad-launches": Entry("cuda_minigrad", "Launches"),
    "minigrad-graph": Entry("cuda_minigrad", "Graph"),
    "minigrad-graph-x8": Entry("cuda_minigrad", "GraphOfMany"),
}
TRUTH = "float64"
"""What the others' numbers are compared with; it is not timed."""
ENTRIES = {**CONTENDERS, TRUTH: Entry("cuda_minigrad", "Float64")}
