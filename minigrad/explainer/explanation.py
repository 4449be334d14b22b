"""`explain`: a step, or a loss that was computed, as a page."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from types import FrameType
from typing import Any

from minigrad.autograd.switches import enable_grad
from minigrad.compiler.record.tree import flattened
from minigrad.compiler.step import CompiledStep
from minigrad.explainer.follower import Follower
from minigrad.explainer.html import page
from minigrad.explainer.naming import name_all, variables
from minigrad.explainer.peer import gradients
from minigrad.explainer.program import program
from minigrad.explainer.taped import again
from minigrad.explainer.text import text
from minigrad.explainer.trace import Trace
from minigrad.nn.registry import Registry
from minigrad.recording import followed
from minigrad.serialization.whole import write_whole
from minigrad.tensor import Tensor


class Explanation:
    """A step with every number in it: a page in one file, which a notebook shows as it is.

    Attributes:
        data: the program that the page interprets, as it stands in the page.
    """

    def __init__(self, trace: Trace, title: str, torch: bool = True) -> None:
        self.trace = trace
        self.data: dict[str, Any] = program(trace, gradients(trace) if torch else {}, title)

    @property
    def html(self) -> str:
        """The page."""
        return page(self.data)

    def save(self, path: str | os.PathLike[str], site: str = "") -> Path:
        """Write the page; returns where.

        Args:
            path: the file.
            site: the way from there to the documentation, for a page that becomes a part of it:
                ops and lessons are then links; elsewhere the page names them, as it stands alone.
        """
        where = Path(path)
        data = {**self.data, "site": site} if site else self.data
        write_whole(where, page(data).encode(), "explain")
        return where

    def text(self) -> str:
        """The same for a terminal: the rows with their shapes, ranges, lines and rules."""
        return text(self.trace)

    def _repr_html_(self) -> str:
        # In a frame, so that the page's policy holds and its style stays its own.
        return (
            f'<iframe srcdoc="{escape(self.html, quote=True)}" sandbox="allow-scripts '
            'allow-modals" width="100%" height="720" style="border: 1px solid #ccc"></iframe>'
        )

    def __repr__(self) -> str:
        rows = self.trace.rows
        counts = [sum(row.phase == phase for row in rows) for phase in ("forward", "backward")]
        return f"<explanation of {counts[0]} forward and {counts[1]} backward ops>"


def explain(
    what: Tensor | Callable[..., Any],
    *args: Any,
    path: str | os.PathLike[str] | None = None,
    title: str | None = None,
    torch: bool = True,
) -> Explanation:
    """Show the forward pass, the backward pass and the update of a step with every number in them::

        minigrad.explain(step, x, y, path="step.html")

    ``step`` is called once with these arguments, and what it changes is put back: parameters,
    gradients, the optimizers' state, streams of random numbers. Where its optimizer makes its state
    in the first step by computing it, it is called twice, and the second step is shown.

    Args:
        what: a step, compiled or not, or a loss that was computed.
        args: the step's arguments; for a loss, the path may stand here.
        path: where to write the page.
        title: what stands at its head.
        torch: whether PyTorch's gradients stand beside minigrad's, if it is installed.

    Errors: TypeError for what is neither a tensor nor a function, GraphError for a loss whose tape
    no longer has the numbers.
    """
    if isinstance(what, Tensor):
        if len(args) > (path is None):
            raise TypeError("explain: of a loss, only the path of the page may follow")
        path = args[0] if args else path
        return _of_loss(what, path, title or "loss", torch, sys._getframe(1))
    if not callable(what):
        raise TypeError(
            f"explain: expected a step or a loss, got {type(what).__name__}; pass the function "
            "that does a step, and its arguments"
        )
    step = what.step if isinstance(what, CompiledStep) else what
    scope = variables(step)
    followers: list[Follower] = []
    try:
        while True:
            follower = followed_step(step, args, scope)
            followers.append(follower)
            if not follower.unlike or len(followers) > 1:
                break
    finally:
        for each in reversed(followers):
            each.undo()
    made = Explanation(follower.trace, str(title or getattr(step, "__name__", "step")), torch)
    if path is not None:
        made.save(path)
    return made


def _of_loss(
    loss: Tensor, path: str | os.PathLike[str] | None, title: str, torch: bool, frame: FrameType
) -> Explanation:
    follower = Follower()
    scope = {**frame.f_globals, **frame.f_locals}
    step = again(loss, follower)
    for thing in scope.values():
        if isinstance(thing, Registry):
            follower.depends(thing)
    try:
        with followed(follower), enable_grad():
            result = step()
        follower.finish([result])
        name_all(follower, scope)
    finally:
        follower.undo()
    made = Explanation(follower.trace, title, torch)
    if path is not None:
        made.save(path)
    return made


def followed_step(
    step: Callable[..., Any], args: tuple[Any, ...], scope: Mapping[str, Any]
) -> Follower:
    """Do a step and take down what it does."""
    tensors, _ = flattened((args, {}))
    follower = Follower([x for x in tensors if not x.tracked])
    code = getattr(getattr(step, "__func__", step), "__code__", None)
    follower.homes = frozenset() if code is None else frozenset([code.co_filename])
    collecting = gc.isenabled()
    gc.disable()  # nothing of what is taken down is garbage
    try:
        with followed(follower):
            returned = step(*args)
    finally:
        if collecting:
            gc.enable()
    results, _ = flattened(returned)
    follower.finish(results)
    name_all(follower, scope)
    return follower
