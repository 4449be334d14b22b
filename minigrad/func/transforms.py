"""Transforms of functions: the gradient, the Jacobian, the Hessian as functions themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from minigrad.autograd.forward import pushed
from minigrad.autograd.switches import enable_grad
from minigrad.func.tree import leaves, mapped, refilled, tensors
from minigrad.functions.joining import stack
from minigrad.gradients import grad as gradients
from minigrad.tensor import Tensor

_Function = Callable[..., Any]


class _Depth:
    """How many transforms are under way: inside of one, results stay on the tape for the outer."""

    now = 0


@contextmanager
def _inside() -> Iterator[None]:
    _Depth.now += 1
    try:
        with enable_grad():
            yield
    finally:
        _Depth.now -= 1


def _place(x: Any) -> Any:
    """The same numbers as a place of its own on the tape, which an outer transform still sees."""
    if not isinstance(x, Tensor) or not x.is_floating_point():
        return x
    return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()


def _done(x: Any, given: Any) -> Any:
    """The results, off the tape where nobody follows them further."""
    if _Depth.now or any(isinstance(t, Tensor) and t.requires_grad for t in leaves(given)):
        return x
    return mapped(lambda t: t.detach() if isinstance(t, Tensor) else t, x)


def _chosen(caller: str, args: tuple[Any, ...], argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for k in numbers:
        if not -len(args) <= k < len(args):
            raise RuntimeError(f"{caller}: Got argnum={k}, but only {len(args)} positional inputs")
    return tuple(k % len(args) for k in numbers)


def _apart(
    caller: str, args: tuple[Any, ...], argnums: int | tuple[int, ...]
) -> tuple[list[Any], Any, list[Tensor]]:
    """The arguments with those to differentiate by on places of their own."""
    numbers = _chosen(caller, args, argnums)
    whole = list(args)
    for k in numbers:
        whole[k] = mapped(_place, args[k])
    goal = whole[numbers[0]] if isinstance(argnums, int) else tuple(whole[k] for k in numbers)
    return whole, goal, tensors(caller, goal)


def _pull(ys: list[Tensor], xs: list[Tensor], seeds: list[Tensor] | None) -> list[Tensor]:
    """The gradients of all of xs, zeros where there are none."""
    used = [k for k, y in enumerate(ys) if y.requires_grad]
    if not used:
        return [x.new_zeros(x.shape) for x in xs]
    found = gradients(
        [ys[k] for k in used],
        xs,
        None if seeds is None else [seeds[k] for k in used],
        retain_graph=True,
        create_graph=True,
        allow_unused=True,
    )
    return [x.new_zeros(x.shape) if g is None else g for x, g in zip(xs, found, strict=True)]


def grad_and_value(
    func: _Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> _Function:
    """The function that gives (gradient, value) of ``func``. Errors: RuntimeError where its result
    is no single number.

    Args:
        func: gives a single number.
        argnums: by which of its arguments; for a tuple, a tuple of gradients.
        has_aux: func gives (number, more); what is made gives (gradient, (number, more)).
    """

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with _inside():
            whole, goal, xs = _apart("grad", args, argnums)
            found = func(*whole, **kwargs)
            y, aux = found if has_aux else (found, None)
            if not isinstance(y, Tensor) or y.numel() != 1 or y.dim() != 0:
                got = f"shape {tuple(y.shape)}" if isinstance(y, Tensor) else type(y).__name__
                raise RuntimeError("grad: Expected f(*args) to return a scalar tensor, got " + got)
            result = refilled(goal, iter(_pull([y], xs, None)))
        value = (y, aux) if has_aux else y
        return _done((result, value), args)

    return call


def value_and_grad(
    func: _Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> _Function:
    """`grad_and_value` with JAX's order: (value, gradient).

    Args:
        func: gives a single number.
        argnums: by which of its arguments; for a tuple, a tuple of gradients.
        has_aux: func gives (number, more); what is made gives ((number, more), gradient).

    Example::

        >>> minigrad.func.value_and_grad(lambda x: x ** 3)(minigrad.tensor(2.0))
        (tensor(8.), tensor(12.))
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return value, gradient

    return call


