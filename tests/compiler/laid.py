"""The rows of the op database on operands and cotangents that lie in memory in every way in which
views lie, as one step of many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import opdb
from numpy.lib.stride_tricks import as_strided
from opdb import Draw, Row, Sample
from programs import recorded

import minigrad
from minigrad.autograd import grad
from minigrad.errors import CompileError, LinAlgError
from minigrad.tensor import Tensor

Lay = Callable[[np.ndarray], np.ndarray]
HOLE = object()


def dense(x: np.ndarray) -> np.ndarray:
    return np.array(x, order="C")


def roomy(x: np.ndarray, every: int, first: int) -> np.ndarray:
    """The same numbers in larger memory, with others between and around them."""
    memory = np.full([every * n + first + 1 for n in x.shape], 3, x.dtype)
    place = memory[(*(slice(first, first + every * n, every) for n in x.shape), ...)]
    place[...] = x
    return place


def backwards(x: np.ndarray) -> np.ndarray:
    whole = (slice(None, None, -1),) * x.ndim
    return dense(x[whole])[whole] if x.ndim else dense(x)


def swapped(x: np.ndarray) -> np.ndarray:
    """The first two dimensions have changed places in memory."""
    return dense(x.swapaxes(0, 1)).swapaxes(0, 1) if x.ndim > 1 else dense(x)


def repeated(dims: Callable[[int], Sequence[int]]) -> Lay:
    """The first number along some dimensions in the place of all: steps of 0."""

    def lay(x: np.ndarray) -> np.ndarray:
        own = [i in dims(x.ndim) and n > 0 for i, n in enumerate(x.shape)]
        first = tuple(slice(0, 1) if each else slice(None) for each in own)
        return np.broadcast_to(dense(x[(*first, ...)]), x.shape)

    return lay


def overlapping(x: np.ndarray) -> np.ndarray:
    """Each row begins one number behind the one before it."""
    if x.ndim < 2 or not x.size:
        return dense(x)
    steps = [1] * x.ndim
    for i in range(x.ndim - 2, 0, -1):
        steps[i - 1] = steps[i] * x.shape[i]
    reach = sum((n - 1) * step for n, step in zip(x.shape, steps, strict=True))
    memory = np.resize(x.ravel(), reach + 1)
    return as_strided(memory, x.shape, [step * x.itemsize for step in steps])


LAYOUTS: dict[str, Lay] = {
    "dense": dense,
    "transposed": lambda x: np.array(x, order="F"),
    "gaps": lambda x: roomy(x, 2, 0),
    "offset": lambda x: roomy(x, 1, 1),
    "backwards": backwards,
    "swapped": swapped,
    "repeated rows": repeated(lambda ndim: [0]),
    "repeated columns": repeated(lambda ndim: [ndim - 1]),
    "one number": repeated(range),
    "overlapping": overlapping,
}
"""Ways to lie in memory. Those that repeat numbers change what an array holds."""
KEEPING = ["dense", "transposed", "gaps", "offset", "backwards", "swapped"]
"""Those that change no number."""


@dataclass
class Laid:
    """A sample of a row on tensors that lie as they were laid.

    Attributes:
        lays: the name of the layout of each operand in turn, and of the cotangents.
        tensors: the operands, those of a floating type leaves.
    """

    row: Row
    sample: Sample
    lays: Sequence[str]
    tensors: list[Tensor] = field(default_factory=list)
    cotangents: dict[int, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.form = self._taken([list(self.sample.args), self.sample.params])

    def __repr__(self) -> str:
        return f"{self.row.name}{self.sample} {', '.join(self.lays)}"

    def __call__(self) -> list[Tensor]:
        """The results, and the gradients for cotangents that lie in some way."""
        args, params = self._filled(self.form, iter(self.tensors))
        results = _leaves(self.row.call(*args, **params))
        outs = [y for y in results if y.requires_grad and y.dtype in FLOATS]
        varied = [x for x in self.tensors if x.requires_grad]
        if not outs or not varied:
            return results
        gs = [self._cotangent(i, y) for i, y in enumerate(outs)]
        found = grad(outs, varied, gs, allow_unused=True)
        return [*results, *(g for g in found if g is not None)]

    def draw(self, seed: int) -> None:
        """Other numbers in the same memory: the sample's, moved a little where they are floats."""
        rng = np.random.default_rng(seed)
        for x in self.tensors:
            if x.dtype in FLOATS:
                array, memory = x.detach().numpy(), _memory(x.detach().numpy())
                memory[...] = memory * rng.uniform(0.99, 1, memory.shape)
                del array

    def copied(self) -> Laid:
        """The same numbers in dense memory of their own."""
        found = Laid(self.row, self.sample, ["dense"])
        found.tensors = [_tensor(np.array(x.detach().numpy(), order="C")) for x in self.tensors]
        for i, g in self.cotangents.items():
            found.cotangents[i] = _tensor(np.array(g.detach().numpy(), order="C"), False)
        return found

    def _lay(self, i: int, x: np.ndarray) -> np.ndarray:
        return LAYOUTS[self.lays[i % len(self.lays)]](x)

    def _cotangent(self, i: int, y: Tensor) -> Tensor:
        if i not in self.cotangents:
            numbers = np.random.default_rng(i).uniform(0.5, 1.5, tuple(y.shape))
            laid = self._lay(len(self.tensors) + i, numbers.astype(y.detach().numpy().dtype))
            self.cotangents[i] = _tensor(laid, False)
        return self.cotangents[i]

    def _taken(self, x: Any) -> Any:
        """The structure of arguments with places in it; the tensors that belong there are kept."""
        if isinstance(x, np.ndarray):
            self.tensors.append(_tensor(self._lay(len(self.tensors), x)))
            return HOLE
        if isinstance(x, (list, tuple)):
            return type(x)(self._taken(item) for item in x)
        if isinstance(x, dict):
            return {name: self._taken(item) for name, item in x.items()}
        return x

    def _filled(self, x: Any, tensors: Any) -> Any:
        if x is HOLE:
            return next(tensors)
        if isinstance(x, (list, tuple)):
            return type(x)(self._filled(item, tensors) for item in x)
        if isinstance(x, dict):
            return {name: self._filled(item, tensors) for name, item in x.items()}
        return x


