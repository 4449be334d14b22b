"""Generated C of elementwise ops: the numbers of their forwards in NumPy, for every op, type, shape
and layout."""

from __future__ import annotations

import numpy as np
import pytest
from elementwise import FLOATING, Case, broadcast, case_of, compare, floating, laid, slot_of, whole

import minigrad
from minigrad.compiler.passes.chains import joinable
from minigrad.compiler.program import Group, Instruction
from minigrad.compiler.targets.cpu.generated import GRAIN, Kernels
from minigrad.native import compiler
from minigrad.native.library import Batch, enabled
from minigrad.notation.c import FLOAT
from minigrad.op import register

pytestmark = pytest.mark.skipif(not enabled(), reason="there is no C compiler")


def run(cases: list[Case]) -> None:
    """Compile all chains at once and compare."""
    kernels = Kernels()
    calls = [kernels.add(case.chain, case.arrays) for case in cases]
    kernels.build()
    Batch(calls).run()
    for case in cases:
        for slot, want in case.expected.items():
            compare(case.arrays[slot], want, case.slack, case.what)


# -- every op -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["f", "d"])
def test_every_op_is_its_forward(kind: str) -> None:
    cases = [case for name in FLOATING for case in floating(name, kind)]
    assert {case.chain.parts[0].op.name for case in cases} == set(FLOATING)
    run(cases)


def test_ops_of_integers_and_truth_values() -> None:
    run(whole())


def test_what_has_no_expression_for_a_type_is_not_joined() -> None:
    ints, truth = np.arange(5), np.arange(5) > 2
    for name, given in {
        "exp": [ints],
        "div": [ints, ints],
        "add": [truth, truth],
        "eq": [truth, truth],
        "pow": [ints, 2],
        "abs": [ints],
        "maximum": [ints, ints],
        "mul": [np.ones(3, "e"), np.ones(3, "e")],
        "sub": [np.ones(3, "e"), np.ones(3, "e")],
    }.items():
        op = register[name]
        with np.errstate(all="ignore"):
            result = slot_of(np.asarray(op.forward(np, *given)), "value")
        slots = tuple(slot_of(x) if isinstance(x, np.ndarray) else x for x in given)
        assert not joinable(Instruction(op, slots, {}, result)), name


def test_functions_of_float_are_within_a_unit_in_the_last_place() -> None:
    """At numbers of all sizes, so that most blocks have one that is far from 0, and at ordinary
    ones in their order, so that most have none: NumPy's in double are the judge."""
    draw = np.random.default_rng(10)
    all_sizes = draw.integers(0, 0xE0000000, 40000, dtype=np.uint32).view("f")
    all_sizes = all_sizes[np.abs(all_sizes) < 1e25]
    ends = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 1, -1, 2, 88.7, 127.9, -149.2], "f")
    ordinary = np.sort(10 ** draw.uniform(-6, 8, 40000)) * draw.choice([-1, 1], 40000)
    ordinary = ordinary.astype("f")
    x = np.concatenate([ordinary, all_sizes, np.tile(ends, 12), np.repeat(ends, 12)])
    y = np.concatenate([draw.permutation(x[:-288]), np.repeat(ends, 12), np.tile(ends, 12)])
    names = ["sin", "cos", "atan", "exp2", "log2", "log10", "sinh", "cosh", *FLOAT]
    bounds = {"tan": 2, "atan2": 1, **dict.fromkeys(names, 1)}
    given = {name: [x, y] if name == "atan2" else [x] for name in bounds}
    params = {"bell": {"rate": 0.5}}
    given["sin"] = [ordinary]
    with np.errstate(all="ignore"):
        cases = {name: case_of(name, xs, params.get(name, {})) for name, xs in given.items()}
        kernels = Kernels()
        calls = [kernels.add(case.chain, case.arrays) for case in cases.values()]
        kernels.build()
        Batch(calls).run()
        for name, case in cases.items():
            (slot,) = case.expected
            have = case.arrays[slot]
            wide = [z.astype("d") for z in given[name]]
            exact = register[name].forward(np, *wide, **params.get(name, {}))
            want = exact.astype("f")
            off = np.abs(have - exact) / np.spacing(np.abs(want))
            same = (have == want) | (np.isnan(have) & np.isnan(want))
            assert (same | (off <= bounds[name])).all(), name
            assert (np.signbit(have) == np.signbit(want))[want == 0].all(), name