def grad(func: _Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> _Function:
    """The function that gives the gradient of ``func``. It may be transformed again. Errors as
    `grad_and_value`.

    Args:
        func: gives a single number.
        argnums: by which of its arguments; for a tuple, a tuple of gradients.
        has_aux: func gives (number, more); what is made gives (gradient, more).

    Example::

        >>> cube = lambda x: x ** 3
        >>> minigrad.func.grad(minigrad.func.grad(cube))(minigrad.tensor(2.0))
        tensor(12.)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return call


def vjp(func: _Function, *primals: Any, has_aux: bool = False) -> Any:
    """(results, pull), where pull(cotangents) gives a tuple with the gradient of each primal.

    Args:
        func: gives a tensor, or a tree of tensors.
        primals: its arguments.
        has_aux: func gives (results, more), and this (results, pull, more).

    Example::

        >>> y, pull = minigrad.func.vjp(minigrad.sin, minigrad.tensor([0.0, 1.0]))
        >>> pull(minigrad.ones(2))
        (tensor([1.0000, 0.5403]),)
    """
    with _inside():
        whole, _, xs = _apart("vjp", primals, tuple(range(len(primals))))
        found = func(*whole)
        results, aux = found if has_aux else (found, None)
        ys = tensors("vjp", results)

    def pull(cotangents: Any) -> Any:
        seeds = tensors("vjp", cotangents)
        if [s.shape for s in seeds] != [y.shape for y in ys]:
            raise RuntimeError(
                f"vjp: expected cotangents of shapes {[tuple(y.shape) for y in ys]}, got "
                f"{[tuple(s.shape) for s in seeds]}"
            )
        with _inside():
            pulled = refilled(tuple(primals), iter(_pull(ys, xs, seeds)))
        return _done(pulled, (primals, cotangents))

    out = _done(results, primals)
    return (out, pull, _done(aux, primals)) if has_aux else (out, pull)


def jvp(func: _Function, primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """(results, tangents of the results), exactly, by transposing backward.

    Args:
        func: gives a tensor, or a tree of tensors.
        primals: a tuple of its arguments.
        tangents: a tuple of directions, each of its primal's shape.
        has_aux: func gives (results, more), and this (results, tangents, more).

    Example::

        >>> minigrad.func.jvp(lambda x: x * x, (minigrad.tensor(3.0),), (minigrad.tensor(1.0),))
        (tensor(9.), tensor(6.))
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise RuntimeError("jvp: Expected primals and tangents to be tuples")
    with _inside():
        whole, _, xs = _apart("jvp", primals, tuple(range(len(primals))))
        vs = tensors("jvp", tangents)
        if [v.shape for v in vs] != [x.shape for x in xs]:
            raise RuntimeError(
                f"jvp: expected tangents of shapes {[tuple(x.shape) for x in xs]}, got "
                f"{[tuple(v.shape) for v in vs]}"
            )
        found = func(*whole)
        results, aux = found if has_aux else (found, None)
        ys = tensors("jvp", results)
        moved = refilled(results, iter(pushed(ys, xs, vs, create_graph=True)))
    out = (results, moved, aux) if has_aux else (results, moved)
    return _done(out, (primals, tangents))


def jacrev(
    func: _Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False
) -> _Function:
    """The function that gives the Jacobian of ``func``, a row at a time, backward: of a result of
    shape S by an argument of shape T it has the shape S + T.

    Args:
        func: gives a tensor, or a tree of tensors.
        argnums: by which of its arguments; for a tuple, a tuple of Jacobians.
        has_aux: func gives (results, more), and what is made (Jacobian, more).

    Example::

        >>> minigrad.func.jacrev(lambda x: x * x)(minigrad.tensor([1.0, 2.0]))
        tensor([[2., 0.],
                [0., 4.]])
    """
    return _jacobian("jacrev", func, argnums, has_aux, _rows)


def jacfwd(
    func: _Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False
) -> _Function:
    """The function that gives the Jacobian of ``func``, a column at a time, forward. It is
    `jacrev`'s, and cheaper where there are fewer arguments than results.

    Args:
        func: gives a tensor, or a tree of tensors.
        argnums: by which of its arguments; for a tuple, a tuple of Jacobians.
        has_aux: func gives (results, more), and what is made (Jacobian, more).
    """
    return _jacobian("jacfwd", func, argnums, has_aux, _columns)


def _jacobian(
    caller: str,
    func: _Function,
    argnums: int | tuple[int, ...],
    has_aux: bool,
    made: Callable[[list[Tensor], list[Tensor]], list[list[Tensor]]],
) -> _Function:
    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with _inside():
            whole, goal, xs = _apart(caller, args, argnums)
            found = func(*whole, **kwargs)
            results, aux = found if has_aux else (found, None)
            ys = tensors(caller, results)
            rows = [refilled(goal, iter(row)) for row in made(ys, xs)]
        out = refilled(results, iter(rows))
        return _done((out, aux) if has_aux else out, args)

    return call


def _one_by_one(t: Tensor) -> Iterator[Tensor]:
    """A cotangent or tangent of 1 for each number."""
    for k in range(t.numel()):
        one = t.new_zeros(t.numel())
        one[k] = 1
        yield one.reshape(t.shape)


def _shaped(found: list[Tensor], shape: Any, like: Tensor) -> Tensor:
    return (stack(found) if found else like.new_zeros(0)).reshape(shape)


def _rows(ys: list[Tensor], xs: list[Tensor]) -> list[list[Tensor]]:
    rows = []
    for y in ys:
        pulled = [_pull([y], xs, [one]) for one in _one_by_one(y)]
        rows.append(
            [_shaped([p[k] for p in pulled], (*y.shape, *x.shape), x) for k, x in enumerate(xs)]
        )
    return rows


def _columns(ys: list[Tensor], xs: list[Tensor]) -> list[list[Tensor]]:
    rows: list[list[Tensor]] = [[] for _ in ys]
    for k, x in enumerate(xs):
        moved = []
        for one in _one_by_one(x):
            tangents = [
                one if j == k else other.new_zeros(other.shape) for j, other in enumerate(xs)
            ]
            moved.append(pushed(ys, xs, tangents, create_graph=True))
        for j, y in enumerate(ys):
            turned = _shaped([m[j] for m in moved], (x.numel(), y.numel()), y).T
            rows[j].append(turned.reshape((*y.shape, *x.shape)))
    return rows


def hessian(func: _Function, argnums: int | tuple[int, ...] = 0) -> _Function:
    """The function that gives the Hessian of ``func``: `jacfwd` of `jacrev`.

    Args:
        func: gives a tensor.
        argnums: by which of its arguments; for a tuple, a tuple of tuples.

    Example::

        >>> minigrad.func.hessian(lambda x: (x * x).prod())(minigrad.tensor([1.0, 2.0]))
        tensor([[8., 8.],
                [8., 2.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
