"""Whole matrices of derivatives of a function of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.autograd.forward import pushed
from minigrad.autograd.switches import enable_grad
from minigrad.functions.joining import stack
from minigrad.gradients import grad
from minigrad.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


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


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The results of ``func``, and vᵀ J: the gradient of each input for the cotangents ``v`` of the
    results (ones for a single number). ``create_graph`` and ``strict`` as in `jacobian`. Errors:
    RuntimeError for a ``v`` that is missing or of another shape."""
    xs, ys, results = _called("vjp", func, inputs, create_graph)
    vs = _weights("vjp", v, ys)
    must = "vjp: with strict=True the result" if strict else None
    found = _weighted(ys, xs, vs, create_graph, must)
    return _out(results, ys, create_graph), found[0] if isinstance(inputs, Tensor) else found


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The results of ``func``, and J v: their derivatives along the tangents ``v`` of the inputs
    (1 for a single number). It is exact: backward is transposed. Otherwise as `vjp`."""
    xs, ys, results = _called("jvp", func, inputs, create_graph)
    vs = _weights("jvp", v, xs)
    if strict:
        for y in ys:
            _gradients(y.sum(), xs, False, "jvp: with strict=True every result")
    found = pushed(ys, xs, vs, create_graph)
    found = found if create_graph else tuple(t.detach() for t in found)
    return _out(results, ys, create_graph), found[0] if isinstance(results, Tensor) else found


def vhp(
    func: Callable[..., Tensor],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensor, Any]:
    """The single number ``func`` gives, and vᵀ H with its Hessian H. Otherwise as `vjp`."""
    return _hessian_product("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Callable[..., Tensor],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Tensor, Any]:
    """The single number ``func`` gives, and H v with its Hessian H, which is symmetric: this is
    `vhp`. Otherwise as `vjp`."""
    return _hessian_product("hvp", func, inputs, v, create_graph, strict)


def _hessian_product(
    caller: str, func: Callable[..., Tensor], inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[Tensor, Any]:
    xs, ys, results = _called(caller, func, inputs, create_graph)
    if len(ys) != 1 or ys[0].numel() != 1:
        raise RuntimeError(
            f"{caller}: The Tensor returned by the function given to {caller} should contain a "
            f"single element, got {[tuple(y.shape) for y in ys]}"
        )
    vs = _weights(caller, v, xs)
    must = f"{caller}: with strict=True the result" if strict else None
    with enable_grad():
        slopes = _gradients(ys[0].reshape(()), xs, True, must)
        used = [(g, w) for g, w in zip(slopes, vs, strict=True) if g.requires_grad]
        found = _weighted([g for g, _ in used], xs, [w for _, w in used], create_graph, must)
    return _out(results, ys, create_graph), found[0] if isinstance(inputs, Tensor) else found


def _called(
    caller: str, func: Callable[..., Any], inputs: Any, create_graph: bool
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], Any]:
    """The inputs as what is differentiated by, and what func makes of them."""
    given = _several(caller, "inputs given to", inputs)
    with enable_grad():
        # A view is a place of its own on the tape: func may also hold the tensor it was given.
        xs = tuple(
            x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_()
            for x in given
        )
        results = func(*xs)
    return xs, _several(caller, _RESULTS, results), results


def _weights(caller: str, v: Any, of: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    if v is None:
        if len(of) != 1 or of[0].numel() != 1:
            raise RuntimeError(
                f"{caller}: The vector v can only be None where there is a single number; got "
                f"{[tuple(x.shape) for x in of]}"
            )
        return (of[0].detach().new_ones(of[0].shape),)
    vs = _several(caller, "v given to", v)
    if [x.shape for x in vs] != [x.shape for x in of]:
        raise RuntimeError(
            f"{caller}: v has invalid size: should be {[tuple(x.shape) for x in of]}, got "
            f"{[tuple(x.shape) for x in vs]}"
        )
    return vs


def _weighted(
    ys: Any, xs: tuple[Tensor, ...], vs: Any, create_graph: bool, must: str | None
) -> tuple[Tensor, ...]:
    used = [(y, v) for y, v in zip(ys, vs, strict=True) if y.requires_grad]
    found: Any = (None,) * len(xs)
    if used:
        found = grad(
            *([y for y, _ in used], xs, [v for _, v in used]),
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=True,
        )
    unused = [x for x, g in zip(xs, found, strict=True) if g is None]
    if must and unused:
        raise RuntimeError(
            f"{must} must depend on every input; one of shape {tuple(unused[0].shape)} is not used"
        )
    return tuple(x.new_zeros(x.shape) if g is None else g for x, g in zip(xs, found, strict=True))


def _out(results: Any, ys: tuple[Tensor, ...], create_graph: bool) -> Any:
    """The results as they were, off the tape unless it is asked for."""
    kept = ys if create_graph else tuple(y.detach() for y in ys)
    return kept[0] if isinstance(results, Tensor) else kept


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
    return _weighted((y,), xs, (None,), create_graph, must)
