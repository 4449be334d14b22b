"""The backpropagation of a step, made visible: `explain`."""

from __future__ import annotations

from minigrad.explainer.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
