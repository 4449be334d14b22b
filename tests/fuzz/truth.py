"""What PyTorch says, and how far it determines it: the program is run again with a little noise on
everything that it computes.

A number that depends on a tie, on a kink or on what rounding left of a difference moves far more
than the noise. So much may minigrad differ there, and no more elsewhere. Three more runs say what
else is not determined: one in float64, and two for where PyTorch does not say whether memory is
shared (by a `reshape`, by what is written in place and what it reads): with copies there, and with
everything that is given in the plainest layout.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .given import Given
from .outcome import PROGRAM, Outcome, Value, values
from .sides import around, run

NOISE = {"float64": 1e-13, "float32": 4e-7, "float16": 2e-3}
"""Relative, on every result."""
ROUNDING = {"float64": 1e-10, "float32": 2e-6, "float16": 4e-3}
"""So much of the largest number of a tensor any difference may be."""
LEAST = {"float64": 1e-12, "float32": 5e-6, "float16": 4e-3}
"""So much it may always be: what is left of a difference inside an op, which no noise reaches."""
FACTOR = {"float64": 300.0, "float32": 20.0, "float16": 8.0}
"""So many times what noise does."""
RUNS, MORE = 2, 12
"""With noise: always, and where a number differs."""
LOOSE = [
    (r"digamma|polygamma|lgamma", {"float64": 1e-8}),  # the trigamma function's series is short
    (
        r"(Layer|Batch|Instance|Group)Norm|(layer|batch|instance|group)_norm|TransformerEncoder",
        {"float32": 2e-4, "float16": 5e-2},  # of what hardly varies
    ),
]
"""Programs in which PyTorch's own rounding is worse than that of its type, and how much."""


RESHAPES = ("reshape", "flatten", "ravel", "contiguous")
WRITES = re.compile(r"\w_\(|\] \S?= |\.step\(")
"""What may be in a program that writes in place."""
SINGULAR = re.compile(r"linalg|det\(|inverse|pinv|cholesky|qr\(|svd|lstsq|matrix_rank")
"""What is not determined at singular matrices: there what is given is shaken too."""


class Shaken(Given):
    """What is given, with noise."""

    def __init__(self, noise: float, seed: int, all: bool = False, plain: bool = False) -> None:
        super().__init__(torch)
        self.noise, self.rng = noise, np.random.default_rng(seed)
        self.all, self.plain = all, plain

    def __call__(self, *args: Any) -> Any:
        found = super().__call__(*(args[:3] if self.plain else args))
        return self.noisy(found) if self.all else found

    def copied(self, x: Any) -> Any:
        """A copy of a tensor, another value itself."""
        return x.clone() if isinstance(x, torch.Tensor) else x

    def noisy(self, x: Any) -> Any:
        """A copy with noise of a tensor whose rows may be one in memory."""
        if not (isinstance(x, torch.Tensor) and x.is_floating_point() and x.numel()):
            return x
        noise = torch.from_numpy(np.asarray(self.rng.uniform(-1, 1, x.shape))) * self._least(x)
        return x * (1 + noise).to(x.dtype)

    def _least(self, x: Any) -> float:
        return max(self.noise, NOISE.get(str(x.dtype).removeprefix("torch."), 0.0))

    def shake(self, *things: Any) -> None:
        """Change tensors a little, where they lie; the tape does not see it."""
        for x in things:
            if isinstance(x, (list, tuple)):
                self.shake(*x)
            elif isinstance(x, torch.Tensor) and x.is_floating_point() and x.numel():
                size = x.detach().abs().nan_to_num(0, 0, 0).double().mean().item()
                noise = self.rng.uniform(-1, 1, (2, *x.shape)) * self._least(x)
                factor, term = (torch.from_numpy(np.asarray(n)).to(x.dtype) for n in noise)
                try:
                    x.data.add_(x.data * factor + term * (0.1 * size + 1e-3))
                except RuntimeError:  # several of its numbers are one in memory
                    continue

    def shake_gradients(self, optimizer: Any) -> None:
        """Change what an optimizer is about to read."""
        self.shake([p.grad for group in optimizer.param_groups for p in group["params"]])


class _Shaker(ast.NodeTransformer):
    """After each statement the names that it gives, or writes into, are shaken; what is repeated
    without a copy, before it is read."""

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "expand":
            return _wrapped("noisy", node)
        return node

    def _after(self, node: Any, names: list[str]) -> Any:
        if not names:
            return node
        call = f"given.shake({', '.join(names)})"
        return [node, *ast.parse(call).body]

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        found = [x.id for t in node.targets for x in ast.walk(t) if isinstance(x, ast.Name)]
        return self._after(node, [n for n in found if n not in ("DTYPE", "calls")])

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        return self._after(
            node, [x.id for x in ast.walk(node.target) if isinstance(x, ast.Name)][:1]
        )

    def visit_Expr(self, node: ast.Expr) -> Any:
        self.generic_visit(node)
        call = node.value
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".step"):
            return [*ast.parse(f"given.shake_gradients({ast.unparse(call.func)[:-5]})").body, node]
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            written = call.func.attr.endswith("_") and isinstance(call.func.value, ast.Name)
            return self._after(node, [call.func.value.id] if written else [])  # type: ignore[attr-defined]
        return node


