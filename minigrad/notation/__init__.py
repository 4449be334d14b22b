"""The small language in which an op says what it computes, as text: ``"x * sigmoid(x)"``.

It is Python's syntax and none of its meaning. From one text come C for the kernels (`c`), TeX for a
reader (`tex`) and numbers by an interpreter that knows no forward (`values`), so that none of them
has to be believed. Nothing is parsed before somebody asks.

    x, weight, out, g      an operand, a param, the result, the cotangent of the result
    + - * / ** // %        arithmetic; // rounds down, and % has the sign of its second operand
    == != < <= > >=        comparisons; and, or, not
    a if c else b          a choice
    u = x * x; u + 1       a name for a part, of which the last line makes use
    exp(x), max(x, y)      functions, by PyTorch's names; in max and min NaN wins
    x.cos()                the same as cos(x)
    pi, inf, nan           numbers with a name
    A @ B, A.T             products of matrices, and what is turned over
    f(out) == x            an equation that the result solves
    'words'                what no formula says shorter
"""

from __future__ import annotations

import ast
from functools import cache


@cache
def parsed(text: str) -> tuple[ast.stmt, ...]:
    """The lines of a text: names for parts, and at the end an expression.

    Errors: SyntaxError for what is no Python.
    """
    return tuple(ast.parse(text.strip()).body)


def is_equation(text: str) -> bool:
    """Whether the text says no result, but what holds of it."""
    last = parsed(text)[-1]
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Compare):
        return False
    return any(isinstance(x, ast.Name) and x.id == "out" for x in ast.walk(last))


def is_words(text: str) -> bool:
    """Whether the text is no formula."""
    return text.startswith("'")
