"""``python -m tests.damage --count N --seed S [KIND ...]``: damaged files of each kind, read.

A good file is changed at a few random places (bits, bytes, cuts, insertions, blocks that are
repeated or moved, numbers of a header), and read. Either it is read all the same, or the error is
clear: of the class for damaged files, with the file's name. Nothing else is raised, and memory
stays bounded.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import gzip
import io
import json
import os
import random
import resource
import struct
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy as numpy_library

import minigrad
from minigrad import cache, nn
from minigrad.commands.measured import tell
from minigrad.creation import from_numpy
from minigrad.datasets import CSVTable, ImageFolder
from minigrad.datasets.idx import _read, read_idx
from minigrad.errors import FileFormatError
from minigrad.recipes import RECIPES
from minigrad.serialization import load, save
from minigrad.training import checkpoint
from minigrad.training.loop import Loop
from minigrad.training.report import read_json
from minigrad.training.splits import Splits
from minigrad.training.start import build, learner_of
from minigrad.utils.data import TensorDataset

MEMORY = 400
"""Megabytes that reading may add to what the process has at the start."""

RECIPE = replace(RECIPES["D1"], batch=10, epochs=3, optimizer="Adam", settings={"lr": 0.01})


# -- good files of each kind, and how they are read ---------------------------------------------


def _run() -> tuple[Loop, Any]:
    learner = learner_of(RECIPE, minigrad, build(RECIPE, 0))
    draw = np.random.default_rng(0)
    x, y = draw.random((40, 3), np.float32), draw.random((40, 3), np.float32)
    samples = TensorDataset(from_numpy(x), from_numpy(y))
    return Loop.of(RECIPE, Splits(samples, samples, None, ""), [learner], 0), learner


def _unsigned(raw: bytes) -> bytes:
    """The file without its checksum, as earlier versions wrote it: damage reaches deeper."""
    length = int.from_bytes(raw[:8], "little")
    structure = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["minigrad"])
    del structure["sha256"]
    return numpy_library.save(numpy_library.load(raw), {"minigrad": json.dumps(structure)})


def _checkpoints(folder: Path) -> list[bytes]:
    loop, learner = _run()
    left = iter([False] * 6 + [True])
    loop.run([], lambda: next(left))
    checkpoint.write(folder / "good", RECIPE, loop, learner, {"seed": 0})
    raw = (folder / "good").read_bytes()
    return [raw, _unsigned(raw), _unsigned(raw)]


_RUN: list[Any] = []


def _resume(path: Path) -> None:
    try:
        state = checkpoint.read(path, RECIPE, {"seed": 0})
    except ValueError as error:
        if "cannot be continued with other settings" not in str(error):
            raise
        return
    if not _RUN:
        _RUN.append(_run())
    loop, learner = _RUN.pop()
    checkpoint.restore(path, state, loop, learner)  # what took something over is thrown away
    loop, learner = _run()
    _RUN.append((loop, learner))


def _models(folder: Path) -> list[bytes]:
    layers = (nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.1), nn.GRU(2, 3))
    save(nn.Sequential(*layers), folder / "good")
    raw = (folder / "good").read_bytes()
    return [raw, _unsigned(raw), _unsigned(raw)]


def _idx(folder: Path) -> list[bytes]:
    found = []
    for kind, dtype in ((0x08, "u1"), (0x0D, ">f4"), (0x0B, ">i2")):
        shape = (20, 6, 5)
        head = struct.pack(">BBBB3I", 0, 0, kind, 3, *shape)
        raw = head + np.arange(600).reshape(shape).astype(dtype).tobytes()
        found += [raw, gzip.compress(raw), gzip.compress(raw, 1)]
    return found


def _read_idx(path: Path) -> None:
    _read.cache_clear()
    read_idx(path)


def _images(folder: Path) -> list[bytes]:
    from PIL import Image

    draw = np.random.default_rng(0)
    image = Image.fromarray(draw.integers(0, 255, (23, 31, 3)).astype(np.uint8))
    forms = {"PNG": {}, "JPEG": {}, "GIF": {}, "BMP": {}, "TIFF": {}, "WEBP": {}, "PPM": {}}
    found = []
    for form, how in forms.items():
        stream = io.BytesIO()
        image.save(stream, form, **how)
        found.append(stream.getvalue())
    stream = io.BytesIO()
    image.convert("P").save(stream, "PNG")
    return [*found, found[0], found[0], stream.getvalue()]


def _read_image(path: Path) -> None:
    """As ImageFolder reads it, whose loader goes by the content, not by the ending."""
    root = path.parent / "images" / "class"
    root.mkdir(parents=True, exist_ok=True)
    goal = root / "x.png"
    os.replace(path, goal)
    try:
        ImageFolder(root.parent)[0]
    except FileFormatError as error:
        raise FileFormatError(str(error).replace(str(goal), str(path))) from error


def _tables(folder: Path) -> list[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["", "a", "b", "the name", "y"])
    draw = np.random.default_rng(0)
    writer.writerows([i, *np.round(draw.normal(size=3), 3), i % 2] for i in range(30))
    quoted = text.getvalue().replace("the name", '"the, name"')
    return [text.getvalue().encode(), quoted.encode(), b"\xef\xbb\xbf" + text.getvalue().encode()]


def _read_table(path: Path) -> None:
    CSVTable(path)


def _histories(folder: Path) -> list[bytes]:
    rows = [{"epoch": i, "train_loss": 1.5, "test_accuracy": 90.0} for i in range(5)]
    report = {"recipe": {"metrics": ["accuracy"]}, "history": {"minigrad": rows, "torch": rows}}
    return [json.dumps(report, indent=1).encode(), json.dumps(report).encode()]


def _read_history(path: Path) -> None:
    report = read_json(path)
    with contextlib.suppress(LookupError, ValueError, TypeError, AttributeError, OverflowError):
        tell(report)  # `last` passes over another command's report


def _entries(folder: Path) -> list[bytes]:
    os.environ["MINIGRAD_CACHE"] = str(folder / "cache")
    data = np.random.default_rng(0).bytes(3000)
    path = cache.built("kind", "good", lambda path: path.write_bytes(data) and None)
    return [path.read_bytes()]


def _use_entry(path: Path) -> None:
    """It is used where it is whole, and built again where it is not."""
    entry = path.parent / "cache" / "kind" / "x"
    good = (entry.parent / "good").read_bytes()[: -cache.DIGEST]
    os.replace(path, entry)
    found = cache.built("kind", "x", lambda path: path.write_bytes(good) and None)
    assert cache.content(found) == good


Kind = tuple[Callable[[Path], list[bytes]], Callable[[Path], None]]
KINDS: dict[str, Kind] = {
    "checkpoints": (_checkpoints, _resume),
    "models": (_models, lambda path: load(path) and None),
    "idx": (_idx, _read_idx),
    "images": (_images, _read_image),
    "tables": (_tables, _read_table),
    "histories": (_histories, _read_history),
    "cache": (_entries, _use_entry),
}


# -- damage -------------------------------------------------------------------------------------


def damaged(good: bytes, draw: random.Random) -> bytes:
    """The file with one to three things wrong with it."""
    raw = bytearray(good)
    for _ in range(draw.choice([1, 1, 2, 3])):
        if not raw:
            break
        # Half of the damage is near the beginning, where the meaning is.
        at = draw.randrange(len(raw) if draw.random() < 0.5 else min(len(raw), 400))
        match draw.randrange(9):
            case 0:
                raw[at] ^= 1 << draw.randrange(8)
            case 1:
                raw[at] = draw.randrange(256)
            case 2:
                raw[at] = draw.choice(b'0189-.,;:"{}[]\n\r \0eEnN_')
            case 3:
                del raw[at:]
            case 4:
                raw[at:at] = draw.randbytes(draw.randrange(1, 9))
            case 5:
                del raw[at : at + draw.randrange(1, 60)]
            case 6:  # a number of a header
                size = draw.choice([1, 2, 4, 8])
                number = draw.choice(
                    [0, 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, draw.getrandbits(63)]
                )
                raw[at : at + size] = (number % 2 ** (8 * size)).to_bytes(
                    size, draw.choice(["little", "big"])
                )
            case 7:
                block = raw[at : at + draw.randrange(1, 200)]
                goal = draw.randrange(len(raw))
                raw[goal:goal] = block
            case 8:  # digits: another number in a text
                digits = [i for i in range(at, min(len(raw), at + 80)) if raw[i] in b"0123456789"]
                for i in digits[: draw.randrange(1, 12)]:
                    raw[i] = draw.choice(b"0123456789")
    return bytes(raw)


def examine(kind: str, count: int, seed: int) -> tuple[int, int]:
    """So many damaged files of the kind; how many were refused, and by how many megabytes the
    process has grown. Errors: AssertionError with the seed and the number of the file."""
    make, read = KINDS[kind]
    draw = random.Random(f"{kind} {seed}")
    refused = 0
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of damaged files
        folder = Path(name)
        goods = make(folder)
        path = folder / "x"
        for good in goods:  # the good ones are good
            path.write_bytes(good)
            read(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for i in range(count):
            path.write_bytes(damaged(draw.choice(goods), draw))
            try:
                read(path)
            except FileFormatError as error:
                assert str(path) in str(error), f"{kind} {seed}, file {i}: no name in: {error}"
                refused += 1
            except BaseException as error:
                raise AssertionError(f"{kind} {seed}, file {i}: {error!r}") from error
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < MEMORY, f"{kind} {seed}: {grown} MB"
    return refused, grown


def main() -> None:
    """Examine the kinds that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = parser.parse_args()
    for kind in asked.kinds:
        refused, grown = examine(kind, asked.count, asked.seed)
        print(
            f"{kind}: {asked.count} damaged files, seed {asked.seed}: {refused} refused by name, "
            f"{asked.count - refused} read, {grown} MB more memory",
            flush=True,
        )


if __name__ == "__main__":
    main()
