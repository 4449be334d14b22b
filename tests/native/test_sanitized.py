"""The kernels in C with AddressSanitizer and UBSan, which find planted errors, find none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad.native.compiler import compiler
from minigrad.native.library import enabled

SCRIPT = Path(__file__).with_name("sanitized_kernels.py")
FOUND = {
    "beyond_read": "heap-buffer-overflow",
    "beyond_write": "heap-buffer-overflow",
    "chain": "heap-buffer-overflow",
    "shifted_too_far": "shift exponent 40 is too large",
}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not enabled(), reason="no C compiler")]


def test_kernels_touch_only_their_own() -> None:
    """And wrong ones, in the same process, do not."""
    found = compiler()
    assert found is not None
    asked = [found[0], "-print-file-name=libasan.so"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip("the compiler has no address sanitizer here")
    more = {"ASAN_OPTIONS": "detect_leaks=0", "LD_PRELOAD": library, "PYTHONMALLOC": "malloc"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        env={**os.environ, **more, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rows"] > 300 and told["native"] > 500 and told["geometries"] == 160
    assert set(told["found"]) == set(FOUND)
    for what, said in told["found"].items():
        assert FOUND[what] in said, (what, said[-2000:])
