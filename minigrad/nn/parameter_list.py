"""Modules that hold parameters."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(value: Any) -> Any:
    """A tensor as a parameter; whatever else is kept as it is, as in PyTorch."""
    return (
        value if not isinstance(value, Tensor) or isinstance(value, Parameter) else Parameter(value)
    )


def _shown(value: Any) -> str:
    if not isinstance(value, Parameter):
        return f"Object of type: {type(value).__name__}"
    size = "x".join(str(n) for n in value.shape)
    place = "" if value.device.type == "cpu" else f" ({value.device})"
    return f"Parameter containing: [{value.dtype} of size {size}{place}]"


class ParameterList(Module):
    """A list of parameters that are found as the module's own; tensors become parameters.

    Example:
        >>> weights = nn.ParameterList([minigrad.zeros(2), minigrad.zeros(3)])
        >>> [w.shape[0] for w in weights], len(list(weights.parameters()))
        ([2, 3], 2)
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        """
        Args:
            values: what the list begins with.
        """
        super().__init__()
        self._size = 0
        self.extend(values or ())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterList should not be called.")

    def __len__(self) -> int:
        return self._size

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(self._size))

    def _name(self, index: int) -> str:
        n, index = self._size, operator.index(index)
        if not -n <= index < n:
            raise IndexError(f"ParameterList: index {index} is out of range for {n} parameters")
        return str(index % n)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)([self[i] for i in range(self._size)[index]])
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name(index), _as_parameter(value))

    def append(self, value: Any) -> Self:
        """Add a parameter at the end.

        Args:
            value: a tensor.
        """
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several parameters at the end.

        Args:
            values: tensors.
        """
        for value in values:
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def extra_repr(self) -> str:
        return "\n".join(f"  ({i}): {_shown(value)}" for i, value in enumerate(self))


class ParameterDict(Module):
    """A dictionary of parameters that are found as the module's own; tensors become parameters.

    Example:
        >>> weights = nn.ParameterDict({"left": minigrad.zeros(2), "right": minigrad.zeros(3)})
        >>> weights["left"]
        Parameter containing:
        tensor([0., 0.], requires_grad=True)
    """

    def __init__(
        self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None
    ) -> None:
        """
        Args:
            parameters: what the dictionary begins with, a mapping or pairs of name and tensor.
        """
        super().__init__()
        self._names: dict[str, None] = {}
        self.update(parameters or {})

    def update(self, parameters: Any) -> None:
        """Add or replace parameters, given as a mapping or as pairs.

        Args:
            parameters: a mapping, or pairs of name and tensor.
        """
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        for name, value in pairs:
            self[name] = value

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        self._names[name] = None
        setattr(self, name, _as_parameter(value))

    def __delitem__(self, name: str) -> None:
        del self._names[name]
        delattr(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ParameterDict should not be called.")

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._names)

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(dict(self.items()))

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The entry of this name, added where there is none.

        Args:
            key: the name.
            default: what is added.
        """
        if key not in self:
            self[key] = default
        return self[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The entry of this name, or ``default``.

        Args:
            key: the name.
        """
        return self[key] if key in self else default

    def pop(self, key: str) -> Any:
        """Take an entry out and return it.

        Args:
            key: its name.
        """
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last entry out and return its name and itself."""
        if not self._names:
            raise KeyError("ParameterDict: it is empty")
        key = next(reversed(self._names))
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all entries out."""
        for key in list(self._names):
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dictionary with these names and one value.

        Args:
            keys: the names.
            default: the value.
        """
        return ParameterDict((key, default) for key in keys)

    def __or__(self, other: Mapping[str, Any] | ParameterDict) -> ParameterDict:
        joined = self.copy()
        joined.update(other)
        return joined

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **dict(self.items())}

    def __ior__(self, other: Mapping[str, Any] | ParameterDict) -> Self:
        self.update(other)
        return self

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._names.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names with their parameters."""
        return [(name, self[name]) for name in self._names]

    def values(self) -> Iterable[Any]:
        """The parameters."""
        return [self[name] for name in self._names]

    def extra_repr(self) -> str:
        return "\n".join(f"  ({name}): {_shown(value)}" for name, value in self.items())