FLOATS = (minigrad.float32, minigrad.float64)


def _tensor(x: np.ndarray, tracked: bool = True) -> Tensor:
    made = minigrad.from_numpy(x)
    return made.requires_grad_() if tracked and x.dtype.kind == "f" else made


def _memory(x: np.ndarray) -> np.ndarray:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def _leaves(x: Any) -> list[Tensor]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in _leaves(item)]
    return [x] if isinstance(x, Tensor) else []


def drawn(rows: Sequence[Row], seed: int) -> list[Laid]:
    """A sample of each row on operands that lie in ways that are drawn; of rows that can be part of
    a recorded step. Where numbers must not repeat they do not."""
    rng, found = np.random.default_rng(seed), []
    for row in rows:
        samples = row.samples(Draw(int(rng.integers(1000))))
        sample = samples[int(rng.integers(len(samples)))]
        for kinds in (list(LAYOUTS), KEEPING):
            part = Laid(row, sample, [str(each) for each in rng.choice(kinds, 4)])
            try:
                part()  # which makes the cotangents
                recorded(part)
            except CompileError as error:  # a value is read
                assert "cannot be part of a recorded step" in str(error), f"{part}: {error}"
                break
            except LinAlgError:  # a singular matrix, as a row of it is repeated
                assert kinds is not KEEPING, part
                continue
            found.append(part)
            break
    return found


def groups(count: int, seed: int) -> Iterator[list[Laid]]:
    """All rows in so many groups."""
    rows = [row for row in opdb.rows() if not row.random]
    for i in range(count):
        yield drawn(rows[i::count], seed + i)


def agrees(have: Tensor, want: Tensor, tolerance: float) -> str:
    """What is different between two results, in words; "" where they agree."""
    a, b = have.numpy(force=True), want.numpy(force=True)
    if a.shape != b.shape:
        return f"shape {a.shape} and not {b.shape}"
    if a.dtype.kind != "f":
        return "" if np.array_equal(a, b) else "other numbers"
    tolerance = max(tolerance, 64 * float(np.finfo(a.dtype).eps))
    # Operands are around 1: what is far less is the rounding of a zero.
    scale = float(np.max(np.abs(b[np.isfinite(b)]), initial=1e-3))
    if np.allclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        return ""
    with np.errstate(all="ignore"):
        return f"off by {np.nanmax(np.abs(a - b)) / scale:.1e} of the largest"
