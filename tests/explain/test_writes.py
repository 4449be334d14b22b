"""Writing into parts of a tensor: the page's own chain rule gives minigrad's gradients, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from absent import missing

import minigrad as mg
from minigrad import explain
from minigrad.autograd import Function
from minigrad.explainer.script import machine, source
from minigrad.explainer.stack import shared_places

Case = Callable[[Any, Any], Any]
CASES: dict[str, Case] = {}


def case(f: Case) -> Case:
    CASES[f.__name__] = f
    return f


def _into(view: Callable[[Any], Any], write: Callable[[Any, Any], Any]) -> Case:
    """w * x, a view of it that is written to, and the whole read again."""

    def step(w: Any, x: Any) -> Any:
        h = w * x
        write(view(h), w)
        return (h * h * x).sum()

    return step


VIEWS: dict[str, Callable[[Any], Any]] = {
    "select": lambda h: h[0],
    "select_last": lambda h: h[..., -1],
    "number": lambda h: h[1, 2],
    "slice": lambda h: h[1:3],
    "steps": lambda h: h[::2, 1:],
    "transpose": lambda h: h.t()[0],
    "diagonal": lambda h: h.diagonal(),
    "flat": lambda h: h.view(-1)[5:9],
    "reshape": lambda h: h.reshape(2, 6)[1, ::2],
    "narrow": lambda h: h.narrow(0, 1, 2),
    "new_axis": lambda h: h[None, 1],
    "unsqueeze": lambda h: h.unsqueeze(1)[2:],
    "permute": lambda h: h.view(2, 2, 3).permute(2, 0, 1)[1],
    "movedim": lambda h: h.movedim(0, 1)[:, 1:3],
    "nested": lambda h: h[1:][0][1:],
    "apart": lambda h: h.unfold(0, 2, 2)[1],
    "squeeze": lambda h: h[:1].squeeze(0),
    "as_strided": lambda h: h.as_strided((2, 2), (3, 1), 1),
}
WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "mul": lambda v, w: v.mul_(3),
    "tanh": lambda v, w: v.tanh_(),
    "add": lambda v, w: v.add_(w[1, 1]),
    "itself": lambda v, w: v.mul_(v),
    "copy": lambda v, w: v.copy_(w[0, 2] * 2),
    "fill": lambda v, w: v.fill_(1.5),
    "zero": lambda v, w: v.zero_(),
    "twice": lambda v, w: v.sin_().add_(w[2, 1]),
}
for i, (v, view) in enumerate(VIEWS.items()):
    for j, (w, write) in enumerate(WRITES.items()):
        if (i + j) % 2 == 0 or w == "mul":
            CASES[f"{v}_{w}"] = _into(view, write)


def _key(key: Any, value: Callable[[Any, Any], Any]) -> Case:
    def step(w: Any, x: Any) -> Any:
        h = w * x
        h[key] = value(h, w)
        z = mg.zeros(4, 3, dtype=mg.float64)
        z[key] = value(h, w).exp() if not isinstance(value(h, w), float) else value(h, w)
        z = z * h
        return (h * z + w * h).sum()

    return step


KEYS: dict[str, Any] = {
    "number": (0, lambda h, w: 1.0),
    "pair": ((1, 2), lambda h, w: w[0, 0] * 2),
    "slice": (slice(1, 3), lambda h, w: h[1:3].flip(0) * 2),
    "steps": ((slice(None, None, 2), 1), lambda h, w: w[:2, 0].sin()),
    "list": ([0, 2], lambda h, w: w[1] * 3),
    "pairs": (([0, 3], [1, 2]), lambda h, w: w[2, :2]),
    "none": ((None, 1), lambda h, w: w[3] * w[2]),
    "rest": ((..., 1), lambda h, w: h[:, 0] * 2),
    "all": (..., lambda h, w: w * w),
    "mixed": ((slice(1, None), [2, 0]), lambda h, w: w[:3, :2]),
    "rows": (np.array([True, False, False, True]), lambda h, w: w[:2] * 2),
}
for name, (key, value) in KEYS.items():
    CASES[f"set_{name}"] = _key(key, value)


@case
def set_mask(w: Any, x: Any) -> Any:
    h = w * x
    h[x > 0] = 2.0
    h[h < 0] = w[0, 0]
    return (h * h).sum()


@case
def set_tensor(w: Any, x: Any) -> Any:
    h = w * x
    h[mg.tensor([3, 1])] *= w[:2]
    h[mg.tensor(2)] = h[0] * 2
    return (h * h).sum()


@case
def augmented(w: Any, x: Any) -> Any:
    h = w * x
    h[1:] += h[:-1]
    h[:, 0] *= h[:, 1]
    return (h * h).sum()


@case
def zeros_filled(w: Any, x: Any) -> Any:
    z = mg.zeros(4, 3, dtype=mg.float64)
    h = w * x
    z[1:3] = h[:2]
    z[0], z[3] = h[3], (z[1] * h[0]).detach()
    return (z * z * x).sum()


@case
def in_a_loop(w: Any, x: Any) -> Any:
    z = mg.zeros(4, 3, dtype=mg.float64)
    for i in range(4):
        z[i] = w[i] * x[i] + (z[i - 1] if i else 0)
    return (z * z).sum()


@case
def view_kept(w: Any, x: Any) -> Any:
    h = w * x
    v = h[:, 1]
    v.add_(h[:, 0])
    return (h * v[:, None]).sum()


@case
def base_written_after(w: Any, x: Any) -> Any:
    h = w * x
    v, d, f = h[1], h.diagonal(), h.unfold(0, 2, 1)
    early = (v * 3).sum() + f.mean()
    h.mul_(w)
    return early + (v.exp() * d).sum() + (f * f).sum()


@case
def two_views_in_turn(w: Any, x: Any) -> Any:
    h = w * x
    a, b = h[:3], h[1:]
    a.mul_(2)
    b.add_(w[0])
    a.sin_()
    h.mul_(h.detach())
    return (a * b).sum() + (h * x).sum()


@case
def read_between(w: Any, x: Any) -> Any:
    h = w * x
    first = h.exp().sum()
    h[0].mul_(3)
    second = h.tanh()
    h.t()[1].add_(w[:, 0])
    return first + (second * h).sum()


@case
def nested_written_at_both(w: Any, x: Any) -> Any:
    h = w * x
    a = h[1:]
    b = a[:, 1:]
    b.mul_(2)
    a.add_(1)
    h.mul_(w)
    b.sin_()
    return (a * a).sum() + (b * h[1:, 1:]).sum()


@case
def a_copy_is_no_view(w: Any, x: Any) -> Any:
    h = w * x
    c = h.t().reshape(-1)
    c.mul_(2)
    h[0].mul_(3)
    return (c * c).sum() + h.sum()


@case
def masked_and_indexed(w: Any, x: Any) -> Any:
    h = w * x
    h[1:].masked_fill_(x[1:] > 0, 0.5)
    h[:, 1:].index_add_(0, mg.tensor([0, 2]), w[:2, 1:])
    h.t().index_fill_(0, mg.tensor([2]), 2.0)
    h[:2].scatter_(1, mg.tensor([[0], [1]]), w[3:, 0:1].expand(2, 1).clone())
    h[2:].clamp_(min=-0.1)
    return (h * h).sum()


@case
def past_the_tape(w: Any, x: Any) -> Any:
    h = w * x
    before = (h * x).sum()
    with mg.no_grad():
        h.mul_(3)
        h[0].add_(1)
    return before + (h * h).sum()


@case
def past_the_tape_between_writes(w: Any, x: Any) -> Any:
    h = w * x
    v = h[1:]
    v.mul_(w[0])
    with mg.no_grad():
        h[2].mul_(3)
    h[:, 0].exp_()
    return (h * h).sum() + (v * v).sum()


@case
def through_data(w: Any, x: Any) -> Any:
    h = w * x
    h.data.mul_(2)
    h.detach()[1:].add_(1)
    h.data[0, 0] = 5.0
    return (h * h).sum()


@case
def leaf_written_before(w: Any, x: Any) -> Any:
    with mg.no_grad():
        w.mul_(2)
        w[0].add_(1)
    return (w * x * w).sum()


@case
def leaf_written_between(w: Any, x: Any) -> Any:
    h = w + x
    v = w[1]
    with mg.no_grad():
        w.mul_(2)
        w.t()[0].add_(1)
    return (h * h).sum() + (w * x).sum() + (v * x[0]).sum()


@case
def leaf_written_after(w: Any, x: Any) -> Any:
    h = (w + x).exp().sum()
    with mg.no_grad():
        w[1:].mul_(2)
        w.clamp_(-1, 1)
    return h


@case
def leaf_data(w: Any, x: Any) -> Any:
    h = w + x
    w.data[1:3] *= 2
    w.data = w.data + 1
    return (h * h * 2).sum() + w.sum()


@case
def a_hook_after_a_write(w: Any, x: Any) -> Any:
    h = w * x
    h[0].mul_(3)
    v = h[1:]
    v.mul_(2)
    h.register_hook(lambda g: g * 2)
    h.mul_(w)
    v.register_hook(lambda g: g * 3)
    w.register_hook(lambda g: g * 5)
    return (h * h).sum() + v.sum()


@case
def hooks_of_a_view_and_of_a_leaf(w: Any, x: Any) -> Any:
    h = w * x
    v = h[1]
    h.mul_(x)
    v.register_hook(lambda g: g * 2)
    w.register_hook(lambda g: g * 5)
    with mg.no_grad():
        w.data[0] = 2.0
    return (v * v).sum() + h.sum() + (w * x).sum()


@case
def an_alias_written_on_the_tape(w: Any, x: Any) -> Any:
    h = w + x
    d, e = h.detach(), h.detach()
    d.copy_(w * 2)
    e[0].mul_(w[0])
    h.add_(w)
    return (h * x).sum() + (d * x).sum()


@case
def two_leaves_in_one_memory(w: Any, x: Any) -> Any:
    a = w.detach().requires_grad_()
    return (w * 2 * x).sum() + (a * 3 * x).sum()


@case
def another_array(w: Any, x: Any) -> Any:
    h = w * x
    v = h[0]
    v.data.mul_(2)
    v.data = v.data * 3
    return h.sum() + (v * v).sum()


class Doubled(Function):
    """Writes into its operand, and into a part of it."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        x.mul_(2)
        x[0].add_(1)
        return x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2


