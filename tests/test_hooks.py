"""Hooks on tensors, and the gradients of tensors that are no leaves."""

from __future__ import annotations

from typing import Any

import pytest
from sides import Program, Programs, compare, leaf, weighted

import minigrad
from minigrad.device import Device

program = Programs()


@program
def a_hook_sees_the_gradient(s: Any) -> Any:
    x, seen = leaf(s, 3), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    weighted(h * h).backward()
    return seen[0], len(seen), x.grad


@program
def a_hook_sees_the_whole_gradient(s: Any) -> Any:
    x, seen = leaf(s, 3), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    weighted(h * h + h.sin() + h[0]).backward()
    return seen[0], len(seen), x.grad


@program
def a_hook_changes_the_gradient(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.register_hook(lambda g: g * 10)
    weighted(h * h).backward()
    return x.grad


@program
def hooks_run_in_order(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.register_hook(lambda g: g + 1)
    h.register_hook(lambda g: g * 10)
    weighted(h).backward()
    return x.grad


@program
def a_hook_on_a_leaf(s: Any) -> Any:
    x = leaf(s, 3)
    x.register_hook(lambda g: g * 10)
    weighted(x * x).backward()
    first = x.grad.clone()
    weighted(x).backward()
    (g,) = s.autograd.grad(weighted(x), x)
    return first, x.grad, g


@program
def a_hook_is_removed(s: Any) -> Any:
    x = leaf(s, 3)
    handle = x.register_hook(lambda g: g * 10)
    handle.remove()
    handle.remove()
    weighted(x).backward()
    return x.grad


@program
def a_hook_is_removed_from_a_result(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    keep = h.register_hook(lambda g: g + 1)
    h.register_hook(lambda g: g * 10).remove()
    weighted(h).backward()
    return x.grad, keep is not None


@program
def a_hook_removes_itself(s: Any) -> Any:
    x = leaf(s, 3)
    handles: list[Any] = []

    def once(g: Any) -> Any:
        handles[0].remove()
        return g * 10

    handles.append(x.register_hook(once))
    weighted(x).backward()
    weighted(x).backward()
    return x.grad


@program
def a_hook_gets_zeros_too(s: Any) -> Any:
    x, seen = leaf(s, 3), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    weighted(h.floor()).backward()
    return seen[0], x.grad


@program
def a_hook_before_a_write_belongs_to_the_old_numbers(s: Any) -> Any:
    x, seen = leaf(s, 3), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    h.mul_(5)
    h.register_hook(lambda g: seen.append(g.clone()))
    weighted(h).backward()
    return [x.grad, *seen]


@program
def a_hook_during_create_graph_is_differentiated(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * x
    h.register_hook(lambda g: g * x)
    (g,) = s.autograd.grad(weighted(h), x, create_graph=True)
    weighted(g).backward()
    return g, x.grad


@program
def no_hook_without_a_gradient(s: Any) -> Any:
    leaf(s, 3).detach().register_hook(lambda g: g)


@program
def retain_grad_of_a_result(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.retain_grad()
    h.retain_grad()
    weighted(h * h).backward()
    return h.grad, x.grad


@program
def retained_gradients_add_up(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.retain_grad()
    y = weighted(h * h)
    y.backward(retain_graph=True)
    y.backward()
    return h.grad, x.grad


@program
def a_retained_gradient_comes_after_the_hooks(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.register_hook(lambda g: g + 1)
    h.retain_grad()
    h.register_hook(lambda g: g * 10)
    weighted(h).backward()
    return h.grad, x.grad


@program
def a_retained_gradient_moves_along_with_a_write(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    h.retain_grad()
    h.mul_(5)
    weighted(h).backward()
    return h.grad, x.grad


@program
def retain_grad_of_a_leaf_does_nothing(s: Any) -> Any:
    x = leaf(s, 3)
    x.retain_grad()
    weighted(x * x).backward()
    return x.grad


@program
def retain_grad_without_a_gradient(s: Any) -> Any:
    leaf(s, 3).detach().retain_grad()


@program
def retain_grad_of_the_root(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x)
    y.retain_grad()
    y.backward()
    return y.grad, x.grad


@program
def a_view_keeps_its_hook(s: Any) -> Any:
    x, seen = leaf(s, 4), []
    v = (x * 2)[1:3]
    v.register_hook(lambda g: seen.append(g.clone()))
    weighted(v * v).backward()
    return seen[0], x.grad


@program
def a_hook_after_the_gradient_was_added(s: Any) -> Any:
    x, seen = leaf(s, 3), []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.clone()))
    for _ in range(2):
        weighted(x * x).backward()
    handle.remove()
    weighted(x * x).backward()
    return len(seen), *seen, x.grad


@program
def a_step_inside_backward(s: Any) -> Any:
    x = leaf(s, 3)

    def step(t: Any) -> None:
        with s.no_grad():
            t -= 0.1 * t.grad
        t.grad = None

    x.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        weighted(x * x).backward()
    return x, x.grad is None


@program
def only_a_leaf_has_a_hook_afterwards(s: Any) -> Any:
    return (leaf(s, 3) * 2).register_post_accumulate_grad_hook(lambda t: None)


@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    compare(function, device)


def test_a_hook_with_another_shape_is_refused() -> None:
    x = minigrad.ones(3, requires_grad=True)
    x.register_hook(lambda g: minigrad.ones(2))
    with pytest.raises(RuntimeError, match="has changed the size of value"):
        x.sum().backward()


def test_what_a_hook_returns_is_not_shared() -> None:
    mine = minigrad.ones(3)
    x = minigrad.ones(3, requires_grad=True)
    x.register_hook(lambda g: mine)
    x.sum().backward()
    x.grad.zero_()
    assert mine.tolist() == [1, 1, 1]


def test_a_handle_is_a_block() -> None:
    x = minigrad.ones(3, requires_grad=True)
    with x.register_hook(lambda g: g * 10):
        x.sum().backward()
    x.sum().backward()
    assert x.grad.tolist() == [11, 11, 11]