@pytest.mark.parametrize("kind", ["f", "d"])
def test_what_a_division_leaves_is_exact(kind: str) -> None:
    """Around multiples, where the quotient is rounded up to a whole number, and far from them."""
    draw = np.random.default_rng(7)
    y = (draw.integers(1, 9, 20000) * draw.choice([1, -0.1, 0.7, 1 / 3], 20000)).astype(kind)
    multiples = draw.integers(-5000, 5000, 20000).astype(kind) * y
    beside = np.nextafter(multiples, draw.choice([-1e9, 1e9], 20000).astype(kind))
    wide = (draw.choice([-1, 1], 20000) * 10 ** draw.uniform(-30, 30, 20000)).astype(kind)
    names = ("fmod", "remainder", "floor_divide")
    cases = [case_of(name, [x, y], {}) for name in names for x in (multiples, beside, wide)]
    run(cases)
    for case in cases:
        for slot, want in case.expected.items():
            assert case.arrays[slot].tobytes() == want.tobytes(), case.what


# -- shapes and layouts ---------------------------------------------------------------------------


def test_operands_are_broadcast() -> None:
    run(broadcast())


def test_layout_of_operands_and_results_does_not_matter() -> None:
    run(laid())


def test_what_lies_between_is_left_alone() -> None:
    roomy = np.full((6, 9), 7.0)
    run([case_of("exp", [np.ones((3, 4))], {}, roomy[::2, 1:9:2])])
    assert np.count_nonzero(roomy != 7) == 12


def test_lengths_around_vectors_and_none_at_all() -> None:
    draw = np.random.default_rng(3)
    cases = []
    for kind in ("f", "d"):
        for n in [*range(36), 63, 64, 65, 127, 129]:
            x = draw.standard_normal(n).astype(kind)
            cases.append(case_of("tanh", [x], {}))
        for shape in [(), (1,), (1, 1), (0, 3), (3, 0), (3, 1, 5), (1, 7)]:
            cases.append(case_of("add", [draw.standard_normal(shape).astype(kind), 1.0], {}))
    run(cases)


