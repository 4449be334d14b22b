"""Generated C of elementwise ops: the numbers of their forwards in NumPy, for every op, type, shape
and layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad
from minigrad.compiler.chains import LOGICAL, WHOLE, joinable
from minigrad.compiler.expressions import EXPRESSIONS
from minigrad.compiler.generated import GRAIN, Kernels
from minigrad.compiler.program import Chain, Instruction, Place, Slot
from minigrad.native.library import Batch, enabled, plainly
from minigrad.op import register

pytestmark = pytest.mark.skipif(not enabled(), reason="there is no C compiler")

CLOSE = {"f": 1e-6, "d": 1e-13}
"""How far from NumPy a result may be, relative; by NumPy's letter of the type."""

EDGES = (-745.2, -708.3, -103.98, -87.4, 88.72, 88.73, 709.7, 709.8, 1e-20, 3e7, 0.35, -0.4)
"""Where functions come to the end of what a type holds, or go over to another way of computing."""

SUMS = {"addcdiv", "addcmul", "descend", "descend_scaled", "mix", "mix_square"}
"""Here two terms may cancel, of which the product is not rounded in C."""

PARAMS: dict[str, list[dict[str, Any]]] = {
    "addcdiv": [{"value": 1}, {"value": -0.3}],
    "addcmul": [{"value": 1}, {"value": -0.3}],
    "cast": [{"dtype": np.dtype(kind)} for kind in ("f4", "f8", "i8", "?")],
    "center": [{"axes": (0,)}],
    "elu": [{"alpha": 1.0, "scale": 1.0, "rate": 1.0}, {"alpha": 1.7, "scale": 1.05, "rate": 0.5}],
    "gate": [{"slope": 0.0}, {"slope": 0.2}],
    "leaky_relu": [{"slope": 0.01}, {"slope": 1.5}],
    "mix": [{"a": 1, "b": 0.1}, {"a": 0.9, "b": 1}, {"a": 0.9, "b": -0.1}],
    "mix_square": [{"a": 1, "b": 0.1}, {"a": 0.9, "b": 1}, {"a": 0.999, "b": 0.001}],
}
NUMBERS: dict[str, list[tuple[float, ...]]] = {
    "add": [(2,), (-0.1,)],
    "clamp": [(-0.5, 0.7), (0.7, -0.5), (0.0, np.inf)],
    "clamp_max": [(0.1,), (-np.inf,)],
    "clamp_min": [(0.1,), (np.nan,)],
    "div": [(3,), (0.0,), (-0.0,)],
    "eq": [(0,), (1.0,)],
    "maximum": [(0,), (np.nan,)],
    "mul": [(0.1,), (True,)],
    "pow": [(2,), (3,), (0.5,), (-1,), (1.7,), (0,)],
}
"""What stands in the place of the last operands, beside arrays."""


class Case(NamedTuple):
    """A chain on its arrays, with what is expected in each slot that it fills."""

    what: str
    chain: Chain
    arrays: dict[Slot, np.ndarray]
    expected: dict[Slot, np.ndarray]
    slack: np.ndarray | float = 0.0


def slot_of(array: np.ndarray, origin: str = "argument") -> Slot:
    return Slot(origin, array, Place())


def run(cases: list[Case]) -> None:
    """Compile all chains at once and compare."""
    kernels = Kernels()
    calls = [kernels.add(case.chain, case.arrays) for case in cases]
    kernels.build()
    Batch(calls).run()
    for case in cases:
        for slot, want in case.expected.items():
            compare(case.arrays[slot], want, case.slack, case.what)


def compare(have: np.ndarray, want: np.ndarray, slack: Any, what: str) -> None:
    assert have.shape == want.shape and have.dtype == want.dtype, what
    if have.dtype.kind != "f":
        np.testing.assert_array_equal(have, want, err_msg=what)
        return
    with np.errstate(all="ignore"):
        allowed = CLOSE[want.dtype.char] * (np.abs(want) + slack)
        allowed += 8 * np.finfo(want.dtype).smallest_subnormal
        same = (have == want) | (np.isnan(have) & np.isnan(want))
        near = np.isfinite(have) & np.isfinite(want) & (np.abs(have - want) <= allowed)
    wrong = np.flatnonzero(~(same | near))
    if wrong.size:
        i = wrong[0]
        raise AssertionError(
            f"{what}: {have.flat[i]!r} in place of {want.flat[i]!r} ({wrong.size} of {want.size})"
        )


