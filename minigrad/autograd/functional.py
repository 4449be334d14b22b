"""Whole matrices of derivatives of a function of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.autograd.switches import enable_grad
from minigrad.functions.joining import stack
from minigrad.tensor import Tensor
from minigrad.walk import grad

__all__ = ["hessian", "jacobian"]


def jacobian(func: Callable[..., Any], inputs: Any, create_graph: bool = False) -> Any:
    """J[i, j] = ∂y[i] / ∂x[j] of y = func(x), of shape (\\*y.shape, \\*x.shape).

    Of several inputs a tuple, one for each, and of several results a tuple of those.
    ``create_graph`` makes the result differentiable.
    """
    xs = tuple(x if create_graph else x.detach().requires_grad_() for x in _several(inputs))
    with enable_grad():
        results = func(*xs)
        rows = [_blocks(y, xs, create_graph) for y in _several(results)]
    found = [row[0] if isinstance(inputs, Tensor) else row for row in rows]
    return found[0] if isinstance(results, Tensor) else tuple(found)


def hessian(func: Callable[..., Tensor], inputs: Any, create_graph: bool = False) -> Any:
    """H[i, j] = ∂²y / ∂x[i] ∂x[j] of a single number y = func(x), of shape (\\*x.shape,
    \\*x.shape); of several inputs a tuple of tuples. Errors: RuntimeError when it is not a single
    number."""

    def gradient(*xs: Tensor) -> Any:
        y = func(*xs)
        if y.numel() != 1:
            raise RuntimeError(f"hessian: func must give a single number, got shape {y.shape}")
        found = _gradients(y.reshape(()), xs, True)
        return found[0] if isinstance(inputs, Tensor) else found

    return jacobian(gradient, inputs, create_graph)


def _several(tensors: Any) -> tuple[Tensor, ...]:
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def _blocks(y: Tensor, xs: tuple[Tensor, ...], create_graph: bool) -> tuple[Tensor, ...]:
    """∂y / ∂x for each x: its gradients of all numbers of y, one below the other."""
    rows = [_gradients(number, xs, create_graph) for number in y.reshape(-1)]
    return tuple(
        (stack([row[k] for row in rows]) if rows else x.new_zeros(0)).reshape(*y.shape, *x.shape)
        for k, x in enumerate(xs)
    )


def _gradients(y: Tensor, xs: tuple[Tensor, ...], create_graph: bool) -> tuple[Tensor, ...]:
    """∂y / ∂x of a single number for each x, zeros for what it does not depend on."""
    if not y.requires_grad:
        return tuple(x.new_zeros(x.shape) for x in xs)
    found = grad(y, xs, retain_graph=True, create_graph=create_graph, materialize_grads=True)
    return tuple(g for g in found if g is not None)
