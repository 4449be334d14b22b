"""Public names that are loaded when they are first asked for: `import minigrad` stays light."""

from __future__ import annotations

import importlib
from typing import Any

PLACES = {
    "callbacks": "minigrad.callbacks",
    "compile": "minigrad.compiler.step",
    "datasets": "minigrad.datasets",
    "draw": "minigrad.draw",
    "draw_graph": "minigrad.draw.graph",
    "draw_model": "minigrad.draw.modules",
    "evaluate": "minigrad.training.fit",
    "fit": "minigrad.training.fit",
    "make_grid": "minigrad.draw.grid",
    "models": "minigrad.models",
    "predict": "minigrad.training.fit",
    "save_image": "minigrad.draw.grid",
    "summary": "minigrad.training.summary",
}


def __getattr__(name: str) -> Any:
    """What `minigrad` itself does for a name that it does not have (PEP 562)."""
    place = PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
    module = importlib.import_module(place)
    return module if place == f"minigrad.{name}" else getattr(module, name)
