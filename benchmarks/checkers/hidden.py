"""Wrong gradients that are right most of the time: for other numbers, types, cotangents or calls.

They are laid over the functions as the other classes are (`faults`), and ask more of a checker than
a comparison at one point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.checkers.ops import Function

Array = Any
Backward = Callable[..., Any]
Spoil = Callable[[Function], Backward]

HIDDEN: dict[str, dict[str, Spoil]] = {}
"""Class of fault -> variant -> what makes a wrong backward of a right one."""


def hidden(fault: str, name: str) -> Callable[[Spoil], Spoil]:
    def keep(f: Spoil) -> Spoil:
        HIDDEN.setdefault(fault, {})[name] = f
        return f

    return keep


def scaled(found: Any, factor: float) -> Any:
    return tuple(None if d is None else d * factor for d in found)


def where(fault: str, name: str, test: Callable[[Any, tuple[Any, ...]], bool], by: float) -> None:
    """Wrong by a factor where a test of the cotangent and the arguments says so."""

    def make(f: Function) -> Backward:
        def backward(g: Any, *arrays: Any) -> Any:
            found = f.backward(g, *arrays)
            return scaled(found, by) if test(g, arrays) else found

        return backward

    HIDDEN.setdefault(fault, {})[name] = make


def parts(g: Any) -> list[Array]:
    return [np.asarray(p) for p in (g if isinstance(g, tuple) else (g,))]


# The cotangent's numbers.
where("not linear", "all ones", lambda g, a: all(np.all(p == 1) for p in parts(g)), 1.01)
where("not linear", "with zeros", lambda g, a: any(np.any(p == 0) for p in parts(g)), 1.01)
where("not linear", "one-hot", lambda g, a: sum(np.count_nonzero(p) for p in parts(g)) == 1, 1.01)
where("not linear", "all positive", lambda g, a: all(np.all(p > 0) for p in parts(g)), 1.001)
where("not linear", "all negative", lambda g, a: all(np.all(p < 0) for p in parts(g)), 1.001)
where("not linear", "above 1e6", lambda g, a: any(np.any(np.abs(p) > 1e6) for p in parts(g)), 0.5)
where("not linear", "below 1e-6", lambda g, a: any(np.any(np.abs(p) < 1e-6) for p in parts(g)), 0.5)
where("not linear", "sum is negative", lambda g, a: sum(p.sum() for p in parts(g)) < 0, 1.001)

# Types.
where(
    "type of numbers",
    "float32",
    lambda g, a: any(x.dtype == np.float32 for x in a),
    1.5,
)
where("type of numbers", "float32, sign", lambda g, a: a[0].dtype == np.float32, -1.0)

# Other arguments than the given ones.
where("elsewhere", "large", lambda g, a: bool(np.max(np.abs(a[0])) > 6), 1.1)
where("elsewhere", "small", lambda g, a: bool(np.max(np.abs(a[0])) < 0.4), 1.1)

# Memory.
where("layout", "read-only", lambda g, a: not all(p.flags.writeable for p in parts(g)), 1.5)
where("layout", "not aligned with C, sign", lambda g, a: not a[0].flags.c_contiguous, -1.0)
where("layout", "a view", lambda g, a: a[0].base is not None and 0 in a[0].strides, 1.5)
where(
    "aliased", "cotangent is the argument", lambda g, a: any(p is x for p in parts(g) for x in a), 2
)


def calls(name: str, test: Callable[[int], bool], by: float) -> None:
    """Wrong at some calls."""

    def make(f: Function) -> Backward:
        count = [0]

        def backward(g: Any, *arrays: Any) -> Any:
            count[0] += 1
            found = f.backward(g, *arrays)
            return scaled(found, by) if test(count[0]) else found

        return backward

    HIDDEN.setdefault("state", {})[name] = make


calls("second call", lambda n: n == 2, 1.01)
calls("third call", lambda n: n == 3, 1.01)
calls("each fifth call", lambda n: n % 5 == 0, 1.001)
calls("after seven calls", lambda n: n > 7, 1.01)
calls("warms up", lambda n: n < 4, 0.5)


def kept(name: str, key: Callable[[Any, tuple[Any, ...]], Any], numbers: bool = False) -> None:
    """A gradient (or the arguments) kept under a key that does not say it all."""

    def make(f: Function) -> Backward:
        memory: dict[Any, Any] = {}

        def backward(g: Any, *arrays: Any) -> Any:
            at = key(g, arrays)
            if numbers:
                memory.setdefault(at, tuple(np.array(a) for a in arrays))
                return f.backward(g, *memory[at])
            if at not in memory:
                memory[at] = f.backward(g, *arrays)
            return tuple(None if d is None else np.array(d) for d in memory[at])

        return backward

    HIDDEN.setdefault("stale", {})[name] = make


kept("gradient kept by argument", lambda g, a: a[0].tobytes())
kept("gradient kept by cotangent", lambda g, a: tuple(p.tobytes() for p in parts(g)))
kept("kept by the first number", lambda g, a: (a[0].shape, float(a[0].flat[0])), numbers=True)
kept("kept by the last number", lambda g, a: (a[0].shape, float(a[0].flat[-1])), numbers=True)
kept("kept by the sum", lambda g, a: (a[0].shape, round(float(np.sum(a[0])), 6)), numbers=True)
kept("kept by type", lambda g, a: tuple(x.dtype.char for x in a), numbers=True)


@hidden("stale", "integers kept")
def _(f: Function) -> Backward:
    memory: dict[Any, Any] = {}

    def backward(g: Any, *arrays: Any) -> Any:
        arrays = tuple(
            memory.setdefault((k, a.shape), a.copy()) if a.dtype.kind in "iu" else a
            for k, a in enumerate(arrays)
        )
        return f.backward(g, *arrays)

    return backward


@hidden("state", "forward's argument is kept")
def _(f: Function) -> Backward:
    count = [1.0]

    def backward(g: Any, *arrays: Any) -> Any:
        found = scaled(f.backward(g, *arrays), count[0])
        count[0] *= 1 + 1e-6
        return found

    return backward


@hidden("element", "largest argument only")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        found = list(f.backward(g, *arrays))
        d = np.array(found[0], float)
        d.reshape(-1)[np.argmax(np.abs(arrays[0]))] *= 1.01
        return (d, *found[1:])

    return backward


@hidden("rounded", "cotangent in float32")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        h = tuple(p.astype(np.float32).astype(float) for p in parts(g))
        return f.backward(h if isinstance(g, tuple) else h[0], *arrays)

    return backward


@hidden("rounded", "argument in float32")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        return f.backward(g, arrays[0].astype(np.float32).astype(float), *arrays[1:])

    return backward


@hidden("constant", "1e-8")
def _(f: Function) -> Backward:
    return lambda g, *arrays: scaled(f.backward(g, *arrays), 1 + 1e-8)
