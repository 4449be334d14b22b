"""``python -m tests.edges [NAMES]``: print the table of errors."""

import argparse
import sys

from .table import show

parser = argparse.ArgumentParser(prog="python -m tests.edges", description=__doc__)
parser.add_argument("names", nargs="*", help="rows, by default all of them")
sys.exit(1 if show(parser.parse_args().names) else 0)
