"""Where files are kept that can be made or fetched again."""

from __future__ import annotations

import os
from pathlib import Path

CACHE = "MINIGRAD_CACHE"


def cache_folder() -> Path:
    """The folder of downloads and compiled kernels: MINIGRAD_CACHE, or the platform's own cache
    folder."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named).expanduser()
    try:
        from pooch import os_cache
    except ImportError:
        return Path.home() / ".cache" / "minigrad"
    return Path(os_cache("minigrad"))
