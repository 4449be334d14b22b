"""Bundles: one kernel does steps that do not depend on each other side by side, chains and sums of
columns. A table in the device's memory tells each block which of them it works at.

Its words: for each block where the row of its step begins, and from which number on it works; then
for each step a row of its kind, how many numbers there are, and where its arrays are. So one text
serves equal steps on arrays of any size: the updates of all parameters, for instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from minigrad.compiler.program import Group, Instruction, Place, Slot, Unit
from minigrad.compiler.targets.cpu.generated import word
from minigrad.compiler.targets.cuda.kernels.generated import BLOCK, NARROW, chain, loops_of, named
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array, address
from minigrad.layouts import Walk, dense, lying
from minigrad.ops.reduction import sum as sum_op
from minigrad.ops.shape import clone, sum_to

SHARE = 2048
"""Numbers of a chain that a block computes."""
COLUMNS = 32
"""Columns that a block sums, the threads of a warp side by side."""
ROWS = 512
"""Rows up to which a block sums whole columns in no more time than the launch of a kernel takes."""

Table: TypeAlias = Callable[[Array], Array]
"""Takes whole numbers of the host, gives an array of the device that holds them."""


@dataclass(frozen=True)
class _Kind:
    """What is done for a block's share of a step: C that knows ``start`` and ``count``, the types
    of the step's pointers, and how many numbers a block takes."""

    text: str
    words: tuple[str, ...]
    share: int


def bundle(members: Sequence[Unit], arrays: Mapping[Slot, Array], table: Table) -> list[Launch]:
    """The launches that do these steps: one for all that are of sane size."""
    launches: list[Launch] = []
    kinds: dict[_Kind, int] = {}
    rows: list[list[int]] = []
    shares: list[tuple[int, int]] = []  # the step and the first number of each block
    for each in members:
        kind, given, size = _sum(each, arrays) if each.kind == "op" else _chain(each, arrays)
        if kind is None or len(members) == 1:
            assert each.kind == "chain"
            launches += chain(each, arrays)
            continue
        shares += [(len(rows), start) for start in range(0, size, kind.share)]
        rows.append([kinds.setdefault(kind, len(kinds)), size, *map(address, given)])
    if not shares:
        return launches
    cases = "".join(_case(i, kind) for kind, i in kinds.items())
    text = (
        'extern "C" __global__ void NAME(const long long *table MG_STRIDED) {\n'
        "const long long *row = table + table[2 * blockIdx.x];\n"
        "const int start = (int)table[2 * blockIdx.x + 1], count = (int)row[1];\n"
        f"switch ((int)row[0]) {{\n{cases}}}\n}}\n"
    )
    begins = np.cumsum([2 * len(shares), *map(len, rows)])
    words = [number for i, start in shares for number in (int(begins[i]), start)]
    words += [number for row in rows for number in row]
    args = (table(np.array(words, np.int64)),)
    beside = tuple((x, own) for each in members for x, own in _ways(each, arrays))
    return [*launches, Launch(named("bundle", text), len(shares), BLOCK, args, beside)]


def _ways(each: Unit, arrays: Mapping[Slot, Array]) -> list[tuple[Array, Walk]]:
    """The arrays of a member, and how the kernel goes through them: through those of a chain as
    they lie, through a sum's one number after the other."""
    found = []
    for slot in dict.fromkeys([*each.writes, *each.reads]):
        x, chained = arrays[slot], each.kind == "chain"
        way = replace(lying(x) if chained else dense(*x.shape), written=slot in each.writes)
        found.append((x, way))
    return found


def copies(pairs: Sequence[tuple[Array, Array]], table: Table) -> list[Launch]:
    """The launches that copy the numbers of arrays into others of the same type, all at once."""
    chains: list[Unit] = []
    arrays: dict[Slot, Array] = {}
    for out, x in pairs:
        if x.dtype == np.float16:  # which no chain computes with; copied as what has its size
            out, x = out.view(np.int16), x.view(np.int16)
        goal, source = Slot("value", out, Place()), Slot("value", x, Place())
        chains.append(Group("chain", (Instruction(clone, (source,), {}, goal),)))
        arrays |= {goal: out, source: x}
    return bundle(chains, arrays, table)


def sums_columns(each: Instruction) -> bool:
    """Whether it is a sum over the first dimensions, few enough to be done in a bundle."""
    x, y = each.operands[0] if each.operands else None, each.result
    if each.op not in (sum_op, sum_to) or each.into or not isinstance(x, Slot):
        return False
    if x.dtype != y.dtype or x.dtype.char not in "fd" or x.bytes >= NARROW or not y.bytes:
        return False
    # A value lies without gaps; a view or a state need not.
    if x.origin != "value" or y.origin != "value" or not (x.dense and y.dense):
        return False
    if not y.bytes <= x.bytes <= ROWS * y.bytes:
        return False
    # Dimensions of length 1 do not count.
    kept = [i for i, n in enumerate(x.shape) if n > 1]
    summed = each.params.get("axis", range(len(x.shape) - len(y.shape)))
    lead = [i for i in kept if i in summed]
    left = [n for n in x.shape if n > 1][len(lead) :]
    return lead == kept[: len(lead)] and left == [n for n in y.shape if n > 1]


def _chain(each: Group, arrays: Mapping[Slot, Array]) -> tuple[_Kind | None, list[Array], int]:
    """A chain's part; None where it has too many numbers."""
    loops, given, size = loops_of(each, arrays)
    if loops.wide:
        return None, given, size
    text = (
        f"const int stop = count - start < {SHARE} ? count : start + {SHARE};\n"
        f"for (int i = start + threadIdx.x; i < stop; i += blockDim.x) {{\n{loops.text}}}\n"
    )
    return _Kind(text, loops.words, SHARE), given, size


def _sum(each: Instruction, arrays: Mapping[Slot, Array]) -> tuple[_Kind, list[Array], int]:
    """The part of a sum of columns: the warps of a block share the rows."""
    x, out = arrays[each.reads[0]], arrays[each.result]
    kind, rows = word(each.result), x.size // out.size
    warps = BLOCK // COLUMNS
    text = (
        f"// sum of {rows} rows\n"
        f"__shared__ {kind} part[{BLOCK}];\n"
        f"const int column = start + threadIdx.x % {COLUMNS}, warp = threadIdx.x / {COLUMNS};\n"
        f"{kind} total = 0;\n"
        "if (column < count)\n"
        f"for (int i = warp; i < {rows}; i += {warps}) total += p1[i * count + column];\n"
        "part[threadIdx.x] = total;\n__syncthreads();\n"
        "if (warp == 0 && column < count) {\n"
        f"for (int i = 1; i < {warps}; i++) total += part[threadIdx.x + {COLUMNS} * i];\n"
        "p0[column] = total;\n}\n"
    )
    return _Kind(text, (kind, f"const {kind}"), COLUMNS), [out, x], out.size


def _case(number: int, kind: _Kind) -> str:
    pointers = "".join(
        f"{word} *p{i} = ({word} *)row[{i + 2}];\n" for i, word in enumerate(kind.words)
    )
    return f"case {number}: {{\n{pointers}{kind.text}break;\n}}\n"
