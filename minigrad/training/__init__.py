"""Training a recipe: data, the loop, checkpoints, progress, curves and reports."""

from __future__ import annotations
