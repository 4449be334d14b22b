"""The IDX format of MNIST: a header with the shape, then the numbers.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "the IDX file format": two
zero bytes, one byte for the type, one for the number of dimensions, each dimension as a
big-endian uint32, then the numbers in C order, big-endian.
"""

from __future__ import annotations

import gzip
import math
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from minigrad.errors import FileFormatError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file, plain or gzipped, whatever its name; read-only, and unpacked once
    a process for as long as the file does not change.

    Errors: FileFormatError, naming the file, where it is damaged, cut short or of another kind.
    """
    path = Path(path)
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, mtime: int, size: int) -> np.ndarray:
    """`read_idx`, remembered until the file's time or size changes."""
    raw = path.read_bytes()
    if raw.startswith(GZIP_MAGIC):
        try:
            raw = gzip.decompress(raw)
        except (EOFError, OSError, zlib.error) as error:
            raise FileFormatError(
                f"{path}: expected a whole gzip file, got a damaged or truncated one ({error})"
            ) from error
    return parse_idx(raw, path)


def parse_idx(raw: bytes, path: Path) -> np.ndarray:
    """The array that these bytes of an IDX file describe. The path is for the errors."""
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in TYPES or not raw[3]:
        raise FileFormatError(
            f"{path}: expected an IDX file, which begins with 00 00, a type from 08 to 0e and a "
            f"number of dimensions; got {raw[:4].hex(' ') or 'an empty file'}"
        )
    dtype = np.dtype(TYPES[raw[2]])
    start = 4 + 4 * raw[3]
    if len(raw) < start:
        raise FileFormatError(
            f"{path}: expected an IDX header of {start} bytes, got a file of {len(raw)}"
        )
    shape = tuple(np.frombuffer(raw, ">u4", raw[3], 4).tolist())
    expected = math.prod(shape) * dtype.itemsize
    if len(raw) - start != expected:
        raise FileFormatError(
            f"{path}: expected {expected} bytes for the shape {shape} of its header, "
            f"got {len(raw) - start}"
        )
    return np.frombuffer(raw, dtype, offset=start).reshape(shape)
