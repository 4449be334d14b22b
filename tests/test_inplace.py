"""In-place writes: the same program on PyTorch and here gives the same numbers or an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sides import Program, Programs, compare, leaf, plain, weighted

import minigrad
from minigrad.device import CPU, Device
from minigrad.errors import GraphError

program = Programs()


# -- a result is written to ------------------------------------------------------------------------


@program
def add_to_a_result(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    z = x * 2
    z.add_(y)
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def residual(s: Any) -> Any:
    x = leaf(s, 4)
    out = x * 3
    out += x
    weighted(out * out).backward()
    return out, x.grad


@program
def multiply_by_a_tracked_tensor(s: Any) -> Any:
    x, w = leaf(s, 3), leaf(s, 3, seed=2)
    z = x * 2
    z.mul_(w)
    weighted(z).backward()
    return z, x.grad, w.grad


@program
def an_untracked_tensor_becomes_tracked(s: Any) -> Any:
    z, w = plain(s, 3), leaf(s, 3)
    z.mul_(w)
    weighted(z).backward()
    return z, w.grad, z.requires_grad


@program
def every_arithmetic_twin(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    z = x * 1
    z.add_(y, alpha=2)
    z.sub_(y * y)
    z.mul_(y)
    z.div_(y * y + 1)
    z.pow_(2)
    z.neg_()
    z.sin_()
    z.exp_()
    z.clamp_(max=2.0)
    z.pow_(y)
    weighted(z).backward()
    return z, x.grad, y.grad


@program
def second_derivative_through_a_write(s: Any) -> Any:
    x, w = leaf(s, 3), leaf(s, 3, seed=2)
    z = x * x
    z.mul_(w)
    (g,) = s.autograd.grad(weighted(z), x, create_graph=True)
    weighted(g * g).backward()
    return g, x.grad, w.grad


@program
def copy_over_the_whole(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    z = x * 2
    z.copy_(y * 3)
    weighted(z).backward()
    return z, x.grad, y.grad


@program
def copy_broadcasts_and_converts(s: Any) -> Any:
    y = leaf(s, 3)
    z = s.zeros(2, 3, dtype=s.float32)
    z.copy_(y)
    z.double().sum().backward()
    return z, y.grad


@program
def zeros_are_filled_by_a_loop(s: Any) -> Any:
    x = leaf(s, 4)
    out = s.zeros(4, dtype=s.float64)
    for i in range(4):
        out[i] = x[i] * (i + 1)
    weighted(out * out).backward()
    return out, x.grad


@program
def a_sequence_is_written_step_by_step(s: Any) -> Any:
    x, w = leaf(s, 5, 2), leaf(s, 2, seed=2)
    out = s.zeros(5, 2, dtype=s.float64)
    h = s.zeros(2, dtype=s.float64)
    for i in range(5):
        h = h * w + x[i]
        out[i] = h
    weighted(out).backward()
    return out, x.grad, w.grad


# -- brackets --------------------------------------------------------------------------------------


@program
def set_a_mask_to_a_number(s: Any) -> Any:
    x = leaf(s, 4)
    z = x * 2
    z[z > 0] = 1
    weighted(z * z).backward()
    return z, x.grad


@program
def set_a_slice_to_a_tensor(s: Any) -> Any:
    x, y = leaf(s, 3, 4), leaf(s, 2, seed=2)
    z = x * 2
    z[1, ::2] = y
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def set_rows_by_an_index(s: Any) -> Any:
    x, y = leaf(s, 4, 2), leaf(s, 2, 2, seed=2)
    z = x * 2
    z[s.tensor([3, 0])] = y
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def add_to_a_slice(s: Any) -> Any:
    x, y = leaf(s, 3, 4), leaf(s, 4, seed=2)
    z = x * 2
    z[1:] += y
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def add_to_masked_numbers(s: Any) -> Any:
    x = leaf(s, 5)
    z = x * 2
    z[z > 0] += 1
    weighted(z * z).backward()
    return z, x.grad


@program
def set_through_a_chain_of_brackets(s: Any) -> Any:
    x, y = leaf(s, 3, 4), leaf(s, 2, seed=2)
    z = x * 2
    z[1][1:3] = y
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def set_everything(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, seed=2)
    z = x * 2
    z[:] = y
    weighted(z).backward()
    return z, x.grad, y.grad


@program
def set_an_expanded_value(s: Any) -> Any:
    x, y = leaf(s, 2, 3), leaf(s, 1, 3, seed=2)
    z = x * 2
    z[0] = y
    weighted(z).backward()
    return z, x.grad, y.grad


# -- views -----------------------------------------------------------------------------------------


@program
def write_to_the_base_then_use_the_view(s: Any) -> Any:
    x, y = leaf(s, 4), leaf(s, 4, seed=2)
    z = x * 2
    v = z[1:3]
    z.mul_(y)
    weighted(v * v).backward()
    return v, x.grad, y.grad


@program
def write_to_the_view_then_use_the_base(s: Any) -> Any:
    x, y = leaf(s, 4), leaf(s, 2, seed=2)
    z = x * 2
    v = z[1:3]
    v.mul_(y)
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def write_to_one_view_then_use_another(s: Any) -> Any:
    x, y = leaf(s, 2, 3), leaf(s, 3, seed=2)
    z = x * 2
    v, w = z[0], z.transpose(0, 1)
    v.mul_(y)
    weighted(w * w).backward()
    return w, x.grad, y.grad


@program
def write_to_a_view_of_a_view(s: Any) -> Any:
    x, y = leaf(s, 2, 6), leaf(s, 2, seed=2)
    z = x * 2
    v = z.transpose(0, 1).reshape(3, 2, 2)[1]
    v.mul_(y)
    weighted(z * z).backward()
    return z, v, x.grad, y.grad


@program
def write_to_view_and_base_in_turn(s: Any) -> Any:
    x, y = leaf(s, 4), leaf(s, 2, seed=2)
    z = x * 2
    v = z[:2]
    v.mul_(y)
    z.mul_(3)
    v.add_(y)
    z.sub_(x)
    weighted(z * z).backward()
    return z, v, x.grad, y.grad


@program
def views_of_an_untracked_base(s: Any) -> Any:
    y = leaf(s, 2)
    base = s.zeros(3, 2, dtype=s.float64)
    before = base[1]
    base[1] = y
    after = base[1]
    weighted(before * after).backward()
    return base, before, after, y.grad


@program
def a_view_of_an_untracked_base_requires_grad_after_a_write(s: Any) -> Any:
    base = s.zeros(3, dtype=s.float64)
    v = base[0]
    base.mul_(leaf(s, 3))
    return v.requires_grad, v.is_leaf, base.is_leaf


@program
def both_view_and_base_are_used(s: Any) -> Any:
    x = leaf(s, 4)
    z = x * 2
    v = z.reshape(2, 2)
    v.mul_(3)
    (weighted(v) + weighted(z * z)).backward()
    return z, v, x.grad


@program
def a_column_is_written(s: Any) -> Any:
    x, y = leaf(s, 3, 3), leaf(s, 3, seed=2)
    z = x * 1
    z[:, 1].copy_(y)
    z.T[2].mul_(y)
    weighted(z * z).backward()
    return z, x.grad, y.grad


@program
def a_transposed_cotangent_meets_a_reshaped_view(s: Any) -> Any:
    x, y = leaf(s, 2, 3), leaf(s, seed=2)
    z = x * 1
    z.reshape(6)[1:4].mul_(y)
    weighted(z.T).backward()
    return z, x.grad, y.grad


# -- what is refused -------------------------------------------------------------------------------


@program
def a_leaf_is_written(s: Any) -> Any:
    x = leaf(s, 3)
    x.add_(1)
    return x


@program
def a_view_of_a_leaf_is_written(s: Any) -> Any:
    x = leaf(s, 3)
    x[0] = 1
    return x


@program
def a_view_that_is_a_leaf_is_written(s: Any) -> Any:
    v = plain(s, 3)[:2].requires_grad_()
    v.mul_(2)
    return v


@program
def a_leaf_is_written_under_no_grad(s: Any) -> Any:
    x = leaf(s, 3)
    with s.no_grad():
        x.add_(1)
        x[0] = 5
    weighted(x * x).backward()
    return x, x.grad


@program
def a_kept_operand_is_written(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    y = z * z
    z.add_(1)
    weighted(y).backward()
    return x.grad


@program
def a_kept_result_is_written(s: Any) -> Any:
    x = leaf(s, 3)
    y = x.exp()
    y.add_(1)
    weighted(y).backward()
    return y, x.grad


@program
def an_operand_that_no_rule_reads_is_written(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    y = z + 1
    z.mul_(5)
    weighted(y * y).backward()
    return y, z, x.grad


@program
def the_kept_factor_of_an_untracked_operand_is_written(s: Any) -> Any:
    x, c = leaf(s, 3), plain(s, 3)
    y = x * c
    c.mul_(2)
    weighted(y).backward()
    return x.grad


@program
def the_kept_factor_is_written_but_not_needed(s: Any) -> Any:
    x, c = leaf(s, 3), plain(s, 3)
    y = x.detach() * c + x
    c.mul_(2)
    weighted(y).backward()
    return x.grad


@program
def a_kept_operand_is_written_through_a_view(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    y = z * z
    z[0] = 7
    weighted(y).backward()
    return x.grad


@program
def a_kept_operand_is_written_through_detach(s: Any) -> Any:
    x = leaf(s, 3)
    y = x * x
    x.detach().mul_(2)
    weighted(y).backward()
    return x.grad


@program
def a_kept_operand_is_written_under_no_grad(s: Any) -> Any:
    x = leaf(s, 3)
    y = x * x
    with s.no_grad():
        x.mul_(2)
    weighted(y).backward()
    return x.grad


@program
def a_write_through_data_goes_unnoticed(s: Any) -> Any:
    x = leaf(s, 3)
    y = x * x
    x.data.mul_(2)
    weighted(y).backward()
    return x, x.grad


@program
def a_write_to_numpys_array_goes_unnoticed(s: Any) -> Any:
    x = leaf(s, 3)
    y = x * x
    x.detach().numpy()[:] = 4
    weighted(y).backward()
    return x, x.grad


@program
def an_expanded_view_is_written(s: Any) -> Any:
    z = leaf(s, 3, 1).detach().expand(3, 2)
    z.add_(1)
    return z


@program
def the_result_does_not_fit(s: Any) -> Any:
    z = leaf(s, 3) * 1
    z.add_(leaf(s, 2, 3))
    return z


@program
def a_float_into_integers(s: Any) -> Any:
    z = s.tensor([1, 2])
    z.add_(1.5)
    return z


@program
def a_wider_float_into_a_narrower(s: Any) -> Any:
    x = leaf(s, 3)
    z = s.ones(3, dtype=s.float32)
    z.mul_(x)
    weighted(z.double()).backward()
    return z, x.grad


# -- no_grad, detach, data -------------------------------------------------------------------------


@program
def a_result_is_written_under_no_grad_and_keeps_its_place(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    with s.no_grad():
        z.mul_(10)
    weighted(z).backward()
    return z, x.grad


@program
def a_view_is_written_under_no_grad(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    v = z[1:]
    with s.no_grad():
        v.mul_(10)
    (weighted(z) + weighted(v)).backward()
    return z, x.grad


@program
def detach_shares_memory(s: Any) -> Any:
    x = leaf(s, 3)
    d = x.detach()
    d[0] = 100
    return x, d


@program
def detach_in_place(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    z.detach_()
    y = z * x
    weighted(y).backward()
    return y, x.grad, z.requires_grad, z.is_leaf


@program
def detach_in_place_of_a_view(s: Any) -> Any:
    z = leaf(s, 3) * 2
    v = z[1:]
    v.detach_()
    return v


@program
def data_is_replaced(s: Any) -> Any:
    x = leaf(s, 3)
    x.data = s.ones(3, dtype=s.float64) * 4
    weighted(x * x).backward()
    return x, x.grad


@program
def a_training_step_by_hand(s: Any) -> Any:
    w, x = leaf(s, 3), plain(s, 5, 3)
    for _ in range(4):
        loss = ((x @ w) ** 2).sum()
        loss.backward()
        with s.no_grad():
            w -= 0.01 * w.grad
            w.grad.zero_()
    return w, w.grad, loss


@program
def the_gradient_is_written_between_two_walks(s: Any) -> Any:
    x = leaf(s, 3)
    weighted(x * 2).backward()
    x.grad.mul_(10)
    weighted(x * 3).backward()
    return x.grad


@program
def zero_and_fill(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    z[:2].zero_()
    y = x * 3
    y.fill_(7)
    (weighted(z * z) + weighted(y)).backward()
    return z, y, x.grad


@program
def a_truncating_write_has_a_gradient_of_zero(s: Any) -> Any:
    x = leaf(s, 3)
    z = x * 2
    z.floor_()
    weighted(z).backward()
    return z, x.grad


@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    if "numpys" in function.__name__ and device != CPU:
        pytest.skip("NumPy's memory is the CPU's")
    compare(function, device)


def test_the_error_names_the_op_and_both_lines() -> None:
    x = minigrad.ones(3, requires_grad=True)
    z = x * 2
    y = z * z  # the use
    z.add_(1)  # the write
    with pytest.raises(GraphError) as caught:
        y.sum().backward()
    said = str(caught.value)
    lines = Path(__file__).read_text(encoding="utf-8").split("\n")
    use = next(i for i, text in enumerate(lines, 1) if text.endswith("# the use"))
    write = next(i for i, text in enumerate(lines, 1) if text.endswith("# the write"))
    assert f"mul ({__file__}:{use}) needs operand x" in said or "needs operand y" in said
    assert f"add ({__file__}:{write})" in said
    assert "modified by an inplace operation" in said


def test_a_write_that_reads_itself_twice_is_right_where_pytorch_refuses() -> None:
    x = leaf(minigrad, 3)
    z = x * 2
    z.mul_(z)
    weighted(z).backward()
    y = leaf(minigrad, 3)
    weighted(4 * y * y).backward()
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy())


def test_the_error_of_a_kept_result_names_it() -> None:
    x = minigrad.ones(3, requires_grad=True)
    y = x.exp()
    y.mul_(2)
    with pytest.raises(GraphError, match=r"exp .* needs its result, .* mul "):
        y.sum().backward()


def test_a_refused_write_changes_nothing() -> None:
    x = minigrad.ones(3, requires_grad=True)
    for write in (lambda: x.add_(1), lambda: x[0].add_(1), lambda: x.__setitem__(0, 2)):
        with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
            write()
    assert x.tolist() == [1.0, 1.0, 1.0]
    assert x.is_leaf and x._version == 0


def test_a_read_only_array_is_refused() -> None:
    a = np.ones(3)
    a.flags.writeable = False
    with pytest.raises(RuntimeError, match="read-only"):
        minigrad.from_numpy(a).add_(1)


# -- a place for the result ------------------------------------------------------------------------

PLACED: list[tuple[str, dict[str, Any]]] = [
    ("add", {"alpha": 2}),
    ("sub", {"alpha": 0.5}),
    ("mul", {}),
    ("div", {"rounding_mode": "floor"}),
    ("pow", {}),
    ("matmul", {}),
    ("mm", {}),
]


@pytest.mark.parametrize(("name", "params"), PLACED, ids=lambda value: str(value))
def test_a_result_goes_where_out_says(name: str, params: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    draw = np.random.default_rng(0)
    a, b = draw.uniform(0.5, 2, (2, 3, 3))
    found = []
    for side in (minigrad, torch):
        place = side.zeros(3, 3, dtype=side.float64)
        y = getattr(side, name)(side.from_numpy(a), side.from_numpy(b), out=place, **params)
        assert y is place
        found.append(place.numpy())
    np.testing.assert_allclose(*found, rtol=1e-12)
    x = minigrad.from_numpy(a)
    with pytest.raises(RuntimeError, match=r"shape.*\[?3, 3"):
        getattr(minigrad, name)(x, x, out=minigrad.zeros(4, 3))
    assert minigrad.equal(getattr(minigrad, name)(x, x, out=x), x)


@pytest.mark.parametrize("write", ["mul", "expm1", "both", "twice", "item"])
def test_what_is_written_through_a_view_is_the_bases_and_the_view_looks_at_it(write: str) -> None:
    # Each gradient, of leaf, base and view: asked for, retained and accumulated.
    found = []
    torch = pytest.importorskip("torch")
    for side in (minigrad, torch):
        a = side.tensor([[0.1, 0.2], [0.3, 0.4]], dtype=side.float64, requires_grad=True)
        base = a * 2
        view = base[:, 1]
        if write != "expm1":
            view.mul_(3)
        if write in ("expm1", "both"):
            view.expm1_()
        if write == "twice":
            base.mul_(1.5)
            view.add_(0.5)
        if write == "item":
            view[0] = base[1, 0] * 2
        base.retain_grad()
        view.retain_grad()
        weights = side.tensor([-1.0, 2.0], dtype=side.float64)
        loss = (view * weights).sum() + (base.topk(1, 1)[0] ** 2).mean()
        asked = side.autograd.grad(loss, [view, base, a], retain_graph=True)
        loss.backward()
        found.append([x.tolist() for x in (*asked, view.grad, base.grad, a.grad)])
    for ours, theirs in zip(*found, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-13, atol=0), write
