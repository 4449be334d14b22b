"""Tables by which later runs decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.gpu.part import Asked


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """(see below)"""
    yield {"case": asked.case}