@pytest.mark.parametrize("shape", [(3 * GRAIN + 5,), (7, GRAIN // 2, 3), (40000, 3), (2, 3, 99999)])
def test_two_threads_do_what_one_does(shape: tuple[int, ...]) -> None:
    draw = np.random.default_rng(4)
    x, bias = draw.standard_normal(shape), draw.standard_normal(shape[-1:])
    before = minigrad.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            minigrad.set_num_threads(threads)
            case = case_of("mul", [x, bias], {})
            run([case])
            found += [case.arrays[slot].tobytes() for slot in case.expected]
    finally:
        minigrad.set_num_threads(before)
    assert found[0] == found[1]


# -- several ops ----------------------------------------------------------------------------------


def test_parts_write_in_place_and_see_what_was_written() -> None:
    draw = np.random.default_rng(5)
    a, b, out = draw.standard_normal((2, 50)), draw.standard_normal(50), np.empty((2, 50))
    p, g, y, between = slot_of(a), slot_of(b), slot_of(out, "value"), slot_of(out, "value")
    op = register
    parts = (
        Instruction(op["mul"], (p, g), {}, between),
        Instruction(op["descend"], (p, between, 0.1), {}, p, True),
        Instruction(op["exp"], (p,), {}, y),
        Instruction(op["mix"], (p, y), {"a": 0.9, "b": 0.1}, p, True),
        Instruction(op["add"], (y, p), {}, y, True),
    )
    first = a - a * b * 0.1
    second = 0.9 * first + 0.1 * np.exp(first)
    expected = {p: second, y: np.exp(first) + second, g: b.copy()}
    chain = Group("chain", parts, frozenset({between}))
    assert chain.reads == [p, g] and chain.writes == [p, y]
    run([Case("in place", chain, {p: a, g: b, y: out}, expected, 1.0)])


def test_a_result_may_lie_over_an_operand() -> None:
    x = np.random.default_rng(6).standard_normal((30, 7))
    run([case_of("exp", [x], {}, x)])
    y = np.arange(12.0).reshape(3, 4)
    run([case_of("sub", [y, np.arange(4.0)], {}, y)])


def test_equal_chains_share_a_kernel_whatever_their_sizes_and_numbers() -> None:
    draw = np.random.default_rng(8)
    x, bias = draw.standard_normal((60, 40)), draw.standard_normal(40)
    cases = [
        *(case_of("exp", [x[:n, 0].copy()], {}) for n in (5, 5, 6)),
        case_of("log", [np.ones(5)], {}),
        *(
            case_of("add", [x[:n, :m].copy(), bias[:m]], {})
            for n, m in ((3, 40), (50, 31), (20, 17))
        ),
        *(case_of("mul", [x[:5, 0].copy(), factor], {}) for factor in (0.3, 1e-310, -7.25)),
    ]
    kernels = Kernels()
    calls = [kernels.add(case.chain, case.arrays) for case in cases]
    kernels.build()
    places = [call.name for call in calls]
    assert [places.index(each) for each in places] == [0, 0, 0, 3, 4, 4, 4, 7, 7, 7]
    Batch(calls).run()
    for case in cases:
        for slot, want in case.expected.items():
            compare(case.arrays[slot], want, case.slack, case.what)


def test_another_batch_size_builds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    net = minigrad.nn.Sequential(
        *(minigrad.nn.Conv2d(1, 3, 3), minigrad.nn.BatchNorm2d(3), minigrad.nn.GELU()),
        *(minigrad.nn.Dropout(0.3), minigrad.nn.Flatten(), minigrad.nn.Linear(27, 4)),
    )
    optimizer = minigrad.optim.AdamW(net.parameters())

    @minigrad.compile
    def step(x: minigrad.Tensor, y: minigrad.Tensor) -> minigrad.Tensor:
        loss = minigrad.nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def data(n: int) -> tuple[minigrad.Tensor, minigrad.Tensor]:
        return minigrad.randn(n, 1, 5, 5), minigrad.arange(n) % 4

    for _ in range(2):  # the first one brings the optimizer's state into being
        step(*data(40))
    monkeypatch.setattr(compiler, "_build", None)  # would be a TypeError
    for n in (40, 33, 17):
        assert step(*data(n)).isfinite()
    assert len(step.programs) == 3 and step.path.startswith("native")


def test_numbers_are_exact() -> None:
    x = np.ones(3)
    values = (0.1, 1e-310, 5e-324, 1.7976931348623157e308, -0.0, np.inf, -np.inf, np.nan)
    cases = [case_of("copy", [x, value], {}) for value in values]
    run(cases)
    for case, value in zip(cases, values, strict=True):
        (slot,) = case.expected
        assert case.arrays[slot].tobytes() == np.full(3, value).tobytes()


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_integers_in_a_chain_are_integers(kind: str) -> None:
    """A compiler takes the way to an integer and back for trunc, which would keep what is too large
    for the type, -0 and nan."""
    x = minigrad.tensor([-1, 300.7, -300.7, 129, -0.3, -0.0, 4e4, 3e9, -1e19, np.nan], dtype=kind)
    integers = (minigrad.uint8, minigrad.int8, minigrad.int16, minigrad.int32, minigrad.int64)

    def back_and_forth(x: minigrad.Tensor) -> list[minigrad.Tensor]:
        found = [(x * 2).to(i).to(x.dtype) * 0.5 for i in integers]
        found += [1 / (x * 2).to(i).to(x.dtype) for i in integers]
        return found + [(x * 2).to(i) * 3 for i in integers]

    with np.errstate(invalid="ignore"):
        want = back_and_forth(x)
        step = minigrad.compile(back_and_forth)
        for _ in range(2):
            have = step(x)
    assert step.path.startswith("native")
    for a, b in zip(want, have, strict=True):
        assert a.numpy().tobytes() == b.numpy().tobytes()