@case
def a_function_that_writes(w: Any, x: Any) -> Any:
    h = w * x
    y = Doubled.apply(h)
    y[1].mul_(3)
    return (y * y).sum()


@case
def second_order(w: Any, x: Any) -> Any:
    h = w * x
    h[0].mul_(3)
    (g,) = mg.autograd.grad((h**3).sum(), [w], create_graph=True)
    u = w - 0.1 * g
    u[1:].mul_(w[0])
    return (u * u * x).sum()


@case
def turned(w: Any, x: Any) -> Any:
    h = w * x
    v = h[0]
    h.t_()
    h[0].mul_(2)
    v.add_(w[0])
    h.unsqueeze_(0)[0, 1:].mul_(3)
    return (h * h).sum() + (v * v).sum()


@case
def parts_of_all_kinds(w: Any, x: Any) -> Any:
    z = mg.zeros(4, 4, dtype=mg.float64)
    z[:2, :2] = w[:2, :2] @ x[:2, :2]
    z[2:, 2:].copy_(x[2:, 1:] @ w[:2, :2])
    z.diagonal().add_(w[:, 0])
    a, b = (z * 2).split(2)
    e = z[:1].expand(4, 4)
    z[1:3].mul_(2)
    return (a * b).sum() + (e * z).sum() + sum((p * p).sum() for p in z.unbind(1))


