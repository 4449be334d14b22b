"""The lessons."""

from __future__ import annotations

from minigrad.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        Lesson(
            name="P2",
            title="Fitting a curve by gradient descent, the gradients written out",
            script="gradient_descent",
            results=("path", "losses"),
        ),
    )
}
"""Every lesson by its name, which is its row in the table of systems."""
