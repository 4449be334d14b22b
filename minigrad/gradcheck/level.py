"""How much is tried: the three levels of a check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """What a check of this level tries.

    Attributes:
        name: what it is called.
        elements: so many elements of the inputs at most are varied one by one; of more a sample.
        rows: so many elements of the results at most are given a cotangent of their own.
        cotangents: dense random cotangents.
        directions: random directions through all inputs at once.
        refined: elements that are looked at with many step sizes.
        rungs: steps of the ladder of step sizes.
        ratio: from one step size to the next.
        layouts: how inputs and cotangents are laid out in memory besides C's order.
        elsewhere: other points that are looked at.
        second: whether second derivatives are checked where the function has them.
    """

    name: str
    elements: int
    rows: int
    cotangents: int
    directions: int
    refined: int
    rungs: int
    ratio: int
    layouts: tuple[str, ...]
    elsewhere: int
    second: bool = False


LEVELS = {
    level.name: level
    for level in (
        Level("quick", 0, 0, 1, 2, 3, 5, 8, ("fortran", "backwards"), 1),
        Level(
            *("standard", 2048, 128, 3, 6, 16, 10, 4),
            ("fortran", "strided", "backwards", "broadcast", "broadcast columns", "overlapping"),
            elsewhere=3,
        ),
        Level(
            *("thorough", 16384, 1024, 6, 24, 64, 12, 3),
            ("fortran", "strided", "backwards", "broadcast", "broadcast columns", "overlapping"),
            elsewhere=8,
            second=True,
        ),
    )
}


def level_of(name: str) -> Level:
    """The level of that name. Errors: ValueError."""
    if name not in LEVELS:
        raise ValueError(f"check: expected a level of {', '.join(LEVELS)}, got {name!r}")
    return LEVELS[name]
