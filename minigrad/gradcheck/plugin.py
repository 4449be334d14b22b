"""What pytest gets with minigrad: a fixture ``gradcheck``, an option ``--gradcheck-level``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LEVELS = ("quick", "standard", "thorough")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The level of all checks of a run."""
    group = parser.getgroup("gradcheck", "checks of gradients (minigrad)")
    group.addoption(
        "--gradcheck-level",
        choices=LEVELS,
        default="standard",
        help="how much the fixture gradcheck tries (standard)",
    )


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`minigrad.check`, where what is not right is a failure that reads like the report.

    ``gradcheck(f, inputs)``, ``gradcheck((forward, backward), arrays)``; ``level`` and ``seed`` may
    be given. Returns the report.
    """

    def run(f: Any, inputs: Any, *, level: str | None = None, seed: int | None = None) -> Any:
        __tracebackhide__ = True
        from minigrad.gradcheck.examine import check

        chosen = level or request.config.getoption("--gradcheck-level")
        report = check(f, inputs, level=chosen, seed=seed)
        if not report.ok:
            pytest.fail(f"{report.text()}\n(repeat it with seed={report.seed})", pytrace=False)
        return report

    return run
