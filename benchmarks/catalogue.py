"""All cases by name."""

from __future__ import annotations

from benchmarks.case import Case
from benchmarks.gpu.large import LARGE, SMALL
from benchmarks.singles import OPS
from benchmarks.sweeps import ROOFS, SWEEPS
from benchmarks.training import TRAINING

LISTED = {case.name: case for case in [*TRAINING, *OPS]}
"""The cases of ``python -m benchmarks``."""
CASES = {
    **LISTED,
    **{roof.case.name: roof.case for roof in ROOFS},
    **{point.case.name: point.case for sweep in SWEEPS for point in sweep.points},
    **{case.name: case for case in (*LARGE, *SMALL.values())},
}
"""With those of ``scaling``, and with the large ones of ``gpu-check``."""


def chosen(names: list[str]) -> list[Case]:
    """The named cases; ``ops`` stands for the single ops, ``all`` for everything, no name for the
    training cases. Errors: KeyError that lists what there is."""
    if not names:
        return [case for case in LISTED.values() if case.quick]
    found: list[Case] = []
    for name in names:
        if name == "all":
            found += LISTED.values()
        elif name == "ops":
            found += OPS
        elif name in CASES:
            found.append(CASES[name])
        else:
            known = ", ".join(case.name for case in TRAINING)
            raise KeyError(
                f"no case {name!r}; there are {known}, 'ops' and 'all'; --list shows every one"
            )
    return list(dict.fromkeys(found))
