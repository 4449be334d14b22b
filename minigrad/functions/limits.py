"""What the numbers of a type can be: ``finfo`` and ``iinfo``."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.names import public


class finfo:
    """The limits of a floating-point type, as Python's numbers: ``eps`` is the distance from 1 to
    the next number, ``tiny`` (``smallest_normal``) the smallest one of full precision.

    Args:
        type: the type, by default the default floating one.

    Errors: TypeError for another type.
    """

    def __init__(self, type: Any = dtypes.DEFAULT) -> None:
        kind = dtypes.as_dtype(type)
        if kind.kind != "f":
            raise TypeError(
                f"finfo: requires a floating point input type, got {kind}; use iinfo for it"
            )
        facts = np.finfo(kind)
        self.bits, self.dtype = facts.bits, str(kind)
        self.eps, self.resolution = float(facts.eps), float(str(facts.resolution))
        self.min, self.max = float(facts.min), float(facts.max)
        self.tiny = self.smallest_normal = float(facts.smallest_normal)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, "
            f"eps={self.eps:g}, smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, "
            f"dtype={self.dtype})"
        )


class iinfo:
    """The limits of an integer type. Errors: TypeError for another type.

    Args:
        type: the type.
    """

    def __init__(self, type: Any) -> None:
        kind = dtypes.as_dtype(type)
        if kind.kind not in "iu":
            raise TypeError(f"iinfo: requires an integer input type, got {kind}")
        facts = np.iinfo(kind)
        self.bits, self.dtype = facts.bits, str(kind)
        self.min, self.max = int(facts.min), int(facts.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


public(globals())
