"""A program as text: what is there before, a step, and the arguments of its calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

TAIL = """

if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
"""


@dataclass
class Numbers:
    """A tensor that is given, or an argument with its numbers at each call."""

    name: str
    arrays: list[np.ndarray]
    layout: str = "dense"
    leaf: bool = False

    def text(self, call: int = 0) -> str:
        """The expression that makes it."""
        array = self.arrays[call]
        values = ", ".join(_literal(x) for x in array.reshape(-1).tolist())
        layout = "" if self.layout == "dense" else f", {self.layout!r}"
        made = f"given({str(array.dtype)!r}, {array.shape}, [{values}]{layout})"
        return f"{made}.requires_grad_()" if self.leaf else made


def _literal(x: Any) -> str:
    return repr(x) if not isinstance(x, float) or x != x or abs(x) == np.inf else f"{x:g}"


@dataclass
class Program:
    """What a script of the fuzzer says.

    Attributes:
        held: the tensors that the step closes over.
        setup: statements before the step: modules and optimizers.
        arguments: with their numbers at each call.
        body: the statements of the step.
        results: what the step returns.
        state: what is compared after the last call, beside the arguments.
        dtype: the type of most numbers, which says how exact they are.
        note: where it comes from.
    """

    held: list[Numbers] = field(default_factory=list)
    setup: list[str] = field(default_factory=list)
    arguments: list[Numbers] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    calls: int = 3
    dtype: str = "float64"
    note: str = ""

    def text(self) -> str:
        """The script."""
        before = [f"{x.name} = {x.text()}" for x in self.held] + self.setup
        names = ", ".join(x.name for x in self.arguments)
        body = [*self.body, f"return [{', '.join(self.results)}]"]
        calls = [
            f"        [{', '.join(x.text(i) for x in self.arguments)}],\n"
            for i in range(self.calls)
        ]
        note = f'"""{self.note}"""\n\n' if self.note else ""
        return (
            f"{note}from math import inf, nan  # noqa: F401\n\nDTYPE = {self.dtype!r}\n\n\n"
            "def program(torch, given):\n"
            f"{_indented(before, 4)}\n    def step({names}):\n{_indented(body, 8)}\n"
            f"    calls = [\n{''.join(calls)}    ]\n"
            f"    return step, calls, [{', '.join(self.state)}]\n{TAIL}"
        )


def _indented(statements: list[str], by: int) -> str:
    return "".join(" " * by + line + "\n" for text in statements for line in text.splitlines())
