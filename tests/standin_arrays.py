"""The arrays of the stand-in for CuPy: NumPy's arrays on a device, under CuPy's rules."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

cupy = pytest.importorskip("cupy")

DEVICES = 2


class Misuse(AssertionError):
    """What real arrays of CuPy would refuse, or would do by a hidden copy to the host."""


class Current(threading.local):
    """The device that a thread has chosen."""

    index = 0


current = Current()


class Device:
    """``cupy.cuda.Device``: a block in which this device is the current one."""

    def __init__(self, index: int | None = None) -> None:
        self.id = current.index if index is None else int(index)
        if not 0 <= self.id < DEVICES:
            raise RuntimeError(f"cudaErrorInvalidDevice: {self.id}")
        self._before: list[int] = []

    def __enter__(self) -> Device:
        self._before.append(current.index)
        current.index = self.id
        return self

    def __exit__(self, *_: object) -> None:
        current.index = self._before.pop()

    def synchronize(self) -> None:
        """There is nothing to wait for."""


class Memory:
    """What views have in common: where it begins and how long it is. It is one object for as long
    as an array lies there."""

    known: ClassVar[weakref.WeakValueDictionary[int, Memory]] = weakref.WeakValueDictionary()

    def __init__(self, array: np.ndarray) -> None:
        first, end = np.lib.array_utils.byte_bounds(array)
        self.array, self.ptr, self.size = array, int(first), int(end - first)

    @classmethod
    def of(cls, array: np.ndarray) -> Memory:
        """Where this array of NumPy lies."""
        whole = root(array)
        if (known := cls.known.get(id(whole))) is None:
            known = cls.known[id(whole)] = cls(whole)
        return known


class ndarray:
    """``cupy.ndarray``: the attributes and methods of the real one."""

    library: Any = None  # the module that its operators are from

    def __init__(self, array: np.ndarray, device: int, base: ndarray | None = None) -> None:
        self._array, self._device, self.base = array, device, base
        self._memory = Memory.of(array)

    device = property(lambda self: Device(self._device))
    shape = property(lambda self: self._array.shape)
    strides = property(lambda self: self._array.strides)
    dtype = property(lambda self: self._array.dtype)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    itemsize = property(lambda self: self._array.itemsize)
    nbytes = property(lambda self: self._array.nbytes)
    T = property(lambda self: wrapped(self._array.T, self))
    mT = property(lambda self: wrapped(self._array.mT, self))

    @property
    def flags(self) -> Any:
        """The layout. There is no ``writeable``."""
        flags = self._array.flags
        names = ("c_contiguous", "f_contiguous", "owndata", "forc", "fnc")
        return SimpleNamespace(**{name: getattr(flags, name) for name in names})

    @property
    def data(self) -> Any:
        """A pointer: views have the memory ``mem`` in common."""
        return SimpleNamespace(mem=self._memory, ptr=self._array.ctypes.data)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {**self._array.__array_interface__, "version": 3}

    def __dlpack__(self, **wishes: Any) -> ndarray:
        """Here the array is its own capsule."""
        return self

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self._device

    # -- explicit reads --------------------------------------------------------------------------

    def get(self) -> np.ndarray:
        """A copy on the host."""
        return self._array.copy()

    def item(self) -> Any:
        """The only number."""
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists."""
        return self._array.tolist()

    def _hidden(self, *_: Any, **__: Any) -> Any:
        raise Misuse("a value is read from the device without being asked for: item() is explicit")

    __bool__ = __int__ = __float__ = __index__ = _hidden

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Misuse("Implicit conversion to a NumPy array is not allowed; use get()")

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise Misuse(f"numpy.{function.__name__} was called on an array of CuPy")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        """``numpy.float32(2) * array`` is CuPy's affair; ``numpy.exp(array)`` is a mistake here."""
        scalar = method == "__call__" and any(isinstance(x, np.generic) for x in inputs)
        if not scalar:
            raise Misuse(f"numpy.{ufunc.__name__} was called on an array of CuPy")
        return getattr(ndarray.library, ufunc.__name__)(*inputs, **keywords)

    # -- parts -----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[ndarray]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> ndarray:
        return wrapped(self._array[bare(key)], self)

    def __setitem__(self, key: Any, value: Any) -> None:
        here(self)
        if isinstance(value, ndarray):
            # NumPy would not cast a complex number, CuPy casts whatever comes.
            value = bare(value).astype(self.dtype, copy=False)
        elif isinstance(value, (np.ndarray, list, tuple)):
            raise Misuse("an array of NumPy is written into one of CuPy")
        self._array[bare(key)] = value

    def copy(self, order: str = "C") -> ndarray:
        """A copy on the current device, wherever the array is."""
        return wrapped(self._array.copy(order))

    def astype(
        self, dtype: Any, order: str = "K", casting: Any = None, subok: Any = None, copy: Any = True
    ) -> ndarray:
        """Another type."""
        with np.errstate(all="ignore"):
            result = self._array.astype(dtype, order=order, copy=copy)
        return self if result is self._array else wrapped(result, self)

    def view(self, dtype: Any = None, type: Any = None) -> ndarray:
        """The same bits."""
        return wrapped(self._array.view(dtype or self.dtype), self)


