"""From named arrays and their description back to objects.

Nothing in a description is looked up but Module classes, and these only among the classes that
the program has, and the public functions of minigrad; objects are made without their
constructors. Whatever is wrong is gathered, so that one error tells it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.creation import from_numpy
from minigrad.device import CPU, Device
from minigrad.device import device as as_device
from minigrad.errors import FileFormatError
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.serialization.declared import unfit
from minigrad.serialization.named import value_of
from minigrad.serialization.writer import DEEPEST, REGISTRIES, SCHEMA, class_name
from minigrad.tensor import Tensor

_NOT_FINITE = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_MODULE_PARTS = ("class", "attributes", "parameters", "buffers", "modules")


class Reader:
    """Rebuilds the object that a file describes."""

    def __init__(
        self,
        path: str,
        arrays: dict[str, np.ndarray[Any, Any]],
        map_location: str | Device | None,
    ) -> None:
        self._path = path
        self._arrays = arrays
        self._device = CPU if map_location is None else as_device(map_location)
        self._tensors: dict[str, Tensor] = {}
        self._named: set[str] = set()  # the entries that the description speaks of
        self._parameters: dict[str, Parameter] = {}
        self._modules: list[Module] = []
        self._inside: list[Module] = []  # those that are being rebuilt
        self._at: list[str] = []  # the names that lead to what is being rebuilt
        self._classes = {class_name(kind): kind for kind in _subclasses(Module)}
        self._unknown: dict[str, None] = {}  # the classes that the program lacks, in order
        self._problems: list[str] = []

    def rebuild(self, structure: Any) -> Any:
        """The object; the plain dict of tensors where there is no description.

        Errors: FileFormatError with everything that does not fit.
        """
        if structure is None:
            return {name: self._placed(array) for name, array in self._arrays.items()}
        if not isinstance(structure, dict) or set(structure) != {"schema", "root"}:
            raise FileFormatError(f"{self._path}: its description is none of minigrad's")
        if structure["schema"] != SCHEMA:
            raise FileFormatError(
                f"{self._path}: written in schema {structure['schema']!r}, and this version of "
                f"minigrad reads schema {SCHEMA}; load it with the version that wrote it"
            )
        result = self._value(structure["root"], 0)
        extra = [repr(name) for name in self._arrays if name not in self._named]
        if extra:
            self._problems.append(f"unknown entries: {', '.join(extra)}")
        if self._unknown:
            self._problems.append(
                f"unknown Module classes: {', '.join(self._unknown)} (only classes that the "
                "program has already are used: import or define them before loading)"
            )
        if self._problems:
            raise FileFormatError(
                f"{self._path}: what it holds does not fit:\n  " + "\n  ".join(self._problems)
            )
        return result

    def _wrong(self, what: str) -> Any:
        """Take note of a problem; None is what stands in the value's place."""
        self._problems.append(what)
        return None

    def _placed(self, array: np.ndarray[Any, Any]) -> Tensor:
        return from_numpy(array).to(device=self._device)

    # -- plain data -----------------------------------------------------------------------------

    def _value(self, node: Any, depth: int) -> Any:
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if depth == DEEPEST or not isinstance(node, dict):
            return self._wrong(f"damaged description at {_short(node)}")
        match node:
            case {"list": list(items)}:
                return [self._value(item, depth + 1) for item in items]
            case {"tuple": list(items)}:
                return tuple(self._value(item, depth + 1) for item in items)
            case {"dict": list(pairs)}:
                return {
                    self._key(pair[0]): self._value(pair[1], depth + 1)
                    for pair in self._rows(pairs, 2)
                }
            case {"float": str(name)} if name in _NOT_FINITE:
                return _NOT_FINITE[name]
            case {"dtype": str(name)} | {"device": str(name)} | {"function": str(name)}:
                kind = next(iter(node))
                found = value_of(kind, name)
                return self._wrong(f"unknown {kind}: {name!r}") if found is None else found
            case {"tensor": str(name)}:
                return self._tensor(node, name)
            case {"module": dict(parts)}:
                return self._module(parts, depth)
            case {"again": int(number), "entries": list(entries)} if (
                0 <= number < len(self._modules)
            ):
                if self._modules[number] in self._inside:
                    return self._wrong(f"damaged description: module {number} contains itself")
                for entry in entries:
                    self._of(Tensor, "an entry", entry, depth)
                return self._modules[number]
        return self._wrong(f"damaged description at {_short(node)}")

    def _key(self, node: Any) -> Any:
        key = self._value(node, 0)
        if key is None or isinstance(key, (bool, int, float, str)):
            return key
        return self._wrong(f"damaged key {_short(node)}")

    def _rows(self, rows: Any, width: int) -> Iterator[list[Any]]:
        """The rows that are well-formed; a complaint about the others."""
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, list) and len(row) == width:
                yield row
            else:
                self._wrong(f"damaged description at {_short(row)}")

    def _tensor(self, node: dict[str, Any], name: str) -> Any:
        self._named.add(name)
        if name in self._tensors:
            return self._tensors[name]
        array = self._arrays.get(name)
        if array is None:
            return self._wrong(f"missing entry: {name!r}")
        if list(array.shape) != node.get("shape"):
            self._wrong(
                f"mis-shaped entry: {name!r} has shape {list(array.shape)}, "
                f"expected {node.get('shape')}"
            )
        first = self._first(node)
        if first not in self._tensors:
            first = name
            self._tensors[name] = self._placed(array)
        elif self._arrays[first].shape != array.shape:
            return self._wrong(f"mis-shaped entry: {name!r} is said to be {first!r} once more")
        tensor = self._tensors[name] = self._tensors[first]
        return tensor

    def _first(self, node: dict[str, Any]) -> str:
        """The entry that this one is, where it is another one once more, or its own name."""
        same = node.get("same")
        return same if isinstance(same, str) else str(node["tensor"])

    # -- modules --------------------------------------------------------------------------------

    def _module(self, parts: dict[str, Any], depth: int) -> Any:
        if any(part not in parts for part in _MODULE_PARTS):
            return self._wrong(f"damaged description of a module: {_short(parts)}")
        named = parts["class"]
        kind = self._classes.get(named) if isinstance(named, str) else None
        if kind is None:
            self._unknown[str(named)] = None
            kind = Module  # a stand-in, so that what is below is looked at as well
        module: Module = object.__new__(kind)
        Module.__init__(module)
        self._modules.append(module)
        self._inside.append(module)
        own = vars(module)
        names: set[str] = set()

        def members(rows: Any, width: int) -> Iterator[list[Any]]:
            for row in self._members(rows, width):
                if row[0] in names:
                    self._wrong(f"{self._dotted(row[0])}: described twice")
                names.add(row[0])
                self._at.append(row[0])
                yield row
                self._at.pop()

        for name, node in members(parts["attributes"], 2):
            own[name] = value = self._value(node, depth + 1)
            expected = unfit(kind, name, value)
            if expected is not None:
                self._wrong(f"{self._dotted()}: expected {expected}, found {_short(value)}")
        for name, node, requires_grad in members(parts["parameters"], 3):
            module._parameters[name] = self._parameter(name, node, requires_grad is True, depth)
        for name, node, persistent in members(parts["buffers"], 3):
            module._buffers[name] = self._of(Tensor, name, node, depth)
            if persistent is not True:
                module._non_persistent_buffers_set.add(name)
        for name, node in members(parts["modules"], 2):
            module._modules[name] = self._of(Module, name, node, depth)
        self._inside.pop()
        return module

    def _dotted(self, *names: str) -> str:
        """Where in the description it is."""
        return repr(".".join([*self._at, *names]))

    def _members(self, rows: Any, width: int) -> Iterator[list[Any]]:
        for row in self._rows(rows, width):
            if isinstance(row[0], str) and row[0] not in REGISTRIES:
                yield row
            else:
                self._wrong(f"damaged name {_short(row[0])}")

    def _of(self, kind: type, name: str, node: Any, depth: int) -> Any:
        value = self._value(node, depth + 1)
        if value is not None and not isinstance(value, kind):
            found = type(value).__name__
            return self._wrong(f"{self._dotted()}: expected a {kind.__name__}, found a {found}")
        return value

    def _parameter(self, name: str, node: Any, requires_grad: bool, depth: int) -> Any:
        tensor = self._of(Tensor, name, node, depth)
        if tensor is None:
            return None
        if requires_grad and not tensor.is_floating_point():
            told = f"a parameter of {tensor.dtype} cannot take a gradient"
            return self._wrong(f"{self._dotted()}: {told}")
        return self._parameters.setdefault(self._first(node), Parameter(tensor, requires_grad))


def _subclasses(kind: type[Module]) -> Iterator[type[Module]]:
    """The class and all below it; of two with one name, the one defined last comes last."""
    yield kind
    for below in kind.__subclasses__():
        yield from _subclasses(below)


def _short(node: Any) -> str:
    text = repr(node)
    return text if len(text) <= 60 else f"{text[:57]}..."
