"""From objects to named arrays and a description of how they hang together.

The description is JSON, ``{"schema": 1, "root": node}``. Numbers, strings, truth values and null
stand for themselves; everything else is an object with one telling key:

    {"list": [node ...]}    {"tuple": [node ...]}    {"dict": [[key, node] ...]}
    {"float": "nan"}        also inf and -inf, which JSON has no spelling for
    {"dtype": "float32"}    {"device": "cpu"}    {"function": "minigrad.nn.functional:relu"}
    {"tensor": name, "shape": [...]}     with "same": name where it is another entry once more
    {"module": {"class": "module:qualname", "attributes": [[name, node] ...],
                "parameters": [[name, node, requires_grad] ...],
                "buffers": [[name, node, persistent] ...], "modules": [[name, node] ...]}}
    {"again": n, "entries": [node ...]}  the n-th module of the description once more
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.device import CPU, place
from minigrad.nn.module import Module
from minigrad.recording import reads
from minigrad.serialization.named import name_of
from minigrad.tensor import Tensor

SCHEMA = 1
DEEPEST = 100
"""How deep data may nest; far below where Python's own recursion ends."""

REGISTRIES = frozenset(vars(Module())) - {"training"} | {"_hooks"}
"""What a module's ``__dict__`` holds besides plain attributes: the registries, which are described
by themselves, and the hooks, which are not saved."""


def class_name(kind: type) -> str:
    """How a Module class is named in a file."""
    return f"{kind.__module__}:{kind.__qualname__}"


class Writer:
    """Gathers the arrays of an object and describes the rest.

    Attributes: ``arrays``, by the names that they take in the file.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self._first: dict[int, str] = {}  # by the id of an array, the first name it got
        self._held: list[Any] = []  # keeps those arrays, and so their ids, alive
        self._modules: dict[Module, int] = {}  # in the order of the description
        self._inside: list[Module] = []  # those that are being described
        self._problems: list[str] = []

    def describe(self, obj: Any) -> dict[str, Any]:
        """The description. Errors: TypeError with every part that cannot be saved."""
        root = self._node(obj, (), 0)
        if self._problems:
            raise TypeError(
                "save: expected tensors, numbers, strings, True, False, None, Modules, types, "
                "devices, functions of minigrad, and dicts, lists and tuples of these; got\n  "
                + "\n  ".join(self._problems)
                + "\nSave a module that has such attributes by its state_dict()."
            )
        return {"schema": SCHEMA, "root": root}

    def _node(self, value: Any, path: tuple[Any, ...], depth: int) -> Any:
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"float": str(float(value))}
        if depth == DEEPEST:
            return self._refuse(path, f"something nested deeper than {DEEPEST} levels")
        if isinstance(value, Tensor):
            return self._tensor(value, path)
        if isinstance(value, Module):
            return self._module(value, path, depth)
        if isinstance(value, (list, tuple)):
            kind = "list" if isinstance(value, list) else "tuple"
            return {kind: [self._node(v, (*path, i), depth + 1) for i, v in enumerate(value)]}
        if isinstance(value, dict):
            return {
                "dict": [
                    [self._key(k, path), self._node(v, (*path, k), depth + 1)]
                    for k, v in value.items()
                ]
            }
        named = name_of(value)
        if named is not None:
            return named
        return self._refuse(path, f"a {type(value).__module__}.{type(value).__qualname__}")

    def _key(self, key: Any, path: tuple[Any, ...]) -> Any:
        if key is None or isinstance(key, (bool, int, str, float)):
            return self._node(key, path, 0)
        return self._refuse(path, f"a key that is a {type(key).__qualname__}")

    def _refuse(self, path: tuple[Any, ...], what: str) -> Any:
        self._problems.append(f"{_dotted(path) or 'the object itself'}: {what}")
        return None

    def _tensor(self, tensor: Tensor, path: tuple[Any, ...]) -> dict[str, Any]:
        name = _dotted(path) or "tensor"
        while name in self.arrays or name == "__metadata__":  # {"a.b": x, "a": {"b": y}}
            name += "'"
        reads("save()")
        array = tensor.array
        node = {"tensor": name, "shape": list(array.shape)}
        first = self._first.setdefault(id(array), name)
        if first != name:
            node["same"] = first
            self.arrays[name] = self.arrays[first]
        else:
            self._held.append(array)
            self.arrays[name] = np.ascontiguousarray(place(array, CPU)).reshape(array.shape)
        return node

    def _module(self, module: Module, path: tuple[Any, ...], depth: int) -> dict[str, Any]:
        if module in self._inside:
            self._refuse(path, f"a {type(module).__qualname__} that contains itself")
            return {}
        if module in self._modules:
            entries = module.state_dict()  # written again: PyTorch wants every name
            return {
                "again": self._modules[module],
                "entries": [self._tensor(entries[name], (*path, name)) for name in entries],
            }
        self._modules[module] = len(self._modules)
        self._inside.append(module)

        def node(name: str, value: Any) -> Any:
            return self._node(value, (*path, name), depth + 1)

        passing = module._non_persistent_buffers_set
        described = {
            "module": {
                "class": class_name(type(module)),
                "attributes": [
                    [name, node(name, value)]
                    for name, value in vars(module).items()
                    if name not in REGISTRIES
                ],
                "parameters": [
                    [name, node(name, p), p is not None and p.requires_grad]
                    for name, p in module._parameters.items()
                ],
                "buffers": [
                    [name, node(name, buffer), name not in passing]
                    for name, buffer in module._buffers.items()
                ],
                "modules": [[name, node(name, child)] for name, child in module._modules.items()],
            }
        }
        self._inside.pop()
        return described


def _dotted(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))
