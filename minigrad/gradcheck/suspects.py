"""The class of fault, by trying which one makes the wrong gradient of the right one.

`suspect` needs no more than two lists of arrays: what came, and what is right. With the Jacobian
and the cotangent it knows more classes. What the contract found names its class itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, Any]

SENTENCES = {
    "sign": "the sign is wrong",
    "constant": "a constant factor is wrong",
    "mean for sum": "a mean where a sum belongs: it is divided by a number of elements too often",
    "sum for mean": "a sum where a mean belongs: it is not divided by the number of elements",
    "transposed": "it is transposed",
    "operands exchanged": "the gradients of two inputs are exchanged",
    "missing": "the gradient of an input is missing (zero, or None)",
    "reversed": "it is reversed along a dimension",
    "shifted": "it is shifted by one along a dimension",
    "permuted": "the right numbers are in wrong places",
    "constant added": "something is added that does not depend on the cotangent",
    "border lost": "the gradient is lost at a border",
    "element": "single elements are wrong",
    "batch not summed": "the sum over the batch is missing: only some samples count",
    "cotangent ignored": "the cotangent is ignored: it is taken for ones, or for its mean",
    "eps": "it is off by a little everywhere, as if a small constant (eps) were forgotten",
    "rounded": "it is rounded to a type of less precision on its way",
    "term missing": "a term of the derivative is missing or wrong",
    "wrong shape": "the gradient has not its input's shape",
    "writes": "backward writes into what it is given",
    "state": "backward depends on the calls before",
    "stale": "backward uses arguments of an earlier call",
    "mask redrawn": "backward draws random numbers anew, instead of those of forward",
    "not linear": "backward is not linear in the cotangent (clipping, a threshold)",
    "layout": "it is wrong for arrays of another layout in memory",
    "aliased": "it is wrong where two arguments are one array",
    "raises": "backward raises an error",
}

OF_CONTRACT = {
    "shape": "wrong shape",
    "count": "wrong shape",
    "type": "wrong shape",
    "linear": "not linear",
    "reentrant": "state",
    "zero": "constant added",
    "elsewhere": "stale",
}
"""Kinds of findings that have another name as a class of fault."""


@dataclass
class Evidence:
    """What is known of a wrong gradient.

    Attributes:
        got, want: the gradient of each input, as it came and as it should be.
        jacobian: of all results by all inputs, one row an element of the results.
        cotangent: the weights of the results, one vector.
        samples: how many elements of the results stand before the next sample of the batch: the
            results' length over their first dimension, 0 for unknown.
        inputs: the numbers of the inputs.
    """

    got: Sequence[Matrix]
    want: Sequence[Matrix]
    jacobian: Matrix | None = None
    cotangent: Matrix | None = None
    samples: int = 0
    inputs: Sequence[Matrix] = field(default_factory=tuple)
    precision: float = 1e-6


def sentence(name: str) -> str:
    """The class of fault in words."""
    return SENTENCES.get(name, name)


def suspect(evidence: Evidence) -> str:
    """The class of fault that explains the wrong gradient best."""
    return suspects(evidence)[0]


def suspects(evidence: Evidence) -> list[str]:
    """All classes that make exactly this wrong gradient, the likeliest first; else one guess."""
    exact = list(dict.fromkeys(_exact(evidence)))
    return exact or [_guess(evidence)]


def _same(a: Matrix, b: Matrix, precision: float) -> bool:
    if a.shape != b.shape:
        return False
    size = np.max(np.abs(b), initial=0.0)
    return bool(np.all(np.abs(a - b) <= precision * (np.abs(b) + 1e-3 * size) + 1e-300))


def _exact(e: Evidence) -> Iterator[str]:
    off = [
        k
        for k, (g, w) in enumerate(zip(e.got, e.want, strict=True))
        if not _same(g, w, e.precision)
    ]
    if not off:
        return
    got, want = [e.got[k] for k in off], [e.want[k] for k in off]

    def all_are(change: Any) -> bool:
        return all(_same(g, change(w), e.precision) for g, w in zip(got, want, strict=True))

    if all(not np.any(g) for g in got):
        yield "missing"
        return
    if all_are(lambda w: -w):
        yield "sign"
    ratio = _ratio(got, want)
    if ratio is not None and ratio != -1 and all_are(lambda w: w * ratio):
        yield _factor(ratio, e, off)
        yield "constant"
    if all_are(lambda w: w.T if w.ndim == 2 else w + np.nan):
        yield "transposed"
    for i in off:
        for j in range(len(e.want)):
            if i != j and _same(e.got[i], e.want[j], e.precision):
                yield "operands exchanged"
    yield from _moved(got, want, e.precision)
    yield from _factors(got, want, e)
    if e.jacobian is not None and e.cotangent is not None:
        yield from _of_cotangent(e)
    if any(_holes(g, w, e.precision) for g, w in zip(got, want, strict=True)):
        yield "border lost"
    if all_are(lambda w: w) is False and all(
        np.ptp(g - w) <= e.precision * np.max(np.abs(g - w)) and g.size > 1
        for g, w in zip(got, want, strict=True)
    ):
        yield "constant added"
    if off[-1] < len(e.inputs) and all(
        _ratio([g - w], [e.inputs[k]]) is not None for k, g, w in zip(off, got, want, strict=True)
    ):
        yield "constant added"


def _ratio(got: Sequence[Matrix], want: Sequence[Matrix]) -> float | None:
    """The factor between all of one and all of the other, None where there is none."""
    g = np.concatenate([np.asarray(x, float).reshape(-1) for x in got])
    w = np.concatenate([np.asarray(x, float).reshape(-1) for x in want])
    if g.shape != w.shape or not np.any(w) or not np.all(np.isfinite(g)):
        return None
    factor = float(g @ w / (w @ w))
    close = np.all(
        np.abs(g - factor * w) <= 1e-6 * np.abs(factor) * (np.abs(w) + 1e-3 * np.max(np.abs(w)))
    )
    return factor if close and factor != 0 else None


def _factor(ratio: float, e: Evidence, off: Sequence[int]) -> str:
    counts: set[int] = set()
    for k in off:
        counts |= {*e.want[k].shape, e.want[k].size}
    if e.samples and e.cotangent is not None:
        counts.add(e.cotangent.size // e.samples)
    for n in counts - {0, 1, 2}:
        if abs(ratio * n - 1) < 1e-6:
            return "mean for sum"
        if abs(ratio / n - 1) < 1e-6:
            return "sum for mean"
    return "constant"


def _factors(got: Sequence[Matrix], want: Sequence[Matrix], e: Evidence) -> Iterator[str]:
    """Each input with a factor of its own."""
    found = [_ratio([g], [w]) for g, w in zip(got, want, strict=True)]
    if len(found) > 1 and all(f is not None for f in found):
        if all(
            f is not None and abs(f * w.size - 1) < 1e-6 for f, w in zip(found, want, strict=True)
        ):
            yield "mean for sum"


def _moved(got: Sequence[Matrix], want: Sequence[Matrix], precision: float) -> Iterator[str]:
    for axis in range(max(g.ndim for g in got)):
        for name, amount in (("reversed", 0), ("shifted", 1), ("shifted", -1)):
            if all(
                _same(g, _along(w, axis, amount), precision) for g, w in zip(got, want, strict=True)
            ):
                yield name
    if all(
        _same(np.sort(g, None), np.sort(w, None), precision) for g, w in zip(got, want, strict=True)
    ):
        yield "permuted"


def _along(w: Matrix, axis: int, amount: int) -> Matrix:
    """Shifted by so much along a dimension, or reversed (0); as it is where it has none such."""
    if axis >= w.ndim:
        return w
    return np.roll(w, amount, axis) if amount else np.flip(w, axis)


def _holes(g: Matrix, w: Matrix, precision: float) -> bool:
    """Whether all that is wrong is a border, which is zero."""
    wrong = np.abs(g - w) > precision * (np.abs(w) + 1e-3 * np.max(np.abs(w), initial=0.0))
    if not np.any(wrong) or np.any(g[wrong]):
        return False
    for axis in range(g.ndim):
        if g.shape[axis] < 3:
            continue
        for edge in (0, -1):
            rest = wrong.copy()
            key = [slice(None)] * g.ndim
            key[axis] = slice(0, 1) if edge == 0 else slice(-1, None)
            place = tuple(key)
            full = np.where(w[place] != 0, wrong[place], True)
            rest[place] = False
            if not np.any(rest) and np.all(full) and (g.ndim > 1 or g.size > 4):
                return True
    return False


def _of_cotangent(e: Evidence) -> Iterator[str]:
    assert e.jacobian is not None and e.cotangent is not None
    flat = np.concatenate([np.asarray(g, float).reshape(-1) for g in e.got])
    u, precision = e.cotangent, e.precision

    def makes(v: Matrix) -> bool:
        return _same(flat, v @ e.jacobian, 10 * precision)

    if makes(np.ones_like(u)) or makes(np.full_like(u, u.mean())):
        yield "cotangent ignored"
    if 0 < e.samples < u.size:
        count = u.size // e.samples
        owner = np.repeat(np.arange(count), e.samples)
        some = [owner == 0, owner == count - 1, owner != 0, owner != count - 1]
        for mask in some:
            if makes(u * mask):
                yield "batch not summed"


def _guess(e: Evidence) -> str:
    wrong = total = 0
    errors = []
    halves = True
    for g, w in zip(e.got, e.want, strict=True):
        if g.shape != w.shape:
            return "wrong shape"
        size = np.max(np.abs(w), initial=0.0)
        off = np.abs(g - w) > e.precision * (np.abs(w) + 1e-3 * size)
        wrong += int(off.sum())
        total += off.size
        with np.errstate(all="ignore"):
            errors.append(((g - w) / w)[off & (w != 0)])
            halves &= bool(np.all(g == g.astype(np.float16).astype(float)))
    share = np.concatenate(errors) if errors else np.zeros(0)
    if halves and share.size and np.median(np.abs(share)) < 1e-2:
        return "rounded"
    if wrong <= max(1, total // 10):
        return "element"
    if share.size and np.median(np.abs(share)) < 2e-2:
        return "eps"
    return "term missing"
