"""A process' own voice: what it says stands alone on its standard output."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def voice() -> TextIO:
    """The standard output as it was; what libraries print goes to the standard error from now."""
    voice = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return voice
