"""What PyTorch says, and how far it determines it: the program is run again with a little noise on
everything that it computes.

A number that depends on a tie, on a kink or on what rounding left of a difference moves far more
than the noise. So much may minigrad differ there, and no more elsewhere.
"""

from __future__ import annotations

import ast
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
RUNS = 2


class Shaken(Given):
    """What is given, with noise."""

    def __init__(self, noise: float, seed: int) -> None:
        super().__init__(torch)
        self.noise, self.rng = noise, np.random.default_rng(seed)

    def shake(self, *things: Any) -> None:
        """Change tensors a little, where they lie; the tape does not see it."""
        for x in things:
            if isinstance(x, (list, tuple)):
                self.shake(*x)
            elif isinstance(x, torch.Tensor) and x.is_floating_point() and x.numel():
                size = x.detach().abs().nan_to_num(0, 0, 0).double().mean().item()
                noise = self.rng.uniform(-1, 1, (2, *x.shape)) * self.noise
                factor, term = (torch.from_numpy(np.asarray(n)).to(x.dtype) for n in noise)
                try:
                    x.data.add_(x.data * factor + term * (0.1 * size + 1e-3))
                except RuntimeError:  # several of its numbers are one in memory
                    continue

    def shake_gradients(self, optimizer: Any) -> None:
        """Change what an optimizer is about to read."""
        self.shake([p.grad for group in optimizer.param_groups for p in group["params"]])


class _Shaker(ast.NodeTransformer):
    """After each statement the names that it gives, or writes into, are shaken."""

    def _after(self, node: Any, names: list[str]) -> Any:
        if not names:
            return node
        call = f"given.shake({', '.join(names)})"
        return [node, *ast.parse(call).body]

    def visit_Assign(self, node: ast.Assign) -> Any:
        found = [x.id for t in node.targets for x in ast.walk(t) if isinstance(x, ast.Name)]
        return self._after(node, [n for n in found if n not in ("DTYPE", "calls")])

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        return self._after(
            node, [x.id for x in ast.walk(node.target) if isinstance(x, ast.Name)][:1]
        )

    def visit_Expr(self, node: ast.Expr) -> Any:
        call = node.value
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".step"):
            return [*ast.parse(f"given.shake_gradients({ast.unparse(call.func)[:-5]})").body, node]
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            written = call.func.attr.endswith("_") and isinstance(call.func.value, ast.Name)
            return self._after(node, [call.func.value.id] if written else [])  # type: ignore[attr-defined]
        return node


@dataclass
class Truth:
    """What PyTorch gave, and what it gave with noise."""

    outcome: Outcome
    shaken: list[Outcome]
    dtype: str


def truth(text: str) -> Truth:
    """Run a program by PyTorch."""
    dtype = next((d for d in NOISE if f"DTYPE = {d!r}" in text), "float64")
    outcome = run(text, "torch")
    if outcome.refusal is not None:
        return Truth(outcome, [], dtype)
    tree = ast.fix_missing_locations(_Shaker().visit(ast.parse(text)))
    code = compile(tree, PROGRAM, "exec")
    shaken = [_shaken(code, NOISE[dtype], seed) for seed in range(RUNS)]
    return Truth(outcome, [x for x in shaken if x is not None], dtype)


def _shaken(code: Any, noise: float, seed: int) -> Outcome | None:
    found = Outcome()
    scope: dict[str, Any] = {"__name__": "program"}
    with around("torch"):
        try:
            exec(code, scope)
            step, calls, state = scope["program"](torch, Shaken(noise, seed))
            for arguments in calls:
                found.calls.append(values(step(*arguments)))
            found.state = values([state, calls])
        except Exception:
            return None
    return found


def differs(have: Value, want: Value, shaken: list[Value], dtype: str) -> str | None:
    """How a value is another one than PyTorch's, in words."""
    if have.array is None and have.plain is None and want.array is not None:
        if not want.array.any():
            return None  # a gradient that is zero by its rule is None here
    if want.array is None or have.array is None:
        same = have.dtype == want.dtype and have.plain == want.plain
        return None if same else f"{_short(have)} in place of {_short(want)}"
    if have.dtype != want.dtype:
        return f"type {have.dtype} in place of {want.dtype}"
    if have.array.shape != want.array.shape:
        return f"shape {have.array.shape} in place of {want.array.shape}"
    allowed = _allowed(want, shaken, dtype)
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


def _allowed(want: Value, shaken: list[Value], dtype: str) -> np.ndarray:
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
        loose = ~(moved <= 1e6 * NOISE[kind] * max(scale, 1e-3))
        level = float(moved[~loose].max(initial=0.0))
        allowed = (
            ROUNDING[kind] * scale + FACTOR[kind] * np.where(loose, moved, level) + LEAST[kind]
        )
    return np.where(np.isfinite(allowed), allowed, np.nan)


def _short(x: Value) -> str:
    return repr(x.plain) if x.array is None else f"{x.dtype}{list(x.array.shape)}"
