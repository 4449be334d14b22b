"""What a module gives away, read off what it holds: no list of names is kept beside it."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def public(space: dict[str, Any], *names: str) -> None:
    """Set ``__all__`` of the module of these globals: to what it defines, under all its names; of a
    package to what it has from its modules. Modules, and what comes later, are named.

    It is a call, as type checkers take names for hidden that an ``__all__`` which they cannot read
    might leave out; they go by underscores and by ``import name as name``.
    """
    package, own = "__path__" in space, space["__name__"]
    found = {
        name
        for name, x in space.items()
        if not name.startswith("_")
        and x is not public
        and not isinstance(x, ModuleType)
        and (package or getattr(x, "__module__", "") == own)
    }
    space["__all__"] = sorted(found.union(names))
