"""The class of fault of a wrong answer, by trying which one makes exactly these numbers: first the
faults that are typical of the exercise, then those that the gradient checker knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.exercise.exercise import Wrong
from minigrad.gradcheck.suspects import Evidence, sentence, suspects

Matrix = np.ndarray[Any, Any]
Typical = Mapping[str, tuple[str, Callable[..., Any]]]
"""By the class of fault: a sentence, and a function that makes it."""

GUESSES = ("element", "eps", "term missing")
CLOSE = 1e-9

OF_VALUES = {
    "missing": "the result is zero everywhere",
    "operands exchanged": "two of the results are exchanged",
    "constant added": "something is added that does not belong there",
    "rounded": "it is computed in float32 or less; stay in the type that you are given",
    "eps": "it is off by a little everywhere: a small constant is forgotten, or added too often",
    "term missing": "a term is missing or wrong",
    "element": "single elements are wrong: look at the borders and at special cases",
}
"""The classes in words, where a value is asked and no gradient."""

OF_GRADIENTS = {
    "cotangent ignored": "g is missing: multiply by the gradient that comes from behind",
    "rounded": "it is computed in float32 or less; stay in the type that you are given",
    "transposed": "it is transposed",
    "missing": "it is zero: the gradient of this input is missing",
    "element": "single elements are wrong: look at the borders and at special cases",
    "term missing": "a term of the chain rule is missing or wrong",
}
"""The classes in words for who writes a rule for the first time."""


def same(got: Matrix, want: Matrix, close: float = CLOSE) -> bool:
    """Whether numbers are equal up to rounding."""
    if got.shape != want.shape:
        return False
    finite = np.abs(want[np.isfinite(want)])
    size = np.max(finite, initial=0.0) if finite.size else 0.0
    return bool(np.allclose(got, want, rtol=close, atol=close * size + 1e-300, equal_nan=True))


def explain(
    named: Sequence[str],
    got: Sequence[Matrix],
    want: Sequence[Matrix],
    words: Mapping[str, str],
    jacobian: Callable[[], Matrix] | None = None,
    cotangent: Matrix | None = None,
    inputs: Sequence[Matrix] = (),
    samples: int = 0,
) -> Wrong:
    """The fault that makes these numbers of the right ones. Shapes are equal already."""
    off = [k for k, (g, w) in enumerate(zip(got, want, strict=True)) if not same(g, w)]
    where = f"{', '.join(named[k] for k in off)}: "
    for k in off:
        if not np.all(np.isfinite(got[k])) and np.all(np.isfinite(want[k])):
            return Wrong("nan", f"{named[k]}: there are nan or inf in it{_worst(got, want, k)}")
    if all(_rounded(got[k], want[k]) for k in off):
        return Wrong("rounded", where + words["rounded"] + _worst(got, want, off[0]))
    wide = jacobian() if jacobian is not None else None
    if wide is not None and cotangent is not None:
        flat = np.concatenate([g.reshape(-1) for g in got])
        if same(flat, wide.sum(axis=0)):
            told = words["cotangent ignored"]
            return Wrong("cotangent ignored", where + told + _worst(got, want, off[0]))
        if wide.shape[0] == wide.shape[1] and same(flat, cotangent * np.diag(wide)):
            told = "only the diagonal of the Jacobian is there: every result depends on every input"
            return Wrong("diagonal only", where + told + _worst(got, want, off[0]))
    paired = inputs if [x.shape for x in inputs] == [w.shape for w in want] else ()
    fault = suspects(Evidence(got, want, wide, cotangent, samples, paired))[0]
    if fault in GUESSES and len(got) > 1:
        k = off[0]
        if wide is not None:
            start = sum(w.size for w in want[:k])
            wide = wide[:, start : start + want[k].size]
        alone = suspects(Evidence([got[k]], [want[k]], wide, cotangent, samples))[0]
        if alone not in GUESSES:
            fault, where = alone, f"{named[off[0]]}: "
    if fault == "constant":
        fault = _of_size(got[off[0]], want[off[0]], inputs)
    told = words.get(fault, sentence(fault)) + _factor(fault, got, want, off)
    return Wrong(fault, where + told + _worst(got, want, off[0]))


def _of_size(got: Matrix, want: Matrix, inputs: Sequence[Matrix]) -> str:
    """Whether a factor is one of the inputs' sizes."""
    ratio = float(got.reshape(-1) @ want.reshape(-1) / (want.reshape(-1) @ want.reshape(-1)))
    for n in {n for x in inputs for n in (*x.shape, x.size)} - {0, 1, 2}:
        if abs(ratio / n - 1) < 1e-6:
            return "sum for mean"
        if abs(ratio * n - 1) < 1e-6:
            return "mean for sum"
    return "constant"


