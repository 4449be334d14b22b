"""What is loaded when it is first asked for: `import minigrad` stays light."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

PLACES = {
    "callbacks": "minigrad.callbacks",
    "check": "minigrad.gradcheck.examine",
    "compile": "minigrad.compiler.step",
    "datasets": "minigrad.datasets",
    "doctor": "minigrad.diagnosis",
    "draw": "minigrad.draw",
    "draw_graph": "minigrad.draw.graph",
    "draw_model": "minigrad.draw.modules",
    "evaluate": "minigrad.training.fit",
    "exercise": "minigrad.exercise",
    "explain": "minigrad.explainer.explanation",
    "fit": "minigrad.training.fit",
    "func": "minigrad.func",
    "make_grid": "minigrad.draw.grid",
    "models": "minigrad.models",
    "predict": "minigrad.training.fit",
    "save_image": "minigrad.draw.grid",
    "summary": "minigrad.training.summary",
}
"""Where public names of the package stand."""


def late(module: str, name: str) -> Callable[..., Any]:
    """A function of a module that stands on a higher floor, and is not needed before the call."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    return call


def __dir__() -> list[str]:
    """What `minigrad` has, and will have: completion and "did you mean" go by it."""
    return sorted({*vars(sys.modules["minigrad"]), *PLACES})


def __getattr__(name: str) -> Any:
    """What `minigrad` itself does for a name that it does not have (PEP 562)."""
    place = PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
    module = importlib.import_module(place)
    return module if place == f"minigrad.{name}" else getattr(module, name)
