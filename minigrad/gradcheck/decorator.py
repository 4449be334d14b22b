"""``@gradchecked``: a function whose gradient is checked once, at its first call."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from minigrad.errors import GradcheckError
from minigrad.gradcheck.examine import check

F = TypeVar("F", bound=Callable[..., Any])


def gradchecked(level: str = "quick", seed: int | None = None) -> Callable[[F], F]:
    """Check the gradient of the decorated function of tensors at the arguments of its first call.

    Errors: GradcheckError with the report, at that call.
    """

    def decorate(f: F) -> F:
        checked = False

        @functools.wraps(f)
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal checked
            if not checked:
                checked = True
                plain = functools.wraps(f)(lambda *given: f(*given, **kwargs))
                report = check(plain, args, level=level, seed=seed)
                if not report.ok:
                    raise GradcheckError(f"gradchecked: {report.text()}")
            return f(*args, **kwargs)

        return call  # type: ignore[return-value]

    return decorate
