"""Whether units may change places."""

from __future__ import annotations

from collections.abc import Iterable

from minigrad.compiler.program import Unit


def may_go_before(later: Unit, between: Iterable[Unit]) -> bool:
    """Whether a unit may be done before these that come before it."""
    reads, writes = {x.place for x in later.reads}, {x.place for x in later.writes}
    for unit in between:
        if unit.is_view:
            if unit.writes[0] in (*later.reads, *later.writes):
                return False
        elif (reads | writes) & {x.place for x in unit.writes}:
            return False
        elif writes & {x.place for x in unit.reads}:
            return False
    return True
