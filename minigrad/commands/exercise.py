"""``exercise``: write the file of an exercise, check it, get a hint or the solution."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from minigrad.commands.tables import show, tell, width
from minigrad.exercise.book import EXERCISES
from minigrad.exercise.checking import find
from minigrad.exercise.exercise import Exercise, Verdict
from minigrad.exercise.process import LIMIT, judged
from minigrad.serialization.whole import write_whole

DESCRIPTION = """\
Exercises that check themselves. Without NAME they are listed; with NAME what is asked is shown.
With FILE: where there is none the file is written, with a hole to fill in; where it is there it is
checked, in a process of its own, and what is wrong is said. FILE may be a folder, whose files are
named as exercises are (bias-rule.py, or bias-rule-anna.py): all of them are checked, for a class.
"""
WIDE = 80
"""Columns at most, so that words can be read."""


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "exercise", help="exercises that check themselves", description=DESCRIPTION
    )
    verb.add_argument("name", nargs="?", metavar="NAME", help="an exercise; 'all' with a folder")
    verb.add_argument("file", nargs="?", type=Path, metavar="FILE")
    verb.add_argument(
        "--hint",
        nargs="?",
        type=int,
        const=1,
        choices=(1, 2, 3),
        metavar="N",
        help="a hint: 1 (the default) says least, 3 most",
    )
    verb.add_argument("--solution", action="store_true", help="show the solution")
    verb.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="OUT",
        help="the verdicts as JSON, to the file OUT or else to the terminal",
    )
    verb.add_argument(
        "--limit", type=_seconds, default=LIMIT, metavar="S", help=f"seconds a file ({LIMIT:g})"
    )
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """List, show, write or check. Returns 1 where an answer is wrong."""
    if asked.name is None:
        return _list(asked)
    if asked.name == "all":
        if asked.file is None or not asked.file.is_dir():
            raise ValueError("'all' goes with a folder of files that are named as exercises are")
        return _told(asked, _folder(asked, None))
    exercise = find(asked.name)
    if asked.hint is not None:
        _say(f"hint {asked.hint} of 3: {exercise.hints[asked.hint - 1]}")
        return 0
    if asked.solution:
        print(exercise.solution.strip())
        return 0
    if asked.file is None:
        return _show(exercise)
    if asked.file.is_dir():
        return _told(asked, _folder(asked, exercise))
    if asked.file.exists():
        return _told(asked, [(str(asked.file), _judged(asked, exercise, asked.file))])
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(asked.file, exercise.file().encode(), "exercise")
    _say(
        f"{asked.file} is written: fill in its hole, then check it with the same command; "
        "--hint helps"
    )
    return 0


def _list(asked: argparse.Namespace) -> int:
    if asked.json is not None:
        rows = [
            {"name": e.name, "unit": e.unit, "kind": e.kind, "title": e.title, "asks": e.asks}
            for e in EXERCISES.values()
        ]
        _write(asked.json, rows)
        return 0
    show(
        "Exercises; exercise NAME says what is asked, exercise NAME FILE writes and checks a file",
        ("NAME", "unit", "kind", "what"),
        [(e.name, e.unit, e.kind, e.title) for e in EXERCISES.values()],
        head=2,
    )
    return 0


def _show(exercise: Exercise) -> int:
    _say(f"{exercise.name}: {exercise.title} (unit {exercise.unit}, {exercise.kind})")
    print()
    for paragraph in exercise.words.strip().split("\n\n"):
        lines = paragraph.splitlines()
        table = any(line[:1].isdigit() and line[1:3] == "  " for line in lines)
        print(paragraph) if table else _say(" ".join(lines))
        print()
    print(textwrap.indent(exercise.file().split('"""\n\n', 1)[1].rstrip(), "    "))
    print()
    _say(f"python -m minigrad exercise {exercise.name} {exercise.name}.py writes this file.")
    return 0


def _judged(asked: argparse.Namespace, exercise: Exercise, path: Path) -> Verdict:
    return judged(exercise, path, asked.limit, quiet=asked.json is not None)


def _folder(asked: argparse.Namespace, exercise: Exercise | None) -> list[tuple[str, Verdict]]:
    """The verdicts on the files of a folder: all of one exercise, or each of its own."""
    found = []
    for path in sorted(asked.file.rglob("*.py")):
        own = exercise or _named(path)
        if own is not None:
            name = str(path.relative_to(asked.file))
            found.append((name, _judged(asked, own, path)))
            if sys.stderr.isatty():
                print(f"\r\x1b[K{len(found)} {name}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    if not found:
        raise ValueError(f"there are no files of exercises in {asked.file}")
    return found


def _named(path: Path) -> Exercise | None:
    """The exercise that a file's name begins with: the longest."""
    stem = path.stem.lower().replace("_", "-")
    fitting = [n for n in EXERCISES if stem == n or stem.startswith(f"{n}-")]
    return EXERCISES[max(fitting, key=len)] if fitting else None


def _told(asked: argparse.Namespace, found: list[tuple[str, Verdict]]) -> int:
    wrong = sum(not verdict for _, verdict in found)
    if asked.json is not None:
        _write(asked.json, [{"file": name, **verdict.to_dict()} for name, verdict in found])
    elif asked.file.is_dir():
        rows = [(name, v.exercise, "right" if v else "not yet", v.fault) for name, v in found]
        show(str(asked.file), ("FILE", "exercise", "verdict", "fault"), rows)
        print(f"\n{len(found) - wrong} of {len(found)} right")
    else:
        _one(found[0][1])
    return 1 if wrong else 0


def _one(verdict: Verdict) -> None:
    if verdict:
        _say(f"{_coloured('right', 32)}: {verdict.exercise} ({verdict.seconds:.1f} s)")
        return
    _say(f"{_coloured('not yet', 31)} [{verdict.fault}] {verdict.message}")
    _say(f"python -m minigrad exercise {verdict.exercise} --hint says more.")


def _coloured(words: str, colour: int) -> str:
    """In colour, where a terminal shows it."""
    return f"\x1b[{colour}m{words}\x1b[0m" if sys.stdout.isatty() else words


def _say(words: str) -> None:
    """Words on lines that can be read."""
    there = min(width() or WIDE, WIDE)
    print(textwrap.fill(words, there, break_long_words=False, break_on_hyphens=False))


def _write(out: str, told: Any) -> None:
    text = json.dumps(told, indent=2, ensure_ascii=False)
    if out == "-":
        tell(text) if width() is None else print(text)
    else:
        write_whole(Path(out), (text + "\n").encode(), "--json")


def _seconds(text: str) -> float:
    """A time above 0. Errors: ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text}")
    return value
