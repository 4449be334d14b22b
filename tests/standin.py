"""A stand-in for CuPy that needs no GPU: NumPy behind CuPy's rules.

It has the names that the real CuPy has, takes the keywords that the real one takes, and resolves
types by the real ufuncs' tables. Its arrays live on a device (there are two), mix with no arrays of
NumPy, and are never read by accident: `item`, `tolist` and `get` read, but `bool(array)`,
`float(array)` and `numpy.asarray(array)` fail. Memory that was only allocated holds nan.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from standin_arrays import DEVICES, Device, Misuse, bare, cupy, current, ndarray, wrapped

from minigrad.device import cupy as imported
from minigrad.ops.random import keep
from minigrad.random import default_generator

cupyx = pytest.importorskip("cupyx")
from cupy._core._scalar import CScalar  # noqa: E402


def made_up(array: np.ndarray) -> Any:
    """A real array of CuPy with the shape, strides and type of NumPy's, in memory that is nowhere:
    good for everything that starts no kernel."""
    memory = cupy.cuda.memory.UnownedMemory(4096, array.nbytes + 1, None, device_id=0)
    pointer = cupy.cuda.memory.MemoryPointer(memory, 0)
    return cupy.ndarray(array.shape, array.dtype, memptr=pointer, strides=array.strides)


@cache
def resolved(name: str, kinds: tuple[Any, ...]) -> tuple[Any, Any]:
    """The types that CuPy computes in and gives: the real ufunc is asked. ``kinds`` are the types
    of arrays, and the classes of numbers."""
    real = getattr(cupy, name)
    operands = [
        made_up(np.empty(1, kind)) if isinstance(kind, np.dtype) else CScalar(kind(1))
        for kind in kinds
    ]
    op = real._ops.guess_routine(real.name, {}, operands, None, real._out_ops)
    if op.error_func is not None:
        op.error_func()
    return op.in_types, op.out_types


class Ufunc:
    """A ufunc of CuPy: it takes ``out``, ``dtype`` and ``casting`` and no other keyword."""

    def __init__(self, name: str, real: Any) -> None:
        self.__name__, self.real, self.function = name, real, getattr(np, name)

    def __call__(
        self, *args: Any, out: Any = None, dtype: Any = None, casting: str = "same_kind"
    ) -> Any:
        if len(args) > self.real.nin:
            args, out = args[: self.real.nin], args[self.real.nin]
        for x in args:
            if not isinstance(x, (ndarray, np.generic, int, float, complex)):
                raise Misuse(f"{self.__name__}: Unsupported type {type(x)}")
        arrays = [bare(x) for x in args]
        kinds: Any = ((), (np.dtype(dtype),))
        if dtype is None:
            asked = [x.dtype if isinstance(x, np.ndarray) else type(x) for x in arrays]
            kinds = resolved(self.__name__, tuple(asked))
        with np.errstate(all="ignore"):
            for i, kind in enumerate(kinds[0]):
                arrays[i] = np.asarray(arrays[i]).astype(kind)
            extra = {} if dtype is None else {"dtype": dtype}
            found = self.function(*arrays, **extra)
        if isinstance(found, tuple):
            return tuple(wrapped(np.asarray(x)) for x in found)
        found = np.asarray(found).astype(kinds[1][0], copy=False)
        if out is None:
            return wrapped(found)
        if not isinstance(out, ndarray):
            raise Misuse(f"{self.__name__}: out is {type(out)}")
        if not np.can_cast(found.dtype, out.dtype, casting) or found.shape != out.shape:
            raise TypeError(f"{self.__name__}: {found.dtype}{found.shape} does not go into out")
        bare(out)[...] = found
        return out

    def at(self, a: ndarray, indices: Any, b: Any = None) -> None:
        """Add, or take the greater or smaller, one after the other, where CuPy can."""
        if self.real._scatter_op is None:
            raise NotImplementedError(f"cupy.{self.__name__}.at is not supported")
        if a.dtype.name not in ("float16", "float32", "float64", "int32", "uint32", "uint64"):
            raise TypeError(f"cupy.{self.__name__}.at: no atomic operation on {a.dtype}")
        if self.__name__ in ("maximum", "minimum") and a.dtype.kind == "f":
            raise Misuse("CuPy's atomic maximum is one of float32, and drops nan")
        self.function.at(bare(a), bare(indices), np.asarray(bare(b)).astype(a.dtype))


class Function:
    """A function of CuPy: NumPy's behind the signature of the real one."""

    MAKES = frozenset("arange zeros ones full eye linspace shape dtype".split())

    def __init__(self, name: str, real: Any, function: Any) -> None:
        self.__name__, self.signature, self.function = name, inspect.signature(real), function

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        self.signature.bind(*args, **keywords)
        first = args[0] if args else next(iter(keywords.values()))
        many = isinstance(first, (tuple, list)) and all(isinstance(x, ndarray) for x in first)
        if self.__name__ not in self.MAKES and not many and not isinstance(first, ndarray):
            raise Misuse(f"cupy.{self.__name__}: expected an array first, got {type(first)}")
        source = first if isinstance(first, ndarray) else None
        with np.errstate(all="ignore"):
            result = self.function(*bare(args), **bare(keywords))
        return first if source is not None and result is source._array else wrapped(result, source)


