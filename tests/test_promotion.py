"""The type of a result, over all pairs of types, is PyTorch's."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sides import outcome

import minigrad
from minigrad import dtypes

torch = pytest.importorskip("torch")

TYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    "==": operator.eq,
}
NUMBERS = [True, 2, 2.5]


def compare_types(symbol: str, make: Any) -> None:
    """``make(s)`` gives two operands; the results have the same type, or both sides refuse."""

    def program(s: Any) -> Any:
        x, y = make(s)
        result = OPERATORS[symbol](x, y)
        return str(result.dtype).removeprefix("torch."), tuple(result.shape)

    want, have = outcome(program, torch), outcome(program, minigrad)
    if isinstance(want, Exception):
        assert isinstance(have, Exception), f"PyTorch raises {want!r}, here {have}"
    else:
        assert have == want


def one(s: Any, dtype: str, *shape: int) -> Any:
    return s.ones(shape, dtype=getattr(s, dtype))


@pytest.mark.parametrize("symbol", OPERATORS)
def test_two_tensors(symbol: str) -> None:
    for a, b in itertools.product(TYPES, TYPES):
        compare_types(symbol, lambda s, a=a, b=b: (one(s, a, 2), one(s, b, 2)))


@pytest.mark.parametrize("symbol", OPERATORS)
def test_a_tensor_and_a_single_number_in_a_tensor(symbol: str) -> None:
    for a, b in itertools.product(TYPES, TYPES):
        compare_types(symbol, lambda s, a=a, b=b: (one(s, a, 2), one(s, b)))
        compare_types(symbol, lambda s, a=a, b=b: (one(s, a), one(s, b, 2)))
        compare_types(symbol, lambda s, a=a, b=b: (one(s, a), one(s, b)))


@pytest.mark.parametrize("symbol", OPERATORS)
def test_a_tensor_and_a_python_number(symbol: str) -> None:
    for a, n, shape in itertools.product(TYPES, NUMBERS, [(2,), ()]):
        compare_types(symbol, lambda s, a=a, n=n, shape=shape: (one(s, a, *shape), n))
        compare_types(symbol, lambda s, a=a, n=n, shape=shape: (n, one(s, a, *shape)))


@pytest.mark.parametrize("name", ["add_", "sub_", "mul_", "div_", "copy_", "pow_"])
def test_in_place_keeps_the_type_or_refuses(name: str) -> None:
    for a, b in itertools.product(TYPES, TYPES):

        def program(s: Any, a: str = a, b: str = b) -> Any:
            result = getattr(one(s, a, 2), name)(one(s, b, 2))
            return str(result.dtype).removeprefix("torch.")

        want, have = outcome(program, torch), outcome(program, minigrad)
        if isinstance(want, Exception):
            assert isinstance(have, RuntimeError), f"{name} {a} {b}: {want!r}, here {have}"
        else:
            assert have == want, f"{name} {a} {b}"


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(TYPES), st.sampled_from([(), (2,)])), min_size=2))
def test_result_type_does_not_depend_on_the_order(operands: list[Any]) -> None:
    arrays = [np.ones(shape, dtype) for dtype, shape in operands]
    found = dtypes.result_type(arrays)
    assert found == dtypes.result_type(arrays[::-1])
    assert found == dtypes.result_type([*arrays, *arrays])


@pytest.mark.parametrize("a", TYPES)
def test_two_types_promote_as_torch_says(a: str) -> None:
    for b in TYPES:
        want = torch.promote_types(getattr(torch, a), getattr(torch, b))
        have = dtypes.promote(getattr(minigrad, a), getattr(minigrad, b))
        assert str(want) == f"torch.{have}"


def test_gradients_have_their_operands_types() -> None:
    x = minigrad.ones(2, dtype=minigrad.float16, requires_grad=True)
    y = minigrad.ones(2, dtype=minigrad.float64, requires_grad=True)
    (x * y).sum().backward()
    assert (str(x.grad.dtype), str(y.grad.dtype)) == ("float16", "float64")


def test_spellings_of_types() -> None:
    for spelling in (minigrad.float64, np.float64, "float64", float, np.dtype("float64")):
        assert minigrad.zeros(1, dtype=spelling).dtype == minigrad.float64
    for spelling in ("complex64", "datetime64[s]", "uint64", "<U3"):
        with pytest.raises(TypeError, match="dtype: expected one of float64"):
            minigrad.zeros(1, dtype=spelling)
    assert minigrad.half == minigrad.float16 and minigrad.long == minigrad.int64
    x = minigrad.zeros(1)
    for name in TYPES:
        kind = getattr(minigrad, name)
        assert x.to(kind).dtype == x.type(kind).dtype == x.to(minigrad.zeros(1, dtype=kind)).dtype
    methods = [x.double(), x.float(), x.half(), x.long(), x.int(), x.bool()]
    assert [str(t.dtype) for t in methods] == TYPES[:1] + TYPES[1:5] + ["bool"]


def test_conversion_is_on_the_tape_and_free_where_nothing_changes() -> None:
    x = minigrad.ones(2, requires_grad=True)
    assert x.to(minigrad.float32) is x and x.float() is x
    assert x.to(minigrad.float32, copy=True) is not x
    y = x.double()
    (y * y).sum().backward()
    assert x.grad.tolist() == [2, 2] and x.grad.dtype == minigrad.float32
