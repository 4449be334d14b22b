"""Whether what a side did is what PyTorch did."""

from __future__ import annotations

from dataclasses import dataclass

from .known import known
from .outcome import Outcome, Value
from .truth import Truth, differs


@dataclass(frozen=True)
class Fault:
    """A difference.

    Attributes:
        side: where.
        kind: "number", "internal", "refused", "accepted", "error" or "fallback" (there are no
            kernels): the same while a program is made smaller.
        told: in words.
    """

    side: str
    kind: str
    told: str

    def like(self, other: Fault) -> bool:
        """Whether both may have one cause."""
        return self.kind == other.kind and _bare(self.told) == _bare(other.told)


def fault(text: str, side: str, have: Outcome, want: Truth) -> Fault | None:
    """What is wrong on a side; None where nothing is, or nothing can be said."""
    said, here = want.outcome.refusal, have.refusal
    if here is not None:
        if here.internal:
            return _told(text, Fault(side, "internal", here.told))
        if said is None:
            if here.unrecordable:
                return None
            return _told(text, Fault(side, "refused", f"{here.told}, which PyTorch does"))
        if here.kind != said.kind and side in ("eager",):
            told = f"{here.told}\n  in place of PyTorch's {said.told}"
            return _told(text, Fault(side, "error", told))
        return None
    if have.fallback:
        return _told(text, Fault(side, "fallback", have.fallback))
    if said is not None:
        return _told(text, Fault(side, "accepted", f"done, where PyTorch says {said.told}"))
    found = _different(have, want, side)
    if found is not None and want.more():
        found = _different(have, want, side)
    return None if found is None else _told(text, Fault(side, "number", found))


def _different(have: Outcome, want: Truth, side: str) -> str | None:
    """The first number that is another one."""
    for i, (mine, other) in enumerate(zip(have.calls, want.outcome.calls, strict=True)):
        told = _first(mine, other, [x.calls[i] for x in want.shaken], want, side)
        if told is not None:
            return f"call {i}: {told}"
    told = _first(have.state, want.outcome.state, [x.state for x in want.shaken], want, side)
    return None if told is None else f"at the end: {told}"


def _bare(told: str) -> str:
    """The beginning without numbers."""
    return "".join(c for c in told[:70] if c.isalpha())


def _first(
    mine: list[Value], other: list[Value], shaken: list[list[Value]], want: Truth, side: str
) -> str | None:
    if len(mine) != len(other):
        return f"{len(mine)} results in place of {len(other)}"
    for i, (a, b) in enumerate(zip(mine, other, strict=True)):
        others = [x[i] for x in shaken if len(x) == len(other)]
        told = differs(a, b, others, want.dtype, want.text)
        if told is None and side == "eager" and a.tracked and not b.tracked:
            told = "requires_grad is True in place of False"
        if told is not None:
            return f"result {i}: {told}"
    return None


def _told(text: str, found: Fault) -> Fault | None:
    return None if known(text, f"{found.side}: {found.kind}", found.told) else found
