"""C for chains: one loop nest that goes through all arrays at once.

How long its loops are, how far apart numbers lie, and numbers that an op was given are arguments: a
step on another batch, or a layer of another width, is done by the kernels that are there. Only what
the compiler makes use of stands in the text: numbers that are neighbours, or the same all the time,
and short inner loops.
"""

from __future__ import annotations

import ast
import ctypes
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from minigrad.compiler.program import Slot, Unit
from minigrad.device import Array
from minigrad.layouts import Walk
from minigrad.native.compiler import load
from minigrad.native.library import ELEMENTARY, HEADER, Call
from minigrad.notation import parsed
from minigrad.notation.c import CIRCULAR, FLOAT, TYPES, statements

GRAIN = 16384
"""Numbers that are worth handing to another thread."""
SHORT = 16
"""An inner loop that is no longer than this is laid out number by number: it is a text's own."""
MANY = 8
"""Kernels that are worth a compiler of their own."""
NEAR = 8
"""So many numbers apart vectors are still put together in registers."""


class Kernels:
    """The kernels of a program, built together. Equal chains on equal shapes share one."""

    def __init__(self) -> None:
        self._calls: list[tuple[Call, str]] = []

    def add(self, chain: Unit, arrays: dict[Slot, Array]) -> Call:
        """The call of a chain on these arrays; its kernel has no address before `build`."""
        slots = list(dict.fromkeys([*chain.writes, *chain.reads]))
        loops = nest(chain, slots, arrays)
        text, ints, reals = source(chain, slots, *loops)
        given = [arrays[slot] for slot in slots]
        call = Call("NAME", given, ints, reals, walks(chain, slots, *loops))
        self._calls.append((call, text))
        return call

    def build(self) -> None:
        """Compile what was added. Errors: RuntimeError where it cannot be compiled or loaded."""
        if not self._calls:
            return
        # In an order of their own: a program with the same kernels finds them.
        names = {text: f"chain_{i}" for i, text in enumerate(sorted({t for _, t in self._calls}))}
        texts = [text.replace("NAME", name) for text, name in names.items()]
        parts = min(os.cpu_count() or 1, 1 + len(texts) // MANY)
        built = load(*("\n".join([HEADER, ELEMENTARY, *texts[i::parts]]) for i in range(parts)))
        for call, text in self._calls:
            call.name = ctypes.cast(getattr(built, names[text]), ctypes.c_void_p).value or 0


def source(
    chain: Unit, slots: list[Slot], shape: list[int], steps: list[list[int]]
) -> tuple[str, list[int], list[float]]:
    """The kernel's text, with NAME in the place of its name, and the numbers that it takes."""
    ints: dict[tuple[int, int], int] = {}  # by the loop, below 0 for its length, and the number
    reals: dict[tuple[str, float], int] = {}  # by C's word for the type, and the number

    def named(loop: int, number: int) -> str:
        return f"s{ints.setdefault((loop, number), len(ints))}"

    last = len(shape) - 1
    lengths = [
        str(n) if i == last > 0 and n <= SHORT else named(-1 - i, n) for i, n in enumerate(shape)
    ]
    apart: list[list[int | str]] = [
        [
            s if s in (0, 1) or (i == last and abs(s) <= NEAR) else named(i, s)
            for i, s in enumerate(mine)
        ]
        for mine in steps
    ]
    if len(shape) > 2 and shape[0] < 16:  # more to share among threads
        first = f"const int64_t i0 = o / {lengths[1]}, i1 = o % {lengths[1]};"
        rounds, inner = f"{lengths[0]} * {lengths[1]}", lengths[2:]
    else:
        first, rounds = "const int64_t i0 = o;", lengths[0] if shape else "1"
        inner = lengths[1:]
    depth = len(shape) - len(inner)
    depth = len(shape) - len(inner)

    def nested(text: str, simd: bool = True) -> str:
        """The loops around what is done for one number, over o from `from` up to `to`."""
        vectors = "#pragma omp simd\n" if simd else ""
        for i in range(last, depth - 1, -1):
            told = vectors if i == last else ""
            text = f"{told}for (int64_t i{i} = 0; i{i} < {lengths[i]}; i{i}++) {{\n{text}}}\n"
        told = "" if inner else vectors
        return f"{told}for (int64_t o = from; o < to; o++) {{\n{first}\n(void)i0;\n{text}}}\n"

    all_inner = f"minigrad_most(1, {' * '.join(inner) or '1'})"
    text = body(chain, slots, apart, reals)
    if NEAR_ONLY.search(text):
        loops = _looked_at(text, nested, all_inner)
    else:
        loops = f"const int64_t from = start, to = stop;\n{nested(text)}"
    pointers = "".join(
        f"{'' if slot in chain.writes else 'const '}{word(slot)} *p{i} = m->arrays[{i}];\n"
        for i, slot in enumerate(slots)
    )
    numbers = "".join(f"const int64_t s{i} = n[{i}];\n" for i in range(len(ints)))
    given = "".join(f"const {kind} c{i} = m->reals[{i}];\n" for i, (kind, _) in enumerate(reals))
    if "MG_WHOLE(" in text:
        given += "const int32_t none = mg_none;\n"
    text = (
        "static void NAME_part(void *context, int64_t start, int64_t stop) {\n"
        f"const MinigradCall *m = context;\nconst int64_t *n = m->ints;\n(void)n;\n"
        f"{numbers}{given}{pointers}{loops}}}\n"
        "int NAME(void *const *a, const int64_t *n, const double *r) {\n"
        f"{numbers}MinigradCall m = {{.arrays = a, .ints = n, .reals = r}};\n"
        f"minigrad_parallel(NAME_part, &m, {rounds}, {GRAIN} / {all_inner});\nreturn 0;\n}}\n"
    )
    return text, [number for _, number in ints], [number for _, number in reals]


NEAR_ONLY = re.compile(rf"mg_({'|'.join(sorted(CIRCULAR))})_f32\(")
"""Functions that `elementary.h` has for numbers that are not far from 0."""


def _looked_at(text: str, nested: Callable[..., str], inner: str) -> str:
    """Loops over some numbers at a time, by the C library where one of them is far from 0."""
    looks = NEAR_ONLY.sub(r"MG_LOOK(far, \1, ", re.sub(r"(?m)^p\d+\[.*\n", "", text))
    library = NEAR_ONLY.sub(r"\1f(", text)
    return (
        f"const int64_t some = minigrad_most(1, 1024 / {inner});\n"
        "for (int64_t from = start; from < stop; from += some) {\n"
        "const int64_t to = minigrad_least(stop, from + some);\nint32_t far = 0;\n"
        f"{nested(looks, simd=False)}if (far) {{\n{nested(library)}continue;\n}}\n"
        f"{nested(text)}}}\n"
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


def body(
    chain: Unit,
    slots: list[Slot],
    steps: Sequence[Sequence[int | str]],
    reals: dict[tuple[str, float], int] | None = None,
) -> str:
    """What is done for one number of each: load, compute, store. The arrays are p0, p1 ..., the
    loops i0, i1 ...; a step is a number or has a name. Where ``reals`` is there, numbers that an op
    was given are c0, c1 ..., and are added to it."""
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
        scalar = each.op.scalar
        if reals is not None and kind.char == "f":
            scalar = FLOAT.get(each.op.name, scalar)
        before, text = statements(scalar, kind, known, f"v{j}")
        if reals is not None and kind.kind == "f":
            own = PLAIN | _constants(scalar, kind)
            before, text = (
                _with_names(part, TYPES[kind.char], own, reals) for part in (before, text)
            )
        goal = each.result.dtype
        if each.op.name in ("cast", "copy") and goal.kind == "b":
            text = f"{text} != 0"
        elif goal.kind in "iu" and any(x.dtype.kind == "f" for x in each.reads):
            between = "int64_t" if goal.itemsize == 8 else "int32_t"
            text = f"({word(each.result)})MG_WHOLE({between}, {text})"
        lines.append(f"{before}{word(each.result)} v{j} = {text};")
        names[each.result] = f"v{j}"
    for i, slot in enumerate(slots):
        if slot in written:
            lines.append(f"p{i}[{_index(steps[i])}] = {names[slot]};")
    return "".join(line + "\n" for line in lines)


def word(slot: Slot) -> str:
    """C's word for the type of its numbers."""
    return TYPES[slot.dtype.char]


PLAIN = frozenset([0.0, 0.5, 1.0, 2.0])
"""Numbers that a compiler makes use of."""
LITERAL = re.compile(r"\(-0x[\da-f.]+p[+-]\d+f?\)|(?<!\w)0x[\da-f.]+p[+-]\d+f?")


@cache
def _constants(scalar: str, kind: np.dtype[Any]) -> frozenset[float]:
    """The numbers that stand in an op's text, of this type."""
    nodes = [node for part in parsed(scalar) for node in ast.walk(part)]
    found = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return frozenset(float(kind.type(x)) for x in found if isinstance(x, (int, float)))


def _with_names(
    text: str, kind: str, own: frozenset[float], reals: dict[tuple[str, float], int]
) -> str:
    """The text with names in the place of all numbers but the op's own."""

    def named(found: re.Match[str]) -> str:
        number = float.fromhex(found[0].strip("()").removesuffix("f"))
        if abs(number) in own:
            return found[0]
        return f"c{reals.setdefault((kind, number), len(reals))}"

    return LITERAL.sub(named, text)


def _index(steps: Sequence[int | str]) -> str:
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