def case_of(
    name: str,
    given: list[Any],
    params: dict[str, Any],
    out: np.ndarray | None = None,
    strict: bool = True,
) -> Case:
    """One op as a chain, and its forward."""
    op = register[name]
    with np.errstate(all="ignore"), plainly():
        expected = np.asarray(op.forward(np, *given, **params))
    array = np.empty(expected.shape, expected.dtype) if out is None else out
    slots = [slot_of(x) if isinstance(x, np.ndarray) else x for x in given]
    result = slot_of(array, "value")
    each = Instruction(op, tuple(slots), params, result)
    what = f"{name} of {', '.join(str(getattr(x, 'dtype', x)) for x in given)} {params or ''}"
    if strict:
        assert joinable(each), f"{what}: not joinable"
    arrays = {slot: x for slot, x in zip(slots, given, strict=True) if isinstance(slot, Slot)}
    slack = np.abs(given[0]) if name in SUMS else 0.0
    chain = Chain((each,), frozenset())
    return Case(what, chain, {**arrays, result: array}, {result: expected}, slack)


# -- every op -----------------------------------------------------------------------------------


def special(kind: str) -> list[float]:
    least = float(np.finfo(kind).smallest_subnormal)
    tiny = float(np.finfo(kind).tiny)
    return [np.nan, np.inf, -np.inf, 0.0, -0.0, 3 * least, -least, tiny, 1.0, -1.0, -2.5, 0.5]


def operands(name: str, count: int, kind: str) -> list[np.ndarray]:
    """Arrays for so many operands: all tuples of special numbers, and many ordinary ones."""
    draw = np.random.default_rng(len(name))
    values = special(kind) + (list(EDGES) if count == 1 else [])
    values = values[: {3: 10, 4: 6, 5: 4}.get(count)]
    grid = np.array(list(itertools.product(values, repeat=count))).T
    ordinary = draw.standard_normal((count, 997)) * np.exp(draw.uniform(-3, 3, (count, 997)))
    if name == "binary_cross_entropy":  # probabilities
        ordinary = draw.uniform(0, 1, (count, 997))
    with np.errstate(over="ignore"):
        return [np.asarray(x, kind) for x in np.concatenate([grid, ordinary], axis=1)]


def floating(name: str, kind: str) -> Iterator[Case]:
    """An op on arrays of a floating type, with all its params, and with numbers."""
    count = len(register[name].operands)
    for params in PARAMS.get(name, [{}]):
        given = operands(name, count, kind)
        if name in ("where", "logical_and", "logical_or", "logical_not"):
            given[0] = given[0] > 0
        if name in ("logical_and", "logical_or"):
            given[1] = given[1] > 0
        if name == "cast" and params["dtype"].kind == "i":
            given = [np.clip(np.nan_to_num(x), -1e6, 1e6) for x in given]
        yield case_of(name, given, params)
    for numbers in NUMBERS.get(name, []):
        yield case_of(name, [*operands(name, count - len(numbers), kind), *numbers], {})
    if name in ("add", "sub", "mul", "div", "maximum", "where"):  # a number first
        first = [np.arange(1009) % 2 == 0] if name == "where" else []
        rest = operands(name, 1, kind)[0][:1009]
        yield case_of(name, [x[: len(rest)] for x in first] + [1.5, rest], {})


@pytest.mark.parametrize("kind", ["f", "d"])
def test_every_op_is_its_forward(kind: str) -> None:
    cases = [case for name in EXPRESSIONS for case in floating(name, kind)]
    assert {case.chain.parts[0].op.name for case in cases} == set(EXPRESSIONS)
    run(cases)


def test_ops_of_integers_and_truth_values() -> None:
    draw = np.random.default_rng(0)
    cases = []
    for name in sorted(WHOLE | LOGICAL):
        count = len(register[name].operands)
        whole = [draw.integers(-9, 9, 777) for _ in range(count)]
        truth = [draw.random(777) < 0.5 for _ in range(count)]
        for params in PARAMS.get(name, [{}]):
            if name in WHOLE:
                given = [truth[0], *whole[1:]] if name == "where" else whole
                cases.append(case_of(name, list(given), params))
                if count == 2 and name != "copy":
                    cases.append(case_of(name, [whole[0], 3], params))
            if name in LOGICAL:
                cases.append(case_of(name, list(truth), params))
    real = draw.standard_normal(777).astype("f") * 3
    real[:3] = 0.0, 0.3, np.nan
    wide, truth = np.arange(777) * 128, draw.random(777) < 0.5
    zeros = {kind: np.zeros(777, kind) for kind in "fdl?"}
    for source in (real, real.astype("d"), wide, truth):
        for kind, goal in zeros.items():
            if source.dtype.kind != "f" or kind != "l":
                cases.append(case_of("copy", [goal, source], {}))
    cases += [case_of("copy", [zeros["?"], 0.5], {}), case_of("copy", [zeros["l"], -2.7], {})]
    run(cases)


