"""Writing into tensors: what an assignment does to the tape."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array
from minigrad.op import Op, op

Path = tuple[tuple[Op, dict[str, Any]], ...]
"""View ops with their params, that lead from a tensor to a view of it."""


def follow(xp: Any, x: Array, path: Path) -> Array:
    """The view of an array that a path leads to."""
    for step, params in path:
        x = step.forward(xp, x, **params)
    return x


@op("y", elementwise=True, kinds="fiub")
def copy(xp: Any, x: Array, y: Array, *, out: Array | None = None) -> Array:
    """z = y, broadcast to the shape of x and in its type: what ``x.copy_(y)`` leaves in x"""
    out = xp.empty_like(x) if out is None else out
    try:
        xp.copyto(out, y, casting="unsafe")
    except ValueError as error:
        raise RuntimeError(
            f"copy: shape mismatch: a value of shape {xp.shape(y)} does not broadcast to {x.shape}"
        ) from error
    return out


copy.derivatives(
    x=lambda g: None,  # nothing of the old numbers is left
    y=lambda g: g,
)


@op("'x with zeros in a region'")
def clear(xp: Any, x: Array, *, path: Path) -> Array:
    """y = x with zeros in the region that a path of views leads to"""
    return _written(xp, x, path, 0)


clear.derivatives(x=lambda g, path: clear(g, path=path))
clear.mathematics(x="'G with zeros in the region'")


@op("'x with y in a region'")
def write_view(xp: Any, x: Array, y: Array, *, path: Path) -> Array:
    """z = x with y in the region that a path of views leads to"""
    return _written(xp, x, path, y)


def _written(xp: Any, x: Array, path: Path, y: Any) -> Array:
    """A copy of x with y in a region. Where the copy lies in memory in another order than the
    tensor that the path was made on, a step of it may give a copy; then places are counted."""
    z = xp.array(x, copy=True, order="C")
    region = follow(xp, z, path)
    if xp.may_share_memory(z, region):
        region[...] = y
    else:
        places = follow(xp, xp.arange(z.size).reshape(z.shape), path)
        z.reshape(-1)[places] = y
    return z


def _region(g: Any, path: Path) -> Any:
    for step, params in path:
        g = step(g, **params)
    return g


write_view.derivatives(
    x=lambda g, path: clear(g, path=path),
    y=_region,
)
write_view.mathematics(x="'G with zeros in the region'", y="'the region of G'")
