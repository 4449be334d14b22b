"""Elementary functions of one number each."""

from __future__ import annotations

from minigrad.methods.arithmetic import Arithmetic


class Elementary(Arithmetic):
    """exp and its like."""
