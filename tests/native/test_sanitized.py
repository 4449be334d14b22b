"""The kernels in C with AddressSanitizer and UBSan, which find planted errors, find none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sanitized_kernels import PLANTED

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


def sanitized(what: str) -> subprocess.CompletedProcess[str]:
    found = compiler()
    assert found is not None
    asked = [found[0], "-print-file-name=libasan.so"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip("the compiler has no address sanitizer here")
    more = {"ASAN_OPTIONS": "detect_leaks=0", "LD_PRELOAD": library, "PYTHONMALLOC": "malloc"}
    return subprocess.run(
        [sys.executable, str(SCRIPT), what],
        capture_output=True,
        text=True,
        env={**os.environ, **more, "OPENBLAS_NUM_THREADS": "1"},
    )


@pytest.mark.parametrize("what", [*PLANTED, "chain"])
def test_planted_errors_are_found(what: str) -> None:
    done = sanitized(what)
    assert done.returncode != 0 and FOUND[what] in done.stderr, done.stderr[-2000:]


def test_kernels_touch_only_their_own() -> None:
    done = sanitized("rows")
    assert done.returncode == 0, done.stderr[-3000:]
    rows, kernels, *geometries = map(int, re.findall(r"\d+", done.stdout))
    assert rows > 300 and kernels > 500 and geometries == [80, 80]
