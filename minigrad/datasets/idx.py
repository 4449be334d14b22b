"""The IDX format of MNIST: a header with the shape, then the numbers.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "the IDX file format": two
zero bytes, one byte for the type, one for the number of dimensions, each dimension as a
big-endian uint32, then the numbers in C order, big-endian.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from minigrad.errors import FileFormatError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP_MAGIC = b"\x1f\x8b"
DEEPEST = 64
"""Dimensions that an array can have."""
LARGEST = 2**31
"""Bytes that are unpacked of one file; EMNIST's largest have 550 million."""
RATIO = 1032
"""Bytes that one byte of gzip can become at most (RFC 1951: 258 bytes for 2 bits)."""


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file, plain or gzipped, whatever its name; read-only, and unpacked once
    a process for as long as the file does not change.

    Args:
        path: the file.

    Errors: FileFormatError, naming the file, where it is damaged, cut short or of another kind.

    Example:
        >>> minigrad.datasets.read_idx(f"{folder}/mnist/train-labels-idx1-ubyte")
        array([5, 0, 4], dtype=uint8)
    """
    path = Path(path)
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, mtime: int, size: int) -> np.ndarray:
    """`read_idx`, remembered until the file's time or size changes."""
    if not path.is_file():
        raise FileFormatError(f"{path}: expected an IDX file, got what is no regular file")
    raw = path.read_bytes()
    if raw.startswith(GZIP_MAGIC):
        try:
            raw = _unpacked(raw, path)
        except (EOFError, OSError, zlib.error) as error:
            raise FileFormatError(
                f"{path}: expected a whole gzip file, got a damaged or truncated one ({error})"
            ) from error
    return parse_idx(raw, path)


def _unpacked(raw: bytes, path: Path) -> bytes:
    """The content of a gzip file, of which no more is unpacked than its header asks for.

    Errors: FileFormatError for another header, or one that asks for more than there can be; those
    of `gzip` and `zlib`.
    """
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
        head = file.read(4)
        head += file.read(4 * head[3]) if len(head) == 4 else b""
        *_, expected = _header(head, path)
        if expected > min(LARGEST, RATIO * len(raw)):
            raise FileFormatError(
                f"{path}: its header asks for {expected:,} bytes, and its {len(raw):,} packed ones "
                f"cannot be more than {min(LARGEST, RATIO * len(raw)):,}"
            )
        return head + file.read(expected + 1)  # one more shows that there is more


def parse_idx(raw: bytes, path: Path) -> np.ndarray:
    """The array that these bytes of an IDX file describe. The path is for the errors."""
    dtype, shape, start, expected = _header(raw, path)
    if len(raw) - start != expected:
        raise FileFormatError(
            f"{path}: expected {expected} bytes for the shape {shape} of its header, "
            f"got {len(raw) - start}"
        )
    return np.frombuffer(raw, dtype, offset=start).reshape(shape)


def _header(raw: bytes, path: Path) -> tuple[np.dtype, tuple[int, ...], int, int]:
    """The type, the shape, where the numbers begin, and how many bytes they are."""
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in TYPES or not raw[3]:
        raise FileFormatError(
            f"{path}: expected an IDX file, which begins with 00 00, a type from 08 to 0e and a "
            f"number of dimensions; got {raw[:4].hex(' ') or 'an empty file'}"
        )
    if raw[3] > DEEPEST:
        raise FileFormatError(
            f"{path}: its header has {raw[3]} dimensions; an array has at most {DEEPEST}"
        )
    dtype = np.dtype(TYPES[raw[2]])
    start = 4 + 4 * raw[3]
    if len(raw) < start:
        raise FileFormatError(
            f"{path}: expected an IDX header of {start} bytes, got a file of {len(raw)}"
        )
    shape = tuple(np.frombuffer(raw, ">u4", raw[3], 4).tolist())
    if math.prod(n or 1 for n in shape) >= 1 << 60:
        raise FileFormatError(f"{path}: its header has the shape {shape}, which no array has")
    return dtype, shape, start, math.prod(shape) * dtype.itemsize
