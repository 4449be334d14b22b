"""Numbers picked out by index tensors and put back: the kernels' places as expressions in C."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad.compiler.targets.cuda.kernels.places import (
    BLOCK,
    Scratch,
    blocks,
    index,
    offset,
    reach,
    served,
    steps,
    word,
)
from minigrad.compiler.targets.cuda.kernels.registry import lowers
from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops.indexing import HOLE, WHOLE, Key, put_add, take
from minigrad.ops.patches import Sizes

MOST = 1 << 28
"""Comparisons that putting back may take: some 100 us on an H100."""


@dataclass(frozen=True)
class Picking:
    """How x[key] lies: which dimensions of x are picked along, and which of the result's are the
    index tensors'.

    Attributes:
        holes: the dimensions of x that an index stands for.
        picked: the common shape of the indices.
        first: where their dimensions begin in the result.
        result: its shape.
    """

    holes: tuple[int, ...]
    picked: tuple[int, ...]
    first: int
    result: tuple[int, ...]

    def whole(self, steps: tuple[int, ...], within: int = 0) -> list[int]:
        """The steps of x along the result's dimensions, ``within`` along those of the indices."""
        rest = [step for i, step in enumerate(steps) if i not in self.holes]
        return [*rest[: self.first], *[within] * len(self.picked), *rest[self.first :]]

    def spread(self, x: Array) -> list[int]:
        """The steps of an index tensor along the dimensions of the indices."""
        lead = len(self.picked) - x.ndim
        return [0] * lead + [s if n > 1 else 0 for n, s in zip(x.shape, steps(x), strict=True)]

    def along(self, inner: list[int]) -> list[int]:
        """Steps along the indices' dimensions as steps along the result's."""
        before, behind = self.first, len(self.result) - self.first - len(self.picked)
        return [*[0] * before, *inner, *[0] * behind]


def picking(shape: tuple[int, ...], indices: Sequence[Array], key: Key) -> Picking | None:
    """How that key picks from an array of that shape; None for other keys than whole dimensions and
    index tensors of 64 bits."""
    if not indices or any(part is not HOLE and part != WHOLE for part in key):
        return None
    if any(a.dtype != np.int64 or not served(a) for a in indices):
        return None
    holes = tuple(i for i, part in enumerate(key) if part is HOLE)
    picked = np.broadcast_shapes(*(a.shape for a in indices))
    # NumPy leaves the picked dimensions in their place where they are neighbours.
    first = holes[0] if holes[-1] - holes[0] == len(holes) - 1 else 0
    rest = [n for i, n in enumerate(shape) if i not in holes]
    return Picking(holes, picked, first, (*rest[:first], *picked, *rest[first:]))


@lowers(take)
def picked(out: Array, scratch: Scratch, x: Array, *indices: Array, key: Key) -> list[Work] | None:
    """out = x[key]"""
    how = picking(x.shape, indices, key) if served(x, out) else None
    if how is None or not out.size:
        return None
    places = []
    for number, (a, dim) in enumerate(zip(indices, how.holes, strict=True)):
        at = offset("i", how.result, how.along(how.spread(a)))
        places.append((f"OWN(place)(k{number}[{at}], {x.shape[dim]})", x.shape[dim], dim))
    step = steps(x)
    facts = (
        ("FROM(i)", offset("i", how.result, how.whole(step))),
        ("FOUND(i)", " + ".join(f"{place} * {step[dim]}" for place, _, dim in places)),
        ("INSIDE(i)", " && ".join(f"(uint64_t){place} < {n}" for place, n, _ in places)),
        ("OUTSIDE", "NAN" if x.dtype.kind == "f" else "0"),
        ("TO(i)", offset("i", out.shape, steps(out))),
    )
    return [_launch("PICK", x, out, indices, facts)]


@lowers(put_add)
def put_back(
    out: Array, scratch: Scratch, y: Array, *indices: Array, shape: Sizes, key: Key
) -> list[Work] | None:
    """out = zeros, but out[key] += y"""
    how = picking(out.shape, indices, key) if served(y, out) else None
    if how is None or not out.size or y.dtype.kind == "b":
        return None
    count = math.prod(how.picked)
    if count * out.size > MOST:
        return None
    lead = len(how.result) - y.ndim
    own = [0] * lead + [s if n > 1 else 0 for n, s in zip(y.shape, steps(y), strict=True)]
    inner = own[how.first : how.first + len(how.picked)]
    outer = iter([*own[: how.first], *own[how.first + len(how.picked) :]])
    kept = [0 if dim in how.holes else next(outer) for dim in range(out.ndim)]
    matches = []
    for number, (a, dim) in enumerate(zip(indices, how.holes, strict=True)):
        only = [int(i == dim) for i in range(out.ndim)]
        place = f"OWN(place)(k{number}[{offset('j', how.picked, how.spread(a))}], {out.shape[dim]})"
        matches.append(f"{place} == {offset('i', out.shape, only)}")
    facts = (
        ("PICKED", str(count)),
        ("MATCH(i, j)", " && ".join(matches)),
        ("FROM(i)", offset("i", out.shape, kept)),
        ("AT(j)", offset("j", how.picked, inner)),
        ("TO(i)", offset("i", out.shape, steps(out))),
    )
    return [_launch("PUT_BACK", y, out, indices, facts)]


def _launch(
    name: str, x: Array, out: Array, indices: Sequence[Array], facts: tuple[tuple[str, str], ...]
) -> Launch:
    pointers = "".join(f", const int64_t *k{number} MG_STRIDED" for number in range(len(indices)))
    common: tuple[tuple[str, Any], ...] = (
        ("real", word(x)),
        ("index", index(out.size, reach(x), reach(out), *map(reach, indices))),
        ("COUNT", str(out.size)),
        ("PLACES", pointers),
    )
    made = kernel("picking", name, (*common, *facts))
    return Launch(made, blocks(out.size), BLOCK, (x, out, *indices))
