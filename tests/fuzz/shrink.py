"""A failing program made smaller, as long as it fails in the same way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from copy import deepcopy

import numpy as np

from .agree import Fault, fault
from .program import Numbers, Program
from .sides import run
from .truth import truth

ASSIGNED = re.compile(r"^(\w+) = (.*)$", re.DOTALL)
NAME = re.compile(r"\b[a-z]\d+\b")


def fails(program: Program, side: str) -> Fault | None:
    """The fault of a program on a side."""
    text = program.text()
    want = truth(text)
    if want.outcome.refusal is not None and want.outcome.refusal.told.startswith("NameError"):
        return None
    return fault(text, side, run(text, side), want)


def smaller(program: Program, found: Fault, seconds: float = 60.0) -> Program:
    """The smallest program that is found in some seconds, which shows the same kind of fault."""
    end = time.monotonic() + seconds

    def still(candidate: Program) -> bool:
        try:
            now = fails(candidate, found.side)
        except Exception:
            return False  # it is no program any more
        return now is not None and now.kind == found.kind

    going = True
    while going and time.monotonic() < end:
        going = False
        for make in (_results, _body, _calls, _replaced, _setup, _layouts, _shapes, _numbers):
            better = _step(program, make, still, end)
            if better is not None:
                program, going = better, True
    return program


def _step(
    program: Program,
    make: Callable[[Program], Iterator[Program]],
    still: Callable[[Program], bool],
    end: float,
) -> Program | None:
    """As far as one way of making it smaller leads."""
    best = None
    going = True
    while going and time.monotonic() < end:
        going = False
        for candidate in make(best or program):
            if time.monotonic() > end:
                break
            if still(_used(candidate)):
                best, going = _used(candidate), True
                break
    return best


def _used(program: Program) -> Program:
    """Without arguments and tensors that nothing reads."""
    twin = deepcopy(program)
    words = set(NAME.findall("\n".join([*twin.setup, *twin.body, *twin.results])))
    twin.arguments = [x for x in twin.arguments if x.name in words]
    twin.state = [x for x in twin.state if x in words]
    twin.held = [x for x in twin.held if x.name in words or x.name in twin.state]
    return twin


def _without(program: Program, field: str) -> Iterator[Program]:
    """Without half of a list, a quarter ..., one each; the end first."""
    items = getattr(program, field)
    size = len(items)
    while size >= 1:
        for start in range(len(items) - size, -1, -size):
            twin = deepcopy(program)
            setattr(twin, field, items[:start] + items[start + size :])
            yield twin
        size //= 2


def _results(program: Program) -> Iterator[Program]:
    yield from _without(program, "results")
    yield from _without(program, "state")


def _body(program: Program) -> Iterator[Program]:
    yield from _without(program, "body")


def _setup(program: Program) -> Iterator[Program]:
    yield from _without(program, "setup")


def _calls(program: Program) -> Iterator[Program]:
    for n in range(1, program.calls):
        twin = deepcopy(program)
        twin.calls = n
        yield twin


def _replaced(program: Program) -> Iterator[Program]:
    """A statement becomes one of the names that it reads."""
    for i in reversed(range(len(program.body))):
        found = ASSIGNED.match(program.body[i])
        if found is None:
            continue
        for name in dict.fromkeys(NAME.findall(found[2])):
            if name == found[2]:
                continue
            twin = deepcopy(program)
            del twin.body[i]
            pattern = re.compile(rf"\b{found[1]}\b")
            twin.body = [pattern.sub(name, line) for line in twin.body]
            twin.results = list(dict.fromkeys(pattern.sub(name, line) for line in twin.results))
            yield twin


def _given(program: Program) -> list[Numbers]:
    return [*program.held, *program.arguments]


def _layouts(program: Program) -> Iterator[Program]:
    for i, each in enumerate(_given(program)):
        if each.layout != "dense":
            twin = deepcopy(program)
            _given(twin)[i].layout = "dense"
            yield twin


def _shapes(program: Program) -> Iterator[Program]:
    """All lengths that are equal are cut together; then each for itself."""
    given = _given(program)
    lengths = sorted({n for each in given for n in each.arrays[0].shape if n > 1}, reverse=True)
    for n in lengths:
        for less in dict.fromkeys((1, n // 2, n - 1)):
            twin = deepcopy(program)
            for each in _given(twin):
                each.arrays = [
                    _cut(x, {d: less for d, m in enumerate(x.shape) if m == n}) for x in each.arrays
                ]
            yield twin
    for i, each in enumerate(given):
        for d, n in enumerate(each.arrays[0].shape):
            for less in dict.fromkeys((1, n - 1)) if n > 1 else ():
                twin = deepcopy(program)
                _given(twin)[i].arrays = [_cut(x, {d: less}) for x in each.arrays]
                yield twin


def _cut(x: np.ndarray, lengths: dict[int, int]) -> np.ndarray:
    return x[tuple(slice(lengths.get(d)) for d in range(x.ndim))].copy()


def _numbers(program: Program) -> Iterator[Program]:
    """Rounder numbers."""
    for i, each in enumerate(_given(program)):
        for digits in (0, 1):
            rounded = [np.round(x, digits) if x.dtype.kind == "f" else x for x in each.arrays]
            if any(
                not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
                for a, b in zip(rounded, each.arrays, strict=True)
            ):
                twin = deepcopy(program)
                _given(twin)[i].arrays = rounded
                yield twin
