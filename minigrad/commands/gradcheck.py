"""``gradcheck``: check gradients from the command line."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minigrad.commands.samples import names as public_names
from minigrad.commands.samples import sample
from minigrad.commands.tables import show
from minigrad.gradcheck import Report, check
from minigrad.gradcheck.level import LEVELS
from minigrad.serialization.whole import write_whole

DESCRIPTION = """\
Check gradients: of minigrad's functions by name (of all without one), or of functions of a file.

FILE.py::NAME is a function without arguments that returns what is to be checked: (f, inputs), where
f is a function or module of minigrad, PyTorch, JAX or autograd, or a pair (forward, backward) of
functions of NumPy arrays. FILE.py alone takes all of its functions whose names begin with check_.
"""


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "gradcheck",
        help="check gradients",
        description=DESCRIPTION,
    )
    verb.add_argument("names", nargs="*", metavar="OP | FILE.py::NAME")
    verb.add_argument(
        "--level",
        choices=list(LEVELS),
        default="standard",
        metavar="L",
        help=f"{', '.join(LEVELS)} (standard)",
    )
    verb.add_argument("--seed", type=int, metavar="N", help="repeat a check")
    verb.add_argument("--html", type=Path, metavar="FILE", help="write the reports as one page")
    verb.add_argument("--json", type=Path, metavar="FILE", help="write the reports as JSON")
    verb.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Check one after the other, print a row for each. Returns 1 where one is not right."""
    subjects = list(chosen(asked.names))
    reports = []
    for count, (name, f, inputs) in enumerate(subjects, 1):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{count}/{len(subjects)} {name}", end="", file=sys.stderr, flush=True)
        reports.append(check(f, inputs, level=asked.level, seed=asked.seed, name=name))
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    show(
        f"Gradients at level {asked.level}",
        ("NAME", "verdict", "suspected", "calls", "ms", "seed"),
        [
            (
                r.name,
                r.verdict,
                r.suspect,
                f"{r.calls} + {r.pulls}",
                f"{r.seconds * 1e3:.0f}",
                str(r.seed),
            )
            for r in reports
        ],
    )
    bad = [report for report in reports if not report.ok]
    for report in bad:
        print(f"\n{report.text()}")
    print(f"\n{len(reports) - len(bad)} of {len(reports)} right")
    _write(asked, reports)
    return 1 if bad else 0


def _write(asked: argparse.Namespace, reports: list[Report]) -> None:
    if asked.json:
        told = [json.loads(report.json()) for report in reports]
        write_whole(asked.json, (json.dumps(told, indent=2) + "\n").encode(), "--json")
    if asked.html:
        from minigrad.gradcheck.page import pages

        write_whole(asked.html, pages(reports).encode(), "--html")


def chosen(names: list[str]) -> Iterator[tuple[str, Any, Any]]:
    """What is to be checked. Errors: ValueError, OSError for what is not there."""
    for name in names or public_names():
        path, _, function = name.partition("::")
        if not path.endswith(".py"):
            at = sample(name)
            if at is not None:
                yield (name, *at)
            elif names:
                raise ValueError(
                    f"there is no function {name!r} of tensors alone to check; give it arguments "
                    "in a file: FILE.py::NAME"
                )
            continue
        module = _module(Path(path))
        wanted = [function] if function else [n for n in vars(module) if n.startswith("check_")]
        if not wanted:
            raise ValueError(f"{path} has no functions whose names begin with check_")
        for one in wanted:
            make = getattr(module, one, None)
            if not callable(make):
                raise ValueError(f"{path} has no function {one!r}")
            found = make()
            if not (isinstance(found, tuple) and len(found) == 2):
                raise ValueError(f"{path}::{one} must return (f, inputs)")
            yield (f"{path}::{one}", *found)


def _module(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
