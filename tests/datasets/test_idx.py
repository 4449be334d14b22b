"""The IDX reader: every type and shape, and a clear error for every kind of broken file."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from minigrad.datasets import read_idx
from minigrad.datasets.idx import TYPES, parse_idx
from minigrad.errors import FileFormatError


def encode(array: np.ndarray, kind: int = 8) -> bytes:
    return (
        struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()
    )


@given(st.data())
def test_every_type_and_shape_comes_back(data: Any) -> None:
    kind = data.draw(st.sampled_from(sorted(TYPES)))
    array = data.draw(arrays(np.dtype(TYPES[kind]), array_shapes(max_dims=4, min_side=0)))
    found = parse_idx(encode(array, kind), Path("x"))
    assert found.dtype == array.dtype and found.tobytes() == array.tobytes()
    assert found.shape == array.shape


@given(st.binary(max_size=64))
def test_any_bytes_give_an_array_or_a_clear_error(raw: bytes) -> None:
    try:
        parse_idx(raw, Path("some-file"))
    except FileFormatError as error:
        assert str(error).startswith("some-file: expected ")


def test_plain_and_gzipped_files_are_read_whatever_their_names(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    (tmp_path / "plain.gz").write_bytes(encode(array))
    (tmp_path / "packed").write_bytes(gzip.compress(encode(array)))
    for name in ("plain.gz", "packed"):
        assert np.array_equal(read_idx(tmp_path / name), array)


def test_a_file_is_unpacked_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(encode(np.zeros(3, np.uint8)))
    first = read_idx(path)
    assert read_idx(path) is first and not first.flags.writeable
    path.write_bytes(encode(np.ones(4, np.uint8)))
    assert read_idx(path).tolist() == [1, 1, 1, 1]


GOOD = encode(np.arange(12, dtype=np.uint8).reshape(3, 4))
PACKED = gzip.compress(GOOD, mtime=0)  # no time in it: the tests bear its bytes as names


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "got an empty file"),
        (b"\x89PNG\r\n", "got 89 50 4e 47"),
        (b"<html>404</html>", "expected an IDX file"),
        (b"\0\0\x07\x01\0\0\0\0", "expected an IDX file"),
        (b"\0\0\x08\x00", "expected an IDX file"),
        (GOOD[:7], "header of 12 bytes, got a file of 7"),
        (GOOD[:-1], r"expected 12 bytes for the shape \(3, 4\) of its header, got 11"),
        (GOOD + b"!", "got 13"),
        (PACKED[:-9], "whole gzip file"),
        (PACKED[:6], "whole gzip file"),
        (PACKED[:12] + b"\xff" + PACKED[13:], "whole gzip file"),
        (PACKED[:-8] + b"\0" * 8, "whole gzip file"),
    ],
)
def test_a_broken_file_is_named_with_what_was_expected(
    raw: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "broken-file"
    path.write_bytes(raw)
    with pytest.raises(FileFormatError, match=f"broken-file: .*{message}"):
        read_idx(path)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")
