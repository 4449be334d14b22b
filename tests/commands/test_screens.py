"""What the command line shows on terminals of several widths: nothing is wider, no name is cut."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator

import pytest

from minigrad import bars
from minigrad.commands import main
from minigrad.commands.systems import SYSTEMS
from minigrad.commands.tables import show

WIDTHS = [60, 80, 200]
Screen = Callable[..., tuple[int, list[str]]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch, tmp_path) -> Iterator[Screen]:
    """Runs a command on a terminal of so many columns: its exit code and the lines that stay."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")

    def run(width: int, *arguments: str) -> tuple[int, list[str]]:
        monkeypatch.setenv("COLUMNS", str(width))
        shown = Terminal()
        monkeypatch.setattr(sys, "stdout", shown)
        monkeypatch.setattr(sys, "stderr", shown)
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(str(left.code or 0))
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue())  # colours
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\r", plain)  # a line drawn anew
        return code, [part.rstrip() for line in plain.split("\n") for part in line.split("\r")]

    yield run


COMMANDS: list[tuple[str, ...]] = [
    (),
    ("--help",),
    ("list",),
    ("list", "--help"),
    ("lesson", "--help"),
    ("train", "--help"),
    ("compare", "--help"),
    ("explain", "--help"),
    ("gradcheck", "--help"),
    ("doctor",),
    ("doctor", "--help"),
    ("frobnicate",),
    ("train",),
    ("train", "D33"),
    ("train", "D3", "--epocs", "3"),
    ("train", "D1", "--epochs", "many"),
    ("train", "D3", "--data", "/there/is/no/such/folder/anywhere/on/this/machine"),
    ("train", "D1", "--epochs", "2", "--set", "a=b"),
    ("train", "D1", "--epochs", "60", "--device", "gpu"),
    ("train", "D1", "--epochs", "60"),
    ("train", "D2", "--epochs", "100"),
    ("train", "G2-rnn", "--epochs", "1", "--set", "samples=[64,32]"),
    ("lesson", "D3"),
    ("lesson", "P2"),
    ("lesson", "P2", "--notebook", "p2.ipynb"),
]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda given: " ".join(given) or "nothing")
def test_nothing_is_wider_than_the_terminal(screen: Screen, width: int, arguments) -> None:
    if width < 80 and "G2-rnn" in arguments:
        pytest.skip("its summary has two shapes in a row: 64 columns")
    _, lines = screen(width, *arguments)
    paths = (os.sep, "anywhere")  # a folder is one word, however long
    wide = [line for line in lines if len(line) > width and not any(p in line for p in paths)]
    assert lines and not wide, "\n".join(wide)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_has_every_name_whole_at_the_start_of_a_line(screen: Screen, width: int) -> None:
    code, lines = screen(width, "list")
    assert code == 0
    starts = [line.lstrip("│ ").split(" ")[0] for line in lines]
    assert [starts.count(name) for name in SYSTEMS] == [1] * len(SYSTEMS)


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80])
def test_a_comparison_fits(screen: Screen, width: int, memory_known: None) -> None:
    code, lines = screen(width, "compare", "D1", "--epochs", "50")
    assert code == 0 and max(map(len, lines)) <= width, "\n".join(lines)
    text = "\n".join(lines)
    assert ("┃ result" in text) == (width == 80) and "┃  " not in text.replace("┃        ┃", "")
    assert sum("test accuracy" in line for line in lines) == 1


SAID = {
    (): (2, "lesson", "train", "compare", "examples:"),
    ("frobnicate",): (2, "'frobnicate'", "'train'", "--help"),
    ("trian", "D3"): (2, "did you mean train?"),
    ("d3",): (2, "did you mean: python -m minigrad train D3"),
    ("train", "D33"): (1, "nothing is named 'D33'", "did you mean D3"),
    ("train", "D3", "--epocs", "2"): (2, "--epocs", "did you mean --epochs?"),
    ("lesson", "D3"): (1, "python -m minigrad train D3"),
    ("train", "D1", "--device", "gpu"): (1, "did you mean 'cuda'?"),
}


@pytest.mark.parametrize("arguments", SAID, ids=lambda given: " ".join(given) or "nothing")
def test_a_wrong_command_is_told_what_was_meant(screen: Screen, arguments) -> None:
    code, *words = SAID[arguments]
    found, lines = screen(200, *arguments)
    assert found == code and not [w for w in words if str(w) not in "\n".join(lines)], lines


def test_a_batch_of_more_than_there_is_is_told_and_not_boasted_of(screen: Screen) -> None:
    code, lines = screen(120, "train", "D1", "--batch", "100000000", "--epochs", "3")
    assert code == 0
    assert "batch 100,000,000 is more than the 7,000 samples: each step takes all" in lines
    (told,) = (line for line in lines if "examples a second" in line)
    assert int(told.split()[0].replace(",", "")) < 7000 / 1e-5  # no step takes less than 10 µs


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_of_any_shape_fit(monkeypatch, capsys, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for long in (5, 30, 90, 150):
        rows = [("a name", "word " * (long // 5), "last"), ("another", "", "word " * (long // 5))]
        show("A title that is long enough to be broken on narrow ones, as titles are", "abc", rows)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, shown.splitlines())) <= width
    assert shown.count("a name") == shown.count("another") == 4


# -- what is waited for ----------------------------------------------------------------------------


def waited(monkeypatch, stream: io.StringIO) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(bars, "AT_ONCE", 0.01)
    monkeypatch.setattr(bars, "AT_LAST", 0.02)
    monkeypatch.setattr(bars, "EVERY", 0.01)
    told: list[str] = []
    monkeypatch.setattr(stream, "flush", lambda: told.append(stream.getvalue()))
    with bars.working("building kernels in C, once"):
        for _ in range(1000):
            if told:
                break
            bars.time.sleep(0.01)
    return stream.getvalue()


def test_a_terminal_is_told_what_is_waited_for_until_it_is_there(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    shown = waited(monkeypatch, Terminal())
    assert shown.startswith("\rbuilding kernels i") and shown.endswith("\r\x1b[K")
    assert max(map(len, shown.removesuffix("\x1b[K").split("\r"))) < 20


def test_a_file_is_told_in_one_line(monkeypatch) -> None:
    assert waited(monkeypatch, io.StringIO()) == "building kernels in C, once ...\n"


def test_what_is_quick_is_not_told(monkeypatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with bars.working("nothing"):
        pass
    assert stream.getvalue() == ""


def test_a_bar_shows_what_is_waited_for(monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(bars, "AT_ONCE", 0.01)
    monkeypatch.setattr(bars, "listeners", [told.append])
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with bars.working("kernels"):
        while not told:
            bars.time.sleep(0.01)
    assert told == ["kernels", ""] and stream.getvalue() == ""
