"""What the driver says of a graph is understood; the driver here is made of two functions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from minigrad.compiler.targets.cuda.device import driver
from minigrad.errors import DeviceError

Out = ctypes.POINTER


def answering(monkeypatch: pytest.MonkeyPatch, types: list[int], status: int = 0) -> None:
    """A driver that has one graph, 7, with nodes of these types."""

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, Out(ctypes.c_void_p), Out(ctypes.c_size_t))
    def nodes(graph: int, found: Callable[..., int], count: Callable[..., int]) -> int:
        assert graph == 7
        for i in range(count[0] if found else 0):
            found[i] = 1 << 40 | i
        count[0] = len(types)
        return status

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, Out(ctypes.c_int))
    def kind(node: int, found: Callable[..., int]) -> int:
        found[0] = types[node - (1 << 40)]
        return 0

    functions = SimpleNamespace(cuGraphGetNodes=nodes, cuGraphNodeGetType=kind)
    monkeypatch.setattr(driver, "library", lambda: functions)


def test_nodes_are_counted_by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [0, 0, 2, 10, 11, 0, 13, 99])
    assert driver.kinds(7) == {
        "kernel": 3,
        "fill": 1,
        "allocation": 1,
        "release": 1,
        "condition": 1,
        "kind 99": 1,
    }


def test_an_empty_graph_has_no_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [])
    assert driver.kinds(7) == {}


def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, [], status=400)
    with pytest.raises(RuntimeError, match="cuGraphGetNodes: the driver refuses with error 400"):
        driver.kinds(7)


def test_without_a_driver_it_says_so() -> None:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        with pytest.raises(DeviceError, match=r"cuda: there is no driver here \(libcuda"):
            driver.library()
    else:
        assert driver.library().cuGraphGetNodes