@case
def backward_of_the_whole(w: Any, x: Any) -> Any:
    h = w * x
    h[0].mul_(3)
    h[:, 1].sin_()
    h.backward(x)
    return None


@case
def backward_of_a_view(w: Any, x: Any) -> Any:
    h = w * x
    v = h[1:3]
    h.mul_(w)
    v[0].mul_(2)
    v.backward(x[:2])
    return None


@case
def two_passes(w: Any, x: Any) -> Any:
    h = w * x
    h[0].mul_(3)
    (h * h).sum().backward()
    g = w * x
    g[:, 2] = w[:, 0]
    return (g * g).sum()


@case
def updated_between(w: Any, x: Any) -> Any:
    optimizer = mg.optim.SGD([w], lr=0.1)
    h = w * x
    h[0].mul_(3)
    (h * h).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    h = w * x
    h[1].mul_(w[0])
    return (h * h).sum()


CHANGED = {"a_hook_after_a_write", "hooks_of_a_view_and_of_a_leaf"}
"""In which a hook makes another gradient than the slope of the loss, which the page says."""


def made(write: Case) -> Any:
    rng = np.random.default_rng(5)
    w = mg.tensor(rng.uniform(0.5, 1.5, (4, 3)), requires_grad=True)
    x = mg.tensor(rng.uniform(-1, 1, (4, 3)))

    def step() -> Any:
        w.grad = None
        loss = write(w, x)
        if loss is not None:
            loss.backward()
        return loss

    return explain(step, torch=True)


