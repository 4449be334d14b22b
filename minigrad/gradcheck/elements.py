"""The gradient, element by element, held against the oracle, each with its own error bar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minigrad.gradcheck.function import Matrix
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.report import Finding
from minigrad.gradcheck.steps import around, kinks
from minigrad.gradcheck.tolerance import Shakes, roughness, tolerance
from minigrad.gradcheck.trial import Trial
from minigrad.gradcheck.units import told
from minigrad.gradcheck.verdicts import Verdict, acquits, judge, lost, steep, ulps, within

AGREES = 1e-7
"""A first look by differences, that agrees so well with backward, needs no second one."""
KEPT = 4_000_000
"""Jacobians of up to so many numbers are kept whole."""


class Asked:
    """A cotangent, and what backward made of it."""

    def __init__(
        self, u: Matrix, got: Matrix, shakes: Shakes, row: int | None = None, times: int = 1
    ) -> None:
        self.u, self.got, self.row = u, got, row
        """``row`` is the element of the results, where it is the cotangent of one alone."""
        self._shakes, self._times = shakes, times

    @cached_property
    def far(self) -> Matrix:
        """How far it moves by rounding alone."""
        return self._shakes.far(self.u, self.got, self._times)


@dataclass
class Looked:
    """What was looked at element by element: for each asked cotangent what numbers say."""

    coordinates: Matrix
    want: Matrix
    bar: Matrix
    size: Matrix
    reach: Matrix
    low: Matrix
    high: Matrix
    column: Matrix
    """The largest slope of any result, for each element."""
    jacobian: Matrix | None = None


def ask(trial: Trial, oracle: Oracle, first: Matrix, known: Matrix | None = None) -> list[Asked]:
    """Dense cotangents, sparse ones, and those of single elements, with backward's answers; that to
    the first may be ``known``."""
    m, rng = trial.m, trial.rng
    dense = [first]
    for k in range(trial.level.cotangents - 1):
        u = rng.standard_normal(m) if k % 2 else rng.choice([-1.0, 1.0], m) * rng.uniform(0.5, 2, m)
        dense.append(u)
    rows = chosen_rows(trial, oracle)
    times = 1 if trial.level.name == "quick" else 2
    shakes = Shakes(trial, oracle.x)
    if known is not None and len(dense) == 1 and not rows:
        return [Asked(first, known, shakes, None, times)]
    pull = trial.puller(oracle.x)
    asked = [Asked(u, pull(u), shakes, None, times) for u in dense]
    for j in rows:
        u = np.zeros(m)
        u[j] = 1.0
        asked.append(Asked(u, pull(u), shakes, j))
    return asked


def chosen_rows(trial: Trial, oracle: Oracle) -> list[int]:
    """The elements of the results that get a cotangent of their own: all, or those at kinks, the
    first and the last of each result, and random ones."""
    m, most = trial.m, trial.level.rows
    if most == 0:
        return []
    if m <= most:
        return list(range(m))
    kinked = np.flatnonzero(np.any([kinks(s) for s in oracle.along], axis=0))[: most // 2]
    chosen = dict.fromkeys(int(j) for j in kinked)
    start = 0
    for shape in trial.out_shapes:
        size = int(np.prod(shape, dtype=int))
        if size and len(chosen) + 2 <= most:
            chosen |= dict.fromkeys((start, start + size - 1))
        start += size
    rest = trial.rng.permutation(m)
    for j in rest:
        if len(chosen) >= most:
            break
        chosen[int(j)] = None
    return list(chosen)


def chosen_elements(trial: Trial) -> Matrix:
    """The elements of the inputs that are varied one by one: all, or the corners of each input and
    random ones."""
    n, most = trial.n, trial.level.elements
    if most == 0:
        return np.arange(0)
    most = max(8, min(most, 40_000_000 // max(trial.m, 1)))
    if n <= most:
        return np.arange(n)
    ends = [e for w in trial.slices if w.stop > w.start for e in (w.start, w.stop - 1)][:most]
    rest = trial.rng.permutation(n)[:most]
    return np.unique(np.concatenate([np.array(ends, int), rest]))[: most + len(ends)]


def look(trial: Trial, oracle: Oracle, asked: list[Asked]) -> Looked:
    """The first look at every element."""
    coordinates = chosen_elements(trial)
    count = len(coordinates)
    want, bar, size, reach, low, high = np.zeros((6, len(asked), count))
    looked = Looked(coordinates, want, bar, size, reach, low, high, np.zeros(count))
    if count * trial.m <= KEPT:
        looked.jacobian = np.zeros((trial.m, count))
    cotangents = np.array([a.u for a in asked])
    block = max(1, KEPT // max(8 * trial.m, 1))
    with np.errstate(all="ignore"):
        for start in range(0, count, block):
            _look_at(oracle, looked, cotangents, slice(start, min(count, start + block)))
    return looked


def _look_at(oracle: Oracle, looked: Looked, u: Matrix, at: slice) -> None:
    """The first look at some elements, with all cotangents at once."""
    found = [oracle.element(int(i)) for i in looked.coordinates[at]]
    value, bar, right, left = (np.array(part).T for part in zip(*found, strict=True))
    if looked.jacobian is not None:
        looked.jacobian[:, at] = value
    known = np.isfinite(value)
    size = np.abs(value)
    looked.column[at] = np.max(np.where(known, size, 0.0), axis=0, initial=0.0)
    # Slopes by large numbers are small.
    long = np.maximum(oracle.scale[looked.coordinates[at]] / 1e3, 1.0)
    reach = np.abs(oracle.here)[:, None] * (value != 0) / long
    low, high = np.minimum(right, left), np.maximum(right, left)
    s, up, down = np.abs(u), np.maximum(u, 0.0), np.minimum(u, 0.0)
    looked.want[:, at] = _weighted(u, value)
    looked.size[:, at] = _weighted(s, size)
    looked.bar[:, at] = _weighted(s, bar)
    looked.reach[:, at] = _weighted(s, reach)
    if oracle.analytic:
        looked.low[:, at] = looked.high[:, at] = looked.want[:, at]
        return
    looked.low[:, at] = _weighted(up, low) + _weighted(down, high)
    looked.high[:, at] = _weighted(up, high) + _weighted(down, low)


def _weighted(u: Matrix, values: Matrix) -> Matrix:
    """u @ values, where 0 times what is not finite is 0: that result was not asked for."""
    found = np.asarray(u @ values)
    for column in np.flatnonzero(~np.isfinite(values).all(0)):
        part = values[:, column]
        found[:, column] = np.where(u == 0, 0.0, u * part).sum(1)
    return found


def plain(off: float, size: float, largest: float) -> bool:
    """Whether what complex steps say needs no look around: off by so little that the curvature of
    the function around would hide it, and by more than 1 - y is near y = 1."""
    return max(2e-9 * size, 1e-12 * largest) < off < 1e-5 * size


class Comparison:
    """Backward against the oracle: which elements are in doubt, and what comes of them."""

    def __init__(self, trial: Trial, oracle: Oracle, asked: list[Asked]) -> None:
        self.trial, self.oracle, self.asked = trial, oracle, asked
        self.looked = look(trial, oracle, asked)
        self.got = np.array([a.got[self.looked.coordinates] for a in asked])
        self.judged = 0
        self.unknown: list[int] = []
        self.kinks: list[int] = []
        self.wrong: list[tuple[float, int, int, Verdict]] = []
        self.whole = np.array([a.got for a in asked])
        self.far = np.zeros(self.whole.shape)
        self.slack = self._slack()
        if self.looked.coordinates.size and self.doubts().any():
            # How well function and backward can be known is only now found out.
            rough = roughness(trial)
            if oracle.closer() or rough:
                self.looked = look(trial, oracle, asked)
            for k in np.flatnonzero(self.doubts().any(1)):
                self.far[k] = asked[k].far
            self.slack = self._slack()

    def _slack(self) -> Matrix:
        """What rounding may do to each element."""
        looked = self.looked
        at = looked.coordinates
        if not at.size:
            return np.zeros(self.got.shape)
        reach = np.zeros(self.whole.shape)
        reach[:, at] = looked.reach
        weight = np.array([np.max(np.abs(a.u), initial=0.0) for a in self.asked])
        found = tolerance(self.trial, self.whole, self.far if self.far.any() else None, reach)
        return found[:, at] + 4 * self.trial.eps * weight[:, None] * looked.column

    def doubts(self) -> Matrix:
        """How far each element is off, in units of what it may be; 0 where it agrees."""
        looked = self.looked
        agrees = 1e-12 if self.oracle.analytic else AGREES
        with np.errstate(all="ignore"):
            off = np.abs(self.got - looked.want)
            allowed = agrees * looked.size + 2 * looked.bar + self.slack
            doubt = np.where(off <= allowed, 0.0, off / np.maximum(allowed, 1e-300))
            # Both inf, or both nan: nothing is known and nothing is said.
            none = ~np.isfinite(self.got) & ~np.isfinite(looked.want)
        return np.where(none, 0.0, np.nan_to_num(doubt, nan=1e300, posinf=1e300))

    def settle(self) -> None:
        """Look again at the elements in doubt, the worst first, with many step sizes."""
        if not self.looked.coordinates.size:
            return
        doubt = self.doubts()
        order = self._order(doubt)
        most = self.trial.level.refined
        for count, (a, c) in enumerate(order):
            if (self.trial.pulls and count >= most * (4 if self.unknown else 1)) or len(
                self.wrong
            ) >= 5:
                break
            self._settle(a, c)
        self.doubtful = len(order)

    def _order(self, doubt: Matrix) -> list[tuple[int, int]]:
        """Which to look at: once an element, those within a plain kink last."""
        looked = self.looked
        worst = np.argmax(doubt, axis=0)
        columns = np.flatnonzero(np.max(doubt, axis=0, initial=0.0) > 0)
        if columns.size == 0:
            return []
        with np.errstate(all="ignore"):
            edge = self.slack + 1e-6 * np.abs(looked.size)
            inside = (self.got >= looked.low - edge) & (self.got <= looked.high + edge)
            plain = inside & (looked.high - looked.low > 1e-3 * np.abs(looked.size))
        share = np.abs(self.got - looked.want) / np.maximum(np.abs(looked.size), 1e-300)
        rows = [(int(worst[c]), int(c)) for c in columns]
        # By how far beyond what is allowed, and by the share of the gradient, in turn.
        first = sorted(rows, key=lambda p: (bool(plain[p]), -doubt[p]))
        second = sorted(rows, key=lambda p: (bool(plain[p]), -np.nan_to_num(share[p], nan=1e300)))
        mixed = [p for pair in zip(first, second, strict=True) for p in pair]
        return list(dict.fromkeys(mixed))

    def _settle(self, a: int, c: int) -> None:
        trial, looked = self.trial, self.looked
        i = int(looked.coordinates[c])
        got, slack = float(self.got[a, c]), float(self.slack[a, c])
        u = self.asked[a].u
        verdict: Verdict | None = None
        for size in dict.fromkeys(self.oracle.sizes(i)):
            other = judge(got, self.oracle.refined(i, size).along(u), slack)
            if (
                verdict is None
                or verdict.word == "unknown"
                or acquits(trial, other, got, verdict.expected)
            ):
                verdict = other
            if verdict.word in ("right", "kink"):
                break
        assert verdict is not None
        exact = False
        if self.oracle.analytic and verdict.word != "kink" and np.isfinite(got):
            # Where differences do not contradict complex steps, those are sharper.
            want, bar = float(looked.want[a, c]), float(looked.bar[a, c])
            consistent = not np.isfinite(verdict.bar) or abs(want - verdict.expected) <= (
                8 * verdict.bar + 1e-9 * abs(want)
            )
            if consistent and np.isfinite(want):
                sure = abs(got - want) > 4 * (bar + slack) + 1e-11 * looked.size[a, c]
                verdict = Verdict("wrong" if sure else "unknown", want, bar + slack)
                largest = float(np.abs(self.whole[a]).max())
                exact = plain(abs(got - want), float(looked.size[a, c]), largest)
        self.judged += 1
        if verdict.word == "wrong" and np.isfinite(got) and not (exact or self.wrong):
            # Where a complex step is right, there is no kink.
            v = self.oracle.unit(i)
            low, high = around(
                *(trial, self.oracle.x, self.oracle.scale, v, self.oracle.here, u, 48)
            )
            if within(got * v[i], verdict.expected * v[i], low, high):
                verdict = Verdict("kink", verdict.expected, verdict.bar, low / v[i], high / v[i])
            elif self._steep(u, i, got, verdict.expected):
                verdict = Verdict("unknown", verdict.expected, verdict.bar)
        if verdict.word == "wrong" and lost(got, verdict, trial, u):
            verdict = Verdict("unknown", verdict.expected, verdict.bar)
        if verdict.word == "wrong":
            self.wrong.append((abs(got - verdict.expected), a, i, verdict))
        elif verdict.word == "unknown":
            self.unknown.append(i)
        elif verdict.word == "kink":
            self.kinks.append(i)

    def _steep(self, u: Matrix, i: int, got: float, want: float) -> bool:
        return steep(
            self.trial, self.oracle, u, self.oracle.unit(i) / self.oracle.scale[i], got, want
        )

    def report(self, rung: str = "oracle") -> None:
        """What was found, as findings and notes."""
        trial = self.trial
        off = int(np.sum(np.max(self.doubts(), axis=0, initial=0.0) > 0)) if self.wrong else 0
        for _, a, i, verdict in sorted(self.wrong, key=lambda w: -w[0])[:5]:
            asked = self.asked[a]
            name = trial.say_in(i)
            what = (
                f"d {trial.say_out(asked.row)} / d {name}"
                if asked.row is not None
                else f"d (a weighted sum of the results) / d {name}"
            )
            expected, bar, got, low, high = (
                told(trial, number, i, asked.row)
                for number in (
                    *(verdict.expected, verdict.bar, float(asked.got[i])),
                    *(verdict.low, verdict.high),
                )
            )
            interval = (
                "" if low == high else f" (a kink: any value from {low:.6g} to {high:.6g} is right)"
            )
            k, at = trial.place(i)
            trial.found(
                Finding(
                    rung,
                    "value",
                    f"{what} is wrong{interval}; {off} of {self.looked.coordinates.size} elements "
                    "are in doubt",
                    input=trial.subject.names[k],
                    index=at,
                    output=trial.say_out(asked.row) if asked.row is not None else "",
                    expected=expected,
                    bar=bar,
                    got=got,
                    ulps=ulps(float(asked.got[i]), verdict.expected, trial.eps),
                )
            )
        if self.kinks:
            places = ", ".join(trial.say_in(i) for i in sorted(set(self.kinks))[:4])
            trial.notes.append(
                f"kink at {places}: the slopes to either side differ, and backward gives a value "
                "of the subdifferential, which is right"
            )
        if self.unknown:
            places = ", ".join(trial.say_in(i) for i in sorted(set(self.unknown))[:4])
            trial.notes.append(
                f"at {places} the function's own rounding hides the derivative: what backward "
                "gives there is neither confirmed nor refuted"
            )
