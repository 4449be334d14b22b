"""The lessons in PyTorch: each script stands for the lesson of the same name, and is as short as
it can be."""

from __future__ import annotations

from reference.lessons.compare import LessonComparison, compare_lesson

__all__ = ["LessonComparison", "compare_lesson"]
