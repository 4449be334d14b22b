"""Integers and Python numbers: what wraps, what must fit, what is refused, as in PyTorch.

Every op that takes a number or a second tensor, over all integer types, with numbers inside and
outside their ranges: results, types and classes of errors on both sides. In arithmetic and in
comparisons a number wraps to the type beside it; what is put somewhere, bounds or scales must fit.
"""

from __future__ import annotations

import contextlib
import operator
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import compile as compiled

torch = pytest.importorskip("torch")

TYPES = ["uint8", "int8", "int16", "int32", "int64", "bool"]
NUMBERS: list[Any] = [-1, 0, 3, 127, 128, 255, 256, -128, -129, 70000, 2**31, -(2**63), 2**63 - 1]
NUMBERS += [0.5, -1.5, 1e19, float("nan"), True]
KINDS = (IndexError, TypeError, ValueError, OverflowError, RuntimeError)
Call = Callable[[Any, Any, Any], Any]

BINARY = "add sub mul truediv floordiv mod pow lt le gt ge eq ne and_ or_ xor lshift rshift".split()
IN_PLACE = "iadd isub imul ifloordiv imod ipow iand ilshift irshift".split()
METHODS = """add sub mul div floor_divide remainder fmod pow bitwise_xor bitwise_left_shift
clamp_min clamp_max add_ mul_ remainder_ pow_ clamp_min_ lt_ fill_ true_divide copysign""".split()


def given(s: Any, dtype: str, rest: tuple[Any, ...] = (1, 7)) -> Any:
    """The ends of a type's range and some numbers between them."""
    if dtype == "bool":
        return s.from_numpy(np.array([True, False, True, True]))
    ends = np.iinfo(dtype)
    return s.from_numpy(np.array([ends.min, ends.max, 0, *rest], dtype))


def assigned(x: Any, key: Any, value: Any) -> Any:
    x[key] = value
    return x


def put_by_mask(x: Any, number: Any) -> Any:
    return assigned(x, x == 0, number)


def method(name: str, *before: Any, **keywords: Any) -> Call:
    def call(s: Any, x: Any, n: Any) -> Any:
        named = {k: n if v is Ellipsis else v for k, v in keywords.items()}
        return getattr(x, name)(*(part(s, x) for part in before), *([] if named else [n]), **named)

    return call


def places(s: Any, x: Any) -> Any:
    return s.tensor([0, 1])


