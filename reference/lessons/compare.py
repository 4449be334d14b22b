"""A lesson and its twin in PyTorch: the same parameters, equal results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.lessons import Lesson, parameters
from minigrad.lessons.run import execute, run
from reference.parity import TOLERANCE, relative


@dataclass(frozen=True)
class LessonComparison:
    """The outcome: how far each result is from the twin's.

    Attributes:
        parameters: what both sides were run with.
        differences: by the result's name, max |ours - theirs| / max |theirs|; inf where the
            shapes differ.
        accuracy, twin_accuracy: the test accuracies in percent; None where the lesson has none.
            They are told and not judged: an image on the border makes more than rounding.
    """

    lesson: Lesson
    parameters: dict[str, Any]
    differences: dict[str, float]
    accuracy: float | None
    twin_accuracy: float | None

    @property
    def tolerance(self) -> float:
        """How large a difference may be."""
        return TOLERANCE[self.lesson.dtype]

    @property
    def agrees(self) -> bool:
        """Whether every result is within the tolerance; what is no number is not."""
        return all(found <= self.tolerance for found in self.differences.values())

    def __str__(self) -> str:
        name, worst = max(self.differences.items(), key=lambda item: item[1])
        verdict = "agrees" if self.agrees else "DIFFERS"
        count = len(self.differences)
        return f"{self.lesson.name:<14}{verdict:<9}{count} results {worst:.0e} ({name})"

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: result, difference, tolerance, verdict."""
        rows = [
            (
                name,
                f"{found:.1e}",
                f"{self.tolerance:.0e}",
                "equal" if found <= self.tolerance else "differs",
            )
            for name, found in self.differences.items()
        ]
        if self.accuracy is not None:
            both = f"{self.accuracy:.2f} and {self.twin_accuracy:.2f} %"
            rows.append(("test_accuracy", both, "", f"known {self.lesson.known} %"))
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        return {
            "lesson": self.lesson.as_dict(),
            "parameters": self.parameters,
            "differences": self.differences,
            "tolerance": self.tolerance,
            "agrees": self.agrees,
            "test_accuracy": self.accuracy,
            "twin_test_accuracy": self.twin_accuracy,
        }


def twin(lesson: Lesson) -> Path:
    """The script of the lesson's twin."""
    return Path(__file__).with_name(f"{lesson.script}.py")


def compare_lesson(lesson: Lesson, out: Path | None, **changes: Any) -> LessonComparison:
    """Run the lesson, then its twin, with the lesson's parameters and these changes to them.

    The lesson's figures are written to ``out``; None writes none.
    Errors: ValueError for a parameter that the lesson does not have; KeyError for a result that a
    script does not leave; what the scripts raise.
    """
    values = {**parameters(lesson.path), **changes}
    ours = run(lesson, out, **values)
    theirs = execute(twin(lesson), None, **values)
    return LessonComparison(
        lesson,
        values,
        {
            name: relative(_numbers(ours, name, lesson), _numbers(theirs, name, lesson))
            for name in lesson.results
        },
        *(_accuracy(left, lesson) for left in (ours, theirs)),
    )


def _accuracy(left: dict[str, Any], lesson: Lesson) -> float | None:
    return float(_numbers(left, "test_accuracy", lesson)) if lesson.known is not None else None


def _numbers(left: dict[str, Any], name: str, lesson: Lesson) -> np.ndarray[Any, Any]:
    if name not in left:
        raise KeyError(f"{left['__file__']} leaves no {name}, a result of lesson {lesson.name}")
    return _array(left[name])


def _array(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, (list, tuple)):
        return np.asarray([_array(item) for item in value])
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
