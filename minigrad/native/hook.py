"""How an op gets a kernel in C: it is hung on the op from here, and ops know nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.native.library import Call, enabled, run
from minigrad.op import Op

Describe = Callable[..., Call | None]

described: dict[Op, Describe] = {}
"""For each op with a kernel, what call of one does it for given arrays."""


def native(op: Op, least: int = 0) -> Callable[[Describe], Describe]:
    """Decorate a function that says which kernel in C does this op, for arrays of NumPy.

    ``describe(*operands, out, **params)`` gets dense arrays and returns a `Call` whose first array
    is the result: ``out``, or a new one where that is None. It returns None for what the kernel
    does not serve. The plain forward then computes, as where there is no compiler, where there are
    fewer than ``least`` numbers, and where the kernel refuses them: it says why.
    """
    plain = op.plain

    def hang(describe: Describe) -> Describe:
        def forward(xp: Any, *operands: Any, out: Array | None = None, **params: Any) -> Array:
            wanted = xp is np and enabled() and (not least or operands[0].size >= least)
            if wanted and (out is None or _dense(out) is out):
                call = describe(*map(_dense, operands), out=out, **params)
                if call is not None and run(call):
                    return call.arrays[0]
            return plain(xp, *operands, out=out, **params)

        op.forward, op.ufunc = forward, None
        described[op] = describe
        return describe

    return hang


def dense(x: Array) -> bool:
    """Whether an array of NumPy is one run of memory, of numbers at multiples of their size."""
    return bool(x.flags.c_contiguous and x.flags.aligned)


def _dense(x: Any) -> Any:
    """The array, or a copy of it, in one run of memory; numbers as they are."""
    return x if not isinstance(x, np.ndarray) or dense(x) else np.array(x, order="C")
