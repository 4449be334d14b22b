"""Optimizers' arrays in rows: which are moved, which are not, and who shares them."""

from __future__ import annotations

from typing import Any

import pytest
from twins import UNFUSED, agree, batches, dense, supervised

from minigrad import compile as compiled
from minigrad import nn, optim


def trained(steps: int, **options: Any) -> tuple[Any, Any, Any]:
    model = dense()
    update = optim.Adam(model.parameters(), lr=0.01)
    before = [p.array for p in model.parameters()]
    step = compiled(supervised(model, update)[0], **options)
    for x, y in batches(steps, 5, 6):
        step(x, y)
    assert all(p.array is a for p, a in zip(model.parameters(), before, strict=True))
    return model, update, step


def bases(update: Any, name: str) -> set[int]:
    return {id(state[name].array.base) for state in update.state.values()}


def test_moments_lie_in_a_row_and_parameters_stay_where_they_are() -> None:
    model, update, step = trained(4, native=False)
    for name in ("exp_avg", "exp_avg_sq"):
        (row,) = {
            id(s[name].array.base): s[name].array.base for s in update.state.values()
        }.values()
        assert row.ndim == 1 and row.nbytes % 64 == 0
    calls = step._programs.popitem()[1][0].replay.plain
    others = trained(4, native=False, disable=["flat"])[2]._programs.popitem()[1][0].replay.plain
    assert calls == others - 6  # of 18: two moments in a call each, d in four, six differences
    assert model[0].weight.grad.array.base is model[4].weight.grad.array.base


@pytest.mark.parametrize("options", [{"native": False, "disable": ["flat"]}, {}])
def test_otherwise_nothing_is_moved(options: dict[str, Any]) -> None:
    update = trained(4, **options)[1]
    assert bases(update, "exp_avg") == {id(None)}


def test_programs_for_several_shapes_share_the_rows() -> None:
    rows: list[set[int]] = []

    def make() -> Any:
        model = dense()
        return supervised(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.5))

    def between(i: int, things: Any) -> None:
        if i > 3 and next(iter(things[1].state.values()))["momentum_buffer"].array.base is not None:
            rows.append(bases(things[1], "momentum_buffer"))

    calls = [pair for both in zip(batches(6, 5, 6), batches(6, 3, 6), strict=True) for pair in both]
    agree(make, calls, between=between, programs=2, **UNFUSED)
    assert rows and all(row == rows[0] and len(row) == 1 for row in rows)


@pytest.mark.parametrize("kind", ["AdamW", "Adam", "SGD"])
def test_large_parameters_are_left_alone(kind: str) -> None:
    model = nn.Sequential(nn.Linear(400, 400), nn.Linear(400, 4))
    settings = {"momentum": 0.9} if kind == "SGD" else {}
    update = getattr(optim, kind)(model.parameters(), lr=0.01, **settings)
    step = compiled(supervised(model, update)[0], native=False)
    for x, y in batches(3, 5, 400):
        step(x, y)
    name = "momentum_buffer" if kind == "SGD" else "exp_avg"
    assert bases(update, name) == {id(None)}
