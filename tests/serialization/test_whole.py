"""The one writer: modes, links, devices, locks, long names, what the system says."""

from __future__ import annotations

import ast
import errno
import io
import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import minigrad
import minigrad.serialization.draft as drafts
from minigrad.draw import draw_curves, save_image
from minigrad.serialization import load, save
from minigrad.serialization.whole import write_whole
from minigrad.training.history import History
from minigrad.training.report import write_json

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="modes and locks are POSIX's")

ROWS = [{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.0}]
WRITERS: dict[str, Callable[[Path], object]] = {
    "save": lambda path: save({"x": minigrad.ones(2)}, path),
    "json": lambda path: write_json({"x": 1}, path),
    "csv": lambda path: History(ROWS).to_csv(path),
    "image": lambda path: save_image(minigrad.zeros(3, 4, 4), path.with_suffix(".png")),
    "figure": lambda path: draw_curves(History(ROWS), path.with_suffix(".svg")),
}


@posix
@pytest.mark.parametrize("name", WRITERS)
def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_its_own(
    name: str, tmp_path: Path
) -> None:
    before = os.umask(0o027)
    try:
        WRITERS[name](tmp_path / "x")
        (made,) = tmp_path.iterdir()
        assert made.stat().st_mode & 0o777 == 0o640
        for mode in (0o604, 0o666, 0o600):
            made.chmod(mode)
            WRITERS[name](tmp_path / "x")
            assert made.stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
    assert len(list(tmp_path.iterdir())) == 1


def test_no_other_file_of_the_packages_is_opened_for_writing() -> None:
    """Every writer goes through `write_whole`. Those that stand here have a reason."""
    allowed = {
        "minigrad/serialization/whole.py",  # it is the writer
        "minigrad/serialization/draft.py",
        "minigrad/callbacks/csv_logger.py",  # appends lines
        "minigrad/cache.py",  # whole by its own means, see there
        "minigrad/native/compiler.py",  # a source inside of the cache's draft
        "minigrad/compiler/targets/cuda/device/nvrtc.py",
        "minigrad/datasets/waste.py",  # a whole folder
        "benchmarks/usage.py",  # /proc
        "reference/memory.py",
        "benchmarks/voice.py",  # a pipe
    }
    found = set()
    for package in ("minigrad", "benchmarks", "reference"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if not any(word in text for word in ("open(", "write_", "mkst", "NamedT", "savez")):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and _writes(node):
                    found.add(str(file.relative_to(ROOT)))
    assert found <= allowed, found - allowed


def _writes(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in ("write_text", "write_bytes", "mkstemp", "NamedTemporaryFile", "savez"):
        return True
    modes = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return name in ("open", "fdopen") and any(
        isinstance(m, str) and set(m) & set("wax+") and len(m) < 4 for m in modes
    )


@posix
def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write")
    save(1, tmp_path / "x")
    (tmp_path / "x").chmod(0o444)
    with pytest.raises(PermissionError) as error:
        save(2, tmp_path / "x")
    assert error.value.errno == errno.EACCES and load(tmp_path / "x") == 1


@posix
def test_devices_and_fifos_are_written_to_and_never_replaced(tmp_path: Path) -> None:
    save({"x": minigrad.ones(3)}, "/dev/null")
    assert Path("/dev/null").is_char_device()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_bytes()))
    reader.start()
    save({"x": minigrad.ones(50_000)}, fifo)
    reader.join()
    assert load(io.BytesIO(heard[0]))["x"].sum().item() == 50_000
    assert fifo.is_fifo() and [p.name for p in tmp_path.iterdir()] == ["fifo"]


@posix
def test_a_socket_and_a_disk_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as here:
        here.bind("socket")
        with pytest.raises(OSError, match="it is a socket") as error:
            save(1, "socket")
    assert error.value.filename == "socket" and Path("socket").is_socket()


@posix
def test_links_to_what_is_not_there_yet_to_links_and_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("there/real")
    save(1, tmp_path / "one")
    save(2, tmp_path / "one")
    assert (tmp_path / "one").is_symlink() and (tmp_path / "two").is_symlink()
    assert load(tmp_path / "there" / "real") == 2
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(OSError) as error:
        save(1, tmp_path / "ring")
    assert error.value.errno == errno.ELOOP


@posix
@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, ".hidden" * 30, "-", "a\nb", "x.tmp"])
def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path, name: str) -> None:
    save(1, tmp_path / name)
    save(2, tmp_path / name)
    assert load(tmp_path / name) == 2 and len(list(tmp_path.iterdir())) == 1


