"""The same numbers, otherwise laid out in memory, have the same gradient; so have arguments that
are one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.gradcheck.contract import Contract
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.tolerance import close, tolerance
from minigrad.gradcheck.trial import REFUSALS, Trial, joined

WORDS = {
    "fortran": "in Fortran's order",
    "strided": "with gaps in memory",
    "backwards": "with negative strides",
    "broadcast": "broadcast (a stride of 0)",
    "broadcast columns": "broadcast along the last dimension (a stride of 0)",
    "overlapping": "whose elements share memory",
}

DEEP = ("fortran", "overlapping", "broadcast columns")
"""Layouts that a vector does not have."""

KEPT = ("fortran", "strided", "backwards")
"""Layouts that any numbers can have."""


def laid_out(x: Matrix, layout: str) -> Matrix:
    """An array in that layout: of the same numbers, or of as many of them as it can hold."""
    if x.ndim == 0 or x.size < 2:
        return x
    if layout == "fortran":
        return np.asfortranarray(x)
    if layout == "strided":
        roomy = np.full(tuple(2 * n for n in x.shape), _filler(x), x.dtype)
        roomy[(slice(None, None, 2),) * x.ndim] = x
        return roomy[(slice(None, None, 2),) * x.ndim]
    if layout == "backwards":
        turned = (slice(None, None, -1),) * x.ndim
        return x[turned].copy()[turned]
    if layout.startswith("broadcast"):
        axis = int(np.argmax(x.shape)) if layout == "broadcast" else x.ndim - 1
        return np.broadcast_to(np.take(x, [x.shape[axis] // 2], axis).copy(), x.shape)
    if x.ndim == 2:
        base = np.resize(x.reshape(-1), sum(x.shape) - 1)
        return np.lib.stride_tricks.sliding_window_view(base, x.shape[1])
    return x


def _filler(x: Matrix) -> Any:
    return np.nan if x.dtype.kind == "f" else 0


def layouts(trial: Trial, contract: Contract) -> None:
    """Every layout of the level, of all arguments and of the cotangent."""
    flat = all(len(s) < 2 for s in [*trial.shapes, *trial.out_shapes])
    for layout in trial.level.layouts:
        if layout not in trial.subject.layouts or (flat and layout in DEEP):
            continue
        words = WORDS[layout]
        found = _tried(trial, contract, layout, None, f"for arguments and cotangents {words}")
        if layout not in KEPT:
            # With both of equal numbers, many a gradient is zero.
            found = found or _tried(trial, contract, layout, -1, f"for the cotangent {words}")
        if found is None and len(trial.subject.arrays) > 1:
            # All of them at once is no point of the function (a singular matrix): one by one.
            for i, x in enumerate(trial.subject.arrays):
                if isinstance(x, np.ndarray) and x.size > 1:
                    found = found or _tried(trial, contract, layout, i, f"for argument {i} {words}")
        if found:
            return


def _tried(
    trial: Trial, contract: Contract, layout: str, which: int | None, words: str
) -> bool | None:
    """Lay out all arguments (and the cotangent, where its numbers stay), one argument, or (-1) the
    cotangent. True where it makes a difference, None where there is nothing to compare with."""
    arrays = trial.arrays(trial.x, wide=False)
    cotangents = trial.cotangents(contract.u)
    if which == -1 or (which is None and layout in KEPT):
        cotangents = [_placed(c, layout) for c in cotangents]
    arrays = [_placed(x, layout) if which in (None, i) else x for i, x in enumerate(arrays)]
    if layout in KEPT:
        known = contract.first_values, contract.first_grad
        return _differs(trial, arrays, cotangents, [], [], words, known=known)
    plain = [x.copy() if isinstance(x, np.ndarray) else x for x in arrays]
    return _differs(trial, arrays, cotangents, plain, [c.copy() for c in cotangents], words)


def _placed(x: Any, layout: str) -> Any:
    return laid_out(x, layout) if isinstance(x, np.ndarray) else x


def aliases(trial: Trial, contract: Contract) -> None:
    """f(x, x), and a cotangent that is the input itself."""
    varied = trial.subject.varied
    for a, i in enumerate(varied):
        for b, j in enumerate(varied):
            if a == b or trial.shapes[a] != trial.shapes[b] or trial.types[a] != trial.types[b]:
                continue
            arrays = trial.arrays(trial.x, wide=False)
            arrays[j] = arrays[i]
            plain = [x.copy() if isinstance(x, np.ndarray) else x for x in arrays]
            cotangents = trial.cotangents(contract.u)
            again = [c.copy() for c in cotangents]
            words = "for two arguments that are one array"
            if _differs(trial, arrays, cotangents, plain, again, words, "aliased"):
                return
    for a, i in enumerate(varied):
        if trial.out_shapes == [trial.shapes[a]] and trial.out_types[0] == trial.types[a]:
            arrays = trial.arrays(trial.x, wide=False)
            plain = trial.arrays(trial.x, wide=False)
            words = "for a cotangent that is the same array as an argument"
            shared = [arrays[i]]
            if _differs(trial, arrays, shared, plain, [arrays[i].copy()], words, "aliased"):
                return


def _differs(
    trial: Trial,
    arrays: list[Any],
    cotangents: list[Matrix],
    plain: list[Any],
    plain_cotangents: list[Matrix],
    words: str,
    kind: str = "layout",
    known: tuple[Matrix, Matrix] | None = None,
) -> bool | None:
    subject = trial.subject
    try:
        if known is None:
            want_values = joined(subject.forward(plain))
            want = trial.flat(subject.pullback(plain)(plain_cotangents))
        else:
            want_values, want = known
    except REFUSALS:
        return None
    trial.calls += 1 + (known is None)
    trial.pulls += 1 + (known is None)
    if not (np.all(np.isfinite(want_values)) and np.all(np.isfinite(want))):
        return None
    try:
        have_values = joined(subject.forward(arrays))
        grads = subject.pullback(arrays)(cotangents)
        have = trial.flat(grads)
    except REFUSALS as error:
        trial.notes.append(f"{words} it refuses: {type(error).__name__}: {error}")
        return False
    size = np.abs(want)
    around = np.zeros(trial.n)
    for where in trial.slices:
        around[where] = np.max(size[where], initial=0.0)
    slack = tolerance(trial, want, 4 * trial.eps * around)
    reach = 1e3 * trial.eps * np.max(np.abs(want_values), initial=0.0)
    if not close(have_values, want_values, reach, trial.eps):
        message = f"forward gives another result {words}"
        trial.found(Finding("contract", kind, message))
        return True
    wrong = [k for k, g in enumerate(grads) if g is not None and np.shape(g) != trial.shapes[k]]
    if not wrong and close(have, want, slack, trial.eps):
        return False
    i = int(np.argmax(np.abs(np.nan_to_num(have - want, nan=np.inf))))
    place = trial.say_in(i)
    trial.found(
        Finding(
            "contract",
            kind,
            f"backward gives another gradient {words}: d / d {place}",
            input=place,
            expected=float(want[i]),
            got=float(have[i]),
        )
    )
    return True
