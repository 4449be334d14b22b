"""Whole matrices of derivatives of a function of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.autograd.switches import enable_grad
from minigrad.functions.joining import stack
from minigrad.gradients import grad
from minigrad.tensor import Tensor

__all__ = ["hessian", "jacobian"]


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
) -> Any:
    r"""J[i, j] = ∂y[i] / ∂x[j] of y = func(x), of shape (\*y.shape, \*x.shape).

    Of several inputs a tuple, one for each, and of several results a tuple of those.
    ``create_graph`` makes the result differentiable. With ``strict`` a result that does not depend
    on an input is a RuntimeError, otherwise its derivative is 0. ``vectorize`` asks PyTorch for
    speed and changes nothing here. Errors: TypeError for inputs and results that are neither
    tensors nor tuples of them.

    Args:
        func: a function of tensors.
        inputs: the tensor, or a tuple of them, at which it is differentiated.
    """
    return _jacobian("jacobian", "every result", func, inputs, create_graph, strict)


def _jacobian(
    caller: str,
    subject: str,
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool,
    strict: bool,
) -> Any:
    """`jacobian` for a caller; ``subject`` is what must depend on the inputs if it is strict."""
    given = _several(caller, "inputs given to", inputs)
    xs = tuple(
        x if create_graph and x.requires_grad else x.detach().requires_grad_() for x in given
    )
    with enable_grad():
        results = func(*xs)
        several = _several(caller, _RESULTS, results)
        must = f"{caller}: with strict=True {subject}" if strict else None
        rows = [_blocks(y, xs, create_graph, must) for y in several]
    found = [row[0] if isinstance(inputs, Tensor) else row for row in rows]
    return found[0] if isinstance(results, Tensor) else tuple(found)


def hessian(
    func: Callable[..., Tensor],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
) -> Any:
    r"""H[i, j] = ∂²y / ∂x[i] ∂x[j] of a single number y = func(x), of shape (\*x.shape,
    \*x.shape); of several inputs a tuple of tuples. ``strict`` and ``vectorize`` as in `jacobian`.
    Errors: RuntimeError when it is not a single number, TypeError when it is no tensor.

    Args:
        func: a function of tensors with a single number as result.
        inputs: the tensor, or a tuple of them, at which it is differentiated.
        create_graph: make the result differentiable.
    """
    _several("hessian", "inputs given to", inputs)

    def gradient(*xs: Tensor) -> Any:
        y = func(*xs)
        _several("hessian", _RESULTS, y)
        if isinstance(y, tuple) or y.numel() != 1:
            got = f"{len(y)} results" if isinstance(y, tuple) else f"shape {y.shape}"
            raise RuntimeError(f"hessian: func must give a single number, got {got}")
        must = "hessian: with strict=True the result" if strict else None
        found = _gradients(y.reshape(()), xs, True, must)
        return found[0] if isinstance(inputs, Tensor) else found

    return _jacobian("hessian", "its gradient", gradient, inputs, create_graph, strict)


_RESULTS = "outputs of the user-provided function given to"


def _several(caller: str, which: str, tensors: Any) -> tuple[Tensor, ...]:
    """A tensor or a tuple of them, as a tuple. Errors: TypeError for anything else."""
    if isinstance(tensors, Tensor):
        return (tensors,)
    for x in tensors if isinstance(tensors, tuple) else [tensors]:
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{caller}: The {which} {caller} must be either a Tensor or a tuple of Tensors, "
                f"got {type(x).__name__}"
            )
    return tuple(tensors)


def _blocks(
    y: Tensor, xs: tuple[Tensor, ...], create_graph: bool, must: str | None
) -> tuple[Tensor, ...]:
    """∂y / ∂x for each x: its gradients of all numbers of y, one below the other."""
    rows = [_gradients(number, xs, create_graph, must) for number in y.reshape(-1)]
    return tuple(
        (stack([row[k] for row in rows]) if rows else x.new_zeros(0)).reshape((*y.shape, *x.shape))
        for k, x in enumerate(xs)
    )


def _gradients(
    y: Tensor, xs: tuple[Tensor, ...], create_graph: bool, must: str | None
) -> tuple[Tensor, ...]:
    """∂y / ∂x of a single number for each x, zeros for what it does not depend on. Errors:
    RuntimeError for that where something is said to depend on it (``must``)."""
    none: tuple[Tensor | None, ...] = (None,) * len(xs)
    found = grad(y, xs, None, True, create_graph, allow_unused=True) if y.requires_grad else none
    unused = [x for x, g in zip(xs, found, strict=True) if g is None]
    if must and unused:
        raise RuntimeError(
            f"{must} must depend on every input; one of shape {tuple(unused[0].shape)} is not used"
        )
    return tuple(x.new_zeros(x.shape) if g is None else g for x, g in zip(xs, found, strict=True))
