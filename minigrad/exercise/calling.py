"""Calling what a student wrote: what it raises, what it writes into, what it returns."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad.exercise.exercise import Wrong
from minigrad.recording import switch
from minigrad.tensor import Tensor

Matrix = np.ndarray[Any, Any]


def called(f: Callable[..., Any], given: Sequence[Any]) -> Any:
    """What the function returns for copies of these arguments. Errors: Wrong."""
    copies = [_copy(x) for x in given]
    found = tried(lambda: f(*copies))
    for i, (x, kept) in enumerate(zip(copies, given, strict=True)):
        if isinstance(x, np.ndarray) and not np.array_equal(x, kept, equal_nan=x.dtype.kind == "f"):
            raise Wrong(
                "writes",
                f"argument {i} is changed by the function: make a new array (an in-place operation "
                "such as += writes into what it is given)",
            )
    return found


def tried(call: Callable[[], Any]) -> Any:
    """What the call returns. Errors: Wrong for whatever it raises."""
    try:
        with np.errstate(all="ignore"), _switches_kept():
            return call()
    except NotImplementedError:
        raise Wrong("not done", "the lines are still missing") from None
    except RecursionError:
        raise Wrong("raises", "the function calls itself without end (RecursionError)") from None
    except Wrong:
        raise
    except (Exception, SystemExit) as error:
        raise Wrong("raises", f"it raises {type(error).__name__}: {error}{_line(error)}") from None


@contextmanager
def _switches_kept() -> Iterator[None]:
    """What a student sets (``set_grad_enabled(False)``) does not reach the grader's own tape."""
    names = ("recording", "inference", "anomaly", "recorder")
    before = [getattr(switch, name) for name in names]
    try:
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(switch, name, value)


def _line(error: BaseException) -> str:
    """The line of the student's that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.name != "tried" and "minigrad" not in f.filename.split("/")]
    return f" (line {own[-1].lineno})" if own else ""


def _copy(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return x.copy()
    return type(x)(map(_copy, x)) if type(x) in (list, tuple) else x


def arrays(found: Any, count: int, what: str) -> list[Matrix]:
    """The results as arrays of numbers. Errors: Wrong for another number or kind of results."""
    several = [found]
    if isinstance(found, (tuple, list)) and count > 1:
        several = tried(lambda: list(found))
    if isinstance(found, tuple) and count == 1 and len(found) == 1:
        several = list(found)
    if any(x is None for x in several):
        raise Wrong(
            "nothing returned", f"it returns None where {what} is expected: is a return missing?"
        )
    if len(several) != count:
        raise Wrong("count", f"it returns {len(several)} of the {count} results: {what}")
    return [_numbers(x, what) for x in several]


def _numbers(x: Any, what: str) -> Matrix:
    if isinstance(x, Tensor):
        x = x.detach().cpu().numpy()
    try:
        numbers = np.asarray(x)
    except Exception:  # whatever the __array__ of somebody's class raises: it is no array
        numbers = np.asarray(None)
    if numbers.dtype.kind not in "fiub":
        raise Wrong("type", f"it returns a {type(x).__name__} where {what} is expected")
    return numbers.astype(np.float32).astype(float) if numbers.dtype == np.float16 else numbers
