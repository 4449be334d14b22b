"""The verbs of the command line, a file each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from minigrad.commands import compare, doctor, gradcheck, listing, train

__all__ = ["main"]

VERBS = (listing, train, compare, gradcheck, doctor)

EXAMPLES = """\
examples:
  python -m minigrad list
  python -m minigrad train D3
  python -m minigrad train N1 --epochs 1 --data path/to/data
  python -m minigrad train N1 --resume
  python -m minigrad compare D3 --json d3.json
  python -m minigrad gradcheck softmax --level thorough
"""


def parser() -> argparse.ArgumentParser:
    """What the command line understands."""
    top = argparse.ArgumentParser(
        prog="python -m minigrad",
        description="Train the networks of the recipes, alone or side by side with PyTorch; "
        "check gradients.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        verb.add_to(verbs)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit code: 0, 1 for an error that is told in one line,
    2 for a wrong command line, 130 after Ctrl-C, 143 after SIGTERM."""
    asked = parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except KeyboardInterrupt:
        return 130
    except (ImportError, KeyError, OSError, RuntimeError, ValueError, ArithmeticError) as error:
        told = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"{asked.verb}: {told}", file=sys.stderr)
        return 1
