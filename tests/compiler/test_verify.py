"""The verifier finds what is wrong with a program; the interpreter says what a program means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from programs import outcome, recorded

import minigrad
from minigrad.compiler.passes.chains import chains
from minigrad.compiler.program import Place, Program, Slot
from minigrad.compiler.program.verify import verify

X = minigrad.from_numpy(np.arange(12, dtype=np.float32).reshape(3, 4))


def step(x: Any) -> Any:
    y = x * 2
    z = y.t()
    y.add_(1)
    return z.exp().sum()


def broken(program: Program, told: str, **changes: Any) -> None:
    with pytest.raises(AssertionError, match=told):
        verify(replace(program, **changes))


def changed(program: Program, i: int, **changes: Any) -> dict[str, Any]:
    """The program's instructions with one of them changed."""
    found = list(program.instructions)
    found[i] = replace(found[i], **changes)
    return {"instructions": tuple(found)}


def test_what_is_wrong_is_found_with_the_line() -> None:
    program = recorded(step, X)
    mul, permute, add, exp, sum_ = program.instructions
    line = r".*test_verify\.py:\d+"
    early = (permute, mul, add, exp, sum_)
    told = rf"instruction 0, permute \({line}\): .* read before it is filled"
    broken(program, told, instructions=early)
    broken(program, f"instruction 0, add .*{line}", instructions=(add, mul, permute, exp, sum_))
    broken(program, "add .*a second time", **changed(program, 2, into=False))
    broken(
        program,
        "exp .* writes into .*, which was never filled",
        **changed(program, 3, into=True, result=Slot.like(exp.result)),
    )
    broken(program, "a second time", instructions=(mul, permute, mul, add, exp, sum_))
    elsewhere = permute.result.in_place(Place())
    broken(program, "permute .* in other memory", **changed(program, 1, result=elsewhere))
    taken = exp.result.in_place(mul.result.place)
    broken(program, "exp .* in memory that is taken", **changed(program, 3, result=taken))
    broken(program, "given away, but never filled", instructions=program.instructions[:-1])
    broken(program, "given away", gradients=((X, Slot.like(exp.result)),))


def test_what_is_wrong_with_a_chain_is_found() -> None:
    w = minigrad.ones(3, 4)

    def step(x: Any) -> Any:
        y = (x * 2).exp()
        w.add_(y)
        return y.sum(), w[0]

    program = chains(recorded(step, X))
    chain = program.instructions[0]
    assert chain.kind == "chain" and len(chain.hidden) == 1
    first, second, third = chain.parts

    def parts(*parts: Any, hidden: Any = chain.hidden) -> dict[str, Any]:
        return changed(program, 0, members=parts, hidden=hidden)

    verify(program)
    hidden = frozenset(each.result for each in (first, second))
    broken(program, "sum .* stays within another chain", **parts(*chain.parts, hidden=hidden))
    alone = frozenset({third.result})
    broken(program, "hides what it does not fill", **parts(*chain.parts, hidden=alone))
    small = recorded(lambda x: x[0] + 1, X).instructions[1].result
    broken(
        program, r"a chain of shape \(3, 4\) fills", **parts(first, replace(third, result=small))
    )
    wide = recorded(lambda x: x.t() + 1, X).instructions[1].result
    broken(program, "reads", **parts(replace(first, operands=(wide, 2)), second, third))
    half = recorded(lambda x: x.half(), X).instructions[0].result
    broken(program, "no numbers of the type", **parts(replace(first, operands=(half, 2)), second))
    turned = Slot.like(third.result).in_place(third.result.place)
    broken(
        program,
        "sees it through another slot",
        **parts(first, second, replace(third, operands=(turned, second.result))),
    )


def test_the_interpreter_leaves_everything_as_it_is() -> None:
    table = np.arange(20, dtype=np.float32).reshape(4, 5)
    whole, part = minigrad.from_numpy(table), minigrad.from_numpy(table[1:, ::-1])
    x = minigrad.ones(3, 5)
    before = table.copy()

    def step(x: Any) -> Any:
        part.add_(x)
        whole.mul_(2)
        x.sub_(part)
        total = minigrad.zeros(3, 5)
        total += x
        return total, whole[0], x

    program = recorded(step, x)
    first, second = outcome(program, x), outcome(program, x)
    assert np.array_equal(table, before) and x.sum().item() == 15
    for a, b in zip(first.results, second.results, strict=True):
        assert np.array_equal(a, b)
    expected = [t.numpy() for t in step(x)]
    for a, b in zip(first.results, expected, strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(first.state[id(whole)], table)
    assert np.array_equal(first.state[id(part)], table[1:, ::-1])


def test_the_interpreter_knows_what_a_slot_promises() -> None:
    program = recorded(lambda x: (x * 2).sum(), X)
    wrong = recorded(lambda x: (x * 2).double(), X).instructions[1].result
    mul, sum_ = program.instructions
    instructions = (replace(mul, result=wrong), replace(sum_, operands=(wrong,)))
    with pytest.raises(AssertionError, match=r"float64.* is given float32\[3, 4\]"):
        outcome(replace(program, instructions=instructions), X)
