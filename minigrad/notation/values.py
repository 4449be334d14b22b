"""A text as numbers: an interpreter over small arrays, which knows no op and no forward.

Beside what stands in `minigrad.notation` it reads index notation, in which a row of a text fills
one number of the result after the other::

    out[n, o] = sum[i](x[n, i] * weight[o, i]) + bias[o]
    out[k] = sum[i <= k](x[i])
    out[n, o, p] = sum[c, k](weight[o, c, k] * x[n, c, p * stride + k * dilation - padding])

An index runs as far as the dimension that it stands in, or as ``k < kernel`` says; the last one of
an array stands for all dimensions that are left; ``...`` for those in front, number by number.
Outside of an array there are zeros. `sum`, `prod`, `mean`, `max`, `min`, `argmax`, `argmin`, `any`,
`all` are taken over the indices in brackets, where the comparisons beside them hold (over ``...``:
over all numbers); ``integral[t, a, b](..)`` runs over t. An op that works along some dimensions, by
a param, counts only in these, as if they were one: its n is how many numbers they have.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.notation import is_equation, parsed
from minigrad.notation.functions import FUNCTIONS
from minigrad.notation.indices import IndexReader
from minigrad.notation.plain import Functions


def evaluate(
    text: str,
    given: Mapping[str, Any],
    shape: Sequence[int] | None = None,
    functions: Functions = FUNCTIONS,
    along: bool = False,
) -> Any:
    """The numbers of a text, for the operands and params in ``given``.

    ``shape`` is that of the result, where a text in index notation has to fill one; ``along``: all
    arrays have dimensions in front that the text does not speak of. An equation gives both of its
    sides.
    """
    reader = IndexReader(given, functions, along)
    with np.errstate(all="ignore"):
        *parts, last = parsed(text)
        for part in parts:
            assert isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name), text
            reader.parts[part.targets[0].id] = part.value
        if isinstance(last, ast.Assign):
            assert isinstance(last.targets[0], ast.Subscript) and shape is not None, text
            return reader.filled(last.targets[0], last.value, tuple(shape))
        assert isinstance(last, ast.Expr), text
        if is_equation(text):
            assert isinstance(last.value, ast.Compare), text
            return reader.value(last.value.left), reader.value(last.value.comparators[0])
        return reader.value(last.value)
