"""The verbs of the command line, a file each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from minigrad.commands import (
    compare,
    doctor,
    exercise,
    explain,
    gradcheck,
    learn,
    lesson,
    listing,
    train,
)
from minigrad.commands.parser import Parser
from minigrad.commands.tables import tell

__all__ = ["main"]

VERBS = (learn, listing, lesson, exercise, train, compare, explain, gradcheck, doctor)

EXAMPLES = """\
examples:
  python -m minigrad learn 4
  python -m minigrad list
  python -m minigrad lesson C1
  python -m minigrad lesson C1 --notebook C1.ipynb
  python -m minigrad exercise bias-rule bias.py
  python -m minigrad train D3
  python -m minigrad train N1 --epochs 1 --data my/folder
  python -m minigrad train N1 --resume
  python -m minigrad compare D3 --json d3.json
  python -m minigrad explain D3
  python -m minigrad gradcheck softmax --level thorough
"""


def parser() -> Parser:
    """What the command line understands."""
    top = Parser(
        prog="python -m minigrad",
        description="Lessons to run, networks to train, alone or beside PyTorch,\n"
        "steps to see, gradients to check.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB")
    for verb in VERBS:
        verb.add_to(verbs)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, 1 for an error that is told in one line,
    2 for a wrong command line, 130 after Ctrl-C, 143 after SIGTERM."""
    understood = parser()
    asked = understood.parse_args(arguments)
    if asked.verb is None:
        understood.print_help(sys.stderr)
        return 2
    try:
        return int(asked.run(asked))
    except KeyboardInterrupt:
        return 130
    except (ImportError, KeyError, OSError, RuntimeError, ValueError, ArithmeticError) as error:
        told = error.args[0] if isinstance(error, KeyError) and error.args else error
        tell(f"{asked.verb}: {told}", sys.stderr)
        return 1