class _Apart(ast.NodeTransformer):
    """What is written in place reads copies, and what is reshaped is one."""

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr.endswith("_"):
            node.args = [_wrapped("copied", x) for x in node.args]
        if isinstance(node.func, ast.Attribute) and node.func.attr in RESHAPES:
            return _wrapped("copied", node)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        if isinstance(node.targets[0], ast.Subscript):
            node.value = _wrapped("copied", node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        node.value = _wrapped("copied", node.value)
        return node


def _wrapped(how: str, node: ast.expr) -> ast.expr:
    return ast.parse(f"given.{how}({ast.unparse(node)})", mode="eval").body


@dataclass
class Truth:
    """What PyTorch gave, and what it gave with noise."""

    text: str
    outcome: Outcome
    shaken: list[Outcome]
    dtype: str
    thorough: bool = False

    def more(self) -> bool:
        """Run it again with more noise, once. Returns whether that was done."""
        if self.thorough:
            return False
        self.thorough = True
        self.shaken += _with_noise(self.text, self.dtype, range(RUNS, RUNS + MORE))
        return True


def truth(text: str) -> Truth:
    """Run a program by PyTorch."""
    dtype = next((d for d in NOISE if f"DTYPE = {d!r}" in text), "float64")
    outcome = run(text, "torch")
    if outcome.refusal is not None:
        return Truth(text, outcome, [], dtype, True)
    others = []
    if WRITES.search(text):
        others = [(_changed(text, _Apart()), Shaken(0, 0)), (text, Shaken(0, 0, plain=True))]
    if dtype != "float64":
        wide = text.replace(f"'{dtype}'", "'float64'").replace(f'"{dtype}"', '"float64"')
        others.append((wide, Shaken(0, 0)))
    found = [_shaken(compile(other, PROGRAM, "exec"), given) for other, given in others]
    shaken = [x for x in found if x is not None]
    return Truth(text, outcome, _with_noise(text, dtype, range(RUNS)) + shaken, dtype)


def _with_noise(text: str, dtype: str, seeds: Iterable[int]) -> list[Outcome]:
    code = compile(_changed(text, _Shaker()), PROGRAM, "exec")
    singular = SINGULAR.search(text) is not None
    found = [_shaken(code, Shaken(NOISE[dtype], seed, singular)) for seed in seeds]
    return [x for x in found if x is not None]


def _changed(text: str, change: ast.NodeTransformer) -> str:
    return ast.unparse(ast.fix_missing_locations(change.visit(ast.parse(text))))


def _shaken(code: Any, given: Shaken) -> Outcome | None:
    found = Outcome()
    scope: dict[str, Any] = {"__name__": "program"}
    with around("torch"):
        try:
            exec(code, scope)
            step, calls, state = scope["program"](torch, given)
            for arguments in calls:
                found.calls.append(values(step(*arguments)))
            found.state = values([state, calls])
        except Exception:
            return None
    return found


def differs(
    have: Value, want: Value, shaken: list[Value], dtype: str, text: str = ""
) -> str | None:
    """How a value is another one than PyTorch's, in words."""
    if have.array is None and have.plain is None and want.array is not None:
        if not want.array.any():
            return None  # a gradient that is zero by its rule is None here
    if want.array is None or have.array is None:
        same = have.dtype == want.dtype and have.plain == want.plain
        return None if same else f"{_short(have)} in place of {_short(want)}"
    if have.dtype != want.dtype:
        return f"type {have.dtype} in place of {want.dtype}"
    if any(x.array is not None and x.array.shape != want.array.shape for x in shaken):
        return None  # how many there are hangs on a tie
    if have.array.shape != want.array.shape:
        return f"shape {have.array.shape} in place of {want.array.shape}"
    allowed = _allowed(want, shaken, dtype, text)
    a, b = have.array, want.array
    if b.dtype.kind != "f":
        wrong = (a != b) & (allowed == 0)
    else:
        with np.errstate(all="ignore"):
            near = np.abs(a.astype(float) - b) <= allowed
            wrong = ~(near | (a == b) | (np.isnan(a) & np.isnan(b)) | np.isnan(allowed))
    if not wrong.any():
        return None
    i = int(np.flatnonzero(wrong)[0])
    return f"{a.flat[i]!r} in place of {b.flat[i]!r} at {i}, {int(wrong.sum())} of {wrong.size}"


def _allowed(want: Value, shaken: list[Value], dtype: str, text: str) -> np.ndarray:
    """How far each number may be off; nan where it is not determined at all."""
    b = want.array
    assert b is not None
    others = [x.array for x in shaken if x.array is not None and x.array.shape == b.shape]
    moved = np.zeros(b.shape)
    if b.dtype.kind != "f":
        for other in others:
            moved = np.maximum(moved, other != b)
        return moved
    kind = min((dtype, want.dtype), key=lambda d: np.dtype(d).itemsize)
    with np.errstate(all="ignore"):
        size = np.abs(b.astype(float))
        scale = float(size[np.isfinite(size)].max(initial=0.0))
        for other in others:
            same = (other == b) | (np.isnan(other) & np.isnan(b))
            moved = np.maximum(moved, np.where(same, 0, np.abs(other.astype(float) - b)))
        own = max([d.get(kind, 0.0) for p, d in LOOSE if re.search(p, text)], default=0.0)
        loose = ~(moved <= 1e6 * NOISE[kind] * max(scale, 1e-3))
        level = float(moved[~loose].max(initial=0.0))
        allowed = (
            (ROUNDING[kind] + own) * scale
            + FACTOR[kind] * np.where(loose, moved, level)
            + LEAST[kind]
            + own
        )
    hazy = moved > 0.1 * max(scale, 1e-3)
    return np.where(np.isfinite(allowed) & ~hazy, allowed, np.nan)


def _short(x: Value) -> str:
    return repr(x.plain) if x.array is None else f"{x.dtype}{list(x.array.shape)}"
