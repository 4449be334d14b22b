"""NVRTC: kernels become code for a GPU, without CUDA's headers and without a GPU."""

from __future__ import annotations

import ctypes
import hashlib
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from minigrad.cache import built, content
from minigrad.compiler.targets.cuda.device.libraries import library

OPTIONS = ("--std=c++17",)
"""No --use_fast_math: nan and inf are results, and a division is rounded as the CPU rounds it."""


@lru_cache(maxsize=1)
def version() -> tuple[int, int]:
    """Of the CUDA that this NVRTC belongs to. Errors: DeviceError where there is none."""
    major, minor = ctypes.c_int(), ctypes.c_int()
    _call("nvrtcVersion", ctypes.byref(major), ctypes.byref(minor))
    return major.value, minor.value


def compiled(source: str, arch: str) -> bytes:
    """A source of `kernels.sources` as a module ("cubin") for an architecture such as "sm_90", from
    the cache folder where it was compiled before. Where that folder cannot be used, which is told
    once, it is compiled each time.

    Errors: DeviceError where there is no NVRTC; RuntimeError where it refuses the source, with its
    words, which name file and line.
    """
    facts = [source, arch, *OPTIONS, *map(str, version())]
    digest = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:32]

    def make(path: Path) -> None:
        path.write_bytes(_compiled(source, arch))

    try:
        return content(built("cubin", f"{digest}.cubin", make))
    except OSError as error:
        _not_kept(str(error))
        return _compiled(source, arch)


@cache
def _not_kept(reason: str) -> None:
    told = f"minigrad: CUDA kernels are compiled anew in each process: {reason}"
    warnings.warn(told, RuntimeWarning, stacklevel=4)


def _compiled(source: str, arch: str) -> bytes:
    program = ctypes.c_void_p()
    text = source.encode()
    _call("nvrtcCreateProgram", ctypes.byref(program), text, b"kernels.cu", 0, None, None)
    try:
        options = [f"--gpu-architecture={arch}".encode(), *(each.encode() for each in OPTIONS)]
        words = (ctypes.c_char_p * len(options))(*options)
        if library("nvrtc").nvrtcCompileProgram(program, len(options), words):
            log = _read(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")
            raise RuntimeError(f"nvrtc: kernels do not compile for {arch}:\n{log[:-1].decode()}")
        return _read(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
    finally:
        _call("nvrtcDestroyProgram", ctypes.byref(program))


def _read(program: ctypes.c_void_p, measured: str, read: str) -> bytes:
    """What NVRTC hands out in two calls: how long it is, then it."""
    size = ctypes.c_size_t()
    _call(measured, program, ctypes.byref(size))
    data = ctypes.create_string_buffer(size.value)
    _call(read, program, data)
    return data.raw


def _call(function: str, *args: Any) -> None:
    nvrtc = library("nvrtc")
    status = nvrtc[function](*args)
    if status:
        nvrtc.nvrtcGetErrorString.restype = ctypes.c_char_p
        raise RuntimeError(f"nvrtc: {function}: {nvrtc.nvrtcGetErrorString(status).decode()}")
