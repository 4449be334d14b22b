"""Which keywords the public functions and methods have, and which of them a call gives."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import opdb

import minigrad
import minigrad.linalg
import minigrad.nn.functional
from minigrad.tensor import Tensor

Key = tuple[str, str]
"""A function by what it is, not by where it is found: a method and its function are one."""

ELSEWHERE = (
    "minigrad.training", "minigrad.draw", "minigrad.serialization", "minigrad.compiler",
    "minigrad.printing", "minigrad.threads", "minigrad.random", "minigrad.precision",
    "minigrad.datasets", "minigrad.autograd", "minigrad.gradients", "minigrad.device",
)  # fmt: skip
"""What is done here is no part of a step, or `autograd`, which has tests of its own."""


def public() -> dict[str, Callable[..., Any]]:
    """Every function and method of tensors, by its dotted name."""
    found: dict[str, Callable[..., Any]] = {}
    for name in dir(Tensor):
        if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(Tensor, name)):
            found[f"Tensor.{name}"] = getattr(Tensor, name)
    spaces = {"": minigrad, "linalg.": minigrad.linalg}
    spaces["nn.functional."] = minigrad.nn.functional
    for prefix, space in spaces.items():
        for name in space.__all__:
            thing = getattr(space, name)
            if inspect.isfunction(thing) and not thing.__module__.startswith(ELSEWHERE):
                found[f"{prefix}{name}"] = thing
    return found


def key(function: Callable[..., Any]) -> Key:
    """What it is. A function that was made of a method looks at its argument and calls it."""
    function = function.__globals__.get("method", function)
    return function.__module__, function.__name__


def keywords(function: Callable[..., Any]) -> list[str]:
    """The parameters that may be left out."""
    parameters = inspect.signature(function).parameters.values()
    return [
        p.name
        for p in parameters
        if p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]


def given(function: Callable[..., Any], args: Any, params: Any) -> set[str]:
    """The parameters that a call gives. Empty where the call does not fit."""
    try:
        return set(inspect.signature(function).bind(*args, **params).arguments)
    except TypeError:
        return set()


@cache
def by_rows() -> frozenset[tuple[Key, str]]:
    """What the rows of the op database give, all of which are compiled in test_compiled_rows."""
    functions = public()
    found = set()
    for row in opdb.rows():
        for name in (row.name, f"Tensor.{row.name}"):
            if name in functions and not row.random:
                for sample in row.samples(opdb.Draw(1)):
                    names = given(functions[name], sample.args, sample.params)
                    found |= {(key(functions[name]), each) for each in names}
    return frozenset(found)


def by_text(text: str) -> Iterator[tuple[Key, str]]:
    """What the calls in an expression give: ``x.sum(0, dtype=f4)``, ``torch.add(x, y, out=z)``."""
    functions = public()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        method = f"Tensor.{node.func.attr}" if isinstance(node.func, ast.Attribute) else ""
        called = called.replace("F.", "nn.functional.").removeprefix("torch.")
        args: list[Any] = [0] * len(node.args)
        function = functions.get(called)
        if function is None and method in functions:
            function, args = functions[method], [0, *args]
        if function is not None:
            params = {each.arg: 0 for each in node.keywords if each.arg}
            yield from ((key(function), name) for name in given(function, args, params))