WITH_A_NUMBER: dict[str, Call] = {
    **{f: lambda s, x, n, f=f: getattr(operator, f)(x, n) for f in BINARY + IN_PLACE},  # type: ignore[misc]
    **{f"{f} of a number": lambda s, x, n, f=f: getattr(operator, f)(n, x) for f in BINARY},  # type: ignore[misc]
    **{name: method(name) for name in METHODS},
    "add, scaled": lambda s, x, n: x.add(x, alpha=n) if type(n) is not bool else 0,
    "sub_, scaled": lambda s, x, n: x.sub_(x, alpha=n) if n not in (True, False, -(2**63)) else 0,
    "add 5, scaled": lambda s, x, n: x.add(5, alpha=n) if type(n) is not bool else 0,
    "addcmul": lambda s, x, n: s.addcmul(x, x, x, value=n),
    "clamp": lambda s, x, n: x.clamp(n, 100),
    "clamp above": lambda s, x, n: x.clamp(0, n),
    "div, truncated": lambda s, x, n: x.div(n, rounding_mode="trunc"),
    "where": lambda s, x, n: s.where(x == x, n, x),
    "masked_fill": lambda s, x, n: x.masked_fill(x == x, n),
    "x[0]": lambda s, x, n: assigned(x, 0, n),
    "x[:2]": lambda s, x, n: assigned(x, np.s_[:2], n),
    "x[mask]": lambda s, x, n: assigned(x, x == x, n),
    "x[places]": lambda s, x, n: assigned(x, [0, 1], n),
    "scatter": lambda s, x, n: x.scatter(0, places(s, x), n),
    "index_fill": lambda s, x, n: x.index_fill(0, places(s, x), n),
    "pad": lambda s, x, n: s.nn.functional.pad(x, (1, 1), value=n),
    "threshold": lambda s, x, n: s.nn.functional.threshold(x, 0, n),
    "addmm": lambda s, x, n: s.addmm(*[x[:1, None]] * 3, beta=n, alpha=n),
    "full": lambda s, x, n: s.full((2,), n, dtype=x.dtype),
    "new_full": lambda s, x, n: x.new_full((2,), n),
    "full_like": lambda s, x, n: s.full_like(x, n),
    "tensor": lambda s, x, n: s.tensor([n, 1], dtype=x.dtype),
    "tensor, 0-d": lambda s, x, n: s.tensor(n, dtype=x.dtype),
    "as_tensor": lambda s, x, n: s.as_tensor([n], dtype=x.dtype),
    "new_tensor": lambda s, x, n: x.new_tensor([n]),
    "scalar_tensor": lambda s, x, n: s.scalar_tensor(n, dtype=x.dtype),
    "arange": lambda s, x, n: s.arange(n, n + 3, dtype=x.dtype) if abs(n) < 2**62 else 0,
    "linspace": lambda s, x, n: s.linspace(n, 10, 4, dtype=x.dtype) if abs(n) < 2**53 else 0,
    "sum": lambda s, x, n: s.full((3,), n).sum(dtype=x.dtype) if abs(n) < 2**62 else 0,
    "fill_ by a tensor": lambda s, x, n: x.fill_(s.tensor(n)),
    "of a tensor": lambda s, x, n: (x + s.tensor(n), x > s.tensor(n)),
    "in": lambda s, x, n: n in x,
}  # fmt: skip
UNARY = """abs neg sign square sum prod mean std var floor round bitwise_not logical_not relu sqrt
exp sigmoid nan_to_num diff any median max amin argmax abs_ neg_ sqrt_ floor_""".split()


def outcome(side: Any, call: Callable[[Any], Any]) -> Any:
    """What it gives, as types and numbers; or the class of its error."""
    try:
        found = call(side)
    except Exception as error:
        return next((kind for kind in KINDS if isinstance(error, kind)), type(error))
    listed = found if isinstance(found, (tuple, list)) else [found]
    return [y.detach().numpy() if hasattr(y, "detach") else np.asarray(y) for y in listed]


def agree(call: Callable[[Any], Any], what: str) -> None:
    want, have = outcome(torch, call), outcome(minigrad, call)
    if isinstance(want, type) or isinstance(have, type):
        assert have is want, f"{what}: {have}, PyTorch gives {want}"
        return
    assert len(have) == len(want), what
    for a, b in zip(have, want, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), f"{what}: {a.dtype}, not {b.dtype}"
        np.testing.assert_allclose(a, b, rtol=1e-6 if b.dtype.kind == "f" else 0, err_msg=what)


def traps(name: str, dtype: str, n: Any) -> bool:
    """PyTorch divides the smallest integer by -1 on the way, which ends the process."""
    divides = any(word in name for word in ("floor", "mod", "remainder", "div"))
    return divides and dtype in ("int32", "int64") and n in (-1, 2**63 - 1)


@pytest.mark.parametrize("dtype", TYPES)
def test_an_integer_tensor_and_a_number(dtype: str) -> None:
    for name, call in WITH_A_NUMBER.items():
        for n in NUMBERS:
            if not traps(name, dtype, n):
                agree(lambda s, n=n, call=call: call(s, given(s, dtype), n), f"{name} {dtype} {n}")


@pytest.mark.parametrize("dtype", TYPES)
def test_integers_alone(dtype: str) -> None:
    for name in UNARY:
        agree(lambda s, name=name: getattr(given(s, dtype), name)(), f"{name} {dtype}")
    for goal in TYPES:
        agree(lambda s, goal=goal: given(s, dtype).to(getattr(s, goal)), f"{dtype} to {goal}")


