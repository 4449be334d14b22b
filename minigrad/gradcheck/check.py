"""gradcheck and gradgradcheck: the verdict, and what is wrong where.

Before any numbers are compared, backward must keep its contract: twice the same cotangent gives the
same gradient, a multiple of it the multiple, and nothing that it was given is written to. A rule
that forgets the cotangent passes every comparison of a single result; it does not pass this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.errors import GradcheckError
from minigrad.gradcheck.examine import examine
from minigrad.gradcheck.function import Subject
from minigrad.gradcheck.jacobian import Matrix, analytic, as_numpy, differences, numeric, pulled
from minigrad.gradcheck.own import own
from minigrad.gradcheck.subject import as_list, floating, offered, to_vary, tracked
from minigrad.gradients import grad
from minigrad.tensor import Tensor, wrap


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
    level: str | None = None,
) -> bool:
    """Whether the tape's Jacobian of ``func`` agrees with central differences of width ``eps``.

    Each input that requires a gradient must be float64; it is varied in place, so ``func`` may be
    given its inputs or hold them. ``nondet_tol`` is how far two backward runs may differ.
    ``fast_mode`` compares random projections instead of every element.

    With a ``level`` ("quick", "standard", "thorough") the verdict is that of `minigrad.check`,
    which has no tolerances: it finds what these differences are too coarse for, and asks more of
    backward. ``eps``, ``atol``, ``rtol`` and ``fast_mode`` then mean nothing.

    ``check_undefined_grad`` and ``check_grad_dtypes`` are taken for PyTorch's sake and always on:
    each of several results is differentiated alone, so that the others get no cotangent, and the
    walk gives every gradient its input's type.

    Stricter than PyTorch's: a floating-point result that does not require a gradient must not
    depend on any input. Errors: GradcheckError that names the input, the output and the worst
    element, or False with ``raise_exception=False``; ValueError for unusable inputs and where no
    result is floating-point; TypeError for a result that is neither a tensor nor a tuple of them:
    what cannot be checked does not pass.

    Args:
        func: a function of tensors, or a module.
        inputs: a tensor, or several in a list.
        eps: the width of the differences.
        atol, rtol: how far the two Jacobians may differ, as an amount and as a part.
        raise_exception: raise where they differ; False returns False.
        check_backward_ad: only True.
        check_batched_grad, check_batched_forward_grad, check_forward_ad, masked: only as they are;
            there is no other way of differentiation here (NotImplementedError).
    """
    offered(
        "gradcheck",
        check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad,
        check_forward_ad=check_forward_ad,
        masked=masked,
        check_backward_ad=not check_backward_ad,
    )
    listed = as_list(inputs)
    varied = to_vary("gradcheck", listed)
    try:
        if level is not None:
            floating(func(*listed))
            _climbed(own(func, listed), level)
            return True
        _contract(func, listed, varied, nondet_tol)
        if fast_mode:
            _projections(func, listed, varied, eps, atol, rtol)
        else:
            _jacobians(func, listed, varied, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
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
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    gen_non_contig_grad_outputs: bool = False,
    masked: bool = False,
    level: str | None = None,
) -> bool:
    """`gradcheck` of the function's own gradient, with respect to inputs and cotangents.

    ``grad_outputs`` are the cotangents; random ones when not given, with
    ``gen_non_contig_grad_outputs`` with gaps in memory. A function none of whose results requires
    a gradient is checked to be constant. ``level`` and errors as for `gradcheck`.

    Args:
        func: a function of tensors, or a module.
        inputs: a tensor, or several in a list.
        eps: the width of the differences.
        atol, rtol: how far the two Jacobians may differ, as an amount and as a part.
        raise_exception: raise where they differ; False returns False.
        nondet_tol, fast_mode: as for `gradcheck`.
        check_undefined_grad, check_grad_dtypes: always on.
        check_rev_over_rev: only True.
        check_batched_grad, check_fwd_over_rev, masked: only as they are (NotImplementedError).
    """
    offered(
        "gradgradcheck",
        check_fwd_over_rev=check_fwd_over_rev,
        masked=masked,
        check_rev_over_rev=not check_rev_over_rev,
    )
    listed = as_list(inputs)
    varied = to_vary("gradgradcheck", listed)
    results = tracked(func(*listed))
    if grad_outputs is None:
        rng = np.random.default_rng(1)
        gap = 2 if gen_non_contig_grad_outputs else 1
        drawn = [wrap(rng.standard_normal((*y.shape, gap))).to(y.device)[..., 0] for y in results]
        seeds = [seed.requires_grad_() for seed in drawn]
    else:
        seeds = as_list(grad_outputs)

    def gradient(*_: Tensor) -> tuple[Tensor, ...]:
        grads = grad(tracked(func(*listed)), varied, seeds, create_graph=True, allow_unused=True)
        return tuple(g for g in grads if g is not None)

    return gradcheck(
        gradient if results else func,
        [*varied, *seeds],
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        level=level,
    )


def _climbed(subject: Subject, level: str) -> None:
    """Errors: GradcheckError with the report of a check that is not right."""
    report = examine(subject, level)
    if not report.ok:
        raise GradcheckError(f"gradcheck: {report.text()}")


def _contract(
    func: Callable[..., Any], listed: list[Any], varied: list[Tensor], nondet_tol: float
) -> None:
    before = [as_numpy(x).copy() for x in varied]
    rng = np.random.default_rng(2)
    for k, y in enumerate(floating(func(*listed))):
        if not y.requires_grad:
            continue
        seed = rng.standard_normal(y.shape)
        given = wrap(y.device.call("array", seed, dtype=y.dtype))
        grad(y, varied, given, retain_graph=True, allow_unused=True)
        if not np.array_equal(as_numpy(given), seed.astype(y.dtype)):
            raise GradcheckError(f"gradcheck: backward of output {k} writes into its cotangent")
        first, again = pulled(y, varied, seed), pulled(y, varied, seed)
        multiple, none = pulled(y, varied, -2 * seed), pulled(y, varied, 0 * seed)
        for i, x in enumerate(varied):
            pair = f"output {k} with respect to input {i}"
            if not _same(again[i], first[i], nondet_tol):
                raise GradcheckError(
                    f"gradcheck: backward is not reentrant: two runs for {pair} differ by up to "
                    f"{np.max(np.abs(again[i] - first[i])):.3g}"
                )
            if np.any(np.nan_to_num(none[i])):
                raise GradcheckError(
                    f"gradcheck: backward not multiplied by grad_output: a cotangent of zeros for "
                    f"{pair} gives a gradient that is not zero"
                )
            if not np.allclose(multiple[i], -2 * first[i], 1e-9, nondet_tol, equal_nan=True):
                raise GradcheckError(
                    f"gradcheck: backward is not linear in the cotangent for {pair}: -2 times the "
                    "cotangent does not give -2 times the gradient"
                )
            if not np.array_equal(as_numpy(x), before[i], equal_nan=True):
                raise GradcheckError(f"gradcheck: backward of output {k} writes into input {i}")


def _same(a: Matrix, b: Matrix, tolerance: float) -> bool:
    if not tolerance:
        return np.array_equal(a, b, equal_nan=True)
    return bool(np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True))


def _jacobians(
    func: Callable[..., Any],
    listed: list[Any],
    varied: list[Tensor],
    eps: float,
    atol: float,
    rtol: float,
) -> None:
    results = floating(func(*listed))
    by_tape = [
        analytic(y, varied)
        if y.requires_grad
        else [np.zeros((x.numel(), y.numel())) for x in varied]
        for y in results
    ]
    for i, x in enumerate(varied):
        by_numbers = numeric(lambda: floating(func(*listed)), x, eps)
        for k, y in enumerate(results):
            have, want = by_tape[k][i], by_numbers[k]
            wrong = ~np.isclose(have, want, rtol=rtol, atol=atol)
            if wrong.any():
                if not y.requires_grad:
                    raise GradcheckError(
                        f"gradcheck: Numerical gradient expected to be zero: output {k} does not "
                        f"require a gradient, but it depends on input {i}"
                    )
                off = np.where(wrong, np.nan_to_num(np.abs(have - want), nan=np.inf), -1)
                row, column = np.unravel_index(int(np.argmax(off)), off.shape)
                raise GradcheckError(
                    f"gradcheck: Jacobian mismatch for output {k} with respect to input {i}: "
                    f"{int(wrong.sum())} of {wrong.size} elements differ; the worst is "
                    f"d output{_place(column, y)} / d input{_place(row, x)}: "
                    f"analytical {have[row, column] + 0.0:.10g}, numerical {want[row, column]:.10g}"
                )


def _place(flat: Any, t: Tensor) -> list[int]:
    return [int(n) for n in np.unravel_index(flat, t.shape)]


def _projections(
    func: Callable[..., Any],
    listed: list[Any],
    varied: list[Tensor],
    eps: float,
    atol: float,
    rtol: float,
) -> None:
    """u · J v for a few u and v of random signs: an error in any element shows with a probability
    of a half or more each time, unless it drowns in the tolerance of the sum."""
    rng = np.random.default_rng(3)
    results = floating(func(*listed))
    for i, x in enumerate(varied):
        for _ in range(4):
            v = rng.choice([-1.0, 1.0], x.shape)
            moved = differences(lambda: floating(func(*listed)), x, eps * v, eps)
            for k, (y, slope) in enumerate(zip(results, moved, strict=True)):
                u = rng.choice([-1.0, 1.0], y.numel())
                have = np.sum(pulled(y, varied, u)[i] * v) if y.requires_grad else 0.0
                want = float(u @ slope)
                if not np.isclose(have, want, rtol=rtol, atol=atol * np.sqrt(v.size * u.size)):
                    raise GradcheckError(
                        f"gradcheck: Jacobian mismatch for output {k} with respect to input {i}: "
                        f"along a random direction analytical {have:.10g}, numerical {want:.10g}; "
                        "fast_mode=False names the element"
                    )
