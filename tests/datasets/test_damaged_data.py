"""Data files that claim too much, or hold what is no number: refused by name, in little memory."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

import minigrad
from minigrad.datasets.folder import read_image
from minigrad.datasets.idx import read_idx
from minigrad.datasets.table import CSVTable
from minigrad.errors import FileFormatError

ROOT = Path(__file__).parents[2]


def idx(shape: list[int], numbers: bytes = b"", kind: int = 8) -> bytes:
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + numbers


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (idx([1] * 65, b"x"), "65 dimensions"),
        (idx([2**32 - 1] * 3), "which no array has|its header asks for"),
        (idx([2**32 - 1, 0, 2**32 - 1]), "which no array has"),
        (idx([2**31, 1]), "its header asks for|expected 2147483648 bytes"),
        (idx([2, 2], b"abcde"), "got 5"),
        (idx([2, 2], b"abc"), "got 3"),
        (b"\0\0\x08", "expected an IDX file"),
        (b"\0\0\x08\x03\0\0", "expected an IDX header"),
    ],
)
def test_idx_headers_that_cannot_be(
    content: bytes, told: str, packed: bool, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(FileFormatError, match=rf"x: .*({told})"):
        read_idx(tmp_path / "x")


def test_an_array_of_nothing_is_one_and_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(idx([0, 28, 28]))
    assert read_idx(tmp_path / "x").shape == (0, 28, 28)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx([0, 28, 28]))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx([0]))
    with pytest.raises(FileFormatError, match="at least one"):
        minigrad.utils.data.DataLoader(minigrad.datasets.MNIST(tmp_path))


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    """A gzip file of 3 GB of zeros whose header asks for them, and for fewer; a PNG of 9,000 by
    9,000 pixels and one of 60,000 by 60,000: none takes more than 300 MB beyond the start."""
    block = gzip.compress(b"\0" * 2**24)
    (tmp_path / "honest").write_bytes(gzip.compress(idx([3, 2**30])) + block * 192)
    (tmp_path / "lying").write_bytes(gzip.compress(idx([4])) + block * 16)
    (tmp_path / "wide.png").write_bytes(png(9_000, 9_000, zlib.compress(b"\0" * 9_001 * 9_000, 1)))
    (tmp_path / "huge.png").write_bytes(png(60_000, 60_000, zlib.compress(b"\0" * 60_001)))
    program = f"""
        import resource
        import minigrad, PIL.Image, PIL.PngImagePlugin
        from pathlib import Path
        from minigrad.datasets.folder import read_image
        from minigrad.datasets.idx import read_idx
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for path in sorted(Path({str(tmp_path)!r}).iterdir()):
            try:
                (read_image if path.suffix else read_idx)(path)
            except minigrad.errors.FileFormatError as error:
                assert str(path) in str(error)
                print("refused", path.name)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)], text=True,
        capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    *refused, grown = done.stdout.splitlines()
    assert len(refused) == 4 and int(grown) < 300, done.stdout


@pytest.mark.parametrize("cell", ["nan", "NaN", "1e999", "-inf", "Infinity", "1_5", "1e39"])
def test_a_cell_that_is_no_finite_number_is_named(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"a,b,c\n1,2,3\n\n4,{cell},6\n")
    with pytest.raises(FileFormatError, match=rf"t\.csv: row 2 \(line 4\), column 'b': .*{cell}"):
        CSVTable(path)
    assert CSVTable(path, features=["a"]).data.shape == (2, 1)  # it is not looked at
    if cell == "1e39":
        assert CSVTable(path, dtype=minigrad.float64).data.shape == (2, 2)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("1.5", "int64"), ("300", "uint8"), ("-1", "uint8"), ("9007199254740993", "int64"),
     ("1e20", "int64"), ("70000", "float16")],
)  # fmt: skip
def test_a_number_that_its_type_cannot_hold_is_named(tmp_path: Path, cell: str, kind: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"a,b\n1,2\n4,{cell}\n")
    with pytest.raises(FileFormatError, match=rf"row 2 \(line 3\), column 'b': .*{kind} can hold"):
        CSVTable(path, target_dtype=getattr(minigrad, kind))
    path.write_text("a,b\n1,2\n4,5\n")
    assert CSVTable(path, target_dtype=getattr(minigrad, kind)).targets.tolist() == [2, 5]


def test_a_name_that_two_columns_have(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,a,b\n1,2,3\n")
    with pytest.raises(ValueError, match="in which its name stands once"):
        CSVTable(tmp_path / "t.csv", features=["a"])
    assert CSVTable(tmp_path / "t.csv").data.tolist() == [[1, 2]]


@pytest.mark.skipif(os.name != "posix", reason="no FIFOs")
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for read in (read_idx, read_image, CSVTable):
        for path in (tmp_path / "fifo", tmp_path):
            with pytest.raises(FileFormatError, match="no regular file"):
                read(path)