@pytest.mark.parametrize("dtype", TYPES)
def test_two_integer_tensors(dtype: str) -> None:
    for other in TYPES:
        for name in BINARY + IN_PLACE:
            for divisor in (0, 1, 3, 9, 70) if other != "bool" else (True, False):
                agree(
                    lambda s, f=name, o=other, d=divisor: getattr(operator, f)(
                        given(s, dtype), s.from_numpy(np.array([d], o))
                    ),
                    f"{dtype} {name} {other} {divisor}",
                )
        for put in (put_by_mask, lambda x, number: x.masked_fill(x == 0, number)):
            agree(
                lambda s, o=other, put=put: put(given(s, dtype), given(s, o)[0]),
                f"one {other} in a {dtype}",
            )


@pytest.mark.parametrize("dtype", TYPES)
def test_fractions_that_an_integer_type_does_not_hold(dtype: str) -> None:
    """As C converts them on this kind of processor, in runs that a vector holds and in rests."""
    numbers = [300.7, -300.7, 127.9, -1.5, 65536.0, 2.0**31 - 1, -5e9, 2.0**63, np.inf, np.nan]
    for n in numbers if dtype != "uint8" else numbers[:6]:  # PyTorch's own ways disagree there
        for source in ("float32", "float64"):
            agree(
                lambda s, n=n, k=source: s.full((19,), n, dtype=getattr(s, k)).to(
                    getattr(s, dtype)
                ),
                f"{source} {n} to {dtype}",
            )


def test_a_number_that_64_bits_do_not_hold() -> None:
    for n in (2**64, -(2**63) - 1, 10**30):
        for call in (lambda s, x, n: x + n, lambda s, x, n: x < n):
            agree(lambda s, n=n, call=call: call(s, given(s, "int32"), n), str(n))


# -- compiled steps -------------------------------------------------------------------------------


def wrapped(*tensors: Any) -> list[Any]:
    """Sums, products and comparisons that a C compiler would fold if they could not wrap."""
    found: list[Any] = []
    for x in tensors:
        y = x + 1
        found += [y > x, (y * y) - x, (x * x + x) * 3 > x, (x - 1) < x, (x * -1), (x + 300) * 2]
        found += [(x * 2).float(), (x.long() * 5 + 3).int(), (x.long() * 5).byte(), x == -1]
        found += [(x.long() - 2**63) + x.long(), x.char() * 2, x.short() * 2, (x * 7 > 100).long()]
    return found


simulating = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++")
SIDES = [
    pytest.param({}, False, id="c"),
    pytest.param({"native": False}, False, id="numpy"),
    pytest.param({}, True, id="simulated", marks=simulating),
]


@pytest.mark.parametrize(("options", "simulated"), SIDES)
def test_compiled_steps_wrap_alike(options: dict[str, Any], simulated: bool) -> None:
    arrays = [given(torch, dtype).numpy().repeat(5) for dtype in TYPES[:-1]]
    want = [y.numpy() for y in wrapped(*map(torch.from_numpy, arrays))]
    with minigrad.cuda.simulated() if simulated else contextlib.nullcontext():
        step = compiled(lambda *tensors: wrapped(*tensors), **options)
        for _ in range(2):
            have = step(*map(minigrad.from_numpy, arrays))
    for i, (a, b) in enumerate(zip(have, want, strict=True)):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.numpy(force=True), b, err_msg=str(i))


@simulating
def test_constants_of_any_type_are_written_over_in_a_replay() -> None:
    kinds = [minigrad.int8, minigrad.int16, minigrad.float16]

    def step() -> list[Any]:
        return [minigrad.zeros(2, 2, dtype=kind).fill_diagonal_(3) for kind in kinds]

    with minigrad.cuda.simulated():
        twin = compiled(step)
        for _ in range(3):
            assert [y.tolist() for y in twin()] == [[[3, 0], [0, 3]]] * 3
