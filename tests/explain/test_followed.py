"""What is taken down of a step, of a loss that was computed, and of a script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import NETS

import minigrad
from minigrad import nn
from minigrad.autograd import Function
from minigrad.commands import main
from minigrad.errors import GraphError
from minigrad.explainer import Explanation, explain

SCRIPT = """
import minigrad
from minigrad import nn
minigrad.manual_seed(0)
x = minigrad.randn(12, 3)
x = (x - x.mean(0)) / x.std(0)
y = (x.sum(1, keepdim=True) > 0).float()
net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1))
optimizer = minigrad.optim.{optimizer}
for epoch in range(1000000):
    out = net(x[:6])
    loss = nn.functional.binary_cross_entropy_with_logits(out, y[:6])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def names(explained: Explanation) -> set[str]:
    return {value["n"] for value in explained.data["values"] if "n" in value}


def ops(explained: Explanation, phase: int) -> list[str]:
    return [row["op"] for row in explained.data["rows"] if row["phase"] == phase]


def test_a_step_has_its_names_lines_and_phases() -> None:
    step, args = NETS["two_layers"]()
    made = explain(step, *args, torch=False)
    assert {"x0", "x1", "0.weight", "0.bias", "2.weight", "2.bias", "out", "loss", "lr"} <= names(
        made
    )
    assert ops(made, 0) == ["linear", "tanh", "linear", "sub", "pow", "sum", "div"]
    assert ops(made, 2).count("descend") == 4
    texts = {made.data["lines"][row["line"]][2] for row in made.data["rows"] if row["phase"] == 0}
    assert texts == {"out = model(x)", "loss = loss_of(out, y)"}
    causes = [row["by"] for row in made.data["rows"] if row["phase"] == 1]
    assert all(row is not None for row, _ in causes)
    assert len(made.data["carried"]) == 4


def test_two_optimizers_give_two_passes_with_names_of_their_own() -> None:
    step, args = NETS["gan"]()
    made = explain(step, *args, torch=False)
    assert len(made.data["passes"]) == 2
    assert {"D.0.weight", "G.0.weight", "d_loss", "g_loss", "D.0.weight′"} <= names(made)
    at = {i: value.get("n") for i, value in enumerate(made.data["values"])}
    first, second = ([at[g[0]] for g in one["grads"]] for one in made.data["passes"])
    assert all(name.startswith("D.") for name in first)
    assert {"G.0.weight", "G.2.bias", "D.0.weight′"} <= set(second)


def test_the_record_is_what_was_asked_for_of_a_compiled_step() -> None:
    step, args = NETS["two_layers"]()
    plain, compiled = explain(step, *args, torch=False), explain(minigrad.compile(step), *args)
    assert ops(plain, 0) == ops(compiled, 0)


def test_what_is_written_through_a_view_is_seen() -> None:
    def step() -> Any:
        x = minigrad.arange(6, dtype=minigrad.float32).reshape(2, 3)
        row = x[1]
        x.mul_(2)
        row.add_(1)
        w = minigrad.ones(3, requires_grad=True)
        loss = (w * x.sum(0)).sum() + row.sum()
        loss.backward()
        return loss

    made = explain(step, torch=False)
    assert ops(made, 0).count("overlay") >= 2


def trained() -> tuple[nn.Module, Any, Any]:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    return model, minigrad.randn(5, 2, 2), minigrad.randn(5, 2)


@pytest.mark.parametrize("after", (False, True))
def test_a_loss_is_explained_before_and_after_backward(after: bool, tmp_path: Path) -> None:
    model, x, y = trained()
    pred = model(x)
    loss = ((pred - y) ** 2).mean() + 1.5
    if after:
        loss.backward()
    before = [p.grad for p in model.parameters()]
    made = minigrad.explain(loss, tmp_path / "loss.html")
    assert (tmp_path / "loss.html").read_text(encoding="utf-8") == made.html
    assert {"1.weight", "3.bias", "y", "loss"} <= names(made)
    assert all(p.grad is g for p, g in zip(model.parameters(), before, strict=True))
    if after:
        for gradient in made.trace.passes[0].gradients:
            p = dict(model.named_parameters())[gradient.leaf.name]
            assert np.allclose(gradient.numbers, p.grad.numpy(), rtol=1e-6)


def test_a_loss_that_cannot_be_explained_says_what_to_do() -> None:
    w = minigrad.ones(2, requires_grad=True)
    loss = (w + minigrad.ones(2)).sum()
    with pytest.raises(GraphError, match=r"no longer has y of add .*explain\(step, x, y\)"):
        minigrad.explain(loss)
    loss = (w * w).sum()
    with minigrad.no_grad():
        w.add_(1)
    with pytest.raises(GraphError, match=r"has changed since then: explain it before optimizer"):
        minigrad.explain(loss)
    with pytest.raises(GraphError, match="has no tape"):
        minigrad.explain(minigrad.ones(1))
    with pytest.raises(TypeError, match="expected a step or a loss, got int"):
        minigrad.explain(3)  # type: ignore[arg-type]