def _rounded(got: Matrix, want: Matrix) -> bool:
    """Right but for as much as float32 leaves: errors this way and that."""
    if not same(got, want, 1e-5):
        return False
    error = (got - want)[np.isfinite(want) & (got != want)]
    mixed = bool(np.any(error > 0) and np.any(error < 0)) and same(got, want, 1e-6)
    return mixed or bool(np.all(got == got.astype(np.float32)))


def _factor(fault: str, got: Sequence[Matrix], want: Sequence[Matrix], off: Sequence[int]) -> str:
    """The factor itself, as a number or as a part."""
    if fault not in ("constant", "mean for sum", "sum for mean"):
        return ""
    g, w = got[off[0]].reshape(-1), want[off[0]].reshape(-1)
    ratio = float(g @ w / (w @ w))
    part = f"1/{1 / ratio:.4g}" if 0 < abs(ratio) < 1 else f"{ratio:.4g}"
    return f" (it is {part} times what it should be)"


def _worst(got: Sequence[Matrix], want: Sequence[Matrix], k: int) -> str:
    """Where it is wrong most, with both numbers."""
    g, w = got[k], want[k]
    if not w.size:
        return ""
    far = np.where(np.isfinite(g), np.abs(g - w), np.inf)
    far = np.where(np.isnan(far), -1.0, far)
    at = np.unravel_index(int(np.argmax(far)), w.shape)
    place = f"[{', '.join(map(str, at))}]" if at else ""
    it = "it" if not place else f"{place} of it"
    return f"; {it} is {g[at]:.6g}, expected {w[at]:.6g}"


def wrong_shape(name: str, got: Matrix, want: Matrix) -> Wrong:
    """Another shape than expected: because a sum is missing, or because it is turned."""
    shapes = f"{name} has the shape {got.shape}, expected {want.shape}"
    if got.ndim == 2 and same(got.T, want):
        return Wrong("transposed", f"{shapes}: it is transposed")
    for axes in _ways(got.ndim):
        if all(got.shape[axis] > 1 for axis in axes):
            summed = got.sum(axis=axes)
            if summed.size == want.size and same(summed.reshape(want.shape), want):
                told = ", ".join(map(str, axes))
                return Wrong(
                    "not summed",
                    f"{shapes}: the sum over axis {told} is missing",
                )
    if got.size == want.size and same(got.reshape(want.shape), want):
        return Wrong("wrong shape", f"{shapes}: the numbers are right, reshape them")
    if got.ndim < want.ndim and _fills(got, want):
        return Wrong("wrong shape", f"{shapes}: it has to be stretched to that")
    return Wrong("wrong shape", shapes)


def _ways(ndim: int) -> list[tuple[int, ...]]:
    return [
        tuple(i for i in range(ndim) if mask >> i & 1) for mask in range(1, 2**ndim) if ndim < 5
    ]


def _fills(got: Matrix, want: Matrix) -> bool:
    try:
        return same(np.broadcast_to(got, want.shape), want)
    except ValueError:
        return False
