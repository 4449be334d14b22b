"""A NumPy or CuPy array of anything that holds numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.device import Array, cupy
from minigrad.foreign import array_of, is_foreign
from minigrad.methods.core import Core
from minigrad.recording import blank, reads

_NUMBERS = frozenset((float, int, bool))


def as_array(caller: str, data: Any, dtype: Any = None, detach: bool = False) -> Array:
    """The data as an array, without a copy where it is one already.

    Arrays and tensors (also PyTorch's) keep their type, Python's floats take the default type,
    integers int64. ``detach``: a tensor of PyTorch's may require a gradient.
    Errors, as in PyTorch: RuntimeError for what holds no numbers and for numbers that do not fit
    the type, TypeError for text and for types that no tensor can have, ValueError for ragged lists,
    for text in lists and as `at_whole_steps`.
    """
    kind = None if dtype is None else dtypes.as_dtype(dtype)
    if isinstance(data, Core):
        reads(f"{caller}()")
        array = data.array
    elif isinstance(data, (np.ndarray, np.generic)):
        array = at_whole_steps(caller, np.asarray(data))
    elif is_foreign(data):
        array = array_of(caller, data, detach)
    elif hasattr(data, "__cuda_array_interface__"):
        array = cupy().asarray(data)
    else:
        return _from_python(caller, data, kind)
    _check(caller, data, array)
    return array if kind is None or kind == array.dtype else array.astype(kind)


def at_whole_steps(caller: str, array: Array) -> Array:
    """The array. Errors: ValueError for one whose numbers are no whole number of their size apart,
    such as a field of records: no stride says how it lies."""
    if any(step % array.itemsize for step in array.strides):
        raise ValueError(
            f"{caller}: given numpy array strides not a multiple of the element byte size: "
            f"{array.strides} for {array.itemsize}; copy() it"
        )
    return array


def spelled(caller: str, data: tuple[Any, ...], kind: dtypes.DType) -> Array:
    """What ``FloatTensor(2, 3)`` (lengths: whatever is in memory) and ``FloatTensor([[1, 2]])``
    (data) mean. Errors: TypeError for anything else."""
    if all(isinstance(n, int) for n in data):
        return getattr(np, blank())(data or 0, kind)
    if len(data) > 1 or isinstance(data[0], float):
        raise TypeError(f"{caller}: expected lengths or a sequence of data, got {data!r}")
    return np.array(as_array(caller, data[0], kind))


def _from_python(caller: str, data: Any, kind: dtypes.DType | None) -> Array:
    if isinstance(data, (str, bytes)):
        raise TypeError(f"{caller}: invalid data type '{type(data).__name__}'")
    kinds: set[Any] = set()
    try:
        plain = _plain(data, kinds)
    except RecursionError as error:
        raise TypeError(f"{caller}: self-referential lists are incompatible") from error
    for strange in kinds:
        if isinstance(strange, str) or issubclass(strange, (str, bytes)):
            continue
        if not issubclass(strange, (bool, int, float)):
            raise RuntimeError(f"{caller}: Could not infer dtype of {strange.__name__}")
    try:
        array = np.array(plain)
    except ValueError as error:
        raise ValueError(
            f"{caller}: expected sequences of equal length in every dimension: {error}"
        ) from error
    if array.dtype == object or (kinds == {int} and _too_large(array)):
        if kind is None or kind.kind in "iu":
            raise ValueError(f"{caller}: expected numbers that fit into int64, got {data!r}")
        array = array.astype(kind)
    if array.dtype.kind in "US":
        raise ValueError(f"{caller}: too many dimensions 'str': expected numbers, got text")
    _check(caller, data, array)
    goal = _common(kinds) if kind is None else kind
    if goal == array.dtype:
        return array
    if goal.kind in "iu" and array.size:
        for extreme in (array.min(), array.max()):  # NaN is both
            dtypes.fitting(caller, extreme.item(), goal)
    return array.astype(goal)


def _too_large(array: Array) -> bool:
    """Whether NumPy made another type of whole numbers because int64 does not hold them."""
    if array.dtype == np.uint64:
        return True
    return bool(array.dtype == np.float64 and array.size and np.abs(array).max() >= 2.0**63)


def _check(caller: str, data: Any, array: Array) -> None:
    if array.dtype not in dtypes.SUPPORTED:
        raise TypeError(f"{caller}: expected numbers, got {type(data).__name__} of {array.dtype}")


def _common(kinds: set[Any]) -> dtypes.DType:
    """The type of numbers of several kinds, classes of Python's numbers and names of types: what
    PyTorch infers. Of no number at all the default."""
    found: dtypes.DType | None = None
    for kind in kinds:
        if isinstance(kind, str):
            own = np.dtype(kind)
        else:
            own = dtypes.dtype_of_number(1 if issubclass(kind, int) else 1.0)
            own = dtypes.bool_ if issubclass(kind, bool) else own
        found = own if found is None else dtypes.promote(found, own)
    return dtypes.DEFAULT if found is None else found


def _plain(data: Any, kinds: set[Any]) -> Any:
    """Sequences as lists, with the tensors in them as numbers; ``kinds`` takes note of the classes
    of Python's numbers, and of the names of other types. Errors: ValueError for several numbers
    in one tensor."""
    if data.__class__ in _NUMBERS:
        kinds.add(data.__class__)
        return data
    if isinstance(data, Core):
        if data.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        reads("a tensor among numbers")
        number: Any = data.detach().cpu().array.reshape(-1)[0]
        kinds.add(str(number.dtype))
        return number
    if is_foreign(data):
        numbers = array_of("a tensor among numbers", data, move=True)
        if numbers.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        kinds.add(str(numbers.dtype))
        return numbers.reshape(-1)[0]
    if isinstance(data, (list, tuple)):
        return [_plain(item, kinds) for item in data]
    if isinstance(data, (np.ndarray, np.generic)) or hasattr(data, "__array__"):
        data = np.asarray(data)
        kinds.add(str(data.dtype))
        return data
    if _is_sequence(data):
        return [_plain(data[i], kinds) for i in range(len(data))]
    kinds.add(data.__class__)
    return data


def _is_sequence(data: Any) -> bool:
    """What PyTorch takes for a list: whatever is counted and got by number."""
    return (
        hasattr(data, "__len__")
        and hasattr(data, "__getitem__")
        and not isinstance(data, (str, bytes, dict))
    )
