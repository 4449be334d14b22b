"""Each pass alone: what it does, what it must leave alone, and that the numbers stay."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from programs import after, names, outcome, recorded, same

import minigrad
from minigrad import nn
from minigrad.compiler.passes.chains import ARRAYS, LONGEST, chains
from minigrad.compiler.program import Program
from minigrad.compiler.program.verify import verify
from minigrad.compiler.targets.cpu.target import Cpu
from minigrad.nn import functional as F

sys.path.insert(0, str(Path(__file__).parent.parent))
from test_recording import CASES, FIRST

REWRITES = {each.name: each for each in Cpu.passes if each.rewrite}
merge, copies, dead = REWRITES["merge"], REWRITES["copies"], REWRITES["dead"]
pooling, layout, biases = REWRITES["pooling"], REWRITES["layout"], REWRITES["biases"]


def numbers(*shape: int, dtype: Any = np.float32, seed: int = 0) -> Any:
    draw = np.random.default_rng(seed).standard_normal(shape)
    return minigrad.from_numpy(np.asarray(draw, dtype))


X, BIAS = numbers(4, 6), numbers(6, seed=9)


# -- merge ------------------------------------------------------------------------------------


def test_equal_ops_are_done_once() -> None:
    assert names(after(merge, lambda x: x.exp() + x.exp(), X)) == ["exp", "add"]
    assert names(after(merge, lambda x: (x * 2).exp() + (x * 2).exp(), X)) == ["mul", "exp", "add"]
    turned = after(merge, lambda x: (x + 1).t().exp() * (x + 1).t(), X)
    assert names(turned) == ["add", "permute", "exp", "mul"]


@pytest.mark.parametrize(
    "step",
    [
        lambda x: x.exp() + x.cos(),
        lambda x: x.sum(0, keepdim=True) + x.sum(1, keepdim=True),
        lambda x: (x + 1) * (x + 1.5),
        lambda x: (x / 0.0).exp() + (x / -0.0).exp(),
        lambda x: (x[1] + 0) * x[2],
    ],
)
def test_other_ops_are_not_merged(step: Any) -> None:
    assert len(after(merge, step, X).ops) == len(recorded(step, X).ops)


def test_a_write_parts_equal_ops() -> None:
    def step(x: Any) -> Any:
        y = x * 2
        first = y.exp()
        y[0] += 1
        return first + y.exp()

    assert names(after(merge, step, X)).count("exp") == 2


def test_what_is_written_into_or_given_away_is_not_merged() -> None:
    def written(x: Any) -> Any:
        first, second = x.exp(), x.exp()
        second.add_(1)
        return first * second

    def through_a_view(x: Any) -> Any:
        first, second = x.exp(), x.exp()
        second.t()[0] = 1
        return first * second

    def given(x: Any) -> Any:
        return x.exp(), x.exp()

    def one_is_given(x: Any) -> Any:
        y = x.exp()
        return y, (x.exp() + 1).clone()

    for step in (written, through_a_view, given, one_is_given):
        assert names(after(merge, step, X)).count("exp") == 2, step.__name__


def test_state_that_changes_parts_equal_ops() -> None:
    w = numbers(4, 6, seed=1)

    def step(x: Any) -> Any:
        a = (w * x).exp()
        w.sub_(x)
        return a + (w * x).exp()

    assert names(after(merge, step, X)).count("exp") == 2


def test_draws_are_never_merged_or_dropped() -> None:
    def step(x: Any) -> Any:
        minigrad.rand(3)
        return minigrad.rand(6) + minigrad.rand(6) + F.dropout(x) + F.dropout(x)

    for rewrite in REWRITES.values():
        found = names(after(rewrite, step, X))
        assert found.count("draw") == 3 and found.count("keep") == found.count("advance") == 2


def test_views_of_what_was_merged_look_into_what_is_left() -> None:
    def step(x: Any) -> Any:
        a, b = x.exp(), x.exp()
        return (a.t() @ b).exp() @ b.t()[:, :2] + b.t().sum()

    program = after(merge, step, X)
    assert names(program).count("exp") == 2
    for each in program.ops:
        if each.is_view:
            assert each.result.place is each.reads[0].place


# -- copies -----------------------------------------------------------------------------------


def test_copies_vanish() -> None:
    for step in (
        lambda x: (x + 1).clone() * 2,
        lambda x: (x + 1).reshape(4, 6) * 2,
        lambda x: (x + 1) * 1 * 2,
        lambda x: minigrad.ones(4, 6) * (x + 1) * 2,
        lambda x: (x + 1).clone().clone() * 2,
    ):
        assert names(after(copies, step, X)) == ["add", "mul"]


def test_a_copy_of_what_changes_stays() -> None:
    w = numbers(4, 6, seed=1)

    def of_a_value(x: Any) -> Any:
        y = x * 2
        before = y.clone()
        y.add_(1)
        return before * y

    def that_is_written(x: Any) -> Any:
        y = x * 2
        mine = y.clone()
        mine[:, 0] = 1
        return mine * y

    def of_state(x: Any) -> Any:
        before = w.clone()
        w.add_(x)
        return before - w

    def of_an_argument(x: Any) -> Any:
        before = x.clone()
        x.mul_(2)
        return before + 0

    for step in (of_a_value, that_is_written, of_state, of_an_argument):
        assert "clone" in names(after(copies, step, X)), step.__name__


def test_a_product_with_one_of_another_shape_stays() -> None:
    assert "mul" in names(after(copies, lambda x: (x[0] + 1) * minigrad.ones(4, 6), X))


def test_what_is_given_away_is_nobody_elses() -> None:
    def step(x: Any) -> Any:
        y = x + 1
        return y, y.clone(), y.reshape(4, 6).clone()

    program = after(copies, step, X)
    assert len({slot.place for slot in program.results}) == 3
    assert names(after(copies, lambda x: (x + 1).clone(), X)) == ["add"]


def test_two_gradients_never_share_memory() -> None:
    a, b = (numbers(4, 6, seed=i).requires_grad_() for i in (1, 2))

    def step(x: Any) -> Any:
        (a + b + x).square().sum().backward()

    for name, rewrite in REWRITES.items():
        program = after(rewrite, step, X)
        assert len({slot.place for _, slot in program.gradients}) == 2, name


def test_views_of_copies_look_into_what_was_copied() -> None:
    def step(x: Any) -> Any:
        turned = (x * 2).clone().t()
        other = (x + 1).cos().exp() + 1
        return other @ turned

    program = after(copies, step, X)
    assert "clone" not in names(program)
    view = next(each for each in program.ops if each.is_view)
    assert view.result.place is view.reads[0].place


def test_results_that_are_state_or_arguments_stay_these() -> None:
    w = numbers(4, 6, seed=1)

    def step(x: Any) -> Any:
        w.add_(1)
        return w, x, w.reshape(4, 6), x.clone()

    for name, rewrite in REWRITES.items():
        origins = [slot.origin for slot in after(rewrite, step, X).results]
        assert origins[:2] == ["state", "argument"], name
        assert origins[3] == "value", name


# -- dead -------------------------------------------------------------------------------------


def test_what_nobody_reads_is_dropped() -> None:
    def step(x: Any) -> Any:
        unread = (x * 2).exp()
        unread[0] = 1
        y = x + 1
        z = y * 3
        y.mul_(2)
        return z

    assert names(after(dead, step, X)) == ["add", "mul"]


def test_what_reaches_the_outside_stays() -> None:
    w = numbers(4, 6, seed=1)
    p = numbers(4, 6, seed=2).requires_grad_()

    def step(x: Any) -> Any:
        w[0] += x[0].exp()
        x.mul_(2)
        loss = (p * w).sum()
        loss.backward()
        return loss

    assert len(after(dead, step, X).ops) == len(recorded(step, X).ops)


def test_what_was_written_piece_by_piece_stays() -> None:
    def step(x: Any) -> Any:
        canvas = minigrad.zeros(4, 6)
        for i, row in enumerate(canvas):
            row.copy_(x[i] * i)
        return canvas.exp()

    assert names(after(dead, step, X)).count("copy") == 4


# -- pooling ----------------------------------------------------------------------------------

IMAGES = numbers(2, 3, 6, 6)


def pooled(x: Any) -> Any:
    w = F.max_pool2d(F.relu(x * WEIGHT), 2)
    WEIGHT.grad = None
    w.square().sum().backward()
    return w


WEIGHT = numbers(3, 1, 1, seed=3).requires_grad_()


def test_a_relu_comes_after_its_pooling() -> None:
    small = after(pooling, lambda x: F.max_pool2d(F.relu(x * 2), 2), IMAGES)
    assert names(small)[-2:] == ["window_max", "relu"]
    program = after(pooling, pooled, IMAGES)
    order = names(program)
    assert order.index("window_max") < order.index("relu")
    assert order.index("gate") < order.index("window_drop")
    at = order.index("gate")
    assert program.ops[at].result.shape == (2, 3, 3, 3)


def test_a_relu_that_somebody_else_reads_stays_before_its_pooling() -> None:
    def returned(x: Any) -> Any:
        y = F.relu(x * 2)
        return y, F.max_pool2d(y, 2)

    def read(x: Any) -> Any:
        y = F.relu(x * 2)
        return F.max_pool2d(y, 2).sum() + y.sum()

    def pooled_twice(x: Any) -> Any:
        y = F.relu(x * 2)
        return F.max_pool2d(y, 2).sum() + F.max_pool2d(y, 3).sum()

    def in_place(x: Any) -> Any:
        return F.max_pool2d(F.relu_(x * 2), 2)

    def of_an_argument(x: Any) -> Any:
        y = F.max_pool2d(F.relu(x), 2)
        x.add_(1)
        return y

    for step in (returned, read, pooled_twice, in_place, of_an_argument):
        assert names(after(pooling, step, IMAGES)) == names(recorded(step, IMAGES)), step.__name__


# -- layout -----------------------------------------------------------------------------------

TALL = numbers(200, 4, dtype=np.float64)


def test_narrow_matrices_are_turned_around() -> None:
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)).double()

    def step(x: Any) -> Any:
        model.zero_grad()
        model(x).square().mean().backward()

    program = after(layout, step, TALL, tolerance=1e-14)
    turned = [x for x in program.slots() if x.origin == "value" and x.shape == (200, 5)]
    assert turned and all(x.order == (1, 0) for x in turned)
    assert all(slot.dense for _, slot in program.gradients)


def test_what_is_seen_otherwise_keeps_its_order() -> None:
    def given(x: Any) -> Any:
        return x * 2

    def cut(x: Any) -> Any:
        return (x * 2)[:100] + 1

    def flat(x: Any) -> Any:
        return (x * 2).reshape(-1).sum()

    for step in (given, cut, flat):
        slots = after(layout, step, TALL, tolerance=1e-14).slots()
        assert all(x.dense for x in slots if x.shape == (200, 4)), step.__name__


def test_a_matrix_lies_as_those_that_it_meets_number_by_number() -> None:
    weight, whole = numbers(16, 12, dtype=np.float64), numbers(3, 8, 16, dtype=np.float64)

    def alone(x: Any) -> Any:
        return ((x @ weight.T) * 2).tanh().sum()

    def beside(x: Any) -> Any:
        return ((x @ weight.T) + (whole * 2)[1]).tanh().sum()

    few = numbers(8, 12, dtype=np.float64)
    for step, order in ((alone, (1, 0)), (beside, (0, 1))):
        slots = after(layout, step, few, tolerance=1e-14).slots()
        found = {x.order for x in slots if x.origin == "value" and x.shape == (8, 16)}
        assert found == {order}, step.__name__


# -- biases -----------------------------------------------------------------------------------


def test_a_linear_layer_parts_into_product_and_sum() -> None:
    with_bias, without = nn.Linear(6, 3), nn.Linear(3, 2, bias=False)
    program = after(biases, lambda x: without(with_bias(x)), X)
    assert names(program) == ["linear", "add", "linear"]
    assert all(len(each.operands) == 2 for each in program.ops)


# -- chains -----------------------------------------------------------------------------------


def joined(program: Program) -> list[list[str]]:
    return [[each.op.name for each in step.parts] for step in program.instructions]


def test_elementwise_ops_are_joined() -> None:
    program = after(chains, lambda x: ((x * 2) + BIAS).exp(), X)
    (chain,) = [step for step in program.instructions if step.kind == "chain"]
    assert [each.op.name for each in chain.parts] == ["mul", "add", "exp"]
    assert [x.shape for x in chain.writes] == [(4, 6)] and len(chain.hidden) == 2


def test_chains_are_of_one_shape() -> None:
    program = after(chains, lambda x: (x + 1).exp() + (x[0] * 2).exp().sum(), X)
    assert [c for c in joined(program) if len(c) > 1] == [["add", "exp"], ["mul", "exp"]]


def test_what_others_read_or_is_given_away_reaches_memory() -> None:
    def step(x: Any) -> Any:
        y = x * 2
        z = y + 1
        return z.exp(), y.sum(), z

    chain = after(chains, step, X).instructions[0]
    assert chain.kind == "chain" and len(chain.writes) == 3 and not chain.hidden


def test_a_chain_comes_after_what_it_needs() -> None:
    def step(x: Any) -> Any:
        y = x * 2
        return y / y.sum() + y

    assert joined(after(chains, step, X)) == [["mul"], ["sum"], ["div", "add"]]


def test_a_write_joins_and_others_wait_for_it() -> None:
    w = numbers(4, 6, seed=1)

    def step(x: Any) -> Any:
        y = w * x
        w.sub_(y).mul_(2)
        return w.sum(), y + w

    assert joined(after(chains, step, X)) == [["mul", "sub", "mul", "add"], ["sum"]]


def test_memory_that_is_seen_through_two_views_is_not_in_one_chain() -> None:
    def shifted(x: Any) -> Any:
        y = x * 2
        y[1:] = y[:-1]
        y[1:].mul_(y[:-1])
        return y + 1

    def turned(x: Any) -> Any:
        y = x[:, :4] * 2
        y.copy_(y.t())
        y.add_(y.t())
        return y + 1

    def of_state(x: Any) -> Any:
        w[:, 1:].add_(w[:, :-1])
        v = w.t()
        v.mul_(x.t())
        w.sub_(x)

    w = numbers(4, 6, seed=1)
    for step in (shifted, turned, of_state):
        after(chains, step, X)


def test_random_numbers_and_views_are_no_part_of_a_chain() -> None:
    program = after(chains, lambda x: F.dropout(x + 1).t() * 2, X)
    for each in joined(program):
        assert len(each) == 1 or not {"keep", "advance", "permute"} & set(each)


def test_types_that_have_no_expression_are_left_alone() -> None:
    whole, small = minigrad.arange(24).reshape(4, 6), numbers(4, 6).half()

    def step(x: Any) -> Any:
        return whole // 2 + whole % 3, small * 2 + 1, (x > 0) & (x < 1), (whole > 2) & (x > 0)

    for each in after(chains, step, X).instructions:
        if each.kind == "chain":
            assert not {"floor_divide", "remainder"} & {part.op.name for part in each.parts}
            assert all(x.dtype != np.float16 for x in (*each.reads, *each.writes))


def test_chains_have_an_end() -> None:
    def long(x: Any) -> Any:
        for _ in range(LONGEST + 5):
            x = x.cos()
        return x

    def wide(x: Any) -> Any:
        return [(x + i).exp() for i in range(ARRAYS + 5)]

    for step in (long, wide):
        program = after(chains, step, X)
        assert len(program.instructions) > 1
        assert max(map(len, joined(program))) <= LONGEST
        assert all(len({*each.reads, *each.writes}) <= ARRAYS for each in program.instructions)


# -- all passes on whole steps -------------------------------------------------------------------


@pytest.fixture(scope="module", params=CASES)
def step_of(request: pytest.FixtureRequest) -> tuple[Program, Any]:
    """A step of `test_recording` as a program, and its arguments."""
    minigrad.manual_seed(3)
    case = CASES[request.param]()
    x, y = numbers(8, 1, 6, 6), minigrad.from_numpy(np.arange(8) % 3)
    for _ in range(FIRST):
        case.step(x, y)
    return recorded(case.step, x, y), (x, y)


def chained(rewrites: list[Callable[[Program], Program]], program: Program) -> Program:
    for rewrite in rewrites:
        program = rewrite(program)
        verify(program)
    return program


def test_every_pass_alone_and_every_pass_left_out(step_of: Any) -> None:
    before, arguments = step_of
    want = outcome(before, *arguments)
    # The layout sums in another order; all others leave every bit as it is, in any company.
    exact = [name for name in REWRITES if name != "layout"]
    lists = [list(REWRITES), list(REWRITES)[::-1], exact, exact[::-1]]
    for others in (exact, list(REWRITES)):
        for name in others:
            lists += [[name], [other for other in others if other != name]]
            lists += [[name, name], [name, *others, name]]
    made = {(): before}  # what each list begins with is done once
    for rewrites in dict.fromkeys(map(tuple, lists)):  # some stand there twice
        for i, name in enumerate(rewrites):
            if rewrites[: i + 1] not in made:
                made[rewrites[: i + 1]] = chained([REWRITES[name]], made[rewrites[:i]])
        program = made[rewrites]
        tolerance = 1e-6 if "layout" in rewrites else 0.0
        same(outcome(program, *arguments), want, ", ".join(rewrites), tolerance, least=0.05)


def test_passes_leave_the_program_that_they_are_given(step_of: Any) -> None:
    before, arguments = step_of
    text, want = str(before), outcome(before, *arguments)
    chained(list(REWRITES.values()), before)
    assert str(before) == text
    verify(before)
    same(outcome(before, *arguments), want)


def test_passes_find_something_to_do(step_of: Any) -> None:
    before, _ = step_of
    after_all = chained(list(REWRITES.values()), before)
    assert len(after_all.instructions) < 0.9 * len(before.instructions)
