"""Blocks and decorators in which the tape behaves differently."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

from minigrad.recording import following, inferred, switch

__all__ = [
    "enable_grad",
    "inference_mode",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
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
        self.set(self.mode)

    def __exit__(self, *_: object) -> None:
        setattr(switch, self.name, self.before.pop())

    def set(self, mode: Any) -> None:
        """Set the switch. In inference mode nothing is recorded, whatever else is asked for."""
        setattr(switch, self.name, mode and not (self.name == "recording" and switch.inference))

    def again(self) -> _Switch:
        """The same block once more: each call has its own, for functions that call themselves."""
        switched = _Switch(self.mode)
        switched.name = self.name
        return switched

    def __call__(self, function: F) -> F:
        block = self.again

        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with block():
                return function(*args, **kwargs)

        @wraps(function)
        def generating(*args: Any, **kwargs: Any) -> Any:
            # The caller, between two items, is outside the block; what it sends or throws goes in.
            items = function(*args, **kwargs)
            step: Callable[[], Any] = partial(next, items)
            while True:
                try:
                    with block():
                        item = step()
                except StopIteration as end:
                    return end.value
                try:
                    step = partial(items.send, (yield item))
                except GeneratorExit:
                    with block():
                        items.close()
                    raise
                except BaseException as error:
                    step = partial(items.throw, error)

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
    """A stricter `no_grad`: what is made inside never has to do with gradients. Outside it may be
    read, but no op that keeps it for backward may be recorded, and nothing may be written into it.
    """

    name = "inference"

    def __new__(cls, mode: Any = True) -> Any:
        made = super().__new__(cls)
        if not callable(mode):
            return made
        _Switch.__init__(made, True)
        return made(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(_bool("inference_mode", mode))

    def __enter__(self) -> None:
        self.before.append((switch.inference, switch.recording))
        switch.inference, switch.recording = self.mode, not self.mode
        following.append(self)
        if self.mode and not inferred:
            inferred.append(True)

    def __exit__(self, *_: object) -> None:
        following.remove(self)
        switch.inference, switch.recording = self.before.pop()

    def again(self) -> _Switch:
        """The same block once more."""
        return type(self)(self.mode)


class set_grad_enabled(_Switch):
    """Set recording at once, and until the end of the block when used with ``with``."""

    def __init__(self, mode: bool) -> None:
        super().__init__(_bool("set_grad_enabled", mode))
        self.before.append(switch.recording)
        self.set(self.mode)

    def __enter__(self) -> None:
        self.set(self.mode)

    def __call__(self, function: F) -> F:
        switch.recording = self.before.pop()  # the decoration itself sets nothing
        return super().__call__(function)


def _bool(caller: str, mode: Any) -> bool:
    if mode is not True and mode is not False:
        raise TypeError(f"{caller}: the mode must be bool, not {type(mode).__name__}")
    return mode


def is_inference_mode_enabled() -> bool:
    """Whether this is inside of `inference_mode`."""
    return switch.inference


def is_anomaly_enabled() -> bool:
    """Whether backward looks for nan and inf."""
    return switch.anomaly


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
