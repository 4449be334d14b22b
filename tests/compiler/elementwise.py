"""Elementwise ops as chains, with what NumPy gives: for every op, type, shape and layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.passes.chains import joinable
from minigrad.compiler.program import Group, Instruction, Place, Slot
from minigrad.native.library import plainly
from minigrad.op import register

SCALAR = [name for name, op in register.items() if op.scalar]
"""Ops that have a scalar expression, of which kernels are made."""
FLOATING = [name for name in SCALAR if "f" in register[name].kinds]
LOGICAL = {name for name in SCALAR if "b" in register[name].kinds}
WHOLE = {name for name in SCALAR if "i" in register[name].kinds}

CLOSE = {"f": 1e-6, "d": 1e-13}
"""How far from NumPy a result may be, relative; by NumPy's letter of the type."""

EDGES = (-745.2, -708.3, -103.98, -87.4, 88.72, 88.73, 709.7, 709.8, 1e-20, 3e7, 0.35, -0.4)
"""Where functions come to the end of what a type holds, or go over to another way of computing."""

SUMS = {"addcdiv", "addcmul", "descend", "descend_scaled", "lerp", "logaddexp", "mix", "mix_square"}
"""Here two terms may cancel, of which the product is not rounded in C."""

STEEP = {"gelu_tanh"}
"""Here a rounding on the way, of the exponent, counts up to 30 times in the result."""

PARAMS: dict[str, list[dict[str, Any]]] = {
    "addcdiv": [{"value": 1}, {"value": -0.3}],
    "addcmul": [{"value": 1}, {"value": -0.3}],
    "cast": [{"dtype": np.dtype(kind)} for kind in ("f4", "f8", "i8", "?")],
    "center": [{"axes": (0,)}],
    "elu": [{"alpha": 1.0, "scale": 1.0, "rate": 1.0}, {"alpha": 1.7, "scale": 1.05, "rate": 0.5}],
    "elu_slope": [
        {"alpha": 1.0, "scale": 1.0, "rate": 1.0, "n": 1},
        {"alpha": 1.7, "scale": 1.05, "rate": 0.5, "n": 2},
    ],
    "softplus": [{"beta": 1.0, "threshold": 20.0}, {"beta": 2.0, "threshold": np.inf}],
    "hardtanh": [{"low": -1.0, "high": 1.0}, {"low": 0.0, "high": 6.0}],
    "gate": [{"slope": 0.0}, {"slope": 0.2}],
    "logit": [{"eps": None}, {"eps": 0.1}],
    "nan_to_num": [{}, {"nan": 1.5, "posinf": 2.0, "neginf": -np.inf}],
    "round": [{}, {"decimals": 2}, {"decimals": -1}],
    "bell": [{"rate": 1.0}, {"rate": 0.5}],
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
    "lerp": [(0.3,), (0.9,), (0.0,), (1.0,)],
    "fmax": [(0.1,), (np.nan,)],
    "floor_divide": [(3,), (-0.7,), (0.0,)],
    "remainder": [(3,), (-0.7,), (0.0,)],
    "fmod": [(3,), (-0.7,), (np.inf,)],
    "maximum": [(0,), (np.nan,)],
    "mul": [(0.1,), (True,)],
    "pow": [(2,), (3,), (0.5,), (-1,), (1.7,), (0,)],
}
"""What stands in the place of the last operands, beside arrays."""


class Case(NamedTuple):
    """A chain on its arrays, with what is expected in each slot that it fills."""

    what: str
    chain: Group
    arrays: dict[Slot, np.ndarray]
    expected: dict[Slot, np.ndarray]
    slack: np.ndarray | float = 0.0


def slot_of(array: np.ndarray, origin: str = "argument") -> Slot:
    return Slot(origin, array, Place())


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
    slack = np.abs(given[0]) if name in SUMS else 30 * np.abs(expected) if name in STEEP else 0.0
    chain = Group("chain", (each,))
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


def whole() -> list[Case]:
    """Ops of integers and truth values, and conversions."""
    draw = np.random.default_rng(0)
    cases = []
    for name in sorted(WHOLE | LOGICAL):
        count = len(register[name].operands)
        ints = [draw.integers(-9, 9, 777) for _ in range(count)]
        truth = [draw.random(777) < 0.5 for _ in range(count)]
        for params in PARAMS.get(name, [{}]):
            if name in WHOLE and not params.get("decimals"):
                given = [truth[0], *ints[1:]] if name == "where" else ints
                cases.append(case_of(name, list(given), params))
                if count == 2 and name != "copy":
                    cases.append(case_of(name, [ints[0], 3], params))
            if name in LOGICAL:
                cases.append(case_of(name, list(truth), params))
    for name, kind in itertools.product(sorted(WHOLE), "Bhi"):
        low, high = np.iinfo(kind).min, np.iinfo(kind).max
        given = [draw.integers(max(low, -9), 9, 97).astype(kind) for _ in register[name].operands]
        for x in given:
            x[draw.integers(0, 97, 9)] = draw.choice([low, high, 0], 9)
        if name == "where":
            given[0] = draw.random(97) < 0.5
        cases.append(case_of(name, list(given), PARAMS.get(name, [{}])[0]))
    real = draw.standard_normal(777).astype("f") * 3
    real[:3] = 0.0, 0.3, np.nan
    wide, truth = np.arange(777) * 128, draw.random(777) < 0.5
    zeros = {kind: np.zeros(777, kind) for kind in "fdl?Bi"}
    for source in (real, real.astype("d"), wide, truth):
        for kind, goal in zeros.items():
            if source.dtype.kind != "f" or kind not in "lBi":
                cases.append(case_of("copy", [goal, source], {}))
    cases += [case_of("copy", [zeros["?"], 0.5], {}), case_of("copy", [zeros["l"], -2.7], {})]
    return cases


def broadcast() -> list[Case]:
    """Operands of other shapes than the result."""
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
    return cases


def layouts(shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """An array of this shape in many orders and with gaps."""
    draw = np.random.default_rng(2)
    for order in itertools.permutations(range(len(shape))):
        yield draw.standard_normal([shape[i] for i in order]).transpose(np.argsort(order))
    for key in (slice(0, -1, 2), slice(None, 0, -2), slice(1, -1, 2)):
        yield draw.standard_normal([2 * n + 1 for n in shape])[(key,) * len(shape)]


def laid() -> list[Case]:
    """Operands and results in many orders in memory, and with gaps."""
    shape = (4, 5, 19)
    cases = [case_of("exp", [x], {}, out) for x in layouts(shape) for out in layouts(shape)]
    for i, x in enumerate(layouts(shape)):
        y = list(layouts(shape))[(3 * i + 1) % 9]
        for out in (None, np.empty(shape, order="F")):
            cases.append(case_of("sub", [x, y], {}, out))
    return cases
