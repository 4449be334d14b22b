"""Public names that are loaded when they are first asked for: `import minigrad` stays light."""

from __future__ import annotations

import importlib
from typing import Any

PLACES = {
    "evaluate": "minigrad.training.fit",
    "fit": "minigrad.training.fit",
    "predict": "minigrad.training.fit",
    "summary": "minigrad.training.summary",
}


def __getattr__(name: str) -> Any:
    """What `minigrad` itself does for a name that it does not have (PEP 562)."""
    if name == "callbacks":
        return importlib.import_module("minigrad.callbacks")
    if name in PLACES:
        return getattr(importlib.import_module(PLACES[name]), name)
    raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
