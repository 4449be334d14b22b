"""The reference: every public class and function, with its signature and its docstring."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from minigrad.op import register
from pages.docstring import markdown

MODULES = {
    "minigrad": "Tensors and functions",
    "minigrad.nn": "Layers and losses",
    "minigrad.nn.functional": "Functions of layers",
    "minigrad.nn.init": "Initialization",
    "minigrad.nn.utils": "Parameters and gradients at once",
    "minigrad.optim": "Optimizers",
    "minigrad.optim.lr_scheduler": "Schedules",
    "minigrad.autograd": "Differentiation",
    "minigrad.linalg": "Linear algebra",
    "minigrad.utils.data": "Datasets and loaders",
    "minigrad.datasets": "Data",
    "minigrad.datasets.transforms": "Transforms",
    "minigrad.models": "Networks",
    "minigrad.callbacks": "Callbacks",
    "minigrad.draw": "Pictures",
    "minigrad.cuda": "GPUs",
}


def pages() -> dict[str, str]:
    """The pages by name."""
    known = {f"{name}.{public}" for name in MODULES for public in _public(name)}
    known |= {f"minigrad.Tensor.{name}" for name in _members(_get("minigrad").Tensor)}
    short = {name.rpartition(".")[2] for name in known}
    found = {f"{name}.md": _page(name, title, short) for name, title in MODULES.items()}
    listed = "\n".join(f"{title} <{name}>" for name, title in MODULES.items())
    found["index.md"] = (
        "# Reference\n\nThe names are PyTorch's wherever the meaning is.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
    )
    return found


def _get(name: str) -> ModuleType:
    return importlib.import_module(name)


def _public(name: str) -> list[str]:
    module = _get(name)
    return [public for public in module.__all__ if not public.startswith("__")]


def _page(name: str, title: str, known: set[str]) -> str:
    module = _get(name)
    parts = [f"# {title}\n", f"```{{py:module}} {name}\n```\n", markdown(module.__doc__)]
    objects = {public: getattr(module, public) for public in _public(name)}
    shown = {
        public: x
        for public, x in objects.items()
        if inspect.isclass(x) or (callable(x) and not isinstance(x, ModuleType))
    }
    families: dict[str, list[str]] = {}
    for public, x in shown.items():
        families.setdefault(x.__module__.rpartition(".")[2], []).append(public)
    for family, members in sorted(families.items()):
        if len(families) > 1:
            parts.append(f"## {family.replace('_', ' ').capitalize()}\n")
        for public in members:
            made = _class if inspect.isclass(shown[public]) else _function
            parts += made(public, shown[public], known)
    return "\n".join(parts)


def _signature(x: Any, bound: bool = False) -> str:
    try:
        signature = inspect.signature(x)
    except (TypeError, ValueError):
        return "(...)"
    parameters = list(signature.parameters.values())
    if bound:
        parameters = parameters[1:]
    plain = [p.replace(annotation=p.empty) for p in parameters]
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))


def _function(name: str, x: Any, known: set[str]) -> Iterator[str]:
    yield f"::::{{py:function}} {name}{_signature(x)}\n"
    yield markdown(x.__doc__, known)
    if name in register:
        yield f"[How it is computed and differentiated](#op-{name})\n"
    yield "::::\n"


def _class(name: str, x: Any, known: set[str]) -> Iterator[str]:
    yield f":::::{{py:class}} {name}{_signature(x)}\n"
    yield markdown(x.__doc__, known)
    for member in _members(x):
        value = inspect.getattr_static(x, member)
        if isinstance(value, property):
            yield f"::::{{py:property}} {member}\n\n{markdown(value.__doc__, known)}\n::::\n"
        elif inspect.isfunction(inspect.unwrap(value) if callable(value) else value):
            yield f"::::{{py:method}} {member}{_signature(value, bound=True)}\n"
            yield f"{markdown(value.__doc__, known)}\n::::\n"
    yield ":::::\n"


def _members(x: type) -> list[str]:
    """The public methods of the class itself; of a tensor all."""
    if x.__name__ == "Tensor":
        return sorted(name for name in dir(x) if not name.startswith("_"))
    return sorted(name for name in vars(x) if not name.startswith("_") and name != "forward")
