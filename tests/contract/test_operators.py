"""Every operator beside everything that may stand there: a tensor leaves what it does not know to
the other class, as in PyTorch, and gives the same numbers and errors for what it knows."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

PLAIN = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift matmul".split()
COMPARED = "lt le gt ge eq ne".split()
IN_PLACE = [f"i{name.rstrip('_')}" for name in PLAIN]


class Foreign:
    """A class with operators of its own, that stands on either side."""

    def answer(self, other: Any) -> str:
        return f"foreign and {type(other).__name__}"

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = answer
    __and__ = __or__ = __xor__ = __lshift__ = __rshift__ = __matmul__ = answer
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = answer
    __rand__ = __ror__ = __rxor__ = __rlshift__ = __rrshift__ = __rmatmul__ = answer
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = answer  # type: ignore[assignment]
    __hash__ = object.__hash__


class Plain:
    """A class that knows no operator."""


OTHERS: dict[str, Any] = {
    "foreign": Foreign(),
    "plain": Plain(),
    "None": None,
    "text": "a",
    "a list": [1.0, 2.0],
    "a tuple": (1, 2),
    "a dict": {},
    "a set": {1},
    "bytes": b"a",
    "a decimal": Decimal(2),
    "an integer": 2,
    "a number": 2.5,
    "True": True,
    "complex": 1j,
    "float64": np.float64(2),
    "float32": np.float32(2),
    "int64": np.int64(2),
}
TENSORS: dict[str, Callable[[Any], Any]] = {
    "floats": lambda s: s.tensor([3.0, 4.0]),
    "integers": lambda s: s.tensor([3, 4]),
    "truths": lambda s: s.tensor([True, False]),
    "a leaf": lambda s: s.tensor([3.0, 4.0], requires_grad=True),
}


def outcome(call: Callable[[Any], Any], side: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = call(side)
    except Exception as error:
        kinds = (NotImplementedError, TypeError, ValueError, RuntimeError)
        return next((kind for kind in kinds if isinstance(error, kind)), type(error))
    if isinstance(y, (torch.Tensor, minigrad.Tensor)):
        return str(y.dtype).removeprefix("torch."), y.requires_grad, y.tolist()
    return y


def pairs(x: Any, other: Any, kind: str) -> Any:
    return (other, x) if kind == "reflected" else (x, other)


@pytest.mark.parametrize("name", [*PLAIN, *COMPARED, *IN_PLACE])
def test_operator(name: str) -> None:
    function = getattr(operator, name)
    for kind in ("as it is",) if name in IN_PLACE else ("as it is", "reflected"):
        for key, make in TENSORS.items():
            for what, other in OTHERS.items():

                def call(side: Any, make: Any = make, other: Any = other, kind: str = kind) -> Any:
                    return function(*pairs(make(side), other, kind))

                have = outcome(call, minigrad)
                if what == "complex":
                    assert have is TypeError or name in ("eq", "ne"), (name, key, what, have)
                    continue
                if key == "truths" and "pow" in name:
                    continue
                expected = outcome(call, torch)
                if isinstance(expected, tuple) and isinstance(have, tuple):
                    assert have[:2] == expected[:2], (name, key, what, kind)
                    np.testing.assert_allclose(have[2], expected[2], rtol=1e-6)
                elif isinstance(expected, type) and isinstance(have, type):
                    assert issubclass(have, expected), (name, key, what, kind, expected, have)
                else:
                    assert have == expected, (name, key, what, kind, expected, have)


def test_in() -> None:
    x = minigrad.tensor([1.0, 2.0])
    assert 2.0 in x and minigrad.tensor(2.0) in x and 3 not in x
    for odd in ("a", None, [1.0]):
        with pytest.raises(RuntimeError, match="only supports Tensor or scalar"):
            odd in x  # noqa: B015
