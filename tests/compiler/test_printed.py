"""A compiled step in print."""

from __future__ import annotations

from typing import Any

from twins import batches, dense, supervised

import minigrad
from minigrad import compile as compiled
from minigrad import nn, optim


def test_the_program_reads_as_backpropagation() -> None:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.FullConnection(6, 4))
    step = compiled(supervised(model, optim.SGD(model.parameters(), 0.1))[0], native=False)
    assert "not recorded yet" in str(step)
    for x, y in batches(3, 5, 6):
        step(x, y)
    lines = str(step).splitlines()
    assert lines[0] == "step(x0: float32[5, 6], x1: int64[5])"
    assert "%0: float32[5, 4] = linear(x0, 0.weight, 0.bias)" in lines[2]
    assert lines[2].rstrip().rpartition("#")[2].startswith(" twins.py:")
    assert any(line.strip().startswith("0.weight <- descend(0.weight, %") for line in lines)
    assert lines[-1].startswith("return %")


def test_explain_tells_what_each_pass_did(capsys: Any) -> None:
    model = dense()
    step = compiled(supervised(model, optim.Adam(model.parameters()))[0], explain=True)
    for x, y in batches(3, 5, 6):
        step(x, y)
    told = capsys.readouterr().out
    for word in ("recorded", "merge", "copies", "dead", "MB moved", "fewer by sharing", "calls"):
        assert word in told


def test_what_is_replayed_can_be_printed_as_well() -> None:
    step = compiled(lambda x: x.tanh() * 2)
    step(minigrad.ones(3))
    lines = str(step.programs[0]).splitlines()
    assert lines[0] == "step(x0: float32[3])" and "tanh(x0)" in lines[-3]
    assert lines[-1] == "return %1"
