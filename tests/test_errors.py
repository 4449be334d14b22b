"""Bad input gets an error that names the op, what was expected and what came."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_input import TABLE, overwritten
from wrong_scripts import TABLE as FIRST_HOUR

import minigrad
from minigrad import nn
from minigrad.datasets import CSVTable, ImageFolder
from minigrad.datasets.idx import read_idx
from minigrad.errors import DeviceError, FileFormatError, GraphError

ROOT = Path(__file__).parents[1]


def check(call: Callable[[], Any], kind: type[Exception], pieces: tuple[str, ...]) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert caught.type is kind  # nothing below it: a script that catches it means this kind
    told = str(caught.value)
    assert not [piece for piece in pieces if piece not in told], told


@pytest.mark.parametrize("row", [*TABLE, *FIRST_HOUR], ids=lambda row: row[0])
def test_error(row: Any) -> None:
    _, call, kind, *pieces = row
    check(call, kind, tuple(pieces))


def test_an_overwritten_value_is_told_with_both_lines() -> None:
    with pytest.raises(GraphError) as caught:
        overwritten()
    assert str(caught.value).count("bad_input.py:") == 2


@pytest.mark.skipif(find_spec("cupy") is not None, reason="CuPy is installed")
@pytest.mark.parametrize(
    "call",
    [
        lambda: minigrad.zeros(2).cuda(),
        lambda: minigrad.zeros(2, device="cuda"),
        lambda: minigrad.zeros(2).to("cuda:1"),
        lambda: nn.Linear(2, 2).to("cuda"),
    ],
)
def test_cuda_without_cupy(call: Callable[[], Any]) -> None:
    check(call, DeviceError, ("cuda:", "CuPy is not installed", "'cuda12'", "stay on the CPU"))


def idx(shape: tuple[int, ...], content: bytes) -> bytes:
    header = bytes([0, 0, 8, len(shape)])
    return header + b"".join(n.to_bytes(4, "big") for n in shape) + content


def image(path: Path) -> Any:
    return ImageFolder(path.parents[1])[0]


FILES = [
    ("weights.safetensors", b"", minigrad.load, "safetensors", "empty"),
    ("weights.safetensors", b"\x80\x04pickle" * 9, minigrad.load, "safetensors"),
    ("weights.safetensors", (10**6).to_bytes(8, "little") + b"{}", minigrad.load, "safetensors"),
    ("images-idx3-ubyte", b"", read_idx, "expected an IDX file", "an empty file"),
    ("images-idx3-ubyte", b"PK\x03\x04", read_idx, "expected an IDX file", "50 4b 03 04"),
    ("images-idx3-ubyte", idx((2, 3), b"12345"), read_idx, "expected 6 bytes", "(2, 3)", "got 5"),
    ("images-idx3-ubyte.gz", b"\x1f\x8b\x08", read_idx, "whole gzip file", "truncated"),
    ("table.csv", b"", CSVTable, "expected"),
    ("table.csv", b"a,b\n1,2\n3,x\n", CSVTable, "row 2", "'b'", "expected a number", "'x'"),
    ("table.csv", b"a,b\n1,2\n3\n", CSVTable, "row 2", "expected 2 cells", "got 1"),
    ("table.csv", b"\x89PNG\r\n\x1a\n\0\0", CSVTable, "expected"),
    ("classes/dogs/0.png", b"no image", image, "expected an image"),
    ("classes/dogs/0.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", image, "expected an image"),
]


@pytest.mark.parametrize(
    ("name", "content", "read", "pieces"), [(a, b, c, d) for a, b, c, *d in FILES]
)
def test_unreadable_file(
    tmp_path: Path, name: str, content: bytes, read: Callable[[Path], Any], pieces: list[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    check(lambda: read(path), FileFormatError, (str(path), *pieces))


def test_a_file_cut_anywhere_is_told(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    minigrad.save(nn.Linear(2, 2).state_dict(), whole)
    content = whole.read_bytes()
    for n in np.linspace(0, len(content) - 1, 12, dtype=int):
        cut.write_bytes(content[:n])
        check(lambda: minigrad.load(cut), FileFormatError, (str(cut), "safetensors"))


@pytest.mark.parametrize(
    ("arguments", "code", "pieces"),
    [
        (["bake"], 2, ["invalid choice: 'bake'", "train"]),
        (["train"], 2, ["NAME"]),
        (["train", "D33"], 1, ["train: nothing is named 'D33'", "did you mean D3"]),
        (["train", "D3", "--epochs", "0"], 2, ["--epochs", "a positive number", "0"]),
        (["train", "D3", "--batch", "many"], 2, ["--batch", "a positive number", "many"]),
        (["train", "D3", "--lr", "fast"], 2, ["--lr", "float", "fast"]),
        (["train", "D3", "--dtype", "float8"], 2, ["--dtype", "float32", "float8"]),
        (["train", "D3", "--device", "tpu"], 1, ["device", "'cpu'", "tpu"]),
        (["train", "D3", "--data", "nowhere"], 2, ["--data", "expected a folder", "nowhere"]),
        (["train", "D3", "--lr", "-1"], 1, ["learning rate", "-1"]),
    ],
)  # fmt: skip
def test_command_line(tmp_path: Path, arguments: list[str], code: int, pieces: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "minigrad", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert not [piece for piece in pieces if piece not in done.stderr], done.stderr
