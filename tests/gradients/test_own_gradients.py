"""minigrad under its own checker: every row of the op database, without a tolerance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.gradcheck.examine import examine
from minigrad.gradcheck.own import Held
from minigrad.tensor import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))

import opdb

ROWS = [row for row in opdb.rows() if row.differentiable and not row.random]


def converted(x: Any, varied: list[Tensor]) -> Any:
    if isinstance(x, np.ndarray):
        made = minigrad.from_numpy(np.array(x)).requires_grad_(x.dtype == np.float64)
        if made.requires_grad:
            varied.append(made)
        return made
    return type(x)(converted(item, varied) for item in x) if isinstance(x, (list, tuple)) else x


def leaves(x: Any) -> list[Tensor]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, Tensor) else []


def wrong(row: opdb.Row, level: str) -> list[str]:
    """The reports of the samples of a row that are not right."""
    found = []
    for sample in row.samples(opdb.Draw(len(row.name))):
        varied: list[Tensor] = []
        args = converted(sample.args, varied)
        params = {name: converted(x, varied) for name, x in sample.params.items()}

        def function(*_: Tensor, args: Any = args, params: Any = params) -> Any:
            return tuple(leaves(row.call(*args, **params)))

        if varied and function():
            report = examine(Held(function, varied), level)
            if not report.ok:
                found.append(f"{row.name}{sample}: {report}")
    return found


def test_some_rows_at_level_quick() -> None:
    """A seventh of them; the next test takes all."""
    assert not [said for row in ROWS[::7] for said in wrong(row, "quick")]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_every_row_at_level_standard(part: int) -> None:
    assert not [said for row in ROWS[part::4] for said in wrong(row, "standard")]
