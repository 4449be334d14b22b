"""How a program is drawn: statement by statement, each done by PyTorch at once, so that the shape
and the numbers of what there is are known. What PyTorch refuses is drawn again."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

import minigrad

from .given import LAYOUTS, Given, laid
from .program import Numbers, Program

LARGEST = 160
"""Numbers in a tensor, at most."""
HUGE = {"float64": 1e4, "float32": 1e3, "float16": 50.0}
"""What a result may be, at most."""

NAMES = re.compile(r"\btorch(?:\.[A-Za-z_]\w*)+|(?<=[\w)\]])\.[a-z_]\w*(?=\()")
"""What a text needs of its side: the module's names, and methods."""

Maker = Callable[["Drawing"], str | None]
"""Draws an expression, whose value gets a name; or a statement, which begins with "!"."""


class Drawing:
    """A program in the making.

    Attributes:
        rng: where all choices come from.
        scope: what PyTorch has under each name.
        names: the tensors made so far, by name, oldest first.
        program: what is written down.
    """

    def __init__(self, seed: int, dtype: str = "float64", calls: int = 3) -> None:
        self.rng = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.program = Program(calls=calls, dtype=dtype)
        self.dtype = dtype
        self.scope: dict[str, Any] = {
            "torch": torch, "given": Given(torch), "nan": math.nan, "inf": math.inf,
        }  # fmt: skip
        self.names: list[str] = []
        self.leaves: list[str] = []
        self.modules: list[str] = []
        self._count = 0

    # -- choices -------------------------------------------------------------------------------

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def one(self, things: Sequence[Any]) -> Any:
        return self.rng.choice(things)

    def whole(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return self.rng.randint(low, high)

    def number(self) -> str:
        """A number as a literal."""
        return self.one(["2", "3", "-1", "0.5", "-0.7", "1.3", "0.25", "1", "-2", "2.5"])

    def shape(self, ndim: int | None = None) -> tuple[int, ...]:
        """A small shape; lengths of 1 and 0 come up."""
        if ndim is None:
            ndim = self.one([0, 1, 1, 2, 2, 2, 2, 3, 3, 4])
        while True:
            lengths = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6] + [0] * (self.rng.random() < 0.12)
            found = tuple(self.one(lengths) for _ in range(ndim))
            if math.prod(found) <= LARGEST // 2:
                return found

    def __getitem__(self, expression: str) -> Any:
        """What PyTorch has for it."""
        return self.scope[expression] if expression in self.scope else self.value(expression)

    def value(self, expression: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(expression, self.scope)

    # -- operands ------------------------------------------------------------------------------

    def pick(self, fits: Callable[[Any], bool] | None = None, kinds: str = "f") -> str:
        """The name of a tensor of one of these kinds for which ``fits`` holds; where there is none
        so far, a new argument. Errors: LookupError where that does not fit either."""
        found = [
            name
            for name in self.names
            if self._kind(self.scope[name]) in kinds and (fits is None or fits(self.scope[name]))
        ]
        if found and not self.chance(0.1):
            late = found[-4:]
            return self.one(late if self.chance(0.6) else found)
        for _ in range(12):
            name = self.argument(self.shape(), self.one(kinds))
            if fits is None or fits(self.scope[name]):
                return name
            self._drop(name)
        raise LookupError

    def operand(self, fits: Callable[[Any], bool] | None = None, kinds: str = "f") -> str:
        """A tensor, or now and then a view of one, as an expression."""
        name = self.pick(fits, kinds)
        if self.chance(0.3):
            text = self.seen(name)
            if fits is None or fits(self[text]):
                return text
        return name

    def seen(self, x: str) -> str:
        """A view of a tensor: another layout, and often another shape."""
        t = self[x]
        ways = ["{x}.detach()", "{x}[None]", "{x}[...]"]
        if t.ndim:
            i = self.whole(0, t.ndim - 1)
            n = t.shape[i]
            start, width = self.whole(0, n), self.whole(1, max(n, 1))
            ways += ["{x}[::2]", "{x}[..., 1:]", "{x}[..., ::2]", "{x}[-1:]", f"{{x}}.flip({i})"]
            ways += [f"{{x}}.unsqueeze({i})", f"{{x}}.permute({self.order(t.ndim)})"]
            ways += [f"{{x}}.narrow({i}, {start}, {self.whole(0, n - start)})"]
            ways += [f"{{x}}.unfold({i}, {width}, {self.whole(1, 2)})"] * (n > 0)
        if t.ndim >= 2:
            i, j = self.rng.sample(range(t.ndim), 2)
            ways += [f"{{x}}.transpose({i}, {j})", "{x}.mT", "{x}.mT", "{x}[:, :1]", "{x}[1:, 1:]"]
            ways += [f"{{x}}.diagonal({self.whole(-1, 1)}, {i}, {j})"]
        ones = [i for i, n in enumerate(t.shape) if n == 1]
        if ones or t.ndim < 3:
            goal = [self.whole(2, 4) if i in ones else n for i, n in enumerate(t.shape)]
            goal = [self.whole(1, 3)] * (t.ndim < 3 and self.chance(0.5)) + goal
            ways += [f"{{x}}.expand({tuple(goal)})"] * 2
        if t.numel() >= 2 and self.chance(0.3):
            rows = self.whole(1, t.numel() - 1)
            columns = t.numel() - rows + 1
            ways += [f"{{x}}.as_strided(({rows}, {min(columns, 4)}), (1, 1))"]
        text = self.one(ways).format(x=x)
        try:
            return text if self.value(text).numel() <= LARGEST else x
        except Exception:
            return x

    def order(self, ndim: int) -> str:
        return ", ".join(map(str, self.rng.sample(range(ndim), ndim)))

    def like(self, shape: Sequence[int], kinds: str = "f") -> str:
        """An operand of this very shape, out of what there is where possible."""
        shape = tuple(shape)
        n = math.prod(shape)
        found = [x for x in self.names if self._kind(self.scope[x]) in kinds]
        same = [x for x in found if tuple(self.scope[x].shape) == shape]
        if same and self.chance(0.6):
            return self.one(same)
        turned = [x for x in found if tuple(self.scope[x].shape) == shape[::-1]]
        if turned and len(shape) > 1 and self.chance(0.7):
            x = self.one(turned)
            return (
                f"{x}.mT" if len(shape) == 2 else f"{x}.permute({tuple(range(len(shape)))[::-1]})"
            )
        longer = [x for x in found if self.scope[x].numel() >= n]
        if longer and self.chance(0.4):
            x = self.one(longer)
            cut = "" if self.scope[x].numel() == n else f"[:{n}]"
            return f"{x}.reshape(-1){cut}.reshape({shape})"
        wide = [x for x in found if _broadcasts(tuple(self.scope[x].shape), shape)]
        if wide and self.chance(0.5):
            return f"{self.one(wide)}.expand({shape})"
        return self.argument(shape, self.one(kinds))

    def wide(self, shape: Sequence[int], kinds: str = "f") -> str:
        """An operand that broadcasts with this shape."""
        found = [
            x
            for x in self.names
            if self._kind(self.scope[x]) in kinds
            and _together(tuple(self.scope[x].shape), tuple(shape))
        ]
        if found and self.chance(0.6):
            return self.one(found)
        cut = list(shape)[self.whole(0, len(shape)) if self.chance(0.3) else 0 :]
        return self.like([1 if self.chance(0.25) else n for n in cut], kinds)

    @staticmethod
    def _kind(x: Any) -> str:
        if not isinstance(x, torch.Tensor):
            return "-"
        return "f" if x.is_floating_point() else "b" if x.dtype == torch.bool else "i"

    # -- new names -----------------------------------------------------------------------------

    def fresh(self, letter: str = "v") -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def argument(
        self,
        shape: Sequence[int],
        kind: str = "f",
        make: Callable[[int], Any] | None = None,
        held: bool = False,
        leaf: bool = False,
    ) -> str:
        """A new argument of the step (or a tensor that it closes over), with other numbers at each
        call. ``make`` gives the numbers of a call."""
        shape = tuple(shape)
        dtype = self._dtype(kind)
        arrays = [
            np.asarray(self._array(shape, dtype) if make is None else make(i))
            for i in range(1 if held else self.program.calls)
        ]
        layout = self._layout(arrays, leaf)
        name = self.fresh("p" if held else "x")
        made = Numbers(name, arrays, layout, leaf)
        (self.program.held if held else self.program.arguments).append(made)
        self.scope[name] = self.value(made.text())
        if leaf:
            self.leaves.append(name)
        self.names.append(name)
        return name

    def _dtype(self, kind: str) -> str:
        if kind == "i":
            return self.one(["int64"] * 12 + ["int32", "int16", "int8", "uint8"])
        return "bool" if kind == "b" else self.dtype

    def _array(self, shape: tuple[int, ...], dtype: str) -> Any:
        if dtype == "bool":
            return self.numbers.random(shape) < 0.5
        if "int" in dtype:
            return self.numbers.integers(0 if dtype == "uint8" else -4, 5, shape).astype(dtype)
        return np.round(self.numbers.standard_normal(shape), 3).astype(dtype)

    def _layout(self, arrays: list[Any], leaf: bool) -> str:
        if self.chance(0.5) or not arrays[0].ndim:
            return "dense"
        layout = self.one(LAYOUTS[1:-2] if leaf else LAYOUTS[1:])  # a leaf is written to
        if len({(x.shape, x.dtype) for x in arrays}) > 1:
            return "dense"
        first = arrays[0]
        if layout == "repeated":
            if not first.ndim or not first.size:
                return "dense"
            for x in arrays:
                x[...] = x[:1].copy()
        if layout == "overlapping":
            if first.ndim != 2 or not first.size:
                return "dense"
            for x in arrays:
                line = np.concatenate([x[0], x[1:, -1]])
                for i in range(len(x)):
                    x[i] = line[i : i + x.shape[1]]
        try:
            laid(first, layout)
        except ValueError:
            return "dense"
        return layout

    def _drop(self, name: str) -> None:
        self.names.remove(name)
        self.program.arguments = [x for x in self.program.arguments if x.name != name]

    # -- statements ----------------------------------------------------------------------------

    def setup(self, statement: str) -> None:
        """A statement before the step. Errors: PyTorch's."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(statement, self.scope)
        self.program.setup.append(statement)

    def emit(self, text: str | None) -> str | None:
        """Do and write down an expression or statement. Returns its name ("" for a statement); None
        where PyTorch refuses it, numbers go out of bounds, or minigrad has no such name."""
        if text is None or not is_there_all(text):
            return None
        before = self._count
        if text.startswith("!"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    exec(text[1:], self.scope)
            except Exception:
                return None
            self.program.body.append(text[1:])
            return ""
        try:
            found = self.value(text)
        except Exception:
            return None
        if not isinstance(found, (torch.Tensor, tuple, list)):
            return None
        single = isinstance(found, torch.Tensor)
        parts = [found] if single else list(found)
        if not parts or len(parts) > 4 or not all(isinstance(x, torch.Tensor) for x in parts):
            return None
        if not all(self.tame(x) for x in parts):
            self._count = before
            return None
        names = [self.fresh() for _ in parts]
        self.program.body.append(f"{', '.join(names)}{'' if single else ','} = {text}")
        for name, x in zip(names, parts, strict=True):
            self.scope[name] = x
            self.names.append(name)
        return names[0]

    def tame(self, x: Any) -> bool:
        """Whether a result may stay: not too many numbers, none too large."""
        if x.numel() > LARGEST or x.is_complex():
            return False
        if not x.numel() or not x.is_floating_point():
            return True
        top = x.detach().abs().max().item()
        return top < HUGE.get(str(x.dtype).removeprefix("torch."), 1e3)


def is_there_all(text: str) -> bool:
    """Whether minigrad has all that a text names."""
    return all(map(is_there, NAMES.findall(text)))


@cache
def is_there(name: str) -> bool:
    """Whether minigrad has what stands in a text so: ``torch.nn.Linear`` or ``.relu``."""
    if name.startswith("."):
        return hasattr(minigrad.Tensor, name[1:]) or not hasattr(torch.Tensor, name[1:])
    thing: Any = minigrad
    for part in name.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing is not None


def _broadcasts(shape: tuple[int, ...], goal: tuple[int, ...]) -> bool:
    if len(shape) > len(goal):
        return False
    return all(a in (1, b) for a, b in zip(shape[::-1], goal[::-1], strict=False))


def _together(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1], strict=False))
