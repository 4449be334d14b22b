"""Whether steps may change places."""

from __future__ import annotations

from collections.abc import Iterable

from minigrad.compiler.program import Step


def may_go_before(later: Step, between: Iterable[Step]) -> bool:
    """Whether a step may be done before these that come before it."""
    reads, writes = {x.place for x in later.reads}, {x.place for x in later.writes}
    for step in between:
        if step.is_view:
            if step.writes[0] in (*later.reads, *later.writes):
                return False
        elif (reads | writes) & {x.place for x in step.writes}:
            return False
        elif writes & {x.place for x in step.reads}:
            return False
    return True
