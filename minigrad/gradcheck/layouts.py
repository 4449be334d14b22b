"""The same numbers, otherwise laid out in memory, have the same gradient; so have arguments that
are one array."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from minigrad.gradcheck.contract import Contract
from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.strides import placed
from minigrad.gradcheck.tolerance import FACTORS, close, residue, roughness, tolerance
from minigrad.gradcheck.trial import REFUSALS, Trial, joined
from minigrad.gradcheck.units import told

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


def layouts(trial: Trial, contract: Contract) -> None:
    """Every layout of the level, of all arguments and of the cotangent."""
    # At level quick backward's repetitions came in these layouts, and all the same.
    rest = () if contract.odd_layout else contract.layouts
    for layout, words in _of_level(trial, trial.level.layouts):
        if layout in rest:
            continue
        found = _tried(trial, contract, layout, None, f"for arguments and cotangents {words}")
        if layout not in KEPT and trial.level.name != "quick":
            # With both of equal numbers, many a gradient is zero.
            found = found or _tried(trial, contract, layout, -1, f"for the cotangent {words}")
        if found is None and len(trial.subject.arrays) > 1:
            # All of them at once is no point of the function (a singular matrix): one by one.
            for i, x in enumerate(trial.subject.arrays):
                if isinstance(x, np.ndarray) and x.size > 1:
                    found = found or _tried(trial, contract, layout, i, f"for argument {i} {words}")
        if found:
            return


def cotangent_layouts(trial: Trial, contract: Contract) -> None:
    """Every layout there is, of the cotangent alone."""
    for layout, words in _of_level(trial, tuple(WORDS)):
        if _tried(trial, contract, layout, -1, f"for the cotangent {words}"):
            return


def _of_level(trial: Trial, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    flat = all(len(s) < 2 for s in [*trial.shapes, *trial.out_shapes])
    for layout in names:
        if layout in trial.subject.layouts and not (flat and layout in DEEP):
            yield layout, WORDS[layout]


def _tried(
    trial: Trial, contract: Contract, layout: str, which: int | None, words: str
) -> bool | None:
    """Lay out all arguments (and the cotangent, where its numbers stay), one argument, or (-1) the
    cotangent. True where it makes a difference, None where there is nothing to compare with."""
    arrays = trial.arrays(trial.x, wide=False)
    cotangents = trial.cotangents(contract.u)
    if which == -1 or (which is None and layout in KEPT):
        cotangents = [placed(c, layout) for c in cotangents]
    arrays = [placed(x, layout) if which in (None, i) else x for i, x in enumerate(arrays)]
    if layout in KEPT:
        values = contract.first_values if trial.level.name != "quick" and which != -1 else None
        known = values, contract.first_grad, contract.u
        return _differs(trial, arrays, cotangents, words, known=known)
    plain = [x.copy() if isinstance(x, np.ndarray) else x for x in arrays]
    return _differs(
        trial, arrays, cotangents, words, plain, [c.copy() for c in cotangents], only=which == -1
    )


def aliases(trial: Trial, contract: Contract) -> None:
    """f(x, x), and a cotangent that is the input itself."""
    varied = trial.subject.varied
    quick = trial.level.name == "quick"
    groups: dict[Any, list[int]] = {}
    for k, i in enumerate(varied):
        groups.setdefault((trial.shapes[k], trial.types[k]), []).append(i)
    alike = [group for group in groups.values() if len(group) > 1]
    pairs = [pair for group in alike for pair in combinations(group, 2)]
    # At level quick all that are alike are one; of two inputs that is all there is.
    for group in alike if quick else pairs:
        arrays = trial.arrays(trial.x, wide=False)
        for j in group[1:]:
            arrays[j] = arrays[group[0]]
        plain = [x.copy() if isinstance(x, np.ndarray) else x for x in arrays]
        cotangents = trial.cotangents(contract.u)
        again = [c.copy() for c in cotangents]
        words = "for two arguments that are one array"
        if _differs(trial, arrays, cotangents, words, plain, again, "aliased", only=quick):
            return
    if not quick:  # there it was among the terms of a cotangent
        cotangent_aliases(trial, contract)


def cotangent_aliases(trial: Trial, contract: Contract) -> None:
    """A cotangent that is the input itself."""
    for i in trial.subject.varied:
        arrays = trial.arrays(trial.x, wide=False)
        if trial.is_twin(arrays[i]):
            words = "for a cotangent that is the same array as an argument"
            plain, shared = trial.arrays(trial.x, wide=False), [arrays[i]]
            again = [arrays[i].copy()]
            if _differs(trial, arrays, shared, words, plain, again, "aliased", only=True):
                return


def _differs(
    trial: Trial,
    arrays: list[Any],
    cotangents: list[Matrix],
    words: str,
    plain: list[Any] | None = None,
    plain_cotangents: list[Matrix] | None = None,
    kind: str = "layout",
    known: tuple[Matrix | None, Matrix, Matrix] | None = None,
    only: bool = False,
) -> bool | None:
    """Whether these arguments have another gradient than ``plain`` ones, or than the ``known`` one;
    and other results, where those are known and not ``only`` the gradient is asked for."""
    subject = trial.subject
    want_values: Matrix | None = None
    try:
        if known is not None:
            want_values, want, u = known
        else:
            assert plain is not None and plain_cotangents is not None
            if not only:
                trial.calls += 1
                want_values = joined(subject.forward(plain))
            trial.pulls += 1
            want = trial.flat(subject.pullback(plain)(plain_cotangents))
    except REFUSALS:
        return None
    if not (np.isfinite(want).all() and (want_values is None or np.isfinite(want_values).all())):
        return None
    try:
        if want_values is not None:
            trial.calls += 1
            have_values = joined(subject.forward(arrays))
        trial.pulls += 1
        grads = subject.pullback(arrays)(cotangents)
        have = trial.flat(grads)
    except REFUSALS as error:
        trial.notes.append(f"{words} it refuses: {type(error).__name__}: {error}")
        return False
    far, shaken = _around(trial, want), False
    while True:
        slack = tolerance(trial, want, far)
        same_values = want_values is None or close(
            *(have_values, want_values),
            1e3 * trial.eps * np.max(np.abs(want_values), initial=0.0),
            trial.eps,
        )
        wrong = [k for k, g in enumerate(grads) if g is not None and np.shape(g) != trial.shapes[k]]
        if same_values and not wrong and close(have, want, slack, trial.eps):
            return False
        if roughness(trial):
            far = _around(trial, want)
        elif not shaken:
            shaken = True
            if plain is None or plain_cotangents is None:
                plain, plain_cotangents = trial.arrays(trial.x, False), trial.cotangents(u)
            far = np.fmax(far, _wavers(trial, plain, plain_cotangents, want))
        else:
            break
    if not same_values:
        message = f"forward gives another result {words}"
        trial.found(Finding("contract", kind, message))
        return True
    i = int(np.argmax(np.abs(np.nan_to_num(have - want, nan=np.inf))))
    place = trial.say_in(i)
    trial.found(
        Finding(
            "contract",
            kind,
            f"backward gives another gradient {words}: d / d {place}",
            input=place,
            expected=told(trial, float(want[i]), i),
            got=told(trial, float(have[i]), i),
        )
    )
    return True


def _around(trial: Trial, want: Matrix) -> Matrix:
    """For each element what the largest of its input may be off by."""
    around = np.zeros(trial.n)
    for where in trial.slices:
        around[where] = 4 * trial.eps * np.max(np.abs(want[where]), initial=0.0)
    return around


def _wavers(trial: Trial, arrays: list[Any], cotangents: list[Matrix], want: Matrix) -> Matrix:
    """How far the gradient moves for multiples of the cotangent: the rest of a sum whose terms
    cancel is another one for each."""
    pull, found = trial.subject.pullback(arrays), np.zeros(trial.n)
    for factor in FACTORS:
        trial.pulls += 1
        again = trial.flat(pull([(c * factor).astype(c.dtype) for c in cotangents])) / factor
        found = np.fmax(found, np.abs(again - want))
    return residue(trial, joined(cotangents), want, found)
