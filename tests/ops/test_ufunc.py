"""That the function of NumPy which the door calls in the place of a forward is all it does."""

from __future__ import annotations

from typing import Any

import pytest

import minigrad  # noqa: F401
from minigrad.native.hook import native
from minigrad.op import Op, register

OPS = [op for op in register.values() if op.ufunc is not None]


class Library:
    """An array library whose functions give back what they were called with."""

    def __getattr__(self, name: str) -> Any:
        return lambda *operands, out: (name, operands, out)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_forward_is_one_call_with_the_operands_as_they_are(op: Op) -> None:
    operands = tuple(object() for _ in op.operands)
    out = object()
    called = op.forward(Library(), *operands, out=out)
    assert called == (op.ufunc.__name__, operands, out)  # type: ignore[union-attr]
    assert not op.params and op.variadic is None


def test_a_kernel_in_c_takes_the_place_of_the_function() -> None:
    def twice(xp: Any, x: Any, *, out: Any = None) -> Any:
        return xp.positive(x, out=out)

    op = Op(twice, ufunc="positive")
    native(op)(lambda x, out: None)
    assert op.ufunc is None
