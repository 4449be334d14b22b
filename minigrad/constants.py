"""PyTorch's constants: the types under all their names, and numbers."""

from math import e, inf, nan, pi

from numpy import dtype

from minigrad.dtypes import bool_ as bool
from minigrad.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from minigrad.dtypes import float16 as half
from minigrad.dtypes import float32 as float
from minigrad.dtypes import float64 as double
from minigrad.dtypes import int16 as short
from minigrad.dtypes import int32 as int
from minigrad.dtypes import int64 as long

__all__ = [
    "bool",
    "double",
    "dtype",
    "e",
    "float",
    "float16",
    "float32",
    "float64",
    "half",
    "inf",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "long",
    "nan",
    "pi",
    "short",
    "uint8",
]