def said_of(pages: list[Any]) -> list[Any]:
    node = shutil.which("node")
    if node is None:
        missing("node is not installed")
        raise AssertionError
    ops = {row["op"] for one in pages for row in one.data["rows"]}
    parts = [machine(ops), *(source(f"{name}.js") for name in ("engine", "interface", "why"))]
    parts.append(Path(__file__).with_name("node.js").read_text(encoding="utf-8"))
    programs = json.dumps([one.data for one in pages])
    done = subprocess.run(
        [node, "-e", "'use strict';\n" + "\n".join(parts)],
        input=programs,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return list(json.loads(done.stdout))


def test_gradients_go_through_writes_into_parts_of_a_tensor() -> None:
    pages = [made(write) for write in CASES.values()]
    wrong = []
    for name, said in zip(CASES, said_of(pages), strict=True):
        for g in said["found"]:
            slopes = name in CHANGED or g.get("numeric", 1) < 1e-6
            if g.get("missing") or g["beyond"] or g["sums"] > 1e-12 or not slopes:
                wrong.append((name, {k: v for k, v in g.items() if k != "page"}))
        if not said["found"]:
            wrong.append((name, "no gradient"))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_no_tape_has_seen_and_what_is_not_shown_is_said_in_words(opened: Any) -> None:
    w = mg.ones(2, 3, requires_grad=True)
    before = w * 2

    def step() -> Any:
        w.grad = None
        h = w * 3
        with mg.no_grad():
            h[0].mul_(2)
        loss = (h * h).sum()
        loss.backward()
        return loss

    made = explain(step, torch=False)
    assert "(past the tape)" in made.text()
    page = opened(made, "past")
    page.evaluate("document.querySelectorAll('details.row').forEach(x => { x.open = true; })")
    told = page.locator(".backward .note", has_text="Written past the tape")
    assert told.count() == 1 and "numeric column holds" in told.inner_text()
    page.get_by_role("tab", name="Check").click()
    assert page.locator(".checks tbody tr").count() == 1
    assert page.locator(".checks .agrees").count() == 1

    def late() -> Any:  # what it goes back through was done before
        w.grad = None
        loss = before.sum()
        loss.backward()
        return loss

    page = opened(explain(late, torch=False), "late")
    page.get_by_role("tab", name="Check").click()
    assert "this page cannot show it" in page.locator(".checks tbody tr").inner_text()


def test_places_are_found_in_the_memory_of_a_gpu_too() -> None:
    class Far:  # as much of CuPy's array as is asked
        def __init__(self, like: Any) -> None:
            self.shape, self.strides = like.shape, like.strides
            self.__cuda_array_interface__ = {"data": (like.__array_interface__["data"][0], False)}

    x = np.zeros((2, 3))
    assert shared_places(Far(x), Far(x[1, ::2])) == [-1, -1, -1, 0, -1, 1]
