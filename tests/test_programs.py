"""Random programs of ops, views and writes: PyTorch and minigrad agree in every number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad

torch = pytest.importorskip("torch")
Step = tuple[str, int, int, int]


def combined(kind: str, s: Any, x: Any, y: Any, k: int) -> Any:
    """A result in memory of its own."""
    if kind == "add":
        return x + y
    if kind == "sub":
        return x - y
    if kind == "mul":
        return x * y
    if kind == "sin":
        return x.sin()
    if kind == "exp":
        return (x * 0.1).exp()
    if kind == "sum":
        return x.sum()
    if kind == "clone":
        return x.clone()
    assert kind == "scale"
    return x * (k - 2.5)


def view(kind: str, s: Any, x: Any, y: Any, k: int) -> Any:
    if kind == "select":
        return x[k % max(x.shape[0], 1)] if x.ndim else x.reshape(1)
    if kind == "slice":
        return x[k % 2 :: 1 + k % 2] if x.ndim else x.reshape(1)
    if kind == "column":
        return x[..., k % 2 :] if x.ndim else x.reshape(1)
    if kind == "turn":
        return x.transpose(0, -1) if x.ndim else x.reshape(1, 1)
    if kind == "flat":
        return x.reshape(-1)
    if kind == "lift":
        return x[None]
    assert kind == "detach"
    return x.detach()


def write(kind: str, s: Any, x: Any, y: Any, k: int) -> None:
    if kind == "add_":
        x.add_(y)
    elif kind == "mul_":
        x.mul_(y)
    elif kind == "scale_":
        x.mul_(0.5)
    elif kind == "sin_":
        x.sin_()
    elif kind == "copy_":
        x.copy_(y)
    elif kind == "zero_":
        x.zero_()
    elif kind == "quiet_":
        with s.no_grad():
            x.add_(y)
    elif kind == "set_number":
        x[..., k % 2] = 3.0
    elif kind == "set_tensor":
        x[k % 2 :] = y
    elif kind == "set_mask":
        x[x > 0.3] = 0.25
    else:
        assert kind == "set_index"
        x[s.tensor([-1])] = y


COMBINED = ["add", "sub", "mul", "sin", "exp", "sum", "clone", "scale"]
VIEWS = ["select", "slice", "column", "turn", "flat", "lift", "detach"]
WRITES = ["add_", "mul_", "scale_", "sin_", "copy_", "zero_", "quiet_"]
WRITES += ["set_number", "set_tensor", "set_mask", "set_index"]
steps = st.lists(
    st.tuples(
        st.sampled_from(COMBINED + VIEWS + WRITES),
        st.integers(0, 9),
        st.integers(0, 9),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


class Side:
    """One side's tensors, in the order in which the program made them."""

    def __init__(self, s: Any) -> None:
        rng = np.random.default_rng(0)
        self.s = s
        shapes = [(2, 3), (3,), (2, 3)]
        self.leaves = [s.from_numpy(rng.standard_normal(n)).requires_grad_() for n in shapes]
        self.pool = [*self.leaves, s.from_numpy(rng.standard_normal((2, 3)))]
        self.pool += [self.leaves[0] * 2, self.leaves[1] * 3]

    def step(self, kind: str, i: int, j: int, k: int) -> None:
        x, y = self.pool[i % len(self.pool)], self.pool[j % len(self.pool)]
        if kind in COMBINED:
            self.pool.append(combined(kind, self.s, x, y, k))
        elif kind in VIEWS:
            self.pool.append(view(kind, self.s, x, y, k))
        else:
            write(kind, self.s, x, y, k)

    def backward(self) -> list[Any]:
        total: Any = 0
        for n, x in enumerate(self.pool):
            if x.requires_grad:
                weights = np.linspace(1, 2, x.numel()).reshape(tuple(x.shape)) * (n + 1)
                total = total + (x * self.s.from_numpy(np.asarray(weights))).sum()
        total.backward()
        return [x.grad for x in self.leaves]


def agree(mine: Any, other: Any, what: str) -> None:
    np.testing.assert_allclose(
        mine.detach().numpy(), other.detach().numpy(), rtol=1e-9, atol=1e-9, err_msg=what
    )


@settings(max_examples=400, derandomize=True)
@given(steps)
def test_programs_agree_with_torch(program: list[Step]) -> None:
    mine, other = Side(minigrad), Side(torch)
    for n, step in enumerate(program):
        try:
            other.step(*step)
        except (RuntimeError, IndexError):
            # PyTorch also refuses what is harmless here (writes that overlap their operand).
            continue
        mine.step(*step)
        for i, (x, t) in enumerate(zip(mine.pool, other.pool, strict=True)):
            what = f"tensor {i} after step {n}, {step}"
            agree(x, t, what)
            assert x.requires_grad == t.requires_grad, what
            assert x.is_leaf == t.is_leaf, what
    try:
        expected = other.backward()
    except RuntimeError:
        return
    for i, (g, h) in enumerate(zip(mine.backward(), expected, strict=True)):
        assert (g is None) == (h is None), f"gradient {i}"
        if g is not None:
            agree(g, h, f"gradient {i}")
