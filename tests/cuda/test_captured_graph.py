"""Captured work, on paper: a graph does what it was given; a capture that fails leaves nothing."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from gemms import product
from paper import ADD, TAKE, Paper, add, given, numbers, on_device
from standin_streams import Refused

from minigrad.compiler.targets.cuda.device import graph
from minigrad.compiler.targets.cuda.device.hardware import Hardware
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.errors import CompileError


def test_a_graph_does_its_work_when_it_is_launched(target: Hardware, paper: Paper) -> None:
    (first, one), (second, two), gemm = add(1), add(2), on_device(product(relu=True))
    target.launch(gemm)
    kernel = given(paper)[2]
    paper.done.clear()

    def body() -> None:
        for work in (first, gemm, second):
            target.launch(work)

    captured = target.capture(body)
    assert given(paper) == [] and paper.graphs == {}
    assert captured.nodes == 4 and captured.kinds == Counter(kernel=4)
    for _ in range(2):
        captured.launch()
    assert given(paper) == [one, ["product", gemm.out.data.ptr], kernel, two] * 2


def test_several_steps_are_one_graph(target: Hardware, paper: Paper) -> None:
    work, expected = add()
    captured = target.capture(lambda: [target.launch(work) for _ in range(8)] and None)
    captured.launch()
    assert captured.nodes == 8 and given(paper) == [expected] * 8


def test_a_graph_goes_where_the_step_is(target: Hardware, paper: Paper) -> None:
    work, expected = add()
    captured = target.capture(lambda: target.launch(work))
    with (other := paper.Stream()):
        target.begin(numbers(0))
        captured.launch()
        target.end()
    assert given(paper, other.ptr)[1:] == [expected]


def test_two_graphs_live_side_by_side(target: Hardware, paper: Paper) -> None:
    (first, one), (second, two) = add(1), add(2)
    graphs = [target.capture(lambda work=work: target.launch(work)) for work in (first, second)]
    for i in (0, 1, 0):
        graphs[i].launch()
    assert given(paper) == [one, two, one]
    del graphs[0]
    gc.collect()
    assert len(paper.executables) == 1
    graphs[0].launch()
    assert given(paper)[-1] == two


def test_what_a_graph_touches_lives_as_long_as_it(target: Hardware, paper: Paper) -> None:
    work, _ = add()
    array = weakref.ref(work.args[0])
    captured = target.capture(lambda work=work: target.launch(work))
    del work
    gc.collect()
    assert array() is not None
    captured.launch()
    del captured
    gc.collect()
    assert array() is None and paper.executables == {}


def test_products_are_done_once_before_a_capture(target: Hardware, paper: Paper) -> None:
    gemm = on_device(product())
    captured = target.capture(lambda: target.launch(gemm))
    assert [what for what, *_ in given(paper)] == ["product"] and captured.nodes == 1
    assert given(paper)[0][1] != gemm.out.data.ptr


FORBIDDEN: dict[str, Callable[[Hardware], object]] = {
    "memory is asked for": lambda target: target.empty(8),
    "kernels are loaded": lambda target: target.load([ADD]),
    "a step begins": lambda target: target.begin(numbers(0)),
    "numbers are uploaded": lambda target: target.upload(numbers(1), np.zeros(1, np.float32)),
    "CuPy is called": lambda target: target.call(lambda: None),
    "another begins": lambda target: target.capture(lambda: None),
    "the GPU is waited for": lambda target: target.synchronize(),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_capture_is_of_launches_alone(target: Hardware, paper: Paper, what: str) -> None:
    def body() -> None:
        target.launch(add()[0])
        FORBIDDEN[what](target)

    with pytest.raises(CompileError, match=f"capture: {what} inside it; do that before"):
        target.capture(body)
    assert given(paper) == [] and paper.captures == {}
    FORBIDDEN[what](target)  # and outside it is not forbidden
    assert target.capture(lambda: target.launch(add()[0])).nodes == 1


def test_a_capture_that_fails_is_ended(target: Hardware, paper: Paper) -> None:
    (first, _), take = add(), Launch(TAKE, 1, 1, (numbers(1), 0, 0))

    def body() -> None:
        target.launch(first)
        target.launch(take)

    paper.refuse.add("take")
    with pytest.raises(RuntimeError, match=r"^take: take refused"):
        target.capture(body)
    assert paper.captures == paper.graphs == paper.executables == {}
    paper.refuse.clear()
    assert target.capture(body).nodes == 2


def test_a_capture_that_was_invalidated_is_ended_and_told(target: Hardware, paper: Paper) -> None:
    work, _ = add()
    target.launch(work)
    waiting = target._calls[work]

    def wait(stream: int) -> None:
        waiting(stream)
        paper.wait(stream)

    target._calls[work] = wait
    with pytest.raises(Refused, match="the stream is capturing"):
        target.capture(lambda: target.launch(work))
    assert paper.captures == paper.graphs == {} and paper.broken == set()
    target._calls[work] = waiting
    assert target.capture(lambda: target.launch(work)).nodes == 1


@pytest.mark.parametrize(
    "kinds, said",
    [
        ({"kernel": 1, "allocation": 1}, "the graph asks for memory"),
        ({"kernel": 1, "release": 1}, "the graph asks for memory"),
        ({"fill": 1}, "1 kernels and products were given, but the graph holds {'fill': 1"),
    ],
)
def test_a_graph_that_is_not_as_it_should_be_is_refused(
    target: Hardware,
    paper: Paper,
    monkeypatch: pytest.MonkeyPatch,
    kinds: dict[str, int],
    said: str,
) -> None:
    monkeypatch.setattr(graph.driver, "kinds", lambda handle: Counter(kinds))
    with pytest.raises(CompileError, match=f"capture: {said}"):
        target.capture(lambda: target.launch(add()[0]))
    assert paper.graphs == paper.executables == {}
