"""The cache of what is built: one builder at a time, who may write, what goes, what is refused."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from minigrad import cache, safety
from minigrad.cache import built, content
from minigrad.locks import Lock
from minigrad.native import compiler
from minigrad.native.process import run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks and modes are POSIX's")

ROOT = Path(__file__).parents[2]
OPS = (
    "import minigrad; x = minigrad.ones(2, 3, 8, 8); w = minigrad.ones(4, 3, 3, 3);"
    "print([minigrad.nn.functional.conv2d(x, w).sum().item() for _ in range(3)][-1])"
)
needs_compiler = pytest.mark.skipif(compiler.compiler() is None, reason="no C compiler")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "kind"


def writes(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None  # type: ignore[func-returns-value]


def never(path: Path) -> None:
    raise AssertionError("built once more")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def let_go() -> None:
    """As a process that ends: nothing is held any more."""
    while cache._held:
        os.close(cache._held.popleft()[1])


def test_what_was_built_is_found_again_and_nothing_else_is_left(folder: Path) -> None:
    assert content(built("kind", "a", writes(b"numbers"))) == b"numbers"
    assert content(built("kind", "a", never)) == b"numbers"
    assert names(folder) == ["a"] and folder.stat().st_mode & 0o777 == 0o700


def test_a_builder_that_fails_leaves_nothing(folder: Path) -> None:
    with pytest.raises(AssertionError):
        built("kind", "a", never)
    assert names(folder) == []


# -- one builds, the others wait ----------------------------------------------------------------

BUILDER = """
import os, sys, time
from pathlib import Path
from minigrad.cache import built, content
def make(path):
    with open(sys.argv[1], "a") as log:
        log.write("built\\n")
    print("building", flush=True)
    time.sleep(float(sys.argv[2]))
    path.write_bytes(b"made")
print(content(built("kind", "a", make)), flush=True)
"""


def builder(log: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILDER, str(log), str(seconds)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def test_of_many_processes_one_builds_and_the_others_wait(folder: Path, tmp_path: Path) -> None:
    several = [builder(tmp_path / "log", 0.5) for _ in range(3)]
    told = [each.communicate(timeout=60)[0] for each in several]
    assert all(text.endswith("b'made'\n") for text in told)
    assert (tmp_path / "log").read_text() == "built\n" and names(folder) == ["a"]


def test_a_builder_that_is_killed_holds_up_nobody_and_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    killed = builder(tmp_path / "log", 60)
    assert killed.stdout is not None and killed.stdout.readline() == "building\n"
    killed.kill()
    killed.communicate()
    assert any(name.endswith(".draft") for name in names(folder))
    assert content(built("kind", "a", writes(b"mine"))) == b"mine"
    assert names(folder) == ["a"]


def test_a_killed_builders_draft_goes_when_something_else_is_built(folder: Path) -> None:
    built("kind", "a", writes(b"mine"))
    (folder / ".b.0123abcd.draft").mkdir()
    (folder / ".b.0123abcd.draft" / "b").write_bytes(b"half")
    (folder / ".b.lock").write_bytes(b"")
    (folder / ".c.0123abcd.draft").mkdir()
    with Lock(folder / ".c.lock", 0):  # its builder is alive
        built("kind", "d", writes(b"more"))
        assert names(folder) == [".c.0123abcd.draft", ".c.lock", "a", "d"]


def test_nobody_waits_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "PATIENCE", 0.1)
    built("kind", "b", writes(b""))
    with Lock(folder / ".a.lock", 0), pytest.raises(TimeoutError, match="another process has held"):
        built("kind", "a", never)


# -- what goes ----------------------------------------------------------------------------------


def test_what_was_not_used_for_longest_goes_and_never_what_is_in_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LIMIT", 10_000)
    let_go()
    for i in range(8):
        built("kind", f"{i}", writes(b"x" * 2000))
        os.utime(folder / f"{i}", (i, i))
    assert len(names(folder)) == 8  # all of them are held here
    let_go()
    built("kind", "0", never)  # used last
    built("kind", "8", writes(b"x" * 2000))
    assert names(folder) == ["0", "6", "7", "8"]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10_000


def test_what_another_process_uses_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
        import sys
        from minigrad.cache import built
        built("kind", "old", lambda path: path.write_bytes(b"x" * 2000))
        print("there", flush=True)
        sys.stdin.read()
    """
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    user = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], env=env, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert user.stdout is not None and user.stdout.readline() == "there\n"
    monkeypatch.setattr(cache, "LIMIT", 3000)
    built("kind", "new", writes(b"x" * 2000))
    assert names(folder) == ["new", "old"]
    user.communicate("")
    let_go()
    os.utime(folder / "old", (1, 1))
    built("kind", "newest", writes(b"x" * 500))
    assert names(folder) == ["new", "newest"]


