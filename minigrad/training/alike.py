"""Whether data have the form of other data: what a loaded state is held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.optim import Optimizer
from minigrad.tensor import Tensor


def unlike(found: Any, like: Any, name: str, optional: str = "") -> Iterator[str]:
    """In words, everywhere that ``found`` is not of the form of ``like``: other entries, tensors of
    another shape or type, text for a number. Where ``like`` has None, anything plain may be.

    ``name`` is what the whole is called. Entries that begin with ``optional``, if that is not
    empty, may be there or not.
    """
    if isinstance(like, Tensor):
        if not isinstance(found, Tensor):
            yield f"{name}: expected a tensor, found {_short(found)}"
        elif (found.shape, found.dtype) != (like.shape, like.dtype):
            yield (
                f"{name}: expected {like.dtype} of shape {like.shape}, found {found.dtype} of "
                f"shape {found.shape}"
            )
    elif isinstance(like, dict):
        if not isinstance(found, dict):
            yield f"{name}: expected a dictionary, found {_short(found)}"
            return
        for key, value in like.items():
            if key in found:
                yield from unlike(found[key], value, f"{name}.{key}", optional)
            else:
                yield f"{name}.{key}: missing"
        for key in found:
            if key not in like and not (optional and str(key).startswith(optional)):
                yield f"{name}.{key}: unknown"
    elif isinstance(like, list | tuple):
        if not isinstance(found, list | tuple) or len(found) != len(like):
            yield f"{name}: expected {len(like)} values, found {_short(found)}"
            return
        for i, (mine, value) in enumerate(zip(found, like, strict=True)):
            yield from unlike(mine, value, f"{name}.{i}", optional)
    elif isinstance(like, bool | str):
        if type(found) is not type(like):
            yield f"{name}: expected {_KINDS[type(like)]}, found {_short(found)}"
    elif isinstance(like, int | float):
        if isinstance(found, bool) or not isinstance(found, int | float):
            yield f"{name}: expected a number, found {_short(found)}"


def unlike_state(found: Any, optimizer: Optimizer, name: str) -> Iterator[str]:
    """The same for the state of an optimizer, which comes into being with its first step."""
    like = optimizer.state_dict()
    if not isinstance(found, dict) or not isinstance(found.get("state"), dict):
        yield f"{name}: expected the state of an optimizer, found {_short(found)}"
        return
    yield from unlike({**found, "state": None}, {**like, "state": None}, name)
    members = [(group, p) for group in optimizer.param_groups for p in group["params"]]
    for number, state in found["state"].items():
        entry = f"{name}.state.{number}"
        if type(number) is not int or not 0 <= number < len(members):
            yield f"{entry}: there is no such parameter"
            continue
        group, p = members[number]
        first = optimizer.first_state(group, p)
        later = [key for key in state if key not in first] if isinstance(state, dict) else []
        # What an update adds, such as SGD's momentum, is of the parameter's form.
        yield from unlike(state, {**first, **dict.fromkeys(later, p.detach())}, entry)


def whole_number(found: Any, name: str, largest: int | None = None) -> Iterator[str]:
    """What is wrong with a count."""
    upper = "" if largest is None else f" to {largest}"
    if type(found) is not int or found < 0 or (largest is not None and found > largest):
        yield f"{name}: expected a whole number from 0{upper}, found {_short(found)}"


def numbers(found: Any, name: str) -> Iterator[str]:
    """What is wrong with a dictionary of numbers by name."""
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        yield f"{name}: expected numbers by name, found {_short(found)}"
        return
    for key, value in found.items():
        yield from unlike(value, 0.0, f"{name}.{key}")


_KINDS = {bool: "True or False", str: "a word"}


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, int | float | str | None) else type(value).__name__
    return text if len(text) < 40 else f"{text[:36]}..."
