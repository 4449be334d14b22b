"""Every kernel: it compiles for a GPU and keeps its numbers in registers; and the sanitizers, which
find planted errors, find none."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from samples import launches, written_by_hand

from minigrad.compiler.targets.cuda.device import nvrtc as binding
from minigrad.compiler.targets.cuda.kernels.sources import source

SCRIPT = Path(__file__).with_name("sanitized.py")
FOUND = {
    "address": {
        "beyond_array": "heap-buffer-overflow",
        "beyond_shared": "global-buffer-overflow",
        "beyond_own": "stack-buffer-overflow",
        "beyond_later": "stack-buffer-overflow",
    },
    "thread": dict.fromkeys(
        ("no_barrier", "one_barrier", "other_warp", "one_place", "two_blocks"), "data race"
    ),
}


@cache
def text(dtype: str) -> str:
    return source([work.kernel for work in launches(dtype)])


def test_the_samples_are_of_every_kernel() -> None:
    names = {work.kernel.name.rpartition("_")[0].upper() for work in launches("f")}
    assert names == written_by_hand()


@pytest.mark.usefixtures("nvrtc")
@pytest.mark.slow
@pytest.mark.parametrize(("arch", "dtype"), [("sm_80", "f"), ("sm_80", "d"), ("sm_90", "d")])
def test_every_kernel_compiles_for_a_gpu(arch: str, dtype: str) -> None:
    module = binding.compiled(text(dtype), arch)
    for work in launches(dtype):
        assert work.kernel.name.encode() in module


@pytest.mark.usefixtures("nvrtc")
@pytest.mark.slow
def test_no_kernel_spills_registers() -> None:
    """And each of them compiles for the last of the GPUs and types."""
    # An array that the compiler cannot keep in registers goes to memory, a hundred times slower.
    program = ctypes.c_void_p()
    binding._call(
        "nvrtcCreateProgram", ctypes.byref(program), text("f").encode(), b"", 0, None, None
    )
    options = [b"--gpu-architecture=sm_90", b"--ptxas-options=-v", b"--std=c++17"]
    words = (ctypes.c_char_p * len(options))(*options)
    binding._call("nvrtcCompileProgram", program, len(options), words)
    log = binding._read(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog").decode()
    spills = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores", log)
    names = {work.kernel.name for work in launches("f")}
    assert len(spills) >= len(names) and all(name in log for name in names)
    assert set(spills) == {("0", "0")}, log


def sanitized(sanitizer: str) -> subprocess.CompletedProcess[str]:
    asked = ["g++", f"-print-file-name=lib{sanitizer[0]}san.so"]
    library = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip(f"g++ has no {sanitizer} sanitizer here")
    options = {
        # A frame is looked for on the thread's own stack, where a fiber's is not.
        "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0",
        "TSAN_OPTIONS": "halt_on_error=1",
    }
    more = {"LD_PRELOAD": library, "PYTHONMALLOC": "malloc", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), sanitizer]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **options, **more}
    )


@pytest.mark.usefixtures("gxx")
@pytest.mark.slow
@pytest.mark.parametrize("sanitizer", ["address", "thread"])
def test_kernels_touch_only_their_own(sanitizer: str) -> None:
    """And wrong ones, built with them, do not."""
    done = sanitized(sanitizer)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["launches"] > 250
    assert set(told["found"]) == set(FOUND[sanitizer])
    for what, said in told["found"].items():
        assert FOUND[sanitizer][what] in said and f"in {what}\n" in said, (what, said)