def poisoned(array: np.ndarray) -> np.ndarray:
    """Whatever was in memory."""
    array[...] = np.nan if array.dtype.kind == "f" else 1 if array.dtype.kind == "b" else 85
    return array


class Special:
    """The functions that differ from NumPy's by more than their signature."""

    @staticmethod
    def array(obj: Any, dtype: Any = None, copy: bool = True, order: str = "K") -> ndarray:
        source = bare(obj) if isinstance(obj, ndarray) else obj
        return wrapped(np.array(source, dtype=dtype, copy=copy or None, order=order))

    @staticmethod
    def asarray(a: Any, dtype: Any = None, order: Any = None) -> ndarray:
        if isinstance(a, ndarray):  # wherever it is
            return a if dtype is None or a.dtype == dtype else a.astype(dtype)
        return wrapped(np.array(a, dtype=dtype, order=order))

    @staticmethod
    def asnumpy(a: ndarray) -> np.ndarray:
        return a.get()

    @staticmethod
    def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
        return wrapped(poisoned(np.empty(shape, dtype, order)))

    @staticmethod
    def empty_like(prototype: ndarray, dtype: Any = None, order: str = "K") -> ndarray:
        return wrapped(poisoned(np.empty_like(bare(prototype), dtype, order)))

    @staticmethod
    def where(condition: ndarray, x: Any, y: Any) -> ndarray:
        if not isinstance(condition, ndarray):
            raise Misuse("cupy.where: the condition is no array of CuPy")
        return wrapped(np.where(bare(condition), bare(x), bare(y)))

    @staticmethod
    def copyto(dst: ndarray, src: Any, casting: str = "same_kind") -> None:
        if isinstance(src, np.ndarray) and src.size != 1:
            raise ValueError("non-scalar numpy.ndarray cannot be used for copyto")
        source = src if isinstance(src, np.ndarray) else bare(src)
        with np.errstate(all="ignore"):
            np.copyto(bare(dst), source, casting=casting)  # type: ignore[arg-type]

    @staticmethod
    def as_strided(x: ndarray, shape: Any = None, strides: Any = None) -> ndarray:
        view = np.lib.stride_tricks.as_strided(x._array, shape, strides)
        return ndarray(view, x._device)  # one without a base

    @staticmethod
    def bincount(x: ndarray, weights: Any = None, minlength: Any = None) -> ndarray:
        if x.dtype.kind not in "iub":
            raise TypeError("x must be int array")
        given = None if weights is None else bare(weights)
        return wrapped(np.bincount(bare(x), given, minlength or 0))

    @staticmethod
    def from_dlpack(source: Any) -> ndarray:
        found = source.__dlpack__()
        return ndarray(found._array, found._device)


def linear(name: str, function: Any, real: Any) -> Callable[..., Any]:
    """A factorization. Unless it is told to raise, CuPy returns nonsense where there is none."""
    checked = Function(name, real, function)

    def call(*args: Any, **keywords: Any) -> Any:
        try:
            return checked(*args, **keywords)
        except np.linalg.LinAlgError:
            if cupyx._ufunc_config.get_config_linalg() == "raise":
                raise
            return wrapped(np.full(args[0].shape, np.nan))

    return call


class Library(ModuleType):
    """The module ``cupy``. A name that the real one lacks is missing here as well."""

    ndarray, __version__ = ndarray, cupy.__version__

    def __init__(self) -> None:
        super().__init__("cupy")
        strided = SimpleNamespace(as_strided=Special.as_strided)
        self.lib = SimpleNamespace(stride_tricks=strided)
        self.linalg = SimpleNamespace(
            **{
                name: linear(name, getattr(np.linalg, name), getattr(cupy.linalg, name))
                for name in "cholesky det eigh eigvalsh inv pinv qr slogdet solve svd".split()
            }
        )
        properties = {"name": b"A stand-in", "major": 9, "minor": 0, "totalGlobalMem": 8 << 30}
        runtime = SimpleNamespace(
            getDeviceCount=lambda: DEVICES,
            getDevice=lambda: current.index,
            getDeviceProperties=lambda index: properties,
            driverGetVersion=lambda: 13000,
            runtimeGetVersion=lambda: 0,
        )
        self.cuda = SimpleNamespace(Device=Device, is_available=lambda: True, runtime=runtime)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        real = getattr(cupy, name)
        if isinstance(real, cupy.ufunc):
            made: Any = Ufunc(name, real)
        elif hasattr(Special, name):
            made = getattr(Special, name)
        elif isinstance(real, type) or not callable(real):
            made = real
        else:
            made = Function(name, real, getattr(np, name))
        setattr(self, name, made)
        return made


library = ndarray.library = Library()


@contextmanager
def installed() -> Iterator[Library]:
    """A block in which ``import cupy`` gives the stand-in, and "cuda" is its device."""
    imported.cache_clear()
    before, sys.modules["cupy"] = sys.modules["cupy"], library
    kernel = keep.kernels.pop("cuda")  # there is no GPU to run it
    try:
        yield library
    finally:
        keep.kernels["cuda"] = kernel
        default_generator._elsewhere.clear()  # the masks' positions there
        sys.modules["cupy"] = before
        imported.cache_clear()
