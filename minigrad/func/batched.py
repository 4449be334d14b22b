"""vmap: a function of one sample as a function of a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minigrad.func.tree import leaves, mapped, refilled
from minigrad.functions.joining import stack
from minigrad.tensor import Tensor


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that applies ``func`` to each sample of a batch and stacks the results.

    It is a loop: as right as func, and no faster. Errors: ValueError where sizes differ or there is
    no dimension.

    Args:
        func: works on one sample.
        in_dims: along which dimension of each argument the samples lie; None for an argument that
            is the same for all; a tuple for one each.
        out_dims: along which dimension the results are stacked; a tuple for one each.
        randomness, chunk_size: ask PyTorch for other things and change nothing here.

    Example::

        >>> minigrad.func.vmap(minigrad.dot)(minigrad.ones(3, 2), minigrad.ones(3, 2))
        tensor([2., 2., 2.])
    """

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        dims = in_dims if isinstance(in_dims, tuple) else (in_dims,) * len(args)
        if len(dims) != len(args):
            raise ValueError(f"vmap: in_dims has {len(dims)} entries for {len(args)} arguments")
        sizes = {
            t.shape[d]
            for a, d in zip(args, dims, strict=True)
            if d is not None
            for t in leaves(a)
            if isinstance(t, Tensor)
        }
        if len(sizes) != 1:
            raise ValueError(
                "vmap: expected arguments with one size of the mapped dimension, got "
                f"{sorted(sizes) or 'none'}"
            )
        (size,) = sizes

        def sample(a: Any, d: Any, k: int) -> Any:
            if d is None:
                return a
            return mapped(lambda t: t.select(d, k) if isinstance(t, Tensor) else t, a)

        found = [
            func(*(sample(a, d, k) for a, d in zip(args, dims, strict=True)), **kwargs)
            for k in range(size)
        ]
        if not found:
            raise ValueError("vmap: a batch of length 0 has no results to take the shape from")
        flat = [list(leaves(one)) for one in found]
        outs = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(flat[0])
        joined = (stack([one[j] for one in flat], dim=d) for j, d in enumerate(outs))
        return refilled(found[0], joined)

    return call