@posix
def test_what_the_system_says_survives(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cases: list[tuple[str, type[OSError], int]] = [
        (str(tmp_path / ("x" * 256)), OSError, errno.ENAMETOOLONG),
        (str(tmp_path / "no" / "x"), FileNotFoundError, errno.ENOENT),
        (str(tmp_path / "file" / "x"), NotADirectoryError, errno.ENOTDIR),
        (str(tmp_path), IsADirectoryError, errno.EISDIR),
    ]
    if Path("/dev/full").exists():
        cases.append(("/dev/full", OSError, errno.ENOSPC))
    for path, kind, number in cases:
        with pytest.raises(kind) as error:
            save({"x": minigrad.ones(3)}, path)
        assert (error.value.errno, error.value.filename) == (number, path)
        assert "save" in str(error.value)


# -- drafts of writers that were killed ---------------------------------------------------------


def litter(folder: Path) -> Path:
    path = folder / drafts._name("model")
    path.write_bytes(b"half a")
    return path


@posix
def test_drafts_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead = litter(tmp_path)
    with drafts.Draft(tmp_path / "other", None) as alive:
        alive.file.write(b"going on")
        for stranger in (".minigrad-mine", "x.tmp", ".model.tmp"):
            (tmp_path / stranger).write_bytes(b"")
        (tmp_path / ".minigrad-folder.tmp").mkdir()
        (tmp_path / ".minigrad-link.tmp").symlink_to(tmp_path / "x.tmp")
        before = {p.name for p in tmp_path.iterdir()} - {dead.name}
        save(1, tmp_path / "model")
        assert {p.name for p in tmp_path.iterdir()} == before | {"model"}
        alive.take_place()
    assert (tmp_path / "other").read_bytes() == b"going on"


@posix
def test_a_draft_that_is_swept_before_its_writer_has_locked_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[int] = []
    lock = drafts.taken

    def late(descriptor: int) -> bool | None:
        if not swept:
            swept.append(1)
            drafts.sweep(tmp_path)
        return lock(descriptor)

    monkeypatch.setattr(drafts, "taken", late)
    write_whole(tmp_path / "x", [b"all ", b"of it"])
    assert swept and (tmp_path / "x").read_bytes() == b"all of it"
    assert len(list(tmp_path.iterdir())) == 1


@posix
def test_many_writers_of_one_file_at_once(tmp_path: Path) -> None:
    """Four processes save to one path: it is always whole, and nothing is left."""
    program = f"""
        import minigrad, sys
        mine = int(sys.argv[1])
        for _ in range(15):
            minigrad.save({{"x": minigrad.ones(5000) * mine, "n": mine}}, {str(tmp_path / "x")!r})
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    writers = [subprocess.Popen([*command, str(n)]) for n in range(1, 4)]
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "x").exists():
            back = load(tmp_path / "x")
            assert set(back["x"].tolist()) == {back["n"]}
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


# -- open files ---------------------------------------------------------------------------------


def test_saving_to_and_loading_from_open_files(tmp_path: Path) -> None:
    stream = io.BytesIO()
    stream.write(b"before")
    save({"x": minigrad.ones(3)}, stream)
    save({"n": 2}, stream)
    stream.write(b"after")
    stream.seek(6)
    assert load(stream)["x"].tolist() == [1, 1, 1] and load(stream) == {"n": 2}
    assert stream.read() == b"after"
    with open(tmp_path / "x", "wb") as file:
        save([1, 2], file)
    with open(tmp_path / "x", "rb", buffering=0) as file:
        assert load(file) == [1, 2]
    assert load(Path(tmp_path / "x")) == load(str(tmp_path / "x")) == [1, 2]


class OneByOne:
    """An open file that can do nothing but read or write, a few bytes at a time."""

    def __init__(self, content: bytes = b"") -> None:
        self.content, self.at = content, 0

    def write(self, part: memoryview) -> int:
        self.content += bytes(part[:7])
        return len(part[:7])

    def read(self, count: int = -1) -> bytes:
        found = self.content[self.at :] if count < 0 else self.content[self.at : self.at + count]
        self.at += len(found)
        return found


def test_open_files_that_can_do_little() -> None:
    one = OneByOne()
    save({"x": minigrad.arange(10)}, one)  # type: ignore[arg-type]
    back = load(OneByOne(one.content))  # type: ignore[arg-type]
    assert back["x"].tolist() == list(range(10))


def test_what_is_no_file_is_refused_as_in_pytorch(tmp_path: Path) -> None:
    for wrong in (5, None, [], b"x"):
        with pytest.raises(AttributeError, match="save: expected a path or an open file"):
            save({}, wrong)  # type: ignore[arg-type]
        with pytest.raises(AttributeError, match="load: expected a path or an open file"):
            load(wrong)  # type: ignore[arg-type]
    for text in (io.StringIO(), open(tmp_path / "t", "w+", encoding="utf-8")):
        with text, pytest.raises(TypeError, match="binary mode"):
            save({}, text)  # type: ignore[arg-type]
    with pytest.raises(minigrad.errors.FileFormatError, match=r"the BytesIO: .*an empty file"):
        load(io.BytesIO())
