"""Wrong gradients: a class of fault is what it does to a right backward.

Each class is laid over every function that it fits. What a fault does not change in the numbers is
no fault, so each is tried once, and left out where nothing came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.checkers.ops import FUNCTIONS, Function

Array = Any
Backward = Callable[..., Any]
Spoil = Callable[[Function], Backward]

SPOILS: dict[str, dict[str, Spoil]] = {}
"""Class of fault -> variant -> what makes a wrong backward of a right one."""


def spoil(fault: str, name: str = "") -> Callable[[Spoil], Spoil]:
    def keep(f: Spoil) -> Spoil:
        SPOILS.setdefault(fault, {})[name or f.__name__] = f
        return f

    return keep


def on_gradients(
    fault: str, name: str, change: Callable[[list[Array], Any, tuple[Any, ...]], Any]
) -> None:
    """A fault that changes the gradients themselves."""

    def make(f: Function) -> Backward:
        def backward(g: Any, *arrays: Any) -> Any:
            grads = list(f.backward(g, *arrays))
            return tuple(change(grads, g, arrays))

        return backward

    SPOILS.setdefault(fault, {})[name] = make


def each(change: Callable[[Array], Any]) -> Callable[[list[Array], Any, tuple[Any, ...]], Any]:
    return lambda grads, g, arrays: [None if d is None else change(np.asarray(d)) for d in grads]


def first(change: Callable[[Array], Any]) -> Callable[[list[Array], Any, tuple[Any, ...]], Any]:
    return lambda grads, g, arrays: [change(np.asarray(grads[0])), *grads[1:]]


def edited(edit: Callable[[Array], None]) -> Callable[[Array], Array]:
    def change(d: Array) -> Array:
        d = np.array(d, float)
        edit(d)
        return d

    return change


def put(at: Any, factor: float) -> Callable[[Array], Array]:
    def edit(d: Array) -> None:
        d.reshape(-1)[at] *= factor

    return edited(edit)


on_gradients("sign", "everywhere", each(lambda d: -d))
on_gradients("sign", "last input", lambda gs, g, a: [*gs[:-1], None if gs[-1] is None else -gs[-1]])
for factor, name in ((2.0, "2"), (0.5, "half"), (1.01, "1 %"), (1.001, "1e-3"), (1.0001, "1e-4")):
    on_gradients("constant", name, each(lambda d, f=factor: d * f))
on_gradients("constant", "1e-5", each(lambda d: d * (1 + 1e-5)))
on_gradients(
    "transposed", "square", each(lambda d: d.T if d.ndim == 2 and d.shape[0] == d.shape[1] else d)
)
on_gradients(
    "operands exchanged",
    "two",
    lambda gs, g, a: (
        [gs[1], gs[0], *gs[2:]]
        if len(gs) > 1 and gs[1] is not None and np.shape(gs[0]) == np.shape(gs[1])
        else gs
    ),
)
on_gradients("missing", "first input", lambda gs, g, a: [gs[0] * 0.0, *gs[1:]])
on_gradients(
    "missing",
    "second input",
    lambda gs, g, a: (
        [gs[0], None if gs[1] is None else gs[1] * 0.0, *gs[2:]] if len(gs) > 1 else gs
    ),
)
on_gradients("element", "last is zero", first(put(-1, 0.0)))
on_gradients("element", "first is 1 % off", first(put(0, 1.01)))
on_gradients(
    "element",
    "middle has the other sign",
    first(edited(lambda d: d.reshape(-1).__setitem__(d.size // 2, -d.reshape(-1)[d.size // 2]))),
)
on_gradients("element", "one 1e-4 off", first(put(-1, 1.0001)))


def lost(edge: str) -> Callable[[Array], Array]:
    def edit(d: Array) -> None:
        if d.ndim and d.shape[-1] > 2:
            d[..., 0 if edge == "first" else -1] = 0

    return edited(edit)


on_gradients("border lost", "last column", first(lost("last")))
on_gradients("border lost", "first column", first(lost("first")))
on_gradients(
    "border lost",
    "last row",
    first(edited(lambda d: d.__setitem__(-1, 0) if d.ndim > 1 and len(d) > 2 else None)),
)
on_gradients("shifted", "by one", first(lambda d: np.roll(d, 1, -1) if d.ndim else d))
on_gradients("shifted", "by one back", first(lambda d: np.roll(d, -1, 0) if d.ndim else d))
on_gradients("reversed", "last axis", first(lambda d: d[..., ::-1] if d.ndim else d))
on_gradients(
    "permuted",
    "two exchanged",
    first(edited(lambda d: d.__setitem__([0, 1], d[[1, 0]]) if d.ndim and len(d) > 1 else None)),
)
on_gradients("mean for sum", "over the first axis", first(lambda d: d / len(d) if d.ndim else d))
on_gradients("mean for sum", "over all", each(lambda d: d / max(d.size, 1)))
on_gradients("sum for mean", "over the first axis", first(lambda d: d * len(d) if d.ndim else d))
on_gradients("constant added", "1e-3", each(lambda d: d + 1e-3))
on_gradients("constant added", "decay", lambda gs, g, a: [gs[0] + 1e-4 * a[0], *gs[1:]])
on_gradients("wrong shape", "kept dimension", first(lambda d: d[None]))
on_gradients(
    "wrong shape",
    "summed away",
    first(lambda d: d.mean(0, keepdims=True) if d.ndim and len(d) > 1 else d),
)
on_gradients("wrong shape", "flat", first(lambda d: d.reshape(-1) if d.ndim > 1 else d))
on_gradients("wrong shape", "a number", first(lambda d: float(d.sum())))
on_gradients("rounded", "float16", each(lambda d: d.astype(np.float16).astype(float)))
on_gradients("rounded", "float32", each(lambda d: d.astype(np.float32).astype(float)))
on_gradients("not linear", "clipped at 1", each(lambda d: np.clip(d, -1, 1)))
on_gradients("not linear", "clipped at 1e4", each(lambda d: np.clip(d, -1e4, 1e4)))
on_gradients("not linear", "small is zero", each(lambda d: np.where(np.abs(d) < 1e-6, 0, d)))
on_gradients("not linear", "of length 1", each(lambda d: d / max(1.0, float(np.linalg.norm(d)))))
on_gradients("not linear", "nan to num", each(lambda d: np.where(np.abs(d) > 1e6, 0.0, d)))


def on_cotangent(fault: str, name: str, change: Callable[[Array], Array]) -> None:
    def make(f: Function) -> Backward:
        def backward(g: Any, *arrays: Any) -> Any:
            h = tuple(change(np.asarray(x)) for x in g) if isinstance(g, tuple) else change(g)
            return f.backward(h, *arrays)

        return backward

    SPOILS.setdefault(fault, {})[name] = make


on_cotangent("cotangent ignored", "ones", np.ones_like)
on_cotangent("cotangent ignored", "mean", lambda g: np.full_like(g, g.mean()))
on_cotangent("not linear", "guided", lambda g: np.maximum(g, 0))
on_cotangent("not linear", "sign", np.sign)
on_cotangent("not linear", "squared", lambda g: g * np.abs(g))
on_cotangent("not linear", "threshold", lambda g: np.where(np.abs(g) > 1e-3, g, 0))
on_cotangent("not linear", "clipped at 5", lambda g: np.clip(g, -5, 5))
on_cotangent("not linear", "centred", lambda g: g - g.mean() if np.any(g < 0) else g)


def samples(keep: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda g: keep(g.copy()) if g.ndim and len(g) > 1 else g


def _only_first(g: Array) -> Array:
    g[1:] = 0
    return g


def _all_but_last(g: Array) -> Array:
    g[-1] = 0
    return g


on_cotangent("batch not summed", "first sample only", samples(_only_first))
on_cotangent("batch not summed", "last sample lost", samples(_all_but_last))


@spoil("stale", "first arguments kept")
def _(f: Function) -> Backward:
    kept: list[Any] = []

    def backward(g: Any, *arrays: Any) -> Any:
        if not kept:
            kept.extend(a.copy() for a in arrays)
        return f.backward(g, *kept)

    return backward


@spoil("stale", "kept by shape")
def _(f: Function) -> Backward:
    kept: dict[Any, Any] = {}

    def backward(g: Any, *arrays: Any) -> Any:
        key = arrays[0].shape
        kept.setdefault(key, arrays[0].copy())
        return f.backward(g, kept[key], *arrays[1:])

    return backward


@spoil("stale", "kept by identity")
def _(f: Function) -> Backward:
    kept: dict[int, Any] = {}

    def backward(g: Any, *arrays: Any) -> Any:
        key = id(arrays[0])
        if key not in kept:
            kept[key] = (arrays[0], arrays[0].copy())
        return f.backward(g, kept[key][1], *arrays[1:])

    return backward


@spoil("stale", "the arguments before")
def _(f: Function) -> Backward:
    kept: list[Any] = []

    def backward(g: Any, *arrays: Any) -> Any:
        kept.append([a.copy() for a in arrays])
        return f.backward(g, *kept[max(0, len(kept) - 2)])

    return backward


@spoil("state", "first call differs")
def _(f: Function) -> Backward:
    calls: list[int] = []

    def backward(g: Any, *arrays: Any) -> Any:
        calls.append(1)
        found = f.backward(g, *arrays)
        if len(calls) > 1:
            return found
        return tuple(None if d is None else d * 1.001 for d in found)

    return backward


@spoil("state", "adds up")
def _(f: Function) -> Backward:
    total: list[Any] = []

    def backward(g: Any, *arrays: Any) -> Any:
        found = [None if d is None else np.array(d, float) for d in f.backward(g, *arrays)]
        if total:
            for a, b in zip(found, total[-1], strict=True):
                if a is not None:
                    a += b
        total.append(found)
        return tuple(None if d is None else d.copy() for d in found)

    return backward


@spoil("state", "drifts")
def _(f: Function) -> Backward:
    calls: list[int] = []

    def backward(g: Any, *arrays: Any) -> Any:
        calls.append(1)
        return tuple(
            None if d is None else d * (1 + 1e-7 * len(calls)) for d in f.backward(g, *arrays)
        )

    return backward


@spoil("state", "one buffer for all calls")
def _(f: Function) -> Backward:
    buffers: dict[Any, Any] = {}

    def backward(g: Any, *arrays: Any) -> Any:
        found = []
        for k, d in enumerate(f.backward(g, *arrays)):
            if d is None:
                found.append(None)
                continue
            d = np.asarray(d, float)
            buffer = buffers.setdefault((k, d.shape), np.empty(d.shape))
            buffer[...] = d
            found.append(buffer)
        return tuple(found)

    return backward


@spoil("mask redrawn", "half of it")
def _(f: Function) -> Backward:
    rng = np.random.default_rng(0)

    def backward(g: Any, *arrays: Any) -> Any:
        return tuple(
            None if d is None else d * 2 * (rng.random(np.shape(d)) < 0.5)
            for d in f.backward(g, *arrays)
        )

    return backward


@spoil("writes", "into the cotangent")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        found = f.backward(g, *arrays)
        found = tuple(None if d is None else np.array(d) for d in found)
        for part in g if isinstance(g, tuple) else (g,):
            part *= 2
        return found

    return backward


@spoil("writes", "into the input")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        found = tuple(None if d is None else np.array(d) for d in f.backward(g, *arrays))
        if arrays[0].flags.writeable:
            arrays[0][...] = arrays[0] * 1.5
        return found

    return backward


def on_layout(name: str, test: Callable[[Array], bool], what: str = "arguments") -> None:
    def make(f: Function) -> Backward:
        def backward(g: Any, *arrays: Any) -> Any:
            found = f.backward(g, *arrays)
            looked = arrays if what == "arguments" else (g if isinstance(g, tuple) else (g,))
            if any(test(a) for a in looked if isinstance(a, np.ndarray) and a.size > 1):
                return tuple(None if d is None else d * 1.5 for d in found)
            return found

        return backward

    SPOILS.setdefault("layout", {})[name] = make


on_layout("Fortran", lambda a: a.ndim > 1 and a.flags.f_contiguous and not a.flags.c_contiguous)
on_layout("gaps", lambda a: not a.flags.c_contiguous and not a.flags.f_contiguous)
on_layout("negative strides", lambda a: any(s < 0 for s in a.strides))
on_layout("broadcast", lambda a: 0 in a.strides)
on_layout("cotangent with gaps", lambda a: not a.flags.c_contiguous, "cotangent")
on_layout("broadcast cotangent", lambda a: 0 in a.strides, "cotangent")


@spoil("layout", "memory order")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        turned = [
            a.ravel("K").reshape(a.shape) if isinstance(a, np.ndarray) and a.ndim > 1 else a
            for a in arrays
        ]
        return f.backward(g, *turned)

    return backward


@spoil("aliased", "two arguments that are one")
def _(f: Function) -> Backward:
    def backward(g: Any, *arrays: Any) -> Any:
        found = f.backward(g, *arrays)
        if len(arrays) > 1 and arrays[0] is arrays[1]:
            return (found[0] + found[1], found[0] + found[1], *found[2:])
        return found

    return backward


def tiny(f: Function) -> Backward:
    """Gradients of 1e-6 and less have the wrong sign."""

    def backward(g: Any, *arrays: Any) -> Any:
        return tuple(
            None if d is None else np.where(np.abs(d) < 1e-6 * np.max(np.abs(d)), -d, d)
            for d in f.backward(g, *arrays)
        )

    return backward


def wrong(f: Function) -> Iterator[tuple[str, str, Spoil]]:
    """The faults that change something of this function."""
    for fault, variants in SPOILS.items():
        for name, make in variants.items():
            if fits(f, fault, name, make):
                yield fault, name, make


STATEFUL = {"state", "stale", "writes", "layout", "aliased", "mask redrawn"}


def fits(f: Function, fault: str, name: str, make: Spoil) -> bool:
    """Whether the fault changes a number that a person would want to be right."""
    rng = np.random.default_rng(5)
    arrays = list(f.draw(rng))
    y = f.forward(*arrays)
    ys = [np.asarray(p, float) for p in (y if isinstance(y, tuple) else (y,))]
    g = tuple(rng.standard_normal(p.shape) for p in ys)
    g = g if isinstance(y, tuple) else g[0]
    if fault == "aliased":
        if (
            len(arrays) < 2
            or np.shape(arrays[0]) != np.shape(arrays[1])
            or arrays[1].dtype.kind != "f"
        ):
            return False
        a, b = f.backward(g, arrays[0], arrays[0], *arrays[2:])[:2]
        return bool(np.any(a) and np.any(b))
    right = f.backward(g, *arrays)
    if fault == "layout":
        about = [np.asarray(p) for p in (g if isinstance(g, tuple) else (g,))]
        about = about if "cotangent" in name else [a for a in arrays if a.dtype.kind == "f"]
        deep = 2 if name in ("Fortran", "memory order", "gaps") else 1
        if name == "memory order" and all(np.ptp(d) == 0 for d in right if d is not None):
            return False
        # A layout that no argument can have is no fault: of a matrix with equal rows no inverse.
        if name == "broadcast" and f.name in ("inv", "det", "logdet"):
            return False
        return any(a.ndim >= deep and a.size > 2 for a in about) and _depends(f, name)
    if fault == "stale":
        other = list(f.draw(np.random.default_rng(6)))
        other = [o if o.dtype.kind == "f" else a for o, a in zip(other, arrays, strict=True)]
        moved = (
            f.backward(g, other[0], *arrays[1:])
            if "arguments" not in name
            else f.backward(g, *other)
        )
        return any(
            d is not None and not np.allclose(d, e, rtol=1e-6)
            for d, e in zip(right, moved, strict=True)
        )
    if fault in STATEFUL:
        return all(d is None or np.any(d) for d in right[:1])
    if name in ("clipped at 1e4", "small is zero", "threshold", "clipped at 5", "nan to num"):
        return True
    spoiled = make(f)(g, *arrays)
    for d, e in zip(right, spoiled, strict=True):
        if (d is None) != (e is None):
            return True
        if d is not None and (
            np.shape(d) != np.shape(e) or np.any(np.abs(d - e) > 3e-9 * np.abs(d) + 1e-14)
        ):
            return True
    return False


def _depends(f: Function, name: str) -> bool:
    if name != "memory order":
        return True
    rng = np.random.default_rng(5)
    arrays = list(f.draw(rng))
    y = f.forward(*arrays)
    g = tuple(np.ones(np.shape(p)) for p in y) if isinstance(y, tuple) else np.ones(np.shape(y))
    turned = [a.T.ravel().reshape(a.shape) if a.ndim > 1 else a for a in arrays]
    return any(
        d is not None and not np.allclose(d, e)
        for d, e in zip(f.backward(g, *arrays), f.backward(g, *turned), strict=True)
    )


def all_wrong() -> Iterator[tuple[Function, str, str, Spoil]]:
    """Every function with every fault that fits."""
    for f in FUNCTIONS:
        for fault, name, make in wrong(f):
            yield f, fault, name, make
