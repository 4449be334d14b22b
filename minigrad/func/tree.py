"""Containers of tensors: tuples, lists and dicts of any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad.tensor import Tensor


def leaves(x: Any) -> Iterator[Any]:
    """What the containers hold, in order."""
    if isinstance(x, (tuple, list)):
        for item in x:
            yield from leaves(item)
    elif isinstance(x, dict):
        for item in x.values():
            yield from leaves(item)
    else:
        yield x


def mapped(f: Callable[[Any], Any], x: Any) -> Any:
    """The same containers around f of what they hold."""
    if isinstance(x, (tuple, list)):
        items = [mapped(f, item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, dict):
        return type(x)({key: mapped(f, item) for key, item in x.items()})
    return f(x)


def refilled(x: Any, values: Iterator[Any]) -> Any:
    """The same containers around other values."""
    return mapped(lambda _: next(values), x)


def tensors(caller: str, x: Any) -> list[Tensor]:
    """The tensors in containers. Errors: TypeError for anything else in them."""
    found = list(leaves(x))
    for t in found:
        if not isinstance(t, Tensor):
            raise TypeError(f"{caller}: expected tensors, got a {type(t).__name__}")
    return found
