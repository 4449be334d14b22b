"""Arithmetic, rounding and bounds: types, operators, twins, edges and errors, against PyTorch."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

import minigrad as mg
from minigrad.methods.arithmetic import Arithmetic
from minigrad.methods.bounds import Bounds
from minigrad.methods.comparison import Comparison
from minigrad.methods.elementary import Elementary
from minigrad.methods.rounding import Rounding
from minigrad.methods.special import Special

torch = pytest.importorskip("torch")

REFUSED = (RuntimeError, TypeError)
TYPES = ["float64", "float32", "int64", "int32", "uint8", "bool"]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, name)
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"),
        *("and_", "or_", "xor", "lshift", "rshift", "eq", "ne", "lt", "le", "gt", "ge"),
    )
}
SIDES = (mg, torch)


def same(have: Any, want: Any, what: str = "", rtol: float = 1e-12) -> None:
    """The same type, shape and numbers."""
    a, b = have.detach().numpy(), want.detach().numpy()
    assert a.dtype == b.dtype, f"{what}: {a.dtype}, PyTorch has {b.dtype}"
    assert a.shape == b.shape, f"{what}: {a.shape}, PyTorch has {b.shape}"
    rtol = max(rtol, 4e-7) if a.dtype == np.float32 else rtol
    np.testing.assert_allclose(a, b, rtol=rtol, err_msg=what)


def both(function: Callable[[Any], Any], what: str = "") -> None:
    """A function of the module gives the same tensor on both sides, or is refused by both."""
    try:
        want = function(torch)
    except REFUSED:
        with pytest.raises(REFUSED):
            function(mg)
            pytest.fail(f"{what}: PyTorch refuses it")
        return
    same(function(mg), want, what)


def right_operands(s: Any) -> list[Any]:
    tensors = [s.from_numpy(np.array([1, 2, 1], kind)) for kind in TYPES]
    scalars = [s.from_numpy(np.array(1, kind)) for kind in TYPES]
    return [*tensors, *scalars, 2, 1.5, True]


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("kind", TYPES)
def test_operators_promote_like_torch(name: str, kind: str) -> None:
    function = OPERATORS[name]
    for shape, i in itertools.product([(3,), ()], range(15)):
        if name == "pow" and kind == "bool" and i in (5, 11, 14):
            continue  # PyTorch takes some exponents of type bool for numbers, and refuses others
        left = np.ones(shape, kind) * np.array(1, kind)
        for swapped in (False, True):

            def call(s: Any, left: Any = left, i: int = i, swapped: bool = swapped) -> Any:
                x, y = s.from_numpy(np.array(left)), right_operands(s)[i]
                return function(y, x) if swapped else function(x, y)

            both(call, f"{kind}{shape} {name} {right_operands(torch)[i]!r}, swapped={swapped}")


IN_PLACE = [
    *(operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv),
    *(operator.imod, operator.ipow, operator.iand, operator.ior, operator.ixor),
    *(operator.ilshift, operator.irshift),
]


@pytest.mark.parametrize("function", IN_PLACE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", TYPES)
def test_in_place_operators_write_like_torch(function: Any, kind: str) -> None:
    for i in range(15):
        if function is operator.ipow and kind == "bool" and i in (5, 11, 14):
            continue  # see above

        def call(s: Any, i: int = i) -> Any:
            x = s.from_numpy(np.array([1, 0, 1], kind))
            y = function(x, right_operands(s)[i])
            assert y is x
            return x

        both(call, f"{kind} {function.__name__} {right_operands(torch)[i]!r}")


UNARY = """abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp
exp2 expm1 floor frac lgamma log log10 log1p log2 logical_not logit nan_to_num neg rad2deg
reciprocal round rsqrt sigmoid sign sin sinc sinh sqrt square tan tanh trunc zero""".split()
BINARY = """add atan2 clamp_max clamp_min copy copysign div eq float_power floor_divide fmod ge gt
hypot le logical_and logical_or logical_xor lt mul ne pow remainder sub true_divide xlogy""".split()
INTEGER = """bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift""".split()
OTHER = """addcdiv addcmul bitwise_not clamp fill heaviside lerp polygamma""".split()


FAMILIES = (Arithmetic, Rounding, Bounds, Elementary, Special, Comparison)
OWN = {name for family in FAMILIES for name in vars(family)}


def test_every_twin_is_tried() -> None:
    twins = {name[:-1] for name in OWN if name.endswith("_") and not name.startswith("_")}
    same = {name for name in twins if getattr(mg.Tensor, f"{name}_").__name__ != f"{name}_"}
    tried = {*UNARY, *BINARY, *INTEGER, *OTHER}
    assert tried <= twins <= tried | same  # another name for a twin is that twin


def test_twins_exist_where_torch_has_them() -> None:
    missing = {f"{n}_" for n in OWN if n[0] != "_" and hasattr(torch.Tensor, f"{n}_")} - OWN
    assert not missing


def leaf(s: Any, values: Any) -> Any:
    return s.from_numpy(np.array(values)).requires_grad_()


def twin_and_gradient(s: Any, name: str, *others: Any, **params: Any) -> list[Any]:
    """What a twin leaves in a tensor that an op has made, with the gradients through it."""
    x = leaf(s, [0.3, 0.6, 0.9])
    more = [leaf(s, y) if isinstance(y, np.ndarray) else y for y in others]
    y = x * 1
    if name in UNTRACKED:
        y = y.detach()
        more = [t.detach() if isinstance(t, s.Tensor) else t for t in more]
    assert getattr(y, f"{name}_")(*more, **params) is y
    if not y.requires_grad:
        return [y]
    leaves = [x, *(t for t in more if isinstance(t, s.Tensor))]
    found = s.autograd.grad((y * y.detach()).sum(), leaves, allow_unused=True)
    zeros = [s.zeros(3, dtype=s.float64) if g is None else g for g in found]
    return [y, *zeros]


# PyTorch has no derivative of these twins, or leaves them off the graph by mistake.
UNTRACKED = {"asinh", "atanh", "floor_divide", "logical_and", "logical_or", "logical_xor"}
Y = np.array([0.5, 0.4, 0.7])
TWINS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (), {}) for name in UNARY if name != "acosh"),
    *((name, (Y,), {}) for name in BINARY),
    *((name, (0.5,), {}) for name in BINARY if name not in ("copy", "atan2", "hypot")
      and not name.startswith("logical")),
    *((name, (Y, -Y), {"value": 0.5}) for name in ("addcmul", "addcdiv")),
    ("lerp", (Y, 0.3), {}),
    ("clamp", (Y, Y + 0.1), {}),
    ("clamp", (0.4, 0.7), {}),
    ("lerp", (Y, -Y), {}),
    ("fill", (2.5,), {}),
    ("add", (Y,), {"alpha": 3}),
    ("sub", (Y,), {"alpha": 3}),
    ("round", (), {"decimals": 1}),
    ("logit", (0.35,), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "others", "params"), TWINS, ids=[f"{t[0]}-{i}" for i, t in enumerate(TWINS)]
)
def test_twins_and_their_gradients_agree_with_torch(name: str, others: Any, params: Any) -> None:
    have, want = (twin_and_gradient(s, name, *others, **params) for s in SIDES)
    for a, b in zip(have, want, strict=True):
        same(a, b, name, rtol=1e-8 if name in ("digamma", "polygamma") else 1e-11)


@pytest.mark.parametrize("name", UNARY)
def test_twins_of_integers_are_refused_like_torch(name: str) -> None:
    for kind in ("int64", "bool"):
        both(lambda s, kind=kind: getattr(s.from_numpy(np.ones(2, kind)), f"{name}_")(), name)


@pytest.mark.parametrize("name", INTEGER)
def test_twins_of_integers(name: str) -> None:
    both(lambda s: getattr(s.tensor([5, 6, -7]), f"{name}_")(s.tensor([1, 2, 3])))
    both(lambda s: getattr(s.tensor([5, 6, -7]), f"{name}_")(2))


def test_other_twins() -> None:
    both(lambda s: s.tensor([5, 6]).bitwise_not_())
    both(lambda s: s.tensor([-5.0, 0.0]).heaviside_(s.tensor([1.0, 2.0])))
    both(lambda s: s.tensor([1.5, 2.5], dtype=s.float64).polygamma_(2))
    both(lambda s: s.tensor([1.0, 2.0]).fill_(s.tensor(3)))
    both(lambda s: s.tensor([1.0, 2.0]).fill_(s.tensor([3, 4])))
    both(lambda s: s.tensor([1.0, 2.0]).square_())
    both(lambda s: s.tensor([1.0, 2.0], dtype=s.float64).float_power_(0.5))
    both(lambda s: s.tensor([1.0, 2.0]).float_power_(0.5))


def test_a_twin_keeps_the_shape() -> None:
    for name in ("add_", "mul_", "hypot_", "xlogy_", "pow_", "clamp_min_"):
        both(lambda s, name=name: getattr(s.ones(3), name)(s.ones(2, 3)), name)


EDGES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, np.inf, -np.inf, np.nan])
VALUES = [name for name in UNARY if name not in ("zero", "logical_not")]


@pytest.mark.parametrize("name", VALUES)
def test_functions_at_their_edges(name: str) -> None:
    if name == "sinc":  # PyTorch's is nan at infinity, too, but not 0 at whole numbers
        edges = EDGES[[0, 1, 4, 5, 8, 9, 10]]
    else:
        edges = EDGES
    both(lambda s: getattr(s.from_numpy(np.array(edges)), name)(), name)


PAIRS = [np.array(pair) for pair in zip(*itertools.product(EDGES, EDGES), strict=True)]
TWO = """add atan2 copysign div floor_divide fmax fmin fmod heaviside hypot logaddexp maximum
minimum mul pow remainder sub xlogy clamp_min clamp_max eq ne lt le gt ge""".split()


@pytest.mark.parametrize("name", TWO)
def test_pairs_at_their_edges(name: str) -> None:
    both(lambda s: getattr(s.from_numpy(PAIRS[0]), name)(s.from_numpy(PAIRS[1])), name)


@pytest.mark.parametrize("mode", [None, "floor", "trunc"])
def test_division_at_its_edges(mode: str | None) -> None:
    both(lambda s: s.from_numpy(PAIRS[0]).div(s.from_numpy(PAIRS[1]), rounding_mode=mode))


@given(
    x=nps.arrays(np.int64, 5, elements=st.integers(-20, 20)),
    y=nps.arrays(np.int64, 5, elements=st.integers(-5, 5).filter(bool)),
)
@settings(max_examples=50)
def test_integer_division_agrees_with_torch(x: np.ndarray, y: np.ndarray) -> None:
    for mode in ("floor", "trunc"):
        both(lambda s, mode=mode: s.from_numpy(x).div(s.from_numpy(y), rounding_mode=mode))
    for name in ("remainder", "fmod", "floor_divide", "pow"):
        both(lambda s, name=name: getattr(s.from_numpy(x), name)(s.from_numpy(y)), name)
    both(lambda s: 2 ** s.from_numpy(y))


def gradient(s: Any, function: Callable[..., Any], *values: Any) -> list[Any]:
    leaves = [leaf(s, v) for v in values]
    found = s.autograd.grad(function(*leaves).sum(), leaves, allow_unused=True)
    return [s.zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]


# Older versions give the whole gradient at a bound.
HALVED = {"clamp", "clamp tensors", "clamp_min", "clamp_max", "fmax", "fmin"}
VERSION = tuple(int(n) for n in torch.__version__.split(".")[:2])
KINKS: dict[str, tuple[Callable[..., Any], list[list[float]]]] = {
    "abs": (lambda x: x.abs(), [[0.0, -1, 2]]),
    "maximum": (lambda x, y: x.maximum(y), [[1.0, 1, 2], [1.0, 2, 1]]),
    "minimum": (lambda x, y: x.minimum(y), [[1.0, 1, 2], [1.0, 2, 1]]),
    "fmax": (lambda x, y: x.fmax(y), [[1.0, 1, 2, np.nan, 1], [1.0, 2, 1, 1, np.nan]]),
    "fmin": (lambda x, y: x.fmin(y), [[1.0, 1, 2, np.nan, 1], [1.0, 2, 1, 1, np.nan]]),
    "clamp": (lambda x: x.clamp(-1, 1), [[-2.0, -1, 0, 1, 2]]),
    "clamp tensors": (
        lambda x, a, b: x.clamp(a, b),
        [[-2.0, -1, 0, 1, 2, 0, 5], [-1.0, -1, -1, 1, 1, 2, 3], [1.0, 1, 1, 1, 1.5, 1, 2]],
    ),
    "clamp_min": (lambda x, a: x.clamp_min(a), [[1.0, 2, 3], [2.0, 2, 2]]),
    "clamp_max": (lambda x, a: x.clamp_max(a), [[1.0, 2, 3], [2.0, 2, 2]]),
    "square at 0": (lambda x: x**2, [[0.0, 1]]),
    "x ** 0": (lambda x: x**0, [[0.0, 1]]),
    "pow": (lambda x, y: x**y, [[0.0, 0, 2, 0], [0.0, 2, 0, 1]]),
    "0 ** y": (lambda y: 0**y, [[0.0, 1, 2]]),
    "2 ** y": (lambda y: 2**y, [[0.0, 1, -2]]),
    "sign": (lambda x: x.sign(), [[0.0, 1]]),
    "copysign": (lambda x, y: x.copysign(y), [[0.0, 1, -2], [-1.0, 1, 2]]),
    "nan_to_num": (lambda x: x.nan_to_num(), [[0.0, np.nan, np.inf, -np.inf]]),
    "xlogy": (lambda x, y: x.xlogy(y), [[0.0, 0, 1], [0.0, 1, 2]]),
    "remainder": (lambda x, y: x % y, [[5.0, -5, 5.5], [3.0, 3, -2]]),
    "fmod": (lambda x, y: x.fmod(y), [[5.0, -5, 5.5], [3.0, 3, -2]]),
    "logit": (lambda x: x.logit(0.2), [[0.1, 0.2, 0.5, 0.8, 0.9]]),
    "sinc": (lambda x: x.sinc(), [[0.0, 0.7]]),
}


@pytest.mark.parametrize("name", KINKS)
def test_gradient_where_there_is_none_is_torchs(name: str) -> None:
    if name in HALVED and VERSION < (2, 15):
        pytest.skip("an older PyTorch")
    function, values = KINKS[name]
    for have, want in zip(*(gradient(s, function, *values) for s in SIDES), strict=True):
        same(have, want, name)


def test_errors_say_what_to_do() -> None:
    x, mask = mg.tensor([1.0, 2.0]), mg.tensor([True, False])
    with pytest.raises(RuntimeError, match=r"sub: .* with a bool tensor .* use \^"):
        x.sub(mask)
    with pytest.raises(RuntimeError, match=r"neg: not implemented for bool tensors; convert"):
        mask.neg()
    with pytest.raises(RuntimeError, match=r"Integers to negative integer powers are not allowed"):
        mg.tensor([2, 3]) ** -1
    with pytest.raises(RuntimeError, match=r"floor_divide: ZeroDivisionError"):
        mg.tensor([2, 3]) // 0
    with pytest.raises(RuntimeError, match=r"remainder: ZeroDivisionError"):
        mg.tensor([2, 3]) % mg.tensor([1, 0])
    with pytest.raises(RuntimeError, match=r"div: .* None, 'trunc' or 'floor', found 'up'"):
        x.div(2, rounding_mode="up")
    with pytest.raises(RuntimeError, match=r"clamp: At least one of 'min' or 'max'"):
        x.clamp()
    with pytest.raises(
        RuntimeError, match=r"lerp: expected one floating-point type, got .* 'float64'"
    ):
        x.lerp(x.double(), 0.5)
    with pytest.raises(RuntimeError, match=r"heaviside: .* different dtypes: float32 and float64"):
        x.heaviside(x.double())
    with pytest.raises(RuntimeError, match=r"frac: expected a floating-point tensor, got int64"):
        mg.tensor([1]).frac()
    with pytest.raises(RuntimeError, match=r"alpha must not be a floating point number: it is 0.5"):
        mg.tensor([1]).add(1, alpha=0.5)
    with pytest.raises(RuntimeError, match=r"sub: .* floating point number: it is 0.5"):
        mg.tensor([1]).sub(mg.tensor([1]), alpha=0.5)
    for alpha in (True, 1.0):
        with pytest.raises(RuntimeError, match=r"sub: .*alpha"):
            mg.tensor([1]).sub(mg.tensor([1]), alpha=alpha)
    with pytest.raises(RuntimeError, match=r"result type float32 can't be cast to .* int64"):
        mg.tensor([1]).exp_()
    with pytest.raises(RuntimeError, match=r"fill_: only supports a 0-dimensional value tensor"):
        x.fill_(x)
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: .* 'str'"):
        x + "1"


def test_addcmul_cuts_the_value_for_integers() -> None:
    both(lambda s: s.tensor([1, 2]).addcmul(s.tensor([3, 4]), s.tensor([5, 6]), value=1.5))


@pytest.mark.parametrize("contiguous", [True, False])
def test_large_arrays_in_blocks(contiguous: bool) -> None:
    """Beyond one block, with a rest, the numbers are those of the whole."""
    rng = np.random.default_rng(3)

    def operands(s: Any) -> list[Any]:
        arrays = [rng.standard_normal((5, 7919)) for _ in range(3)]
        tensors = [s.from_numpy(a) for a in arrays]
        return tensors if contiguous else [t.transpose(0, 1) for t in tensors]

    x, y, z = operands(mg)
    a, b, c = (torch.from_numpy(np.array(t.numpy())) for t in (x, y, z))
    same(x.addcmul(y, z, value=0.5), a.addcmul(b, c, value=0.5))
    same(x.addcdiv(y, z, value=0.5), a.addcdiv(b, c, value=0.5), rtol=1e-11)
    same(x.lerp(y, 0.3), a.lerp(b, 0.3), rtol=1e-9)
    same(x.lerp(y, z), a.lerp(b, c), rtol=1e-9)
    same(x.clamp(y, z), a.clamp(b, c))
    same(x.clamp(-0.1, z), a.clamp(torch.tensor(-0.1, dtype=torch.float64), c))
    same(x.sigmoid(), a.sigmoid())
    same(x.erf(), a.erf())
    same(x.clone().add_(y, alpha=2.0), a.add(b, alpha=2.0), rtol=1e-10)


def test_functions_of_numbers_take_numpys_as_well() -> None:
    array = np.array([1.0, 2.0], np.float32)
    for name in ("add", "sub", "mul", "div", "pow", "remainder", "floor_divide", "xlogy"):
        for number in (np.float32(3), np.int64(3), np.bool_(True)):
            ours = getattr(mg, name)(number, mg.tensor(array))
            theirs = getattr(torch, name)(number, torch.tensor(array))
            assert str(theirs.dtype).endswith(str(ours.dtype)), name
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)
