"""C for chains: one loop nest that goes through all arrays at once."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from pathlib import Path

from minigrad.compiler.program import Slot, Unit
from minigrad.device import Array
from minigrad.layouts import Walk
from minigrad.native import library
from minigrad.native.compiler import load
from minigrad.native.library import HEADER, Call
from minigrad.notation.c import TYPES, statements

ELEMENTARY = (Path(library.__file__).parent / "elementary.h").read_text(encoding="utf-8")
GRAIN = 16384
"""Numbers that are worth handing to another thread."""


class Kernels:
    """The kernels of a program, built together. Equal chains on equal shapes share one."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._calls: list[tuple[Call, str]] = []

    def add(self, chain: Unit, arrays: dict[Slot, Array]) -> Call:
        """The call of a chain on these arrays; its kernel has no address before `build`."""
        slots = list(dict.fromkeys([*chain.writes, *chain.reads]))
        loops = nest(chain, slots, arrays)
        text = source(chain, slots, *loops)
        name = self._names.setdefault(text, f"chain_{len(self._names)}")
        call = Call(name, [arrays[slot] for slot in slots], walks=walks(chain, slots, *loops))
        self._calls.append((call, name))
        return call

    def build(self) -> None:
        """Compile what was added. Errors: RuntimeError where it cannot be compiled or loaded."""
        if not self._names:
            return
        texts = [text.replace("NAME", name) for text, name in self._names.items()]
        built = load("\n".join([HEADER, ELEMENTARY, *texts]))
        for call, name in self._calls:
            call.name = ctypes.cast(getattr(built, name), ctypes.c_void_p).value or 0


def source(chain: Unit, slots: list[Slot], shape: list[int], steps: list[list[int]]) -> str:
    """The kernel's text, with NAME in the place of its name."""
    if len(shape) > 2 and shape[0] < 16:  # more to share among threads
        first = f"const int64_t i0 = o / {shape[1]}, i1 = o % {shape[1]};"
        rounds, inner = shape[0] * shape[1], shape[2:]
    else:
        first, rounds, inner = "const int64_t i0 = o;", shape[0] if shape else 1, shape[1:]
    depth = len(shape) - len(inner)
    loops = body(chain, slots, steps)
    for i in range(len(shape) - 1, depth - 1, -1):
        simd = "#pragma omp simd\n" if i == len(shape) - 1 else ""
        loops = f"{simd}for (int64_t i{i} = 0; i{i} < {shape[i]}; i{i}++) {{\n{loops}}}\n"
    simd = "" if inner else "#pragma omp simd\n"
    pointers = "".join(
        f"{'' if slot in chain.writes else 'const '}{word(slot)} *p{i} = a[{i}];\n"
        for i, slot in enumerate(slots)
    )
    grain = max(1, GRAIN // max(1, math.prod(inner)))
    return (
        "static void NAME_part(void *context, int64_t start, int64_t stop) {\n"
        f"void *const *a = context;\n{pointers}"
        f"{simd}for (int64_t o = start; o < stop; o++) {{\n{first}\n(void)i0;\n{loops}}}\n}}\n"
        "int NAME(void *const *a, const int64_t *n, const double *r) {\n"
        f"minigrad_parallel(NAME_part, (void *)a, {rounds}, {grain});\nreturn 0;\n}}\n"
    )


def nest(
    chain: Unit, slots: list[Slot], arrays: Mapping[Slot, Array]
) -> tuple[list[int], list[list[int]]]:
    """The loops of a chain: how long each is, the innermost last, and for each array how many
    numbers further it goes in each."""
    lead = chain.parts[0].result
    order = next((s.order for s in chain.writes if s.shape == lead.shape), lead.order)
    shape = [lead.shape[i] for i in order]
    return _merged(shape, [_steps(arrays[slot], len(shape), order) for slot in slots])


def walks(chain: Unit, slots: list[Slot], shape: list[int], steps: list[list[int]]) -> list[Walk]:
    """How these loops go through the arrays: at any steps, but for what is written."""
    written = chain.writes
    return [
        Walk(tuple(shape), tuple(mine), slot.dtype.char, slot in written)
        for slot, mine in zip(slots, steps, strict=True)
    ]


def body(chain: Unit, slots: list[Slot], steps: list[list[int]]) -> str:
    """What is done for one number of each: load, compute, store. The arrays are p0, p1 ..., the
    loops i0, i1 ..."""
    names: dict[Slot, str] = {}
    lines: list[str] = []
    written = chain.writes
    for i, slot in enumerate(slots):
        if slot in chain.reads:
            names[slot] = f"x{i}"
            lines.append(f"{word(slot)} x{i} = p{i}[{_index(steps[i])}];")
    for j, each in enumerate(chain.parts):
        # A comparison is of the type of what it compares.
        kind = each.result.dtype
        if kind.kind == "b" and each.reads:
            kind = each.reads[-1].dtype
        given = {
            name: names[x] if isinstance(x, Slot) else x
            for name, x in zip(each.op.operands, each.operands, strict=True)
        }
        known = {**each.op.defaults, **each.params, **given}
        before, text = statements(each.op.scalar, kind, known, f"v{j}")
        if each.op.name in ("cast", "copy") and each.result.dtype.kind == "b":
            text = f"{text} != 0"
        lines.append(f"{before}{word(each.result)} v{j} = {text};")
        names[each.result] = f"v{j}"
    for i, slot in enumerate(slots):
        if slot in written:
            lines.append(f"p{i}[{_index(steps[i])}] = {names[slot]};")
    return "".join(line + "\n" for line in lines)


def word(slot: Slot) -> str:
    """C's word for the type of its numbers."""
    return TYPES[slot.dtype.char]


def _index(steps: list[int]) -> str:
    terms = [f"i{i} * {s}" if s != 1 else f"i{i}" for i, s in enumerate(steps) if s]
    return " + ".join(terms) or "0"


def _steps(array: Array, ndim: int, order: tuple[int, ...]) -> list[int]:
    """How many numbers further the next one lies in each dimension, 0 where it is repeated."""
    lead = ndim - array.ndim
    found = [0] * lead + [
        0 if n == 1 else step // array.itemsize
        for n, step in zip(array.shape, array.strides, strict=True)
    ]
    return [found[i] for i in order]


def _merged(shape: list[int], steps: list[list[int]]) -> tuple[list[int], list[list[int]]]:
    """Fewer and longer dimensions, where all arrays run on from one into the next."""
    dims: list[int] = []
    found: list[list[int]] = [[] for _ in steps]
    for i, n in enumerate(shape):
        if n == 1:
            continue
        if dims and all(mine[-1] == each[i] * n for mine, each in zip(found, steps, strict=True)):
            dims[-1] *= n
            for mine, each in zip(found, steps, strict=True):
                mine[-1] = each[i]
            continue
        dims.append(n)
        for mine, each in zip(found, steps, strict=True):
            mine.append(each[i])
    return dims, found
