"""What a check sees of a function, whoever wrote it: numbers in and out, and cotangents back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import BuiltinFunctionType
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, Any]
Pullback = Callable[[list[Matrix]], list[Any]]
"""From a cotangent for each result to a gradient for each input that is varied, or None."""


class Subject(ABC):
    """A function of arrays with its gradient.

    Attributes:
        name: what the report calls it.
        framework: whose it is.
        arrays: the arguments, those that are varied and those that are not.
        varied: which of them are differentiated.
        names: what the report calls each of ``varied``.
        layouts: the layouts of memory that its inputs can have.
        given: whether its gradients are whatever its author returned, of any shape and type.
    """

    framework = "numpy"
    layouts: tuple[str, ...] = (
        "fortran",
        "strided",
        "backwards",
        "broadcast",
        "broadcast columns",
        "overlapping",
    )
    given = False
    analytic = True

    def __init__(
        self, name: str, arrays: Sequence[Any], names: Sequence[str] | None = None
    ) -> None:
        self.name = name
        self.arrays = list(arrays)
        self.varied = [i for i, x in enumerate(self.arrays) if is_varied(x)]
        for i, x in enumerate(self.arrays):
            if isinstance(x, np.ndarray) and x.dtype.kind == "c":
                raise TypeError(
                    f"check: argument {i} is {x.dtype}: derivatives by complex numbers are not "
                    "checked; give the real and the imaginary part as two arguments"
                )
        self.names = list(names or [f"input {i}" for i in self.varied])

    @abstractmethod
    def forward(self, arrays: list[Any]) -> list[Matrix]:
        """The results that are of real numbers (or complex ones, where the inputs are)."""

    @abstractmethod
    def pullback(self, arrays: list[Any]) -> Pullback:
        """What takes cotangents of these results back to the inputs that are varied."""

    def second(self, rng: np.random.Generator) -> Subject | None:
        """The gradient as a function of inputs and cotangents, None where there is none."""
        return None


def is_varied(x: Any) -> bool:
    """Whether it is an array of real numbers."""
    return isinstance(x, (np.ndarray, np.floating)) and x.dtype.kind == "f"


class Pair(Subject):
    """``forward(*arrays)`` gives an array or a tuple of them, ``backward(g, *arrays)`` a tuple with
    one gradient an argument, None for those that have none."""

    given = True

    def __init__(
        self, forward: Callable[..., Any], backward: Callable[..., Any], arrays: Sequence[Any]
    ) -> None:
        super().__init__(_name(forward, backward), [_as_array(x) for x in arrays])
        self._forward, self._backward = forward, backward
        self._kinds: list[tuple[bool, Any, tuple[int, ...]]] | None = None
        self._alone = True

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        found = self._forward(*arrays)
        self._alone = not isinstance(found, (tuple, list))
        several = [self._result(y) for y in ([found] if self._alone else found)]
        if self._kinds is None:
            self._kinds = [(y.dtype.kind in "fc", y.dtype, y.shape) for y in several]
        return [y for y, kind in zip(several, self._kinds, strict=True) if kind[0]]

    def _result(self, y: Any) -> Matrix:
        inside = isinstance(y, (tuple, list)) and any(np.ndim(part) for part in flat(y, None, ""))
        if isinstance(y, Mapping) or inside:
            raise TypeError(
                f"check: forward returned a {type(y).__name__}"
                f"{'' if self._alone else ' inside of a tuple'}, expected an array or a tuple of "
                "arrays, as backward takes one cotangent for each"
            )
        return np.asarray(y)

    def pullback(self, arrays: list[Any]) -> Pullback:
        if self._kinds is None:
            self.forward(arrays)
        kinds = self._kinds or []

        def pull(cotangents: list[Matrix]) -> list[Any]:
            rest = iter(cotangents)
            whole = tuple(
                next(rest) if real else np.zeros(shape, float) for real, _, shape in kinds
            )
            found = self._backward(whole[0] if self._alone else whole, *arrays)
            if not isinstance(found, (tuple, list)):
                found = (found,)
            if len(found) != len(arrays):
                if len(found) != len(self.varied):
                    raise ContractError(
                        "count",
                        f"backward returned {len(found)} gradients for {len(arrays)} arguments; "
                        "it has to return one an argument, None for those without",
                    )
                return list(found)
            return [found[i] for i in self.varied]

        return pull


def flat(results: Any, kind: type | None, name: str) -> list[Any]:
    """The results of a function in one list, out of tuples and lists of any depth. Errors:
    TypeError for a dict, and for what is not of that kind (None: whatever it is)."""
    if isinstance(results, (tuple, list)):
        return [y for part in results for y in flat(part, kind, name)]
    if isinstance(results, Mapping):
        raise TypeError(
            f"check: {name} returned a {type(results).__name__}, expected a tensor or a tuple of "
            "tensors; wrap it in a function that returns a tuple of its values"
        )
    if kind is not None and not isinstance(results, kind):
        raise TypeError(
            f"check: {name} returned a {type(results).__name__}, expected a tensor or a tuple of "
            "tensors"
        )
    return [results]


class ContractError(Exception):
    """A backward whose answer is no answer."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def _as_array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, np.floating) else x


def _name(forward: Callable[..., Any], backward: Callable[..., Any]) -> str:
    return f"({called(forward)}, {called(backward)})"


def called(f: Any) -> str:
    """What a function calls itself."""
    if isinstance(f, BuiltinFunctionType):
        return f.__name__  # its qualified name is that of a class nobody knows
    return str(getattr(f, "__qualname__", None) or getattr(f, "__name__", None) or type(f).__name__)
