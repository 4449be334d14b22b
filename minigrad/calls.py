"""What a user called, read off the stack: the public name, and the line of the call.

An op that passes the door is most often a part of something with another name: of `layer_norm`, of
`cross_entropy`, of an optimizer's step. Looking costs a few microseconds, so only those ask who
follow a thread anyway.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeAlias

from minigrad.lines import number_of, ours

_PACKAGE = os.path.dirname(__file__) + os.sep
_QUIET = ("training", "compiler", "callbacks", "commands", "diagnosis", "anomaly", "recipes")
"""Packages whose functions call ops on behalf of the user: what they call is what is meant."""
_NOT_OPS = frozenset(
    ("forward", "apply", "fit", "evaluate", "predict", "compile", "call", "checkpoint", "doctor")
)
_OPERATORS = {"plus": "add", "minus": "sub", "power": "pow"}

Naming: TypeAlias = "Callable[[FrameType, FrameType | None, str], str]"
"""The name that a frame stands for, given the frame that it called and the op at the door."""


class Call(tuple[CodeType, int]):
    """The line of a call, in the form of `lines.Line`, with the public name of what was called.

    Attributes:
        name: the public name.
        rule: whether it is called by the walk back for a derivative, and by nobody else.
        phase: what was done then: "forward", "backward" or "update".
    """

    name: str = ""
    rule: bool = False
    phase: str = "forward"

    @property
    def file(self) -> str:
        """The file of the line."""
        return self[0].co_filename

    @property
    def line(self) -> int:
        """The number of the line."""
        return number_of(self)


class Calls:
    """Tells calls apart: two ops of one `layer_norm` have the same `Call`.

    Attributes:
        frame: that of what was called last, for as long as it runs and a little longer; None where
            an op was called itself.
    """

    def __init__(self) -> None:
        self._last: Call | None = None
        self.frame: FrameType | None = None

    def of(self, op_name: str, in_place: bool) -> Call:
        """The call that the op at the door is a part of."""
        frame: FrameType | None = sys._getframe(1)
        named: FrameType | None = None
        name, rule, within = "", False, None
        while frame is not None and ours(frame.f_code.co_filename):
            naming = _NAMES[frame.f_code]
            if naming is not None:
                if naming is RULE:
                    rule = True
                else:
                    found = naming(frame, within, op_name)
                    if found and not (found.startswith("nn.") and _functional(named)):
                        named, name = frame, found.removeprefix("nn.")
            within, frame = frame, frame.f_back
        last = self._last
        if last is not None and named is not None and self.frame is named and last.rule == rule:
            return last
        if frame is None:
            frame = sys._getframe(1)
        call = Call((frame.f_code, frame.f_lasti))
        call.name = name or op_name
        if in_place and not call.name.endswith("_") and (named is None or _is_operator(named)):
            call.name += "_"
        call.rule, self._last, self.frame = rule, call, named
        return call

    def forget(self) -> None:
        """Let go of the last frame, and of the tensors in it."""
        self._last = self.frame = None


def here() -> Call:
    """The innermost line outside minigrad."""
    return Calls().of("", False)


def in_own_backward() -> bool:
    """Whether this is done by the ``backward`` of a user's `Function`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and ours(frame.f_code.co_filename):
        frame = frame.f_back
    while frame is not None and not ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_name == "pull"


def _functional(frame: FrameType | None) -> bool:
    return frame is not None and "functional" in frame.f_code.co_filename


def _is_operator(frame: FrameType) -> bool:
    return frame.f_code.co_name == "operator"


class _Names(dict[CodeType, "Naming | None"]):
    """How the frames of a code are named; None for those that users do not call."""

    def __missing__(self, code: CodeType) -> Naming | None:
        self[code] = naming = _naming(code)
        return naming


_NAMES = _Names()


def RULE(frame: FrameType, within: FrameType | None, op_name: str) -> str:
    """Marks the walk back, which calls rules."""
    return ""


def _naming(code: CodeType) -> Naming | None:
    place = code.co_filename.removeprefix(_PACKAGE)
    parts = place.removesuffix(".py").split(os.sep)
    name = code.co_name
    if place == "walk.py" and name == "walk_back":
        return RULE
    if parts[0] in _QUIET or place in ("nn/module.py", "nn/hooks.py", "nn/container.py"):
        return None
    if place == "methods/operators.py" and name == "operator":
        return _of_operator
    if "name" in code.co_freevars and name == "twin":
        return lambda frame, within, op: str(frame.f_locals["name"])
    if "op" in code.co_freevars and name in ("method", "twin"):
        end = "_" if name == "twin" else ""
        return lambda frame, within, op: frame.f_locals["op"].name + end
    for free in ("method", "loss", "function"):
        if free in code.co_freevars:
            return lambda frame, within, op, free=free: _if_public(  # type: ignore[misc]
                getattr(frame.f_locals[free], "__name__", "")
            )
    if parts[0] == "optim":
        return (lambda frame, within, op: "step") if name == "step" else None
    if parts[0] == "nn" and name == "forward":
        return lambda frame, within, op: "nn." + _snake(frame.f_locals.get("self"))
    if name.startswith("__") and name.endswith("__") and parts[0] == "methods":
        plain = name.strip("_")
        return lambda frame, within, op: plain
    if not _if_public(name):
        return None
    return lambda frame, within, op: name


def _of_operator(frame: FrameType, within: FrameType | None, op_name: str) -> str:
    """``x - y`` is sub, whichever op computes it."""
    while within is not None and within.f_code.co_name == "<lambda>":
        return op_name  # what is reflected, or in place, goes right to its op
    return op_name if within is None else _OPERATORS.get(within.f_code.co_name, op_name)


def _snake(module: Any) -> str:
    """The name of a layer as a function: BatchNorm2d is batch_norm2d, LSTM is lstm."""
    name = type(module).__name__
    made = "".join(
        "_" + c if i and c.isupper() and not name[i - 1].isupper() else c
        for i, c in enumerate(name)
    )
    return made.lower()


class _Public:
    """The names that are public anywhere; gathered when first asked for."""

    names: frozenset[str] = frozenset()


def _if_public(name: str) -> str:
    """The name, "" where it is no public name of an op."""
    if not _Public.names:
        top = sys.modules["minigrad"]
        spaces = [top, top.nn.functional, top.linalg, top.nn.utils, top.nn.init, top.autograd]
        found = {n for space in spaces for n in space.__all__}
        found.update(n for n in dir(top.Tensor) if not n.startswith("_"))
        _Public.names = frozenset(found) - _NOT_OPS
    return name if name in _Public.names else ""
