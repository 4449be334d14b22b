"""NVRTC by our own binding: a module for each architecture, kept, and errors that say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from minigrad.compiler.targets.cuda.device import nvrtc as binding
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Kernel

pytestmark = pytest.mark.usefixtures("nvrtc")

USES = Kernel(
    "uses",
    """extern "C" __global__ void uses(float *x, const double *y, const uint64_t *at) {
    uint64_t word[4];
    mg_philox(at, 1, 2, word);
    float s = mg_block_fold(mg_max(), mg_sigmoid_f32(x[0]) + (float)mg_log1p_f64(y[0]));
    x[mg_thread()] = s + (word[3] > 5 ? INFINITY : NAN);
}""",
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    return tmp_path / "cubin"


@pytest.mark.parametrize("arch", ["sm_80", "sm_90", "sm_90a"])
def test_a_module_for_an_architecture(arch: str) -> None:
    module = binding.compiled(source([USES]), arch)
    assert module.startswith(b"\x7fELF") and b"uses" in module


def test_a_module_is_kept_and_a_damaged_one_made_again(cache: Path) -> None:
    module = binding.compiled(source([USES]), "sm_90")
    (file,) = cache.iterdir()
    first = file.stat().st_ino  # what is built is moved there; using it only touches it
    assert binding.compiled(source([USES]), "sm_90") == module
    assert file.stat().st_ino == first
    file.write_bytes(file.read_bytes()[:-1])
    assert binding.compiled(source([USES]), "sm_90") == module
    binding.compiled(source([USES]), "sm_80")
    assert len(list(cache.iterdir())) == 2


def test_errors_name_file_and_line(cache: Path) -> None:
    wrong = Kernel("wrong", '#line 41 "kernels/wrong.cu"\n__global__ void wrong() {\n  x = 1;\n}')
    with pytest.raises(RuntimeError, match=r"sm_90:\nkernels/wrong.cu\(42\): error: .*\"x\""):
        binding.compiled(source([wrong]), "sm_90")
    assert list(cache.iterdir()) == []


def test_an_architecture_that_there_is_not() -> None:
    with pytest.raises(RuntimeError, match="do not compile for sm_7000"):
        binding.compiled(source([USES]), "sm_7000")


def test_the_version_is_that_of_a_release() -> None:
    major, minor = binding.version()
    assert major >= 12 and minor >= 0
