"""What a lesson is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Lesson:
    """A program that teaches one thing step by step, and what it leaves behind, as plain data.

    Attributes:
        name, title: what it is called, and what it is in one line.
        script: its file in ``minigrad/lessons``, without the ending; its twin in PyTorch has the
            same name in ``reference/lessons``.
        results: the variables that the script leaves behind and that its twin leaves with equal
            numbers.
        dtype: the type that the results are computed in, "float32" or "float64".
        quick: parameters that a quick comparison changes, to last seconds.
        known: the test accuracy in percent that the source reports, as it writes it; None where
            it reports none. A lesson that has one leaves ``test_accuracy``.
    """

    name: str
    title: str
    script: str
    results: tuple[str, ...]
    dtype: str = "float32"
    quick: Mapping[str, Any] = field(default_factory=dict)
    known: str | None = None

    @property
    def path(self) -> Path:
        """The script's file."""
        return Path(__file__).with_name(f"{self.script}.py")

    def as_dict(self) -> dict[str, Any]:
        """The lesson as plain data for JSON."""
        return asdict(self)
