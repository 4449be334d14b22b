"""What PyTorch allows and refuses of small things: programs of a few lines, run on both sides.

The text files beside this one hold them: a line ``== name``, then the body of a function of ``s``,
which is PyTorch or minigrad. Both give the same (values, types, shapes, whether a gradient is
required), or both refuse with the same class of error. A program with ``| why`` in its first line
is a difference: the two must differ, as long as that line stands, and minigrad may not stumble.
"""

from __future__ import annotations

import array
import collections
import copy
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")
KINDS = (
    *(IndexError, NotImplementedError, TypeError, ValueError, AttributeError, KeyError),
    *(OverflowError, RecursionError, AssertionError, RuntimeError),
)
STUMBLES = (AttributeError, KeyError, OverflowError, RecursionError, AssertionError)


def numbers(s: Any, *shape: int) -> Any:
    """1, 2, 3, .. in float64."""
    return s.arange(1, 1 + int(np.prod(shape)), dtype=s.float64).reshape(shape)


def leaf(s: Any, *shape: int) -> Any:
    """The same, a leaf that requires a gradient."""
    values = np.arange(1.0, 1 + int(np.prod(shape))).reshape(shape)
    return s.tensor(values, requires_grad=True)


def empty_index(s: Any) -> Any:
    return s.empty(0, dtype=s.int64)


def generator(s: Any, decorator: Any) -> Any:
    """A decorated generator that notes what reaches it, and its notes."""
    log: list[Any] = []

    @decorator  # type: ignore[untyped-decorator]
    def items() -> Iterator[int]:
        try:
            log.append(s.is_grad_enabled())
            reply = yield 1
            log.append((reply, s.is_grad_enabled()))
            reply = yield 2
            log.append(reply)
        except ValueError:
            log.append(("exc", s.is_grad_enabled()))
            yield 99
        finally:
            log.append(("fin", s.is_grad_enabled()))
        return 7

    return items, log


def function(s: Any, forward: Any, backward: Any = None, setup: Any = None) -> Any:
    """A `Function` of these."""
    body = {"forward": staticmethod(forward)}
    if backward is not None:
        body["backward"] = staticmethod(backward)
    if setup is not None:
        body["setup_context"] = staticmethod(setup)
    return type("Fn", (s.autograd.Function,), body)


def applied(s: Any, made: Any, *args: Any) -> Any:
    """What it gives, and the gradients after a backward of the sum of that."""
    y = made.apply(*args)
    parts = [v for v in (y if isinstance(y, tuple) else (y,)) if getattr(v, "requires_grad", True)]
    sum((v.sum() for v in parts[1:]), parts[0].sum()).backward()
    return y, [v.grad for v in args if hasattr(v, "grad")]


def square(ctx: Any, a: Any) -> Any:
    ctx.save_for_backward(a)
    return a * a


def square_backward(ctx: Any, g: Any) -> Any:
    (a,) = ctx.saved_tensors
    return 2 * a * g


def checked(s: Any, f: Any, *inputs: Any, **settings: Any) -> Any:
    return s.autograd.gradcheck(f, inputs, **settings)


def checked_twice(s: Any, f: Any, *inputs: Any, **settings: Any) -> Any:
    return s.autograd.gradgradcheck(f, inputs, **settings)


class One:
    """What is 1 only to ``operator.index``."""

    def __index__(self) -> int:
        return 1


NAMES = {
    "x": numbers,
    "L": leaf,
    "E": empty_index,
    "I": One,
    "gen_case": generator,
    "F": function,
    "go": applied,
    "sq": square,
    "sqb": square_backward,
    "G": checked,
    "GG": checked_twice,
    "np": np,
    "deque": deque,
    "arr": array,
    "UserList": collections.UserList,
    "collections": collections,
    "copy": copy,
}


def programs() -> Iterator[Any]:
    for path in sorted(Path(__file__).parent.glob("*.txt")):
        for block in ("\n" + path.read_text(encoding="utf-8")).split("\n== ")[1:]:
            head, _, body = block.partition("\n")
            name, _, why = head.partition(" | ")
            lines = "\n".join("    " + line for line in body.splitlines())
            code = compile(f"def program(s):\n{lines}\n", f"{path.name}: {name}", "exec")
            yield pytest.param(code, why, id=f"{path.stem}-{name}")


def plain(found: Any) -> Any:
    """A result in a form that both sides share."""
    if isinstance(found, (torch.Tensor, minigrad.Tensor)):
        values = np.asarray(found.detach().numpy())
        return (
            *("tensor", str(found.dtype).removeprefix("torch."), tuple(found.shape)),
            *(bool(found.requires_grad), values.tolist()),
        )
    if isinstance(found, (torch.dtype, np.dtype)):
        return str(found).removeprefix("torch.")
    if isinstance(found, (torch.device, minigrad.device)):
        return str(found)
    if isinstance(found, (tuple, list)):
        return [plain(item) for item in found]
    if isinstance(found, str):
        return found.replace("torch.", "minigrad.")
    return found


def outcome(program: Callable[[Any], Any], side: Any) -> Any:
    """What it gives, or the class of its error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return plain(program(side))
    except Exception as error:
        return next((kind for kind in KINDS if isinstance(error, kind)), type(error))
    finally:
        side.set_grad_enabled(True)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return a[:4] == b[:4] and np.allclose(
            np.asarray(a[4], float), np.asarray(b[4], float), rtol=1e-12, atol=0, equal_nan=True
        )
    return type(a) is type(b) and bool(a == b or (a != a and b != b))


@pytest.mark.parametrize(("code", "why"), list(programs()))
def test_both_sides_agree(code: Any, why: str) -> None:
    space = dict(NAMES)
    exec(code, space)
    program: Any = space["program"]
    expected, have = outcome(program, torch), outcome(program, minigrad)
    if not why:
        assert same(have, expected), f"PyTorch: {expected}; minigrad: {have}"
        return
    assert not same(have, expected), f"no difference any more: {have}"
    assert have not in STUMBLES or "no such name" in why, f"minigrad stumbles: {have}"
