"""A rule, and how it gets from a node what it asks for by the names of its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.op import Op
    from minigrad.tape import Node
    from minigrad.tensor import Tensor

Fetch = Callable[["Node", int], Any]
"""What one parameter of a rule asks for, from a node, for the i-th operand."""
Pull = Callable[["Tensor", "Node", int], "Tensor | None"]


class Rule:
    """A rule of an op, for one operand.

    Attributes:
        operands: those whose values it reads.
        shapes, out: whether it reads shapes of operands, or the result.
        pull: the cotangent of the i-th operand: ``pull(g, node, i)``.
        function: the rule as it was given.
    """

    def __init__(self, op: Op, operand: str, function: Callable[..., Any]) -> None:
        self.operands: list[str] = []
        self.function = function
        self.shapes = self.out = False
        names = list(inspect.signature(function).parameters.values())
        if not names or names[0].name != "g":
            raise TypeError(f"{op.name}: the rule for {operand!r} must take g first")
        asked = [p.name for p in names[1:] if p.kind is not p.VAR_KEYWORD]
        fetched = [self._fetch(op, operand, name) for name in asked]
        places = [op.operands.index(name) for name in asked if name in op.operands]
        if len(asked) < len(names) - 1:
            self.pull = _with_params(function, fetched)
        elif asked == ["out"]:
            self.pull = _of_result(function)
        elif len(places) == len(asked) < 3:
            self.pull = _of_operands(function, places)
        else:
            self.pull = _of_anything(function, fetched)

    def _fetch(self, op: Op, operand: str, name: str) -> Fetch:
        """How what is called so is got."""
        own = len(op.operands)
        if name == "out":
            self.out = True
            return lambda node, i: node.result()
        if name == "i":
            return lambda node, i: i - own
        if name in op.params:
            default = op.params[name]
            return lambda node, i: node.params.get(name, default)
        if name in op.operands:
            self.operands.append(name)
            place = op.operands.index(name)
            return lambda node, i: node.operand(place)
        if name.endswith("_shape") and name[:-6] in op.operands:
            self.shapes = True
            place = op.operands.index(name[:-6])
            return lambda node, i: node.shapes[place]
        if name == op.variadic:
            self.operands.append(name)
            return lambda node, i: [node.operand(j) for j in range(own, len(node.inputs))]
        if name == f"{op.variadic}_shapes":
            self.shapes = True
            return lambda node, i: node.shapes[own:]
        raise TypeError(f"{op.name}: the rule for {operand!r} asks for {name!r}, which is unknown")


# The walk calls `pull` for every edge of the graph. What two rules of three ask for, an operand or
# two, the result, or nothing, they get without a detour.


def _of_operands(rule: Callable[..., Any], places: list[int]) -> Pull:
    if not places:
        return lambda g, node, i: rule(g)
    if len(places) == 1:
        (only,) = places
        return lambda g, node, i: rule(g, node.operand(only))
    first, second = places
    return lambda g, node, i: rule(g, node.operand(first), node.operand(second))


def _of_result(rule: Callable[..., Any]) -> Pull:
    return lambda g, node, i: rule(g, node.result())


def _of_anything(rule: Callable[..., Any], fetched: list[Fetch]) -> Pull:
    if len(fetched) == 1:
        (only,) = fetched
        return lambda g, node, i: rule(g, only(node, i))
    if len(fetched) == 2:
        first, second = fetched
        return lambda g, node, i: rule(g, first(node, i), second(node, i))
    if len(fetched) == 3:
        one, two, three = fetched
        return lambda g, node, i: rule(g, one(node, i), two(node, i), three(node, i))
    return lambda g, node, i: rule(g, *[fetch(node, i) for fetch in fetched])


def _with_params(rule: Callable[..., Any], fetched: list[Fetch]) -> Pull:
    return lambda g, node, i: rule(g, *[fetch(node, i) for fetch in fetched], **node.params)