# -- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "link to nothing"])
def test_an_entry_that_is_no_regular_file_is_refused(folder: Path, kind: str) -> None:
    folder.mkdir(parents=True, mode=0o700)
    (folder / "other").write_bytes(b"")
    if kind == "folder":
        (folder / "a").mkdir()
    elif kind == "fifo":
        os.mkfifo(folder / "a")
    else:
        (folder / "a").symlink_to("other" if kind == "link" else "nothing")
    with pytest.raises(OSError, match=r"no regular file; remove it: '.*/a'"):
        built("kind", "a", never)


def test_a_file_without_end_is_built_again(folder: Path) -> None:
    built("kind", "a", writes(b"x"))
    os.truncate(folder / "a", 2**40)
    assert content(built("kind", "a", writes(b"y"))) == b"y"


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_folder_above_that_others_may_write_to_is_refused(
    folder: Path, tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "_of_one", lambda group: False)
    above = tmp_path / "above"
    above.mkdir()
    monkeypatch.setenv("MINIGRAD_CACHE", str(above / "cache"))
    above.chmod(mode)
    with pytest.raises(PermissionError, match=f"{above} can be written by others"):
        built("kind", "a", never)
    above.chmod(mode | 0o1000)  # the sticky bit: nobody moves what is another's
    assert content(built("kind", "a", writes(b"x"))) == b"x"
    (tmp_path / "link").symlink_to(above)
    above.chmod(mode)
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path / "link" / "cache"))
    with pytest.raises(PermissionError, match=f"{above} can be written by others"):
        built("kind", "a", never)


def test_folders_that_are_made_are_for_this_user_alone(folder: Path) -> None:
    before = os.umask(0o002)
    try:
        built("kind", "a", writes(b"x"))
    finally:
        os.umask(before)
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINIGRAD_CACHE", raising=False)
    monkeypatch.setattr(cache, "cache_folder", lambda: Path("~/.cache/minigrad"))
    with pytest.raises(FileNotFoundError, match="set MINIGRAD_CACHE"):
        built("kind", "a", never)


# -- compilers, and what is told ----------------------------------------------------------------


def test_a_program_that_hangs_is_given_up_with_what_it_has_started(tmp_path: Path) -> None:
    script = tmp_path / "slow"
    script.write_text(f"#!/bin/sh\nsleep 60 & echo $! > {tmp_path}/pid\nwait\n")
    script.chmod(0o755)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="slow did not come to an end within 0 s"):
        run([str(script)], 0.4)
    assert time.monotonic() - start < 20
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("what it started goes on")


def told(code: str, before: str = "", **env: str) -> tuple[str, str]:
    """What a program that computes a convolution prints, and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\n{code}"], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def script(folder: Path, text: str) -> str:
    """A folder with a compiler of that text."""
    folder.mkdir()
    for name in compiler.COMPILERS:
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


PROBE = 'case "$*" in *-dM*) echo "#define x"; exit 0;; esac\n'
FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
"""
HASTY = "import minigrad.native.compiler as c; c.PATIENCE = 1"
NOEXEC = """
import ctypes
usual = ctypes.CDLL
def refuse(path, *args, **more):
    if "native" not in str(path):
        return usual(path, *args, **more)
    raise OSError(f"{path}: failed to map segment from shared object")
ctypes.CDLL = refuse
"""


@needs_compiler
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("hangs", "did not come to an end within 1 s"),
        ("refuses", "refused the source:\nno licence"),
        ("no memory", "refused the source"),
        ("unsafe", "can be written by others"),
        ("full", "File too large"),
        ("noexec", "failed to map segment.* set MINIGRAD_CACHE to another one"),
        ("a file", "Not a directory|File exists"),
    ],
)
def test_numpy_computes_and_the_reason_is_told_once(how: str, reason: str, tmp_path: Path) -> None:
    env, before = {"MINIGRAD_CACHE": str(tmp_path / "cache")}, ""
    if how == "hangs":
        before, env["PATH"] = HASTY, script(tmp_path / "bin", PROBE + "sleep 60")
    elif how == "refuses":
        env["PATH"] = script(tmp_path / "bin", PROBE + "echo no licence >&2; exit 3")
    elif how == "no memory":
        env["PATH"] = script(tmp_path / "bin", PROBE + "kill -9 $$")
    elif how == "unsafe":
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache").chmod(0o777)
    elif how == "full":
        before = FULL
    elif how == "noexec":
        before = NOEXEC
        env["PATH"] = script(tmp_path / "b", PROBE + 'while [ "$1" != -o ]; do shift; done; : > $2')
    else:
        (tmp_path / "cache").write_text("no folder")
    out, err = told(OPS, before, **env)
    assert out == "7776.0\n"
    assert err.count("minigrad: only NumPy computes") == 1, err
    assert re.search(reason, err), err
    cache = tmp_path / "cache"
    left = [p for p in cache.rglob("*") if "draft" in p.name] if cache.is_dir() else []
    assert left == []
