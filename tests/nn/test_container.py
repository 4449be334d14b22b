"""Modules that hold modules or parameters."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import pytest

import minigrad
from minigrad import nn


def layers(n: int = 3) -> list[nn.Module]:
    return [nn.Linear(i + 1, i + 2) for i in range(n)]


def names(module: nn.Module) -> list[str]:
    return [name for name, _ in module.named_children()]


def test_sequential_runs_in_a_row() -> None:
    a, b, c = layers()
    net = nn.Sequential(a, b, c)
    x = minigrad.randn(5, 1)
    assert (net(x).detach().numpy() == c(b(a(x))).detach().numpy()).all()
    assert list(net) == [a, b, c] and len(net) == 3
    assert list(net.state_dict())[:2] == ["0.weight", "0.bias"]
    assert nn.Sequential()(x) is x


def test_sequential_is_a_list() -> None:
    a, b, c = layers()
    net = nn.Sequential(a, b, c)
    assert net[0] is a and net[-1] is c
    assert (
        isinstance(net[1:], nn.Sequential)
        and list(net[1:]) == [b, c]
        and names(net[1:])
        == [
            "1",
            "2",
        ]
    )
    net[1] = nn.Identity()
    assert names(net) == ["0", "1", "2"] and isinstance(net[1], nn.Identity)
    del net[0]
    assert names(net) == ["0", "1"] and net[-1] is c
    net.append(a).insert(0, b).extend([nn.Flatten()])
    assert net[0] is b and net[3] is a and isinstance(net[4], nn.Flatten)
    assert net.pop(0) is b and len(net) == 4
    del net[1:3]
    assert len(net) == 2
    net += nn.Sequential(b)
    assert net[2] is b
    for bad in (3, -4):
        with pytest.raises(IndexError, match="out of range"):
            _ = net[bad]
    with pytest.raises(IndexError, match="out of range"):
        net.insert(9, a)


def test_sequential_with_names() -> None:
    a, b, c = layers()
    net = nn.Sequential(OrderedDict(inner=a, outer=b))
    assert names(net) == ["inner", "outer"] and net.inner is a
    net.add_module("last", c)
    assert names(net[1:]) == ["outer", "last"]
    del net[0]
    assert names(net) == ["0", "1"] and net[1] is c, "as in PyTorch, the rest is numbered"


def test_module_list() -> None:
    a, b, c = layers()
    held = nn.ModuleList([a, b])
    longer = held + [c]  # noqa: RUF005 - the operator is what is tested
    assert list(longer) == [a, b, c] and len(held) == 2
    held.append(c)
    assert held[-1] is c and list(held[1:]) == [b, c] and names(held[1:]) == ["0", "1"]
    assert len(list(held.parameters())) == 6
    held.insert(1, a)
    assert names(held) == ["0", "2", "3"]  # a shared module is named once
    assert "0" not in dir(held)
    with pytest.raises(NotImplementedError):
        held(1)
    with pytest.raises(TypeError, match="not a Module subclass"):
        held.append("layer")  # type: ignore[arg-type]


def test_module_dict() -> None:
    a, b, c = layers()
    held = nn.ModuleDict({"a": a, "b": b})
    held.update([("c", c)])
    assert list(held) == ["a", "b", "c"] == list(held.keys()) and len(held) == 3
    assert list(held.values()) == [a, b, c] and dict(held.items())["b"] is b
    assert "a" in held and "z" not in held and held["c"] is c
    assert held.pop("a") is a and len(held) == 2
    del held["b"]
    assert list(nn.ModuleDict(held).values()) == [c]
    held.clear()
    assert not len(held) and not list(held.parameters())
    with pytest.raises(KeyError):
        _ = held["a"]
    with pytest.raises(TypeError, match="key/value pairs"):
        held.update(3)  # type: ignore[arg-type]


def test_parameter_list() -> None:
    held = nn.ParameterList([minigrad.ones(2, 3), nn.Parameter(minigrad.ones(2))])
    held.append(minigrad.zeros(1)).extend([minigrad.zeros(4)])
    held += [minigrad.zeros(5)]
    assert len(held) == 5 and [p.numel() for p in held] == [6, 2, 1, 4, 5]
    assert [name for name, _ in held.named_parameters()] == ["0", "1", "2", "3", "4"]
    assert held[-1] is held[4] and isinstance(held[1:3], nn.ParameterList) and len(held[1:3]) == 2
    held[0] = minigrad.ones(7)
    assert isinstance(held[0], nn.Parameter) and held[0].numel() == 7
    assert copy.deepcopy(held)[1] is not held[1]
    with pytest.raises(IndexError, match="out of range"):
        _ = held[5]


def test_parameter_dict() -> None:
    held = nn.ParameterDict({"a": minigrad.ones(2), "b": nn.Parameter(minigrad.ones(3))})
    held["c"] = minigrad.zeros(1)
    assert list(held) == ["a", "b", "c"] == list(held.keys()) and len(held) == 3 and "a" in held
    assert [name for name, _ in held.named_parameters()] == ["a", "b", "c"]
    assert dict(held.items())["b"] is held["b"] and len(list(held.values())) == 3
    del held["b"]
    assert "b" not in held and len(list(held.parameters())) == 2
    with pytest.raises(KeyError):
        _ = held["b"]


def test_looks_like_torch() -> None:
    torch = pytest.importorskip("torch")

    def build(nn: Any, ones: Any) -> list[Any]:
        return [
            nn.ModuleList(),
            nn.ModuleList([nn.Flatten(), nn.Flatten(), nn.Dropout(0.1), nn.Flatten()]),
            nn.ModuleDict({"a": nn.Identity(), "b": nn.Sequential(nn.Flatten(0), nn.Identity())}),
            nn.Sequential(
                nn.ModuleList([nn.Sequential(nn.Flatten()), nn.Sequential(nn.Flatten())])
            ),
            nn.ParameterList([ones(2, 3), ones(2)]),
            nn.ParameterList(),
            nn.Sequential(),
        ]

    mine, theirs = build(nn, minigrad.ones), build(torch.nn, torch.ones)
    for ours, other in zip(mine, theirs, strict=True):
        assert repr(ours) == repr(other).replace("torch.float32", "float32")
