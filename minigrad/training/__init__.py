"""Training a recipe: data, the loop, checkpoints, progress and reports."""

from __future__ import annotations
