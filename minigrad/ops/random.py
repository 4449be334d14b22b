"""Random numbers as ops, so that a recorded step draws afresh each time it is replayed.

There are two kinds. `draw` takes the next numbers of a stream of NumPy's: it has no operands, so
calls may be neither left out nor merged, and keep their order. `keep` computes the mask of a
dropout from its position alone, a seed and a count, by Philox4x64-10, so that every device can
compute the same one::

    key      (seed, 0)
    counter  (1 + b, count, 0, 0)   of block b, which is four words of 64 bits

in words of 64 bits, the lowest first. Element i of the mask, in C order, has the 32 bits
``word[i // 2] >> 32 * (i % 2)``, where word 4 b + j is the j-th of block b; it is kept where these
bits, as an unsigned integer, are at least round(2³² p).

Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, place
from minigrad.late import late
from minigrad.native.hook import native
from minigrad.native.kernels import INT64
from minigrad.native.library import Call
from minigrad.op import op
from minigrad.ops.arithmetic import stored

PIECE = 1 << 16
"""Numbers of a mask that are computed at a time: what they are computed from then stays in the
cache. An even number: each word serves two."""


@op("'the next numbers of a stream'")
def draw(xp: Any, *, make: Callable[[], Array]) -> Array:
    """y = the next numbers of a stream, as ``make()`` draws them on the CPU"""
    return make()


@op("'0 with probability p, else scale: bits of Philox at (seed, count) against p'")
def keep(
    xp: Any,
    position: Array,
    *,
    shape: tuple[int, ...],
    p: float,
    scale: float,
    dtype: Any,
    out: Array | None = None,
) -> Array:
    """y = 0 with probability p, else ``scale``: the mask at the position (seed, count)"""
    seed, count = place(position, CPU).astype(np.uint64)
    # NumPy raises the counter before it computes a block, hence the 1 above.
    counter = np.array([0, count, 0, 0], np.uint64)
    philox = np.random.Philox(key=np.array([seed, 0], np.uint64), counter=counter)
    limit, kept = round(2**32 * p), dtype.type(scale)
    own = xp is np and out is not None and out.flags.c_contiguous
    y: Array = out if own else np.empty(shape, dtype)
    flat = y.reshape(-1)
    for i in range(0, flat.size, PIECE):
        part = flat[i : i + PIECE]
        words = philox.random_raw((part.size + 1) // 2).astype("<u8", copy=False)
        np.multiply(words.view("<u4")[: part.size] >= limit, kept, out=part)
    return y if own else stored(xp, xp.asarray(y), out)


@native(keep)
def _(
    position: Array,
    *,
    shape: tuple[int, ...],
    p: float,
    scale: float,
    dtype: Any,
    out: Array | None,
) -> Call | None:
    if dtype.char not in "fd" or position.dtype.char not in INT64:
        return None
    y = np.empty(shape, dtype) if out is None else out
    return Call("keep", [y, position], [y.size, round(2**32 * p)], [scale])


# The same mask, by the kernel of compiled steps: nothing goes to the host and back.
keep.kernel("cuda")(late("minigrad.compiler.targets.cuda.device.masks", "keep_on_gpu"))


@op("'the position of the next mask: (seed, count + 1)'", updates=True)
def advance(xp: Any, position: Array, *, out: Array | None = None) -> Array:
    """y = the position of the next mask: (seed, count + 1)"""
    if out is None:
        out = xp.array(position, copy=True)
    elif out is not position:
        xp.copyto(out, position)
    out[1] += 1
    return out
