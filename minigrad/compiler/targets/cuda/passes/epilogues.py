"""The pass that lets a product go on with its numbers while they are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Instruction, Program
from minigrad.compiler.targets.cuda.fused import linear_relu, matmul_add
from minigrad.ops.activation import relu
from minigrad.ops.arithmetic import add
from minigrad.ops.linalg import linear, matmul


@says("let a product add its bias and apply its ReLU", needs="kernels")
def epilogues(program: Program) -> Program:
    """Do what follows a product while it is written, where nobody else reads what comes before: the
    ReLU behind a linear layer, and the sum of two products, which are gradients of one weight."""
    mentions = Counter(x for each in program.ops for x in (*each.reads, each.result))
    kept = program.kept
    alone = {x for x, count in mentions.items() if count == 2 and x.place not in kept}
    makers = {x.result: x for x in program.ops if x.op in (linear, matmul) and not x.into}
    order = {each: i for i, each in enumerate(program.ops)}
    instead: dict[Instruction, Instruction | None] = {}
    for each in program.ops:
        y = each.result
        made = [makers[x] for x in each.reads if x in makers and x in alone]
        if each.into or any((x.result.order, x.result.dtype) != (y.order, y.dtype) for x in made):
            continue
        if each.op is relu and made and made[0].op is linear:
            instead[made[0]], instead[each] = replace(made[0], op=linear_relu, result=y), None
        elif each.op is add and len(made) == 2 and all(x.op is matmul for x in made):
            first, second = sorted(made, key=order.__getitem__)
            if first.result.shape == second.result.shape == y.shape:
                instead[first], instead[each] = replace(first, result=y), None
                given = (y, *second.operands)
                instead[second] = replace(
                    second, op=matmul_add, operands=given, result=y, into=True
                )
    left = [instead.get(each, each) for each in program.ops]
    return replace(program, instructions=tuple(each for each in left if each is not None))
