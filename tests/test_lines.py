"""The line that errors name is the user's, however the tape is reached.

`minigrad.lines.line` passes over frames that it takes to be minigrad's. Each way to it is tried
from where the fewest are: straight from a line here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import minigrad
from minigrad import lines, tape
from minigrad.autograd import Function, no_grad
from minigrad.lines import show_line
from minigrad.op import register
from minigrad.recording import Recorder, followed


class Twice(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2


class Doubling(Twice):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2)


def leaf() -> Any:
    return minigrad.ones(2, 3, requires_grad=True)


def inner() -> Any:
    return leaf() * 1


def written(x: Any) -> Any:
    return x.history().where


MARKS: dict[str, Callable[[Any], Any]] = {
    "an op": lambda x: register["mul"](x, 2.0).node.where,
    "a method": lambda x: x.exp().node.where,
    "an operator": lambda x: (x + 1).node.where,
    "a function": lambda x: minigrad.sin(x).node.where,
    "an op in place": lambda x: register["mul"](x * 1, 2.0, into=inner()).node.where,
    "a method in place": lambda x: inner().add_(x).node.where,
    "a Function": lambda x: Twice.apply(x).node.where,
    "a Function in place": lambda x: Doubling.apply(inner()).node.where,
    "what a Function writes": lambda x: written(Doubling.apply(inner())),
}
WRITES: dict[str, Callable[[Any], Any]] = {
    "an op": lambda x: written(register["add"](x, 1.0, into=x)),
    "a method": lambda x: written(x.add_(1)),
    "a key": lambda x: (x.__setitem__(0, 1.0), written(x))[1],
    "a shape": lambda x: written(x.t_()),
}


def line_of(f: Callable[..., Any]) -> str:
    return f"{__file__}:{f.__code__.co_firstlineno}"


@pytest.mark.parametrize("way", MARKS)
def test_a_mark_names_the_line(way: str) -> None:
    assert show_line(MARKS[way](leaf())) == line_of(MARKS[way])


@pytest.mark.parametrize("way", WRITES)
def test_a_write_names_the_line(way: str) -> None:
    with no_grad():
        assert show_line(WRITES[way](minigrad.ones(2, 3))) == line_of(WRITES[way])


class Taking(Recorder):
    """Takes the line of whatever it is told, as who records a step does."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def op(self, *told: Any) -> None:
        self.taken.append(show_line(lines.line()))

    def turns(self, *told: Any) -> None:
        self.taken.append(show_line(lines.line()))

    def read(self, *told: Any) -> None:
        self.taken.append(show_line(lines.line()))


TOLD: dict[str, Callable[[Any], Any]] = {
    "an op": lambda x: register["mul"](x, 2.0),
    "a method": lambda x: x.exp(),
    "a turn": lambda x: x.t_(),
    "other numbers": lambda x: setattr(x, "data", minigrad.ones(2, 3)),
    "a number": lambda x: x.sum().item(),
    "a truth": lambda x: bool(x[0, 0] > 1),
    "an array": lambda x: x.numpy(),
    "a seed": lambda x: minigrad.manual_seed(0),
}


@pytest.mark.parametrize("way", TOLD)
def test_a_recorder_takes_the_line(way: str) -> None:
    recorder = Taking()
    x = minigrad.ones(2, 3)
    with followed(recorder):
        TOLD[way](x)
    assert recorder.taken and set(recorder.taken) == {line_of(TOLD[way])}


def test_no_frame_that_is_passed_over_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted for each call rather than seen by its outcome: a user may be called by minigrad."""
    wrong: list[str] = []
    take = lines.line

    def counting(skipped: int = lines.INSIDE) -> Any:
        for k in range(1, skipped):
            file = sys._getframe(k).f_code.co_filename
            if not lines._ours[file]:
                wrong.append(f"{file} at {k} of {skipped}")
        return take(skipped + 1)

    monkeypatch.setattr(tape, "line", counting)
    monkeypatch.setattr(lines, "line", counting)
    for way in (*MARKS.values(), *TOLD.values()):
        way(leaf().detach() if way in TOLD.values() else leaf())
    with no_grad():
        for way in WRITES.values():
            way(minigrad.ones(2, 3))
    assert not wrong
