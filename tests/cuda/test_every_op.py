"""Every row of the op database on the simulated GPU, forward and backward, in steps of many rows:
by kernels where there are some, else by the array library in between."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import minigrad

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from test_compiled_rows import GROUPS, group_agrees

pytestmark = pytest.mark.usefixtures("gxx")


@pytest.mark.slow
@pytest.mark.parametrize("group", range(GROUPS))
def test_the_same_numbers(group: int) -> None:
    with minigrad.cuda.simulated():
        step = group_agrees(group, 1e-10)
    assert step.path.startswith("simulated launches, ") and step.replays[-1].native > 50
