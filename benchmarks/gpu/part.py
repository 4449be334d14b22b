"""A part of the check: small, independent of the others, and done in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

BESIDE = 8
"""So many parts are done beside each other where their times do not matter."""


@dataclass(frozen=True)
class Asked:
    """What a part is to do.

    Attributes:
        device: "cuda", or "simulated".
        seconds: that it has; it should see by itself that they are over.
        case: the name of a case, or of a recipe.
        policy: how precise.
        contenders: who is timed.
        rows: so many rows of a batch are used; None for all.
        file, share: tests of this file, one in so many: (0, 1) is all of them.
        truth: what the part ``truths`` found of the case.
        brief: whether contenders share one process, and PyTorch's error is left out: for most of a
            dry run.
    """

    device: str
    seconds: float
    case: str = ""
    policy: str = "default"
    contenders: tuple[str, ...] = ()
    rows: int | None = None
    file: str = ""
    share: tuple[int, int] = (0, 1)
    truth: dict[str, Any] | None = None
    brief: bool = False

    @property
    def dry(self) -> bool:
        """Whether the device is a simulated one."""
        return self.device == "simulated"


@dataclass(frozen=True)
class Part:
    """One entry of the queue.

    Attributes:
        name: of this part alone.
        kind: what it is; the module of that name does it, or else ``module``: its
            ``findings(asked)`` yields what it finds.
        seconds: its limit. After that it is ended.
        facts: what `Asked` is told beside device and seconds.
        beside: parts that follow each other with one word here are done beside each other.
        settings: of its process' environment.
    """

    name: str
    kind: str
    seconds: float
    facts: dict[str, Any] = field(default_factory=dict)
    beside: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    module: str = ""


def groups(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts that may be done beside each other, group by group."""
    keyed = groupby(enumerate(parts), lambda pair: pair[1].beside or pair[0])
    return [[part for _, part in group] for _, group in keyed]


def ends(parts: Iterable[Part]) -> dict[str, float]:
    """The second in which each part ends if all take as long as they may."""
    found: dict[str, float] = {}
    now = 0.0
    for group in groups(parts):
        workers = [now] * min(BESIDE, len(group))
        for part in group:
            i = workers.index(min(workers))
            workers[i] += part.seconds
            found[part.name] = workers[i]
        now = max(workers)
    return found
