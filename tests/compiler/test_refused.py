"""Steps that would go stale are refused, and the error says where and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from twins import batches, dense, supervised

import minigrad
from minigrad import compile as compiled
from minigrad import optim
from minigrad.errors import CompileError, GraphError


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("item", lambda loss: loss.item()),
        ("numpy", lambda loss: loss.detach().numpy()),
        ("bool", lambda loss: 1 if loss > 0 else 0),
        ("item", float),
        ("tolist", lambda loss: loss.tolist()),
    ],
)
def test_reading_a_value_is_refused_with_the_line(name: str, read: Any) -> None:
    @compiled
    def step(x: Any) -> Any:
        loss = (x * x).sum()
        read(loss)
        return loss

    told = rf"compile: {name}.*cannot be part of.*test_refused\.py:\d+"
    with pytest.raises(CompileError, match=told):
        step(minigrad.ones(3))


def test_a_step_that_depends_on_the_call_is_refused() -> None:
    calls = []

    @compiled
    def step(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    with pytest.raises(
        CompileError, match=r"something else at each call: .*test_refused\.py:\d+.*the number"
    ):
        for _ in range(10):
            step(minigrad.ones(3))


def test_data_made_in_the_step_must_not_change() -> None:
    draw = np.random.default_rng(0)

    @compiled
    def step(x: Any) -> Any:
        return x * minigrad.tensor(draw.random(3))

    with pytest.raises(CompileError, match="pass what changes as an argument"):
        for _ in range(10):
            step(minigrad.ones(3))


def test_other_things_than_tensors_are_refused() -> None:
    with pytest.raises(TypeError, match="takes and returns tensors and plain values, got ndarray"):
        compiled(lambda x: x)(np.ones(3))


def test_what_is_no_function() -> None:
    with pytest.raises(TypeError, match="compile: expected a function, got int"):
        compiled(5)  # type: ignore[call-overload]


def test_an_unknown_pass() -> None:
    with pytest.raises(ValueError, match="no pass 'fuse'; there are merge"):
        compiled(lambda x: x, disable=["fuse"])


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("label", [4, -1, -4])
def test_a_label_that_is_no_class(label: int, native: bool) -> None:
    model = dense()
    step = compiled(supervised(model, optim.SGD(model.parameters(), 0.1))[0], native=native)
    good = batches(4, 5, 6)
    for x, y in good:
        step(x, y)
    before = model[0].weight.detach().clone()
    with pytest.raises(IndexError, match="cross_entropy: "):
        step(good[0][0], minigrad.tensor([0, 1, 2, 3, label]))
    assert model[0].weight.tolist() == before.tolist()


def test_numbers_that_vary_must_be_tensors() -> None:
    step = compiled(lambda x, rate: x * rate, native=False)
    with pytest.raises(CompileError, match="64 kinds of arguments; pass numbers"):
        for i in range(70):
            step(minigrad.ones(1), i / 7)


def test_an_argument_that_is_written_into_must_be_there_once() -> None:
    @compiled
    def step(x: Any, y: Any) -> Any:
        x.add_(1)
        return x * y

    a = minigrad.ones(4)
    assert step(a, minigrad.ones(4)).tolist() == [2] * 4
    for other in (a, a.reshape(2, 2).reshape(4)):
        with pytest.raises(CompileError, match=r"writes into an argument that shares .* clone\(\)"):
            step(a, other)
    assert a.tolist() == [2] * 4


def test_what_is_returned_must_not_change_but_by_the_arguments() -> None:
    draw, calls = np.random.default_rng(0), []

    def made_anew(x: Any) -> Any:
        return minigrad.tensor(draw.random(3))

    def counted(x: Any) -> Any:
        calls.append(1)
        return x, len(calls)

    def more_and_more(x: Any) -> Any:
        calls.append(1)
        return [x] * len(calls)

    for step, told in (
        (made_anew, "what it returns takes numbers .* makes anew"),
        (counted, "returns other plain values"),
        (more_and_more, "returns other plain values, or another number of tensors"),
    ):
        with pytest.raises(CompileError, match=told):
            compiled(step)(minigrad.ones(3))


@pytest.mark.parametrize("closed_over", [True, False])
def test_a_kept_value_that_is_overwritten(closed_over: bool) -> None:
    w, table = minigrad.ones(3, requires_grad=True), minigrad.ones(3)

    def step(x: Any) -> None:
        kept = table if closed_over else x
        y = kept * w
        kept.mul_(2)
        y.sum().backward()

    for each in (step, compiled(step)):
        with pytest.raises(GraphError, match=r"mul .*test_refused\.py.* has been modified"):
            each(minigrad.ones(3))


def test_an_argument_that_requires_a_gradient() -> None:
    step = compiled(lambda x, y: (x * y).sum(), native=False)
    w = minigrad.ones(2, requires_grad=True)
    with pytest.raises(CompileError, match=r"tensor 1 of .*'s arguments requires a gradient"):
        step(minigrad.ones(2), w)
    with minigrad.no_grad():
        assert step(minigrad.ones(2), w).item() == 2
