"""The switches of a library that is not used here: they may be set, and nothing follows from it."""

from __future__ import annotations

__all__ = ["benchmark", "deterministic", "enabled", "is_available"]

benchmark = False
deterministic = True
enabled = False


def is_available() -> bool:
    """Whether the library is used: never here."""
    return False
