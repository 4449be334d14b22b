"""In the place of parts of gpu-check: what a real one may come to, in no time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.gpu.part import Asked


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """Two findings, and between them what ``case`` says."""
    yield {"i": 0, "device": asked.device, "share": list(asked.share)}
    if asked.case == "fails":
        raise ValueError("it does not compute")
    if asked.case == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    if asked.case == "hangs":
        time.sleep(100)
    print("what libraries print is no finding")
    yield {"i": 1}
