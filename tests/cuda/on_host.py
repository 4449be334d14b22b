"""Ops by their kernels on the CPU, against their forwards in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction, Place, Slot
from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.kernels.registry import lowered
from minigrad.compiler.targets.cuda.kernels.signatures import check
from minigrad.compiler.targets.cuda.launch import Gemm, Launch, Work
from minigrad.device import Array
from minigrad.op import register

BOUNDS = {np.dtype("f"): 2e-6, np.dtype("d"): 1e-13}
"""How far results may lie from those in float64, of the largest number."""


@dataclass
class Case:
    """An op with operands; ``order`` is how the result's dimensions lie in memory."""

    op: str
    operands: tuple[Array, ...]
    params: dict[str, Any] = field(default_factory=dict)
    order: tuple[int, ...] | None = None

    def want(self) -> Array:
        """The result by the plain forward, in float64."""
        exact = [x.astype("d") if x.dtype == np.float32 else x for x in self.operands]
        return np.asarray(register[self.op].plain(np, *exact, **self.params))

    def out(self) -> Array:
        """Memory for the result, full of nan."""
        given = np.asarray(register[self.op].plain(np, *self.operands, **self.params))
        order = self.order or tuple(range(given.ndim))
        laid = poisoned(tuple(given.shape[i] for i in order), given.dtype)
        return laid.transpose(np.argsort(order)) if order else laid

    def works(self, out: Array) -> list[Work]:
        """What its kernel says is to be done."""
        slot = Slot("value", out, Place())
        given = Instruction(register[self.op], (slot,) * len(self.operands), self.params, slot)
        works = lowered(given, self.operands, out, poisoned)
        assert works is not None, f"{self.op}: no kernel for {self.shapes}, {self.params}"
        return works

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [x.shape for x in self.operands]


def poisoned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Memory in which what is read before it is written shows."""
    return np.full(shape, np.nan if np.dtype(dtype).kind == "f" else 77, dtype)


def compare(cases: Sequence[Case]) -> None:
    """Build what all of them need at once, then run one after the other."""
    outs = [case.out() for case in cases]
    works = [case.works(out) for case, out in zip(cases, outs, strict=True)]
    run([work for each in works for work in each])
    for case, out in zip(cases, outs, strict=True):
        close(out, case.want(), f"{case.op} of {case.shapes}, {case.params}")


def run(works: Sequence[Work]) -> None:
    """Do the work, products by NumPy; each is held to its layouts before, as in a compiled step."""
    for each in works:
        check(each)
    library = host.load([each.kernel for each in works if isinstance(each, Launch)])
    for each in works:
        if isinstance(each, Launch):
            library.launch(each)
        else:
            product(each)


def close(got: Array, want: Array, what: str) -> None:
    assert got.shape == want.shape, what
    if got.dtype.kind != "f":
        assert np.array_equal(got, want), what
        return
    assert np.array_equal(np.isnan(got), np.isnan(want)), what
    assert np.array_equal(np.isinf(got), np.isinf(want)), what
    finite = np.isfinite(want)
    bound = BOUNDS[got.dtype] * max(1.0, np.abs(want[finite]).max(initial=0))
    error = np.abs(got[finite] - want[finite]).max(initial=0)
    assert error <= bound, f"{what}: off by {error}"


def product(work: Gemm) -> None:
    """A product as the device would do it."""
    a = _matrices(work.a, work.ta, work.m, work.k, work.lda, work.steps[0], work.batch)
    b = _matrices(work.b, work.tb, work.k, work.n, work.ldb, work.steps[1], work.batch)
    c = _matrices(work.out, False, work.m, work.n, work.ldc, work.steps[2], work.batch)
    y = a @ b
    if work.beta:
        y = y + work.beta * c
    if work.bias is not None:
        y = y + work.bias
    c[...] = np.maximum(y, 0) if work.relu else y


def _matrices(x: Array, turned: bool, m: int, n: int, ld: int, step: int, batch: int) -> Array:
    """The matrices of a batch, a view into memory that begins where x does."""
    rows, columns = (n, m) if turned else (m, n)
    assert ld >= columns, "rows overlap"
    unit = x.itemsize
    flat = np.lib.stride_tricks.as_strided(
        x, (batch, rows, columns), (step * unit, ld * unit, unit)
    )
    return flat.swapaxes(1, 2) if turned else flat