def test_the_tape_keeps_nothing_alive_for_it() -> None:
    import weakref

    w = minigrad.ones(3, requires_grad=True)
    x = minigrad.randn(3)
    seen = weakref.ref(x.array)
    loss = (w + x).sum()
    del x
    assert seen() is None
    loss.backward()


@pytest.mark.parametrize(
    "optimizer", ("SGD(net.parameters(), lr=0.1, momentum=0.9)", "Adam(net.parameters())")
)
def test_a_script_is_run_until_its_first_step_is_done(
    optimizer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "net.py"
    script.write_text(SCRIPT.format(optimizer=optimizer), encoding="utf-8")
    out = tmp_path / "page.html"
    assert main(["explain", str(script), "--out", str(out)]) == 0
    assert out.stat().st_size > 10_000
    assert main(["explain", str(script), "--text"]) == 0
    told = capsys.readouterr().out
    assert "out = net(x[:6])  # net.py:11" in told
    assert "linear1[6, 4] = linear(" in told and "0.weight.grad [4, 3]" in told
    assert told.count("forward\n") == 1


def test_a_recipe_and_a_lesson_are_explained(tmp_path: Path) -> None:
    for name in ("D1", "C6"):
        assert main(["explain", name, "--out", str(tmp_path / "page.html"), "--batch", "2"]) == 0
    assert main(["explain", "nothing.py"]) == 1


def test_a_notebook_shows_it_in_a_frame() -> None:
    w = minigrad.ones(1, requires_grad=True)
    shown = explain(lambda: (w * 2).sum().backward(), torch=False)._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and "sandbox=" in shown


def test_nothing_of_it_is_imported_with_minigrad() -> None:
    code = "import minigrad, sys; print([m for m in sys.modules if 'explainer' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pytorchs_gradients_stand_beside() -> None:
    pytest.importorskip("torch")
    for name, make in NETS.items():
        if name == "own_functions":  # which PyTorch does not know
            continue
        step, args = make()
        made = explain(step, *args)
        stored = [g for one in made.data["passes"] for g in one["grads"]]
        assert stored and all(g[4] is not None for g in stored), name


def test_a_walk_that_fails_and_an_assignment_are_no_part_of_a_pass() -> None:
    def step() -> None:
        x = minigrad.ones(3, requires_grad=True)
        y = (x**3).sum()
        y.backward(retain_graph=True)
        y.backward()
        with pytest.raises(GraphError):
            y.backward()
        x.grad = None
        (x * 2).sum().backward()

    made = explain(step, torch=False)
    assert [len(one["roots"]) for one in made.data["passes"]] == [2, 1]
    assert all(one["grads"][0][2] is None for one in made.data["passes"])


def test_functions_and_hooks_of_the_users_are_rows_and_factors() -> None:
    step, args = NETS["own_functions"]()
    made = explain(step, *args, torch=False)
    found = {row["title"]: row for row in made.data["rows"] if "title" in row}
    assert set(found) == {"Sine", "Rounded", "Product", "Bounded", "Tripled", "module hooks"}
    assert found["Sine"]["sealed"] and not found["Rounded"]["sealed"]
    assert set(found["Product"]["slopes"]) == {0, 1} and not found["Bounded"]["slopes"]
    (one,) = made.data["passes"]
    assert [hook for _, hook in one["hooks"] if isinstance(hook, float)] == [-1.0, 0.5]
    assert len(one["hooks"]) == 3
    assert [note.split(":")[0] for note in one["notes"]] == ["Bounded"]
    text = made.text()
    assert "Sine1[4, 3] = Sine(linear1[4, 3])" in text and "the backward of Sine" in text


def test_a_functions_backward_is_asked_aside_and_never_if_it_walks_back_itself() -> None:
    class Noisy(Function):
        @staticmethod
        def forward(ctx: Any, x: Any, w: Any) -> Any:
            ctx.save_for_backward(x, w)
            return x * w

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            x, w = (each.detach().requires_grad_() for each in ctx.saved_tensors)
            with minigrad.enable_grad():
                (x * w * minigrad.rand(())).backward(g)
            return x.grad, w.grad

    w = minigrad.ones(3, requires_grad=True)

    def step() -> Any:
        loss = Noisy.apply(minigrad.randn(3), w).sum()
        loss.backward()
        return loss

    minigrad.manual_seed(0)
    made = explain(step, torch=False)
    stream = minigrad.get_rng_state()
    minigrad.manual_seed(0)
    step()
    assert np.array_equal(made.trace.passes[0].gradients[0].numbers, w.grad.numpy())
    assert not np.array_equal(stream, minigrad.get_rng_state())  # explain has put it back
    (row,) = [row for row in made.data["rows"] if "title" in row]
    assert not row["slopes"] and made.data["passes"][0]["notes"]
