"""Blocks and decorators in which the tape behaves differently."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from minigrad.tape import switch

__all__ = [
    "detect_anomaly",
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]

F = TypeVar("F", bound=Callable[..., Any])


class _Switch:
    """A block, or a decorated function, in which one of the tape's switches is set."""

    name = "recording"

    def __init__(self, mode: Any) -> None:
        self.mode = mode
        self.before: list[Any] = []

    def __enter__(self) -> None:
        self.before.append(getattr(switch, self.name))
        setattr(switch, self.name, self.mode)

    def __exit__(self, *_: object) -> None:
        setattr(switch, self.name, self.before.pop())

    def __call__(self, function: F) -> F:
        def block() -> _Switch:  # each call its own, for functions that call themselves
            switched = _Switch(self.mode)
            switched.name = self.name
            return switched

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with block():
                return function(*args, **kwargs)

        @wraps(function)
        def generating(*args: Any, **kwargs: Any) -> Any:
            # The caller, between two items, is outside the block.
            items = function(*args, **kwargs)
            while True:
                with block():
                    try:
                        item = next(items)
                    except StopIteration as end:
                        return end.value
                yield item

        return generating if inspect.isgeneratorfunction(function) else inside  # type: ignore[return-value]


class _Fixed(_Switch):
    """A switch whose class says the mode. ``@no_grad`` and ``@no_grad()`` mean the same."""

    fixed: bool

    def __new__(cls, function: Any = None) -> Any:
        made = super().__new__(cls)
        if function is None:
            return made
        _Switch.__init__(made, cls.fixed)
        return made(function)

    def __init__(self) -> None:
        super().__init__(self.fixed)


class no_grad(_Fixed):
    """Nothing is recorded: for evaluation and for parameter updates. A block or a decorator."""

    fixed = False


class enable_grad(_Fixed):
    """Recording, also inside `no_grad`."""

    fixed = True


class inference_mode(_Switch):
    """PyTorch's name for a stricter `no_grad`; here they are the same."""

    def __new__(cls, mode: Any = True) -> Any:
        made = super().__new__(cls)
        if not callable(mode):
            return made
        _Switch.__init__(made, False)
        return made(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)


class set_grad_enabled(_Switch):
    """Set recording at once, and until the end of the block when used with ``with``."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self.before.append(switch.recording)
        switch.recording = self.mode

    def __enter__(self) -> None:
        switch.recording = self.mode

    def __call__(self, function: F) -> F:
        switch.recording = self.before.pop()  # the decoration itself sets nothing
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether ops are being recorded."""
    return switch.recording


class detect_anomaly(_Switch):
    """A block in which backward stops at the first gradient that holds nan or inf, and names the
    op, the line where it was called, and the operand. Slower: every gradient is looked at."""

    name = "anomaly"

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(check_nan)


class set_detect_anomaly(detect_anomaly):
    """`detect_anomaly` at once, and until the end of the block when used with ``with``."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(mode and check_nan)
        self.before.append(switch.anomaly)
        switch.anomaly = self.mode

    def __enter__(self) -> None:
        switch.anomaly = self.mode