def method(name: str) -> Callable[..., Any]:
    """NumPy's method behind the signature that CuPy's has."""
    line = (getattr(cupy.ndarray, name).__doc__ or "").partition("\n")[0]
    listed = line.partition("(")[2].rpartition(")")[0].split(", ")
    known = {part.split("=")[0].split()[-1] for part in listed if part and part != "*"}

    def call(self: ndarray, *args: Any, **keywords: Any) -> Any:
        if strange := set(keywords) - known:
            raise TypeError(f"cupy.ndarray.{name} takes no {sorted(strange)}")
        with np.errstate(all="ignore"):
            result = getattr(self._array, name)(*bare(args), **bare(keywords))
        if root(result) is not root(self._array):  # a view can be made from anywhere
            here(self)
        return self if result is self._array else wrapped(result, self)

    return call


METHODS = (
    "all any argmax argmin argsort clip cumprod cumsum diagonal dot fill flatten max mean min "
    "nonzero prod ravel repeat reshape round sort squeeze std sum swapaxes take transpose var"
)
for _name in METHODS.split():
    setattr(ndarray, _name, method(_name))

OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "power", "and": "bitwise_and",
    "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
    "matmul": "matmul",
}  # fmt: skip
COMPARISONS = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal"}
COMPARISONS |= {"gt": "greater", "ge": "greater_equal"}


def operators() -> None:
    """Give the arrays their operators, which are ufuncs."""
    for name, function in {**OPERATORS, **COMPARISONS}.items():

        def plain(self: Any, other: Any, function: str = function) -> Any:
            return getattr(ndarray.library, function)(self, other)

        def turned(self: Any, other: Any, function: str = function) -> Any:
            return getattr(ndarray.library, function)(other, self)

        def inplace(self: Any, other: Any, function: str = function) -> Any:
            return getattr(ndarray.library, function)(self, other, out=self)

        setattr(ndarray, f"__{name}__", plain)
        if name in OPERATORS:
            setattr(ndarray, f"__r{name}__", turned)
            setattr(ndarray, f"__i{name}__", inplace)
    for name, function in {"neg": "negative", "abs": "absolute", "invert": "invert"}.items():
        setattr(ndarray, f"__{name}__", lambda self, f=function: getattr(ndarray.library, f)(self))


def root(array: Any) -> Any:
    """The array of NumPy that owns the memory."""
    while getattr(array, "base", None) is not None:
        array = array.base
    return array


def wrapped(result: Any, source: ndarray | None = None) -> Any:
    """What NumPy has returned as CuPy would: arrays of the current device, never scalars."""
    if isinstance(result, tuple):
        parts = [wrapped(x, source) for x in result]
        return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
    if not isinstance(result, (np.ndarray, np.generic)):
        return result
    array = np.asarray(result)
    base = None
    if source is not None and root(array) is root(source._array):
        base = source if source.base is None else source.base
        if not array.flags.writeable:  # CuPy's views all are
            array = writable(array)
    return ndarray(array, current.index if source is None else source._device, base)


def writable(array: np.ndarray) -> np.ndarray:
    """The same view, with leave to write."""
    pointer = dict(array.__array_interface__, data=(array.ctypes.data, False))
    made = np.asarray(SimpleNamespace(__array_interface__=pointer, base=array))
    return np.lib.stride_tricks.as_strided(made, array.shape, array.strides)


def here(array: ndarray) -> None:
    """Refuse an array that is not on the current device."""
    if array._device != current.index:
        raise Misuse(f"an array on device {array._device} is used while {current.index} is current")


def bare(x: Any) -> Any:
    """Arrays of CuPy as NumPy's, also in tuples and lists. What CuPy does not take is refused."""
    if isinstance(x, ndarray):
        here(x)
        return x._array
    if isinstance(x, np.ndarray):
        raise Misuse("an array of NumPy among those of CuPy")
    if isinstance(x, (tuple, list)):
        return type(x)(bare(item) for item in x)
    if isinstance(x, dict):
        return {name: bare(item) for name, item in x.items()}
    return x


operators()
ndarray.__module__ = "cupy"
