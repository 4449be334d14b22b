"""The tape's Jacobian against central differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.errors import GradcheckError
from minigrad.tensor import Tensor, wrap

Results = Sequence[Tensor]


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the tape's Jacobian of ``func`` agrees with central differences of width ``eps``.

    Each input that requires a gradient is varied element by element, in place; it should be
    float64. Errors: GradcheckError that names the input, the output and the worst element, or
    False with ``raise_exception=False``.
    """
    listed = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    varied = [x for x in listed if isinstance(x, Tensor) and x.requires_grad]
    if not varied:
        raise ValueError("gradcheck: expected at least one input that requires a gradient")
    results = _results(func(*listed))
    for k, y in enumerate(results):
        for i, x in enumerate(varied):
            analytic = _analytic(y, x)
            numeric = _numeric(lambda k=k: _results(func(*listed))[k], x, eps)
            wrong = ~np.isclose(analytic, numeric, rtol=rtol, atol=atol, equal_nan=True)
            if wrong.any():
                if not raise_exception:
                    return False
                where = np.unravel_index(np.argmax(np.abs(analytic - numeric) * wrong), wrong.shape)
                raise GradcheckError(
                    f"gradcheck: Jacobian mismatch for output {k} with respect to input {i}: "
                    f"{int(wrong.sum())} of {wrong.size} elements; the worst is d output"
                    f"{np.unravel_index(where[1], y.shape)} / d input"
                    f"{np.unravel_index(where[0], x.shape)}: analytical {analytic[where]:.10g}, "
                    f"numerical {numeric[where]:.10g}"
                )
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """`gradcheck` of the function's own gradient, with respect to inputs and cotangents.

    ``grad_outputs`` are the cotangents; random ones when not given.
    """
    listed = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    varied = [x for x in listed if isinstance(x, Tensor) and x.requires_grad]
    results = _results(func(*listed))
    if grad_outputs is None:
        rng = np.random.default_rng(1)
        seeds = [wrap(rng.standard_normal(y.shape)).to(y.dtype).requires_grad_() for y in results]
    else:
        seeds = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)

    def gradient(*_: Tensor) -> tuple[Tensor, ...]:
        grads = autograd.grad(
            _results(func(*listed)),
            varied,
            seeds,
            create_graph=True,
            allow_unused=True,
        )
        return tuple(g for g in grads if g is not None and g.requires_grad)

    return gradcheck(
        gradient,
        [*varied, *seeds],
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
    )


def _results(results: Any) -> list[Tensor]:
    listed = [results] if isinstance(results, Tensor) else list(results)
    return [y for y in listed if isinstance(y, Tensor) and y.requires_grad]


def _analytic(y: Tensor, x: Tensor) -> np.ndarray[Any, Any]:
    """The Jacobian, a row an element of x, a column an element of y: one walk a column."""
    jacobian = np.zeros((x.numel(), y.numel()))
    for j in range(y.numel()):
        seed = np.zeros(y.numel(), y.dtype)
        seed[j] = 1
        (g,) = autograd.grad(
            y, x, wrap(seed.reshape(y.shape)), retain_graph=True, allow_unused=True
        )
        if g is not None:
            jacobian[:, j] = g.detach().cpu().array.reshape(-1)
    return jacobian


def _numeric(f: Callable[[], Tensor], x: Tensor, eps: float) -> np.ndarray[Any, Any]:
    """The Jacobian by central differences."""
    rows = []
    for i in np.ndindex(x.shape):
        old = x.array[i].copy()
        x.array[i] = old + eps
        above = f().detach().cpu().array.astype(np.float64)
        x.array[i] = old - eps
        below = f().detach().cpu().array.astype(np.float64)
        x.array[i] = old
        rows.append(((above - below) / (2 * eps)).reshape(-1))
    return np.array(rows)
