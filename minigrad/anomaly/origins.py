"""Where an infinity came from that is no fault yet: a mask of -inf, which softmax takes away."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

from minigrad.errors import AnomalyError


@dataclass
class Origin:
    """What first brought a nan or inf in, and the error to raise should it do harm.

    Attributes:
        used: whether some op has made finite numbers of it since: then it was meant.
    """

    error: AnomalyError
    used: bool = False


class Origins:
    """The tensors that hold an infinity whose origin is known, for as long as they live."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[weakref.ref[Any], Origin]] = {}
        self._all: list[Origin] = []

    def __bool__(self) -> bool:
        return bool(self._of)

    def mark(self, tensor: Any, origin: Origin) -> None:
        """Remember it for this tensor."""
        if not self._all or self._all[-1] is not origin:
            self._all = [each for each in self._all if not each.used]
            self._all.append(origin)
        key = id(tensor)
        self._of[key] = (weakref.ref(tensor, lambda _: self._of.pop(key, None)), origin)

    def of(self, tensor: Any) -> Origin | None:
        """That of a tensor, None where it has none."""
        found = self._of.get(id(tensor))
        return None if found is None or found[0]() is not tensor else found[1]

    def unused(self) -> Origin | None:
        """The first of which nothing finite was made."""
        return next((origin for origin in self._all if not origin.used), None)
