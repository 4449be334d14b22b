"""Blocks and decorators in which the tape behaves differently."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

from minigrad.anomaly import Detector
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
    """Nothing is recorded: for evaluation and for parameter updates. A block or a decorator.

    Args:
        function: what is decorated; without one it is a block.
    """

    fixed = False


class enable_grad(_Fixed):
    """Recording, also inside `no_grad`.

    Args:
        function: what is decorated; without one it is a block.
    """

    fixed = True


class inference_mode(_Switch):
    """A stricter `no_grad`: what is made inside never has to do with gradients. Outside it may be
    read, but no op that keeps it for backward may be recorded, and nothing may be written into it.

    Args:
        mode: False switches it off inside another block.
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
    """Set recording at once, and until the end of the block when used with ``with``.

    Args:
        mode: whether ops are recorded.
    """

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
    """Whether nan and inf are looked for."""
    return switch.anomaly is not None


def is_grad_enabled() -> bool:
    """Whether ops are being recorded."""
    return switch.recording


class detect_anomaly(_Switch):
    """A block in which the first op that makes nan or inf raises `AnomalyError`, in forward, in
    backward, or in an optimizer's step: with the op as the user called it, and the line. Compiled
    steps are done op by op in it. Slower: every number is looked at.

    What was given as an infinity (a mask of -inf) is none, as long as it is taken away again.

    Args:
        check_nan: False looks at nothing.
    """

    name = "anomaly"

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(check_nan)

    def __enter__(self) -> None:
        self.before.append(is_anomaly_enabled())
        _detect(self.mode)

    def __exit__(self, *error: object) -> None:
        detector = switch.anomaly
        _detect(self.before.pop())
        if detector is not None and error[0] is None and switch.anomaly is not detector:
            detector.close()

    def again(self) -> _Switch:
        """The same block once more."""
        return type(self)(self.mode)


class set_detect_anomaly(detect_anomaly):
    """`detect_anomaly` at once, and until the end of the block when used with ``with``.

    Args:
        mode: whether numbers are looked at.
        check_nan: as for `detect_anomaly`.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(mode and check_nan)
        self.before.append(is_anomaly_enabled())
        _detect(self.mode)

    def __enter__(self) -> None:
        _detect(self.mode)

    def again(self) -> _Switch:
        """The same block once more, as one."""
        return detect_anomaly(self.mode)


def _detect(mode: bool) -> None:
    """Have somebody look for nan and inf from now on, or nobody."""
    detector: Detector | None = switch.anomaly
    if mode and detector is None:
        switch.recorder.read("detect_anomaly()")  # a replay would not look
        switch.anomaly = switch.recorder = detector = Detector(switch.recorder)
        following.append(detector)
    elif detector is not None and not mode:
        following.remove(detector)
        switch.anomaly = None
        if switch.recorder is detector:
            switch.recorder = detector.outer
