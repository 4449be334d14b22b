"""The reference: every public class and function, with its signature and its docstring."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from minigrad.op import register
from pages.complete import MODULES, members, public
from pages.docstring import markdown
from pages.examples import SETUP

INDEX = """# Reference

The names are PyTorch's wherever the meaning is; what differs on purpose is
[listed](../differences).

An example prints what stands below it, and every example is run by a test. Before each one stand

```python
{setup}```

and `folder`, where it occurs, is a folder with a few small files: three images in the
place of 60,000.

```{{toctree}}
:maxdepth: 1

{listed}
```
"""


def pages() -> dict[str, str]:
    """The pages by name."""
    known = {name for module in MODULES for name, _ in public(module)}
    known |= {
        f"minigrad.Tensor.{name}" for name in members(importlib.import_module("minigrad").Tensor)
    }
    short = {name.rpartition(".")[2] for name in known}
    found = {f"{name}.md": _page(name, title, short) for name, title in MODULES.items()}
    listed = "\n".join(f"{title} <{name}>" for name, title in MODULES.items())
    found["index.md"] = INDEX.format(setup=SETUP, listed=listed)
    return found


def _page(name: str, title: str, known: set[str]) -> str:
    module = importlib.import_module(name)
    parts = [f"# {title}\n", f"```{{py:module}} {name}\n```\n", markdown(module.__doc__)]
    shown = {path.rpartition(".")[2]: x for path, x in public(name)}
    families: dict[str, list[str]] = {}
    for short, x in shown.items():
        families.setdefault(x.__module__.rpartition(".")[2], []).append(short)
    for family, names in sorted(families.items()):
        if len(families) > 1:
            parts.append(f"## {family.replace('_', ' ').capitalize()}\n")
        for short in names:
            made = _class if inspect.isclass(shown[short]) else _function
            parts += made(short, shown[short], known)
    return "\n".join(parts)


def _signature(x: Any, bound: bool = False) -> str:
    try:
        signature = inspect.signature(x)
    except (TypeError, ValueError):
        return "(...)"
    parameters = list(signature.parameters.values())
    if bound:
        parameters = parameters[1:]
    plain = [p.replace(annotation=p.empty) for p in parameters if not p.name.startswith("_")]
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))


def _function(name: str, x: Any, known: set[str]) -> Iterator[str]:
    yield f"::::{{py:function}} {name}{_signature(x)}\n"
    yield markdown(x.__doc__, known)
    if name in register:
        yield f"[How it is computed and differentiated](#op-{name})\n"
    yield "::::\n"


def _class(name: str, x: Any, known: set[str]) -> Iterator[str]:
    yield f":::::{{py:class}} {name}{_signature(x)}\n"
    yield markdown(x.__doc__, known, x.__init__.__doc__ if _is_ours(x.__init__) else None)
    for member in members(x):
        value = inspect.getattr_static(x, member)
        if not value.__doc__:
            continue  # as the method of its base
        if isinstance(value, property):
            yield f"::::{{py:property}} {member}\n\n{markdown(value.__doc__, known)}\n::::\n"
        else:
            made = inspect.unwrap(getattr(x, member))
            bound = not isinstance(value, (classmethod, staticmethod))
            yield f"::::{{py:method}} {member}{_signature(made, bound)}\n"
            yield f"{markdown(made.__doc__, known)}\n::::\n"
    yield ":::::\n"


def _is_ours(method: Any) -> bool:
    return inspect.isfunction(method) and method.__module__.startswith("minigrad")