def test_what_has_no_expression_for_a_type_is_not_joined() -> None:
    whole, truth = np.arange(5), np.arange(5) > 2
    for name, given in {
        "exp": [whole],
        "div": [whole, whole],
        "add": [truth, truth],
        "eq": [truth, truth],
        "pow": [whole, 2],
        "abs": [whole],
        "maximum": [whole, whole],
        "mul": [np.ones(3, "e"), np.ones(3, "e")],
        "sub": [np.ones(3, "i"), np.ones(3, "i")],
    }.items():
        op = register[name]
        with np.errstate(all="ignore"):
            result = slot_of(np.asarray(op.forward(np, *given)), "value")
        slots = tuple(slot_of(x) if isinstance(x, np.ndarray) else x for x in given)
        assert not joinable(Instruction(op, slots, {}, result)), name


# -- shapes and layouts ---------------------------------------------------------------------------


def test_operands_are_broadcast() -> None:
    draw = np.random.default_rng(1)
    shape = (5, 6, 7, 8)
    whole = draw.standard_normal(shape)
    cases = []
    for other in [(8,), (1, 6, 1, 1), (5, 6, 7, 1), (7, 1), (), (1,), (5, 1, 7, 1), (1, 1, 1, 1)]:
        cases.append(case_of("sub", [whole, draw.standard_normal(other)], {}))
        cases.append(case_of("sub", [draw.standard_normal(other), whole], {}))
    cases.append(case_of("mul", [draw.standard_normal((5, 1)), draw.standard_normal((1, 9))], {}))
    cases.append(
        case_of("mul", [draw.standard_normal((3, 1, 4)), draw.standard_normal((2, 1))], {})
    )
    run(cases)


def layouts(shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """An array of this shape in many orders and with gaps."""
    draw = np.random.default_rng(2)
    for order in itertools.permutations(range(len(shape))):
        yield draw.standard_normal([shape[i] for i in order]).transpose(np.argsort(order))
    for key in (slice(0, -1, 2), slice(None, 0, -2), slice(1, -1, 2)):
        yield draw.standard_normal([2 * n + 1 for n in shape])[(key,) * len(shape)]


def test_layout_of_operands_and_results_does_not_matter() -> None:
    shape = (4, 5, 19)
    cases = [case_of("exp", [x], {}, out) for x in layouts(shape) for out in layouts(shape)]
    for i, x in enumerate(layouts(shape)):
        y = list(layouts(shape))[(3 * i + 1) % 9]
        for out in (None, np.empty(shape, order="F")):
            cases.append(case_of("sub", [x, y], {}, out))
    run(cases)


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
    chain = Chain(parts, frozenset({between}))
    assert chain.reads == [p, g] and chain.writes == [p, y]
    run([Case("in place", chain, {p: a, g: b, y: out}, expected, 1.0)])


def test_a_result_may_lie_over_an_operand() -> None:
    x = np.random.default_rng(6).standard_normal((30, 7))
    run([case_of("exp", [x], {}, x)])
    y = np.arange(12.0).reshape(3, 4)
    run([case_of("sub", [y, np.arange(4.0)], {}, y)])


def test_equal_chains_share_a_kernel_and_others_do_not() -> None:
    kernels = Kernels()
    for n, name in ((5, "exp"), (5, "exp"), (6, "exp"), (5, "log")):
        case = case_of(name, [np.ones(n)], {})
        kernels.add(case.chain, case.arrays)
    assert len(kernels._names) == 3


def test_numbers_are_exact() -> None:
    x = np.ones(3)
    values = (0.1, 1e-310, 5e-324, 1.7976931348623157e308, -0.0, np.inf, -np.inf, np.nan)
    cases = [case_of("copy", [x, value], {}) for value in values]
    run(cases)
    for case, value in zip(cases, values, strict=True):
        (slot,) = case.expected
        assert case.arrays[slot].tobytes() == np.full(3, value).tobytes()
