"""Public names that are loaded when they are first asked for: `import minigrad` stays light."""

from __future__ import annotations

import importlib
from typing import Any

PLACES = {
    "compile": "minigrad.compiler.step",
    "draw_graph": "minigrad.draw.graph",
    "draw_model": "minigrad.draw.modules",
    "evaluate": "minigrad.training.fit",
    "fit": "minigrad.training.fit",
    "make_grid": "minigrad.draw.grid",
    "predict": "minigrad.training.fit",
    "save_image": "minigrad.draw.grid",
    "summary": "minigrad.training.summary",
}
NAMES = ["callbacks", "draw", *PLACES]


def __getattr__(name: str) -> Any:
    """What `minigrad` itself does for a name that it does not have (PEP 562)."""
    if name in ("callbacks", "draw"):
        return importlib.import_module(f"minigrad.{name}")
    if name in PLACES:
        return getattr(importlib.import_module(PLACES[name]), name)
    raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
