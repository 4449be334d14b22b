"""Each pass for a GPU alone: what it joins, what it must leave alone, and that the numbers stay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.compiler.passes.improved import improved
from minigrad.compiler.program import Group, Program
from minigrad.compiler.program.verify import verify
from minigrad.compiler.targets.cpu.target import Cpu
from minigrad.compiler.targets.cuda.passes.counters import counters
from minigrad.compiler.targets.cuda.passes.epilogues import epilogues
from minigrad.compiler.targets.cuda.passes.pairs import pairs
from minigrad.compiler.targets.cuda.target import Cuda
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from programs import after, names, outcome, recorded, same


def numbers(*shape: int, seed: int = 0) -> Any:
    draw = np.random.default_rng(seed).standard_normal(shape)
    return minigrad.from_numpy(draw.astype(np.float32))


X, W, B = numbers(4, 6), numbers(5, 6, seed=1), numbers(5, seed=2)
Y = minigrad.tensor([0, 2, 1, 4])


# -- epilogues --------------------------------------------------------------------------------


def test_a_relu_is_applied_by_its_layer() -> None:
    assert names(after(epilogues, lambda x: F.linear(x, W, B).relu(), X)) == ["linear_relu"]
    assert names(after(epilogues, lambda x: F.linear(x, W).relu() + 1, X)) == ["linear_relu", "add"]
    found = after(epilogues, lambda x: F.linear(F.linear(x, W, B).relu(), W.t(), None).relu(), X)
    assert names(found) == ["permute", "linear_relu", "linear_relu"] or names(found) == [
        "linear_relu",
        "permute",
        "linear_relu",
    ]


def test_the_second_product_is_added_to_the_first() -> None:
    a, b = numbers(6, 4, seed=3), numbers(6, 4, seed=7)
    both = after(epilogues, lambda x: a @ x + b @ x, X)
    assert names(both) == ["matmul", "matmul_add"]
    turned = after(epilogues, lambda x: (lambda z: b @ x + z)(a @ x), X)
    assert names(turned) == ["matmul", "matmul_add"]

    def more(x: Any) -> Any:
        p, q = a @ x, b @ x
        return p + q, q.exp()

    for step in (
        more,  # one of them is read elsewhere
        lambda x: a @ x + (a @ x)[:1],  # broadcast
        lambda x: a @ x + 1,
        lambda x: (lambda p: p + p)(a @ x),
    ):
        assert "matmul_add" not in names(after(epilogues, step, X))


def test_the_count_of_masks_is_an_addition_beside_others() -> None:
    program = after(counters, lambda x: F.dropout(F.dropout(x, 0.3), 0.6), X)
    assert "advance" not in names(program) and names(program).count("add") == 2
    assert sizes(whole(lambda x: F.dropout(x, 0.3), X)) == [2]


@pytest.mark.parametrize(
    "step",
    [
        lambda x: (lambda y: y.relu() + y)(F.linear(x, W, B)),  # read twice
        lambda x: (lambda y: (y.relu(), y))(F.linear(x, W, B)),  # given away
        lambda x: F.linear(x, W, B)[1:].relu(),  # a part
        lambda x: F.linear(x, W, B).add_(1).relu(),  # written into
        lambda x: F.linear(x, W, B).relu_(),
        lambda x: F.linear(x, W, B).tanh(),
        lambda x: x.relu(),
    ],
)
def test_other_relus_stay(step: Any) -> None:
    assert "linear_relu" not in names(after(epilogues, step, X))


# -- pairs ------------------------------------------------------------------------------------


def training(x: Any, y: Any, w: Any, reduction: str = "mean") -> Any:
    w.grad = None
    loss = F.cross_entropy(F.linear(x, w), y, reduction=reduction)
    loss.sum().backward()
    return loss


def test_a_loss_and_its_derivative_are_computed_at_once() -> None:
    w = W.clone().requires_grad_()
    for reduction in ("mean", "sum"):
        program = after(pairs, lambda x, y, r=reduction: training(x, y, w, r), X, Y)
        (pair,) = [each for each in program.instructions if each.kind == "bundle"]
        assert [p.op.name for p in pair.parts] == ["class_cross_entropy", "class_residual"]
    w.grad = None


def test_losses_of_other_numbers_stay_apart() -> None:
    w = W.clone().requires_grad_()

    def changed(x: Any, y: Any) -> Any:
        w.grad = None
        loss = F.cross_entropy(F.linear(x, w), y)
        y.add_(0)  # the same numbers, but who knows
        return loss, F.cross_entropy(F.linear(x, w), y)

    program = after(pairs, changed, X, Y.clone())
    assert not any(each.kind == "bundle" for each in program.instructions)


# -- bundles ----------------------------------------------------------------------------------


def whole(step: Any, *arguments: Any, disable: frozenset[str] = frozenset()) -> Program:
    """The program of a step after all passes, which must mean the same."""
    before = recorded(step, *arguments)
    program, reports = improved(before, Cuda.passes, disable, True)
    assert [report.name for report in reports[1:]] == [
        x.name for x in Cuda.passes if x.rewrite and x.name not in disable
    ]
    verify(program)
    same(outcome(program, *arguments), outcome(before, *arguments), tolerance=1e-6)
    return program


def sizes(program: Program) -> list[int]:
    """How many chains each bundle holds."""
    return [len(each.members) for each in program.instructions if each.kind == "bundle"]


def test_chains_that_do_not_depend_on_each_other_are_a_bundle() -> None:
    a, b = numbers(3, seed=4), numbers(2, 5, seed=5)
    assert sizes(whole(lambda: (a.exp(), b.exp()))) == [2]
    assert sizes(whole(lambda: (a.exp(), a.argmax(), b.exp()))) == [2]
    assert sizes(whole(lambda: ((a.exp().sum() * 2).exp(), b.exp()))) == [2]
    assert sizes(whole(lambda: (a.exp(), b.exp()), disable=frozenset({"bundles"}))) == []
    assert sizes(whole(lambda: (a.exp(), b.exp()), disable=frozenset({"chains"}))) == []


def test_chains_that_depend_on_each_other_are_none() -> None:
    a, b, c = numbers(3, seed=4), numbers(2, 3, seed=5), numbers(2, 3, seed=6)

    def through_a_sum() -> Any:
        return (a.exp().sum() * 2).exp()

    def written_after_it_was_read() -> Any:
        y = a.exp()
        b.mul_(2)
        b.sum()
        a.mul_(2)
        return y, b * a

    def read_after_it_was_written() -> Any:
        b.mul_(2)
        return a + b[0]

    def through_a_view() -> Any:
        c.t().mul_(2)
        return (a + c[0]).sum() + a.exp()

    assert sizes(whole(through_a_sum)) == []
    for step in (written_after_it_was_read, read_after_it_was_written, through_a_view):
        whole(step)


def test_views_of_what_was_moved_come_after_it() -> None:
    a, b = numbers(3, 4, seed=4), numbers(5, seed=5)

    def step() -> Any:
        y = b.exp()
        z = y.sum()
        first = a.exp().t()
        return z + first.sum(), first @ a

    assert sizes(whole(step)) == [2]


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_all_updates_are_one_bundle(name: str) -> None:
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 5))
    update = getattr(optim, name)(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        update.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        update.step()
        return loss

    step(X, Y)  # makes the optimizer's state
    program = whole(step, X, Y)
    *_, last = program.instructions
    assert last.kind == "bundle" and len(last.members) == 6
    alone = [each for each in program.instructions if each.kind == "chain"]
    assert all(each.parts[-1].phase != "update" for each in alone)  # the rate's stand in a bundle
    # A loss, each gate beside the sum before it, the rate beside the last sum, the updates.
    assert sorted(sizes(program)) == [2, 2, 2, 2, 6]


def test_only_what_lies_without_gaps_is_summed_beside_others() -> None:
    a, b = numbers(6, 4, seed=4), numbers(7, seed=5)
    for step, found in {
        lambda: (a.exp().sum(0), b.exp()): [2],  # the chains; the sum depends on one of them
        lambda: (b.exp().sum() + 0, (a * 2 @ a.t()).sum(0), b.cos() @ b): [2],
        lambda: ((a @ a.t())[:, ::2].sum(0), b.exp()): [],
        lambda: ((a @ a.t()).diagonal().sum(), b.exp()): [],
        lambda: (a.sum(0), b.exp()): [],
        lambda: ((a @ a.t()).t().sum(0), b.exp()): [],
        lambda: ((a @ a.t()).sum(0), b.exp()): [2],
    }.items():
        assert sizes(whole(step)) == found
    large = numbers(600, 2, seed=6)
    assert sizes(whole(lambda: ((large @ numbers(2, 3)).sum(0), b.exp()))) == []


# -- tails ------------------------------------------------------------------------------------


IMAGES, FILTERS = numbers(2, 3, 8, 8, seed=8), numbers(4, 3, 3, 3, seed=9)


def joints(program: Program) -> list[list[str]]:
    """The ops of each joint."""
    return [[p.op.name for p in x.parts] for x in program.instructions if x.kind == "joint"]


def test_a_kernel_goes_on_with_the_chain_behind_it() -> None:
    assert joints(whole(lambda x: F.conv2d(x, FILTERS).tanh() + 1, IMAGES)) == [
        ["conv", "tanh", "add"]
    ]
    pooled = whole(lambda x: F.max_pool2d(x.abs(), 2).sigmoid(), IMAGES)
    assert joints(pooled) == [["window_max", "sigmoid"]]
    w = FILTERS.clone().requires_grad_()

    def training(x: Any) -> Any:
        w.grad = None
        y = F.max_pool2d(F.conv2d(x, w), 3, stride=1).relu()
        y.sum().backward()
        return y

    assert ["window_max", "window_argmax", "relu", "gate"] in joints(whole(training, IMAGES))


def test_what_others_need_as_well_is_written() -> None:
    def given_away(x: Any) -> Any:
        y = F.conv2d(x, FILTERS)
        return y, y.tanh()

    def read_elsewhere(x: Any) -> Any:
        y = F.conv2d(x, FILTERS)
        return y.tanh(), y.sum(1)

    def looked_into(x: Any) -> Any:
        y = F.conv2d(x, FILTERS)
        return y.tanh(), y[0].exp()

    def over_its_operand(x: Any) -> Any:
        x.copy_(F.conv2d(x, numbers(3, 3, 1, 1, seed=3)))
        return x.sum()

    def across(x: Any) -> Any:
        return F.conv2d(x, FILTERS) + minigrad.zeros(3, 2, 4, 6, 6)

    def written_in_between(x: Any) -> Any:
        z = x[:, :1, :6, :6] * 2
        y = F.conv2d(x, FILTERS)
        z.sum()
        z.mul_(z.sum())
        return y + z

    table = numbers(6, 6, seed=11)

    def view_in_between(x: Any) -> Any:
        return F.conv2d(x, FILTERS) + table.t()

    for step in (given_away, read_elsewhere, looked_into, over_its_operand, across):
        assert joints(whole(step, IMAGES.clone())) == [], step.__name__
    whole(written_in_between, IMAGES)
    assert joints(whole(view_in_between, IMAGES)) == [["conv", "add"]]
    assert (
        joints(whole(lambda x: F.conv2d(x, FILTERS).tanh(), IMAGES, disable=frozenset({"tails"})))
        == []
    )


def test_what_stays_within_a_joint_is_not_read_elsewhere() -> None:
    program = whole(lambda x: (F.conv2d(x, FILTERS).tanh(), x.exp()), IMAGES)
    (joint,) = [each for each in program.instructions if each.kind == "joint"]
    head, chain = joint.members
    (made,) = joint.hidden
    assert made not in joint.writes and made not in joint.reads
    assert joint.writes == chain.writes and joint.reads == head.reads
    wrong = Program(program.arguments, program.instructions, (made,))
    with pytest.raises(AssertionError, match="is given away, but never filled"):
        verify(wrong)


# -- what a bundle must be --------------------------------------------------------------------


def test_a_bundle_whose_members_depend_on_each_other_is_refused() -> None:
    a = numbers(3, seed=4)
    program, _ = improved(
        recorded(lambda: (a.exp().sum().exp(), a.cos())), Cpu.passes, frozenset(), True
    )
    chains = [each for each in program.instructions if each.kind == "chain"]
    rest = [each for each in program.instructions if each.kind != "chain"]
    wrong = Group("bundle", (*chains, *(each for each in rest if not each.is_view)))
    with pytest.raises(AssertionError, match="a member of a bundle sees what another one writes"):
        verify(Program(program.arguments, (wrong,), program.results))
