"""What is no op of minigrad's: a `Function` of the user's, whose slopes are found by asking its own
backward, and hooks, which are told by what they change."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, place
from minigrad.recording import Recorder, followed, recording
from minigrad.tape import Node, Source
from minigrad.tensor import Tensor, wrap

MOST = 512
"""So many numbers of a result are asked for one by one."""
NAME = "function"
"""What its row has in the place of an op's name."""


@dataclass
class Slopes:
    """The local Jacobian of a function for one operand: only what is not 0.

    Attributes:
        results, operands, slopes: the places in both, and the number there.
    """

    results: Array
    operands: Array
    slopes: Array


class _Aside(Recorder):
    """Whatever is asked now is no part of the step: random numbers are drawn again afterwards."""

    def __init__(self) -> None:
        self.streams: dict[int, tuple[Any, Any]] = {}

    def draws(self, stream: Any) -> None:
        self.streams.setdefault(id(stream), (stream, deepcopy(stream.bit_generator.state)))

    def walks(self, tensors: Sequence[Tensor], create_graph: bool, adds: bool) -> None:
        raise RuntimeError("a backward that walks back itself would add to gradients")


def measured(
    node: Node, g: Tensor, sources: Sequence[Source | None], shares: dict[int, Array]
) -> dict[int, Slopes | None]:
    """The slopes by operand, from asking the function's backward for single numbers; None where
    what it has made of g (``shares``) is no sum of products with them, or would take too long."""
    given = np.asarray(place(g.array, CPU), np.float64).ravel()
    if _is_gate(node):
        return _passing(given, shares)
    aside = _Aside()
    try:
        with followed(aside), recording(False):
            found = _asked(node, g, sources, shares)
    except Exception:
        return dict.fromkeys(shares)
    finally:
        for stream, state in aside.streams.values():
            stream.bit_generator.state = state
    return {k: _if_true(found.get(k), given, share) for k, share in shares.items()}


def title(node: Node) -> str:
    """What the function is called."""
    return "module hooks" if _is_gate(node) else node.op.name


def _is_gate(node: Node) -> bool:
    """Whether it is what a module's hooks look at gradients by: they are not to be asked twice."""
    function: Any = getattr(node.op, "function", None)
    return bool(function.__module__.startswith("minigrad."))


def _asked(
    node: Node, g: Tensor, sources: Sequence[Source | None], shares: dict[int, Array]
) -> dict[int, Slopes]:
    n = g.array.size
    ones = _pulled(node, g, sources, np.ones(n))
    if all(x.size == n for x in ones.values()):  # perhaps each number has its own slope
        rng = np.random.default_rng(0)
        for _ in range(2):
            some = rng.standard_normal(n)
            made = _pulled(node, g, sources, some)
            if not all(_near(made[k], some * ones[k]) for k in ones):
                break
        else:
            places = np.arange(n)
            return {k: Slopes(places, places, x) for k, x in ones.items()}
    if n > MOST:
        return {}
    rows = [_pulled(node, g, sources, row) for row in np.eye(n)]
    found = {}
    for k in shares:
        whole = np.stack([row.get(k, np.zeros(shares[k].size)) for row in rows])
        o, i = np.nonzero(whole)
        found[k] = Slopes(o, i, whole[o, i])
    return found


def _pulled(
    node: Node, g: Tensor, sources: Sequence[Source | None], numbers: Array
) -> dict[int, Array]:
    array = numbers.reshape(g.array.shape).astype(g.array.dtype)
    return by_operand(sources, node.op.pull(node, wrap(array), sources))


def by_operand(sources: Sequence[Source | None], made: Sequence[Any]) -> dict[int, Array]:
    """What a backward has made, flat and by the operand's place: it leaves out what it has nothing
    for."""
    found: dict[int, Array] = {}
    waiting = list(made)
    for k, source in enumerate(sources):
        if source is not None and waiting and waiting[0][0] is source:
            g = waiting.pop(0)[1]
            if g is not None:
                found[k] = np.array(place(g.array, CPU), np.float64).ravel()
    return found


def _passing(given: Array, shares: dict[int, Array]) -> dict[int, Slopes | None]:
    """Of a gate: each operand has its own part of the result."""
    found: dict[int, Slopes | None] = {}
    start = 0
    for k, share in shares.items():
        part = np.arange(start, start + share.size)
        start += share.size
        by = changed(given[part], share).factor if start <= given.size else None
        places = np.arange(share.size)
        found[k] = None if by is None else Slopes(part, places, np.full(share.size, by))
    return found


def _if_true(found: Slopes | None, g: Array, share: Array) -> Slopes | None:
    if found is None:
        return None
    total = np.zeros(share.size)
    np.add.at(total, found.operands, g[found.results] * found.slopes)
    return found if _near(total, share) else None


def _near(a: Array, b: Array) -> bool:
    scale = float(np.abs(b).max(initial=0))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-4, atol=1e-5 * scale))


@dataclass
class Change:
    """What hooks have done to a gradient, over all walks of a pass.

    Attributes:
        factor: what they multiplied it by; None if by nothing that is one number.
        added: how much greater it is than it was.
    """

    factor: float | None
    added: Array

    def and_then(self, other: Change) -> Change:
        """Both, to be added up."""
        factor = self.factor if self.factor == other.factor else None
        return Change(factor, self.added + other.added)


def changed(before: Array, after: Array) -> Change:
    """What has been done to numbers."""
    there = before != 0
    ratios = after[there] / before[there]
    factor = None
    if np.array_equal(before, after, equal_nan=True):
        factor = 1.0
    elif ratios.size and np.allclose(ratios, ratios[0], rtol=1e-5, atol=0):
        if not after[~there].any() and np.isfinite(ratios[0]):
            factor = float(np.median(ratios))
    return Change(factor, after - before)
