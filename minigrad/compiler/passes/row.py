"""A pass as one row: its name, what it says, what it does and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from minigrad.compiler.program import Program

Rewrite: TypeAlias = Callable[[Program], Program]
Needs: TypeAlias = Literal["", "kernels", "numpy"]


@dataclass(frozen=True)
class Pass:
    """A way to make a program faster, which ``disable=`` leaves out by its name. Each target lists
    those that are its own, in order; together they are the table, see `targets.register`.

    Attributes:
        says: what it does, in words.
        needs: "kernels" for what only pays where a compiler builds what it joins, "numpy" for what
            only pays where NumPy computes, "" for what always does.
        rewrite: how it rewrites a program; None for what is asked for where a program is laid out
            or replayed.
    """

    name: str
    says: str
    needs: Needs = ""
    rewrite: Rewrite | None = None

    def __call__(self, program: Program) -> Program:
        """The program rewritten."""
        assert self.rewrite is not None, f"{self.name} rewrites nothing"
        return self.rewrite(program)

    def wanted(self, disable: frozenset[str], native: bool) -> bool:
        """Whether it is done, where kernels are built or are not."""
        return self.name not in disable and self.needs in ("", "kernels" if native else "numpy")


def says(what: str, needs: Needs = "") -> Callable[[Rewrite], Pass]:
    """The decorator that makes a pass of a function of its name."""
    return lambda rewrite: Pass(rewrite.__name__, what, needs, rewrite)
