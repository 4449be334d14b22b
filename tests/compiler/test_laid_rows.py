"""Every row of the op database on operands and cotangents that lie in memory in all ways in which
views lie: compiled, by kernels in C, by NumPy and on the simulated GPU, as on dense copies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from laid import Laid, agrees, groups

import minigrad
from minigrad import compile as compiled
from minigrad.native.library import enabled, plainly

GROUPS = 8
"""So many steps hold all rows: what is in one of them is compiled together."""


@cache
def all_groups() -> list[list[Laid]]:
    return list(groups(GROUPS, 0))


def hold(parts: Sequence[Laid], ways: Sequence[str], calls: int = 2) -> None:
    """A step of these rows gives what they give op by op, without kernels, on dense copies; again
    after the numbers in the same memory have changed."""

    def step() -> list[list[minigrad.Tensor]]:
        return [part() for part in parts]

    twins = {how: compiled(step, native=how != "NumPy") for how in ways}
    for call in range(calls):
        if call:
            for part in parts:
                part.draw(call)
        with plainly():
            want = [part.copied()() for part in parts]
        for how, twin in twins.items():
            for part, have, expected in zip(parts, twin(), want, strict=True):
                for i, (a, b) in enumerate(zip(have, expected, strict=True)):
                    told = agrees(a, b, 1e-9)
                    assert not told, f"{how}, call {call}, {part}: result {i} is {told}"
    for how, twin in twins.items():
        assert len(twin.programs) == 1
        path = {"C": "native", "NumPy": "numpy", "simulated": "simulated"}[how]
        assert twin.path.startswith(path)


WAYS = ["C", "NumPy"] if enabled() else ["NumPy"]


@pytest.mark.parametrize("number", range(GROUPS))
def test_rows_take_operands_that_lie_in_any_way(number: int) -> None:
    hold(all_groups()[number], WAYS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400, 100))
def test_more_of_them(seed: int) -> None:
    for parts in groups(GROUPS, seed):
        hold(parts, WAYS)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(GROUPS))
def test_a_gpu_takes_them_as_well(number: int) -> None:
    with minigrad.cuda.simulated():
        hold(all_groups()[number], ["simulated"], 3)
