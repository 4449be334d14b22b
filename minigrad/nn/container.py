"""Modules that hold modules."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self, overload

from minigrad.nn.module import Module
from minigrad.nn.registry import Registry

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Row(Module):
    """Modules under the names "0", "1", ... that behave like a list."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def _name(self, index: int) -> str:
        n, index = len(self), operator.index(index)
        if not -n <= index < n:
            raise IndexError(
                f"{type(self).__name__}: index {index} is out of range for {n} modules"
            )
        return list(self._modules)[index]

    @overload
    def __getitem__(self, index: slice) -> Self: ...
    @overload
    def __getitem__(self, index: int) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return self._of(dict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def _of(self, modules: Mapping[str, Any]) -> Self:
        """A row of the same class with some of the modules."""
        return type(self)(list(modules.values()))  # type: ignore[call-arg]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)
        for name in names[index] if isinstance(index, slice) else [self._name(index)]:
            delattr(self, name)
        self._renumber(list(self._modules.values()))

    def _renumber(self, modules: list[Any]) -> None:
        Registry.clock += 1
        self._modules.clear()
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Add a module before that of the index; the later ones move up by one."""
        modules = list(self._modules.values())
        modules.insert(operator.index(index), module)
        self._renumber(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end."""
        for module in modules:
            self.append(module)
        return self

    def pop(self, key: int) -> Module:
        """Take a module out and return it."""
        module = self[key]
        del self[key]
        return module  # type: ignore[no-any-return]

    def __iadd__(self, modules: Any) -> Self:
        return self.extend(modules)


class Sequential(_Row):
    """y = fₙ(... f₂(f₁(x))): modules one after the other. Indexing, slicing, appending, + and *
    work as for a list.

    Shapes: as the first module takes and the last one gives.
    Errors: TypeError for what is no module; IndexError for a place that there is not.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> model(minigrad.zeros(3, 4)).shape
        minigrad.Size([3, 2])
        >>> model[:2]
        Sequential(
          (0): Linear(in_features=4, out_features=8, bias=True)
          (1): ReLU()
        )
        >>> [name for name, _ in model.named_parameters()]
        ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    @overload
    def __init__(self, *args: Module) -> None: ...
    @overload
    def __init__(self, arg: OrderedDict[str, Module], /) -> None: ...
    def __init__(self, *args: Any) -> None:
        """
        Args:
            args: the modules in a row, or one OrderedDict of names and modules; the names are those
                in the ``state_dict``.
        """
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], OrderedDict) else None
        for name, module in named or ((str(i), m) for i, m in enumerate(args)):
            self.add_module(name, module)

    def _of(self, modules: Mapping[str, Any]) -> Self:
        return type(self)(OrderedDict(modules))

    def insert(self, index: int, module: Module) -> Self:
        """Add a module before that of the index; the later ones move up by one. Errors: IndexError
        for a place that there is not.

        Args:
            index: the place.
            module: the module.
        """
        n = len(self)
        if not -n <= index <= n:
            raise IndexError(
                f"Sequential: index {index} is out of range to insert at, of {n} modules"
            )
        super().insert(index, module)
        return self

    def __add__(self, other: Any) -> Sequential:
        return Sequential(*self, *_modules_of(other))

    def __iadd__(self, other: Any) -> Self:
        return self.extend(_modules_of(other))

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*list(self) * _times(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self) * (_times(times) - 1))

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input


def _modules_of(other: Any) -> list[Module]:
    if not isinstance(other, Sequential):
        raise ValueError(
            "Sequential: add operator supports only objects of Sequential class, but "
            f"{type(other)} is given"
        )
    return list(other)


def _times(n: Any) -> int:
    if not isinstance(n, int):
        raise TypeError(f"Sequential: unsupported operand type for *: {type(n).__name__}")
    if n <= 0:
        raise ValueError(f"Sequential: Non-positive multiplication factor {n}")
    return n


class ModuleList(_Row):
    """A list of modules whose parameters are found; the ``forward`` around it calls them.

    A plain list hides its modules: their parameters would neither be trained, nor moved, nor saved.

    Errors: TypeError for what is no module; IndexError for a place that there is not.

    Example:
        >>> layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        >>> layers
        ModuleList(
          (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
        )
        >>> len(list(layers.parameters()))
        6
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        """
        Args:
            modules: what the list begins with.
        """
        super().__init__()
        self.extend(modules or ())

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        lines, start = [], 0
        for text, same in groupby(repr(module) for module in self):
            n = len(list(same))
            place = f"({start})" if n == 1 else f"({start}-{start + n - 1})"
            lines.append(f"{place}: {'' if n == 1 else f'{n} x '}{text}")
            start += n
        inner = "".join("\n  " + line.replace("\n", "\n  ") for line in lines)
        return f"{self._get_name()}({inner}\n)" if lines else f"{self._get_name()}()"


class ModuleDict(Module):
    """A dictionary of modules whose parameters are found; the ``forward`` around it picks them by
    name.

    Errors: TypeError for what is no module; KeyError for a name with a dot or one that is
    taken.

    Example:
        >>> branches = nn.ModuleDict({"wide": nn.Linear(4, 8), "narrow": nn.Linear(4, 2)})
        >>> branches["wide"](minigrad.zeros(1, 4)).shape
        minigrad.Size([1, 8])
        >>> list(branches)
        ['wide', 'narrow']
    """

    def __init__(
        self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None
    ) -> None:
        """
        Args:
            modules: what the dictionary begins with, a mapping or pairs of name and module.
        """
        super().__init__()
        self.update(modules or {})

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add or replace modules. Errors: TypeError for what is neither mapping nor pairs.

        Args:
            modules: a mapping, or pairs of name and module.
        """
        if not isinstance(modules, (Mapping, ModuleDict, Iterable)):
            raise TypeError(
                "ModuleDict: update should be called with an iterable of key/value pairs, but got "
                f"{type(modules).__name__}"
            )
        pairs = modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules
        for name, module in pairs:
            self[name] = module

    def __getitem__(self, name: str) -> Any:
        return self._modules[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self.add_module(name, module)

    def __delitem__(self, name: str) -> None:
        Registry.clock += 1
        del self._modules[name]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def clear(self) -> None:
        """Take all modules out."""
        Registry.clock += 1
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take a module out and return it.

        Args:
            key: its name.
        """
        Registry.clock += 1
        return self._modules.pop(key)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names with their modules."""
        return self._modules.items()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self._modules.values()
