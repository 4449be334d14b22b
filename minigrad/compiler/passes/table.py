"""Passes: a program goes in, one that gives the same numbers with less work comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from minigrad.compiler.passes.chains import chains
from minigrad.compiler.passes.layout import layout
from minigrad.compiler.passes.pooling import pooling
from minigrad.compiler.passes.slices import slices
from minigrad.compiler.program import Instruction, Operand, Place, Program, Slot
from minigrad.compiler.program.verify import verify
from minigrad.device import CPU, place
from minigrad.ops.arithmetic import add, mul
from minigrad.ops.linalg import linear
from minigrad.ops.shape import clone, reshape


@dataclass(frozen=True)
class Report:
    """What a program came to: how many steps it has, and how many bytes they read and write."""

    name: str
    steps: int
    traffic: int

    @classmethod
    def of(cls, name: str, program: Program) -> Report:
        """The report of a program after the pass of that name."""
        steps = [each for each in program.instructions if not each.is_view]
        slots = [slot for each in steps for slot in (*each.reads, *each.writes)]
        return cls(name, len(steps), sum(slot.bytes for slot in slots))

    def __str__(self) -> str:
        told = PASSES.get(self.name, "as it was")
        return f"{self.name:10} {self.steps:6} steps {self.traffic / 1e6:10.2f} MB moved  {told}"


def dead(program: Program) -> Program:
    """Drop what nobody reads: instructions whose numbers reach neither what is returned, nor a
    gradient, nor memory that was there before the step."""
    wanted = set(program.kept())
    left: list[Instruction] = []
    for each in reversed(program.ops):
        if each.operands and each.result.place not in wanted:  # without operands: it draws
            continue
        left.append(each)
        wanted.update(slot.place for slot in each.reads)
    return replace(program, instructions=tuple(reversed(left)))


def merge(program: Program) -> Program:
    """Do once what is done twice: equal ops on equal operands, nothing written in between."""
    written, kept = program.written(), program.kept()
    times: dict[Place, int] = {}
    seen: dict[Any, Slot] = {}
    instead: dict[Slot, Slot] = {}
    left: list[Instruction] = []
    for each in _replaced(program.ops, instead):
        y = each.result
        key = _key(each, times)
        if each.into:
            times[y.place] = times.get(y.place, 0) + 1
        elif key is not None and not {y.place} & (written | kept):
            twin = seen.setdefault(key, y)
            if twin is not y and _alike(twin, y):
                instead[y] = twin
                continue
        left.append(each)
    return replace(program, instructions=tuple(left))


def _replaced(ops: list[Instruction], instead: dict[Slot, Slot]) -> Any:
    """The ops one by one, with operands replaced as the dictionary says by then. A view of what is
    replaced looks into other memory from then on."""
    for each in ops:
        operands = tuple(_latest(x, instead) for x in each.operands)
        y, x = each.result, operands[0] if operands else None
        if each.is_view and isinstance(x, Slot) and x.place is not y.place:
            instead[y] = y = y.in_place(x.place)
        yield replace(each, operands=operands, result=y)


def _latest(x: Any, instead: dict[Slot, Slot]) -> Any:
    """What stands in the place of an operand: a view may be moved first and then merged."""
    while isinstance(x, Slot) and x in instead:
        x = instead[x]
    return x


def _alike(x: Slot, y: Slot) -> bool:
    return (x.shape, x.dtype, x.order) == (y.shape, y.dtype, y.order)


def _key(each: Instruction, times: dict[Place, int]) -> Any:
    """What makes two instructions equal; None where that cannot be told."""
    if not each.operands:  # it draws, or reads the outside in another way
        return None
    operands = tuple(
        (x, times.get(x.place, 0)) if isinstance(x, Slot) else (type(x), repr(x))
        for x in each.operands  # 0 and -0 are equal, but no equal operands
    )
    params = tuple(sorted((name, _frozen(value)) for name, value in each.params.items()))
    key = (each.op, operands, params)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _frozen(value: Any) -> Any:
    if isinstance(value, np.dtype):
        return ("dtype", str(value))
    return (type(value).__name__, repr(value)) if isinstance(value, (list, slice)) else value


def copies(program: Program) -> Program:
    """Leave out copies of what nobody changes or needs any more, views that change nothing, and
    products with 1."""
    written = program.written()
    outside = program.outside()
    kept = program.kept()
    instead: dict[Slot, Slot] = {}
    left: list[Instruction] = []
    for each in _replaced(program.ops, instead):
        x, y = _same_numbers(each), each.result
        if x is not None and _alike(x, y) and not {x.place, y.place} & (written | outside):
            # What is given away is nobody else's: two gradients never share memory.
            if y.place not in kept or (x.origin == "value" and x.place not in kept):
                instead[y] = x
                kept |= {x.place} if y.place in kept else set()
                continue
        left.append(each)
    return _renamed(replace(program, instructions=tuple(left)), instead)


def _same_numbers(each: Instruction) -> Slot | None:
    """The operand that the result equals number by number, if there is one."""
    if each.into:
        return None
    slots = each.reads
    if each.op is reshape:
        return slots[0]
    # Not what is a view: it may repeat its numbers or turn them around.
    if each.op is clone and slots[0].origin == "value":
        return slots[0]
    if each.op is mul:
        for x, y in (each.operands, each.operands[::-1]):
            if isinstance(x, Slot) and x.origin == "value" and _is_one(y):
                return x
    return None


def _is_one(x: Operand) -> bool:
    if not isinstance(x, Slot):
        return type(x) is not bool and x == 1
    return x.origin == "constant" and bool((place(x.holder, CPU) == 1).all())


def _renamed(program: Program, instead: dict[Slot, Slot]) -> Program:
    """The program with what it gives away renamed as well."""
    return replace(
        program,
        results=tuple(_latest(x, instead) for x in program.results),
        gradients=tuple((leaf, _latest(x, instead)) for leaf, x in program.gradients),
    )


def biases(program: Program) -> Program:
    """Part a linear layer into its product and the addition of its bias, which can then join what
    follows."""
    left: list[Instruction] = []
    for each in program.ops:
        if each.op is not linear or len(each.operands) < 3 or each.into:
            left.append(each)
            continue
        bias = each.operands[2]
        product = Slot.like(each.result)
        left.append(replace(each, operands=each.operands[:2], result=product))
        left.append(replace(each, op=add, operands=(product, bias)))
    return replace(program, instructions=tuple(left))


PASSES: dict[str, str] = {
    "merge": "do equal things once",
    "copies": "leave out copies, views and products that change nothing",
    "dead": "drop what nobody reads",
    "slices": "write sums into slices as sums into views",
    "pooling": "pool before a ReLU, which then has less to do",
    "layout": "turn matrices of few features or samples around",
    "biases": "part linear layers into product and bias",
    "chains": "join elementwise ops, which then go through memory once",
    "flat": "keep what an optimizer has for many small parameters in one array (NumPy)",
    "threads": "leave all threads to convolutions, and one to the BLAS (NumPy)",
    "in_place": "write a result over an operand that nobody needs any more",
    "arena": "let values that are not needed at the same time share memory",
    "epilogues": "let a product add its bias and apply its ReLU (CUDA)",
    "counters": "move the counts of masks on beside other kernels (CUDA)",
    "pairs": "compute at once what goes through the same numbers (CUDA)",
    "channels": "sum over a channel and go on with it by one kernel (CUDA)",
    "tails": "let an op's kernel go on with the chain behind it (CUDA)",
    "pooled": "pool by the kernel of the convolution before (CUDA)",
    "bundles": "do chains that do not depend on each other by one kernel (CUDA)",
    "graph": "give the device all kernels as one graph (CUDA)",
}
"""Every pass by name, as ``disable=`` knows it."""

Rewrite: TypeAlias = Callable[[Program], Program]

REWRITES: dict[str, Rewrite] = {
    "merge": merge,
    "copies": copies,
    "dead": dead,
    "slices": slices,
    "pooling": pooling,
    "layout": layout,
    "biases": biases,
    "chains": chains,
}
"""Those that rewrite the program on the CPU, in their order; the others are the layout's or
CUDA's, see `minigrad.compiler.targets.cuda.passes.rewrites`."""

NATIVE = {
    "biases", "chains", "counters", "epilogues", "pairs", "channels", "tails", "pooled", "bundles"
}  # fmt: skip
"""Those that only pay where a compiler builds what they join."""


def improved(
    program: Program,
    disable: frozenset[str],
    native: bool,
    rewrites: Mapping[str, Rewrite] = REWRITES,
) -> tuple[Program, list[Report]]:
    """The program after all passes that are not disabled, and what each did."""
    reports = [Report.of("recorded", program)]
    for name, rewrite in rewrites.items():
        if name in disable or (name in NATIVE and not native):
            continue
        program = rewrite(program)
        verify(program)  # takes a tenth of the time of the passes
        reports.append(Report.of(name, program))
    return program, reports
