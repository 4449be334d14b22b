"""What is done with each number that a kernel makes, in place of writing it."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad.compiler.targets.cuda.kernels.sources import Facts
from minigrad.device import Array


@dataclass(frozen=True, eq=False)
class Tail:
    """Code that goes on with a number while it is in a register.

    Attributes:
        text: C for the number with the index ``i``, counted in the order of the result's
            dimensions. It reads and writes what the pointers p0, p1 ... point to.
        words: the types that they point to, ``const`` where they only read.
        arrays: what they point to, in order; None for the one that points to the number itself.
        made: which of them, also None, points to what the number becomes; None where nobody asks.
    """

    text: str
    words: tuple[str, ...]
    arrays: tuple[Array | None, ...]
    made: int | None = None

    @property
    def args(self) -> tuple[Array, ...]:
        """What a kernel gets behind its own arguments."""
        return tuple(x for x in self.arrays if x is not None)

    def facts(self) -> Facts:
        """How a kernel takes it in: further parameters, STORE, and the code as a function."""
        more, names = self._given("p")
        return (
            ("TAIL", more),
            ("STORE(place, number)", f"OWN(tail)((index)(place), number{names})"),
            ("", self._function("void", "tail")),
        )

    def between(self) -> Facts:
        """How a kernel takes it in that goes on with what the number becomes, BECOMES, by further
        parameters, MIDDLE."""
        more, names = self._given("m")
        return (
            ("MIDDLE", more),
            ("BECOMES(place, number)", f"OWN(middle)((index)(place), number{names})"),
            ("", self._function("real", "middle")),
        )

    def _given(self, letter: str) -> tuple[str, str]:
        """The parameters for the arrays, and what stands for them in a call."""
        given = [i for i, x in enumerate(self.arrays) if x is not None]
        more = "".join(f", {self.words[i]} *{letter}{i} MG_STRIDED" for i in given)
        return more, "".join(f", {letter}{i}" for i in given)

    def _function(self, kind: str, name: str) -> str:
        more, _ = self._given("p")
        own = "".join(
            f"{self.words[i]} *p{i} = &{'u' if i == self.made else 'v'}; "
            for i, x in enumerate(self.arrays)
            if x is None
        )
        first, last = ("real u; ", "return u;\n") if kind == "real" else ("", "")
        return (
            f"MG_DEVICE {kind} OWN({name})(index i, const real v{more}) "
            f"{{ {first}{own}\n{self.text}\n{last}}}"
        )


def stored(tail: Tail | None, y: str = "y", place: str = "place") -> Facts:
    """How a kernel stores its numbers: by the tail, or where they belong."""
    if tail is not None:
        return tail.facts()
    return (("TAIL", ""), ("STORE(place, number)", f"{y}[{place}] = number"))


def args(tail: Tail | None) -> tuple[Array, ...]:
    """What a kernel gets behind its own arguments."""
    return () if tail is None else tail.args


def parts(first: Array, second: Array, span: int) -> Tail:
    """Rows of ``span`` numbers are parted: all but the last belong to ``first``, the last to
    ``second``; both are dense."""
    text = (
        f"if (i % {span} < {span - 1}) p0[i / {span} * {span - 1} + i % {span}] = *p2; "
        f"else p1[i / {span}] = *p2;"
    )
    return Tail(text, ("real", "real", "const real"), (first, second, None))
