"""The functions of `minigrad.methods.comparison`, and those of several tensors."""

from __future__ import annotations

from typing import Any, overload

from minigrad.creation import tensor
from minigrad.dtypes import Number
from minigrad.functions.method import function
from minigrad.methods.comparison import chosen
from minigrad.names import public
from minigrad.tensor import Tensor

allclose = function(Tensor.allclose)
bitwise_and = function(Tensor.bitwise_and, numbers=True)
bitwise_left_shift = function(Tensor.bitwise_left_shift, numbers=True)
bitwise_not = function(Tensor.bitwise_not)
bitwise_or = function(Tensor.bitwise_or, numbers=True)
bitwise_right_shift = function(Tensor.bitwise_right_shift, numbers=True)
bitwise_xor = function(Tensor.bitwise_xor, numbers=True)
eq = function(Tensor.eq)
equal = function(Tensor.equal)
ge = greater_equal = function(Tensor.ge)
gt = greater = function(Tensor.gt)
isclose = function(Tensor.isclose)
isfinite = function(Tensor.isfinite)
isinf = function(Tensor.isinf)
isnan = function(Tensor.isnan)
le = less_equal = function(Tensor.le)
logical_and = function(Tensor.logical_and)
logical_not = function(Tensor.logical_not)
logical_or = function(Tensor.logical_or)
logical_xor = function(Tensor.logical_xor)
lt = less = function(Tensor.lt)
ne = not_equal = function(Tensor.ne)


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...
@overload
def where(condition: Tensor, input: Tensor | Number, other: Tensor | Number) -> Tensor: ...
def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """The number of ``input`` where the condition holds, else that of ``other``. A condition alone
    gives the places where it holds, as ``nonzero(as_tuple=True)`` does.

    Args:
        condition: truth values, broadcast with the two.

    Errors: RuntimeError for a condition that is not of type bool.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return chosen(condition, input, other)


def isin(
    elements: Tensor | Number,
    test_elements: Tensor | Number,
    *,
    assume_unique: bool = False,
    invert: bool = False,
) -> Tensor:
    """Where an element is one of the test elements, or with ``invert`` none of them.

    Args:
        elements, test_elements: tensors, or one of them a number.
        assume_unique: accepted, and changes nothing.
    """
    given = [t for t in (elements, test_elements) if isinstance(t, Tensor)]
    where = given[0].device if given else None
    x, known = (
        t if isinstance(t, Tensor) else tensor(t, device=where) for t in (elements, test_elements)
    )
    found: Tensor = (x.unsqueeze(-1) == known.reshape(-1)).any(-1)
    return ~found if invert else found


public(globals())
