"""Masks of dropout where an op is done by itself: by the kernel of compiled steps."""

from __future__ import annotations

from typing import Any

from minigrad.compiler.targets.cuda.device.hardware import gpu
from minigrad.compiler.targets.cuda.kernels.masks import kept
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import Array, device_of
from minigrad.ops.random import keep


def keep_on_gpu(xp: Any, position: Array, *, out: Array | None = None, **params: Any) -> Array:
    """The forward of `keep` on a GPU."""
    y = xp.empty(params["shape"], params["dtype"]) if out is None else out
    works = kept(y, None, position, **params)
    if works is None:  # for a type that the kernel does not make
        return keep.plain(xp, position, out=y, **params)
    mine = gpu(device_of(y))
    mine.load([each.kernel for each in works if isinstance(each, Launch)])
    mine.begin(y)
    for each in works:
        mine.launch(each)
    mine.end()
    return y
