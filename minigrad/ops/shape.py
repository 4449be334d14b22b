"""The same numbers in another shape, type or place."""

from __future__ import annotations

from typing import Any

from minigrad.device import Array, Device, place
from minigrad.op import op


@op
def clone(xp: Any, x: Array, *, out: Array | None = None) -> Array:
    """y = x, in memory of its own"""
    if out is None:
        return xp.array(x, copy=True, order="C")
    xp.copyto(out, x)
    return out


clone.derivatives(x=lambda g: g)


@op
def cast(xp: Any, x: Array, *, dtype: Any) -> Array:
    """y = x in another type"""
    return x.astype(dtype)


cast.derivatives(x=lambda g: g)  # the walk brings the gradient back to the operand's type


@op
def transfer(xp: Any, x: Array, *, device: Device, source: Device) -> Array:
    """y = x, which is on the device ``source``, on another device"""
    return place(x, device)


transfer.derivatives(x=lambda g, source: transfer(g, device=source, source=g.device))


@op(view=True)
def reshape(xp: Any, x: Array, *, shape: tuple[int, ...]) -> Array:
    """y = x read in another shape; a view where the memory allows it"""
    return xp.reshape(x, shape)


reshape.derivatives(x=lambda g, x_shape: g.reshape(x_shape))


@op(view=True)
def permute(xp: Any, x: Array, *, dims: tuple[int, ...]) -> Array:
    """y[i_dims] = x[i]: the dimensions in another order"""
    return xp.transpose(x, dims)


permute.derivatives(x=lambda g, dims: g.permute(*_inverse(dims)))


def _inverse(dims: tuple[int, ...]) -> list[int]:
    return sorted(range(len(dims)), key=dims.__getitem__)


@op(view=True)
def expand(xp: Any, x: Array, *, shape: tuple[int, ...]) -> Array:
    """y = x repeated along dimensions of length 1, without copying"""
    return xp.broadcast_to(x, shape)


expand.derivatives(x=lambda g, x_shape: sum_to(g, shape=x_shape))


@op
def sum_to(xp: Any, x: Array, *, shape: tuple[int, ...]) -> Array:
    """y = x summed over the dimensions along which ``shape`` would be expanded"""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        lead + i for i, n in enumerate(shape) if n == 1 and x.shape[lead + i] != 1
    )
    return xp.reshape(xp.sum(x, axis=axes, dtype=x.dtype), shape)


sum_to.derivatives(x=lambda g, x_shape: g.expand(x_shape))
