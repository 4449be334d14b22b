"""A step as it happened: every op in order, with a new value for every write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from minigrad.device import Array
from minigrad.explainer.opaque import Change, Slopes
from minigrad.lines import Line


@dataclass(eq=False, slots=True)
class Value:
    """Numbers that the step reads or makes. What is written in place becomes another value, so that
    a row shows the numbers that it saw.

    Attributes:
        number: its place among all.
        origin: "argument", "state" (what the step finds), "constant" (numbers that it makes by no
            op), "drawn" (random numbers) or "value" (what an op makes).
        array: where the numbers lie, or lay.
        data: a copy, made before the array is written to; None as long as the array has them.
        name: what the user calls it; "" where nobody has given it a name.
        trained: whether it is a leaf that requires a gradient.
    """

    number: int
    origin: str
    array: Array
    data: Array | None = None
    name: str = ""
    trained: bool = False

    @property
    def numbers(self) -> Array:
        """The numbers that it had when it was read first."""
        return self.array if self.data is None else self.data


Given: TypeAlias = Value | int | float | bool


@dataclass(eq=False, slots=True)
class Cause:
    """Why a row of backward is there.

    Attributes:
        row: the row whose rule made it, or whose cotangent it adds up; None for an own copy.
        why: "rule", "sum" (broadcasting is summed back, a cast undone, or another consumer's share
            is added) or "grad" (what comes to ``.grad``).
    """

    row: int | None
    why: str


@dataclass(eq=False, slots=True)
class Row:
    """One op.

    Attributes:
        name: the op's; "overlay" for numbers that were changed through another view of them,
            "function" for a `Function` of the user's, whose last operand is what its forward made.
        given: its operands.
        params: its params, with defaults.
        result: the value that it makes.
        into: the value that stood there before, for a write in place.
        past: of a write that the tape has not seen, "node" or "leaf": by which place on it the
            gradient passes unchanged, as if nothing had been written; "apart" for the same numbers
            as another leaf has them.
        flows: for each operand whether a gradient goes to it.
        phase: "forward", "backward" or "update".
        where: the user's line; call: what is called there; path: the modules around it.
        cause: of a row of backward.
        title: what a function is called.
        slopes: of a function, by operand; None where its backward is no product with any.
    """

    name: str
    given: tuple[Given, ...]
    params: dict[str, Any]
    result: Value
    into: Value | None = None
    flows: tuple[bool, ...] = ()
    phase: str = "forward"
    where: Line | None = None
    call: str = ""
    path: tuple[Any, ...] = ()
    cause: Cause | None = None
    title: str = ""
    slopes: dict[int, Slopes | None] = field(default_factory=dict)
    past: str = ""


@dataclass(eq=False, slots=True)
class Gradient:
    """What stands in a leaf's ``.grad`` before it is used.

    Attributes:
        leaf: the value that the leaf had in the forward pass: the first one that the pass reaches.
        value: that of ``.grad``.
        numbers: those of minigrad.
        before: what was in ``.grad`` already, to which this pass has added.
        later: the values that the leaf had afterwards, in the same pass: it was written to past the
            tape, and its gradient is the sum of theirs.
    """

    leaf: Value
    value: Value
    numbers: Array
    before: Value | None = None
    later: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Pass:
    """A pass back, or several whose gradients are added up.

    Attributes:
        roots: (row or value, cotangent) that it starts from.
        end: the number of rows in front of it: what it goes back over.
        cotangents: of the results of rows, as minigrad's rows have them.
        shares: for (row, operand) what the rule made.
        gradients: of the leaves.
        direct: for (row, operand) of a function without slopes what its backward made.
        hooks: for (value, whether it is ``.grad`` that they see) what hooks did to a gradient.
        notes: why the page's chain rule may give others than minigrad's.
    """

    end: int
    roots: list[tuple[Value, Value]] = field(default_factory=list)
    cotangents: dict[int, Value] = field(default_factory=dict)
    shares: dict[tuple[int, int], Value] = field(default_factory=dict)
    gradients: list[Gradient] = field(default_factory=list)
    direct: dict[tuple[int, int], Array] = field(default_factory=dict)
    hooks: dict[tuple[int, int], Change] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Trace:
    """A step.

    Attributes:
        values, rows, passes: in the order in which they came.
        results: what the step returned.
        carried: (value at the start, value at the end) of the state that the step changes: what the
            next step begins with.
        modules: those that were called, by the names that their parameters have.
    """

    values: list[Value] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    carried: list[tuple[Value, Value]] = field(default_factory=list)
    modules: dict[int, str] = field(default_factory=dict)

    def reached(self, one: Pass) -> set[int]:
        """The numbers of the values that a pass has gradients of."""
        seen = {root.number for root, _ in one.roots}
        for row in reversed(self.rows[: one.end]):
            if row.result.number in seen:
                flowing = zip(row.given, row.flows, strict=True)
                seen |= {x.number for x, flows in flowing if flows and isinstance(x, Value)}
                if row.past == "node" and row.into is not None:
                    seen.add(row.into.number)
        return seen
