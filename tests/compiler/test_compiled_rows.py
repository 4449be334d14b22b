"""Every row of the op database as a compiled step: forward and backward, over several calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import opdb
import pytest
from opdb import Row, Sample
from twins import UNFUSED, same

import minigrad
from minigrad import compile as compiled
from minigrad.autograd import grad
from minigrad.compiler.step import CompiledStep
from minigrad.errors import CompileError
from minigrad.native.library import enabled, plainly
from minigrad.tensor import Tensor

ROWS = [row for row in opdb.rows() if not row.random]
CALLS = 3
HOLE = object()
GROUPS = 8
"""So many steps hold the first samples of all rows, as compiling C takes its time."""


def samples(row: Row, call: int) -> list[Sample]:
    """The row's samples, with other numbers for each call."""
    return list(row.samples(opdb.Draw(len(row.name) + 100 * call)))


def taken(x: Any, tensors: list[Tensor]) -> Any:
    """The structure of arguments with places in it, and the tensors that belong there."""
    if isinstance(x, np.ndarray):
        tensors.append(minigrad.from_numpy(np.array(x)))
        return HOLE
    if isinstance(x, (list, tuple)):
        return type(x)(taken(item, tensors) for item in x)
    if isinstance(x, dict):
        return {name: taken(item, tensors) for name, item in x.items()}
    return x


def filled(x: Any, tensors: Any) -> Any:
    if x is HOLE:
        return next(tensors)
    if isinstance(x, (list, tuple)):
        return type(x)(filled(item, tensors) for item in x)
    if isinstance(x, dict):
        return {name: filled(item, tensors) for name, item in x.items()}
    return x


def leaves(x: Any) -> list[Tensor]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, Tensor) else []


class Steps:
    """A sample as a step of its operands: results, and gradients of a weighted sum of them."""

    def __init__(self, row: Row, sample: Sample) -> None:
        self.row = row
        self.tensors: list[Tensor] = []
        self.form = taken([list(sample.args), sample.params], self.tensors)
        self.weights: dict[tuple[int, ...], Tensor] = {}

    def weight(self, shape: tuple[int, ...]) -> Tensor:
        """The same numbers for results of the same shape."""
        if shape not in self.weights:
            numbers = np.asarray(np.random.default_rng(7).standard_normal(shape))
            self.weights[shape] = minigrad.from_numpy(numbers)
        return self.weights[shape]

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        given = [x.clone().requires_grad_() if x.dtype == minigrad.float64 else x for x in tensors]
        args, params = filled(self.form, iter(given))
        results = leaves(self.row.call(*args, **params))
        total: Any = 0
        for y in results:
            if y.requires_grad and y.dtype == minigrad.float64:
                total = (y * self.weight(tuple(y.shape))).sum() + total
        varied = [x for x in given if x.requires_grad]
        found = [] if isinstance(total, int) else grad(total, varied, allow_unused=True)
        return [*results, *(g for g in found if g is not None)]


def compare(step: Any, twin: Any, calls: list[list[Tensor]], what: str) -> None:
    for i, tensors in enumerate(calls):
        expected = step(*tensors)
        found = twin(*tensors)
        assert len(found) == len(expected), what
        for a, b in zip(found, expected, strict=True):
            same(a.numpy(force=True), b.numpy(force=True), True, f"{what}, call {i}")


def refused(error: CompileError) -> bool:
    """Whether the step reads numbers of its operands, which no recorded step can do."""
    return "cannot be part of a recorded step" in str(error)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_compiled_is_eager_to_the_bit(row: Row) -> None:
    for k, sample in enumerate(samples(row, 0)):
        step = Steps(row, sample)
        calls = [Steps(row, samples(row, call)[k]).tensors for call in range(CALLS)]
        try:
            with plainly():
                compare(step, compiled(step, **UNFUSED), calls, f"{row.name}{sample}")
        except CompileError as error:
            assert refused(error), f"{row.name}{sample}: {error}"


def recordable(row: Row) -> bool:
    step = Steps(row, samples(row, 0)[0])
    step(*step.tensors)
    try:
        compiled(step, **UNFUSED)(*step.tensors)
    except CompileError as error:
        assert refused(error), f"{row.name}: {error}"
        return False
    return True


def group_agrees(group: int, tolerance: float) -> CompiledStep[Any, Any]:
    """A step of many rows, compiled, does what the rows do."""
    rows = [row for row in ROWS[group::GROUPS] if recordable(row)]
    assert len(rows) > 0.8 * len(ROWS[group::GROUPS])
    parts = [Steps(row, samples(row, 0)[0]) for row in rows]

    def step(*tensors: Tensor) -> list[list[Tensor]]:
        rest = iter(tensors)
        return [part(*[next(rest) for _ in part.tensors]) for part in parts]

    calls = [[x for row in rows for x in Steps(row, samples(row, call)[0]).tensors]
             for call in range(CALLS)]  # fmt: skip
    expected = [step(*tensors) for tensors in calls]
    twin = compiled(step)
    for i, tensors in enumerate(calls):
        for row, have, want in zip(rows, twin(*tensors), expected[i], strict=True):
            for a, b in zip(have, want, strict=True):
                what = f"{row.name}, call {i}"
                same(a.numpy(force=True), b.numpy(force=True), False, what, tolerance)
    assert len(twin.programs) == 1
    return twin


@pytest.mark.skipif(not enabled(), reason="there is no C compiler")
@pytest.mark.parametrize("group", range(GROUPS))
def test_kernels_give_the_same_numbers(group: int) -> None:
    assert "native" in group_agrees(group, 1e-12).path
