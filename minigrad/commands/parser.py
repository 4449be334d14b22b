"""What the command line understands, and what it says where it does not."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from minigrad.commands.systems import SYSTEMS
from minigrad.commands.tables import tell


class Parser(argparse.ArgumentParser):
    """One whose errors say what may have been meant, and where to read on, each in a line."""

    given: Sequence[str] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As always; what it is given is remembered."""
        self.given = sys.argv[1:] if args is None else args
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Say it on stderr, and exit with 2."""
        tell(f"{self.prog}: {message}", sys.stderr)
        if meant := self._meant(message):
            tell(f"did you mean{meant}", sys.stderr)
        tell(f"{self.prog} --help says more", sys.stderr)
        raise SystemExit(2)

    def verbs(self) -> dict[str, Any]:
        """The verbs by name; of a verb, none."""
        found: dict[str, Any] = {}
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                found |= action.choices
        return found

    def _meant(self, message: str) -> str:
        """What follows "did you mean", if anything."""
        if wrong := re.search(r"argument VERB: invalid choice: '(.*?)'", message):
            named = {name.lower(): name for name in SYSTEMS}.get(wrong[1].lower())
            if named is not None:
                return f": {self.prog} train {named}"
            return _close(wrong[1], self.verbs())
        if wrong := re.search(r"unrecognized arguments: (-[^ =]*)", message):
            parsers = [p for v, p in self.verbs().items() if v in self.given] or [self]
            return _close(wrong[1], parsers[0]._option_string_actions)
        return ""


def _close(wrong: str, names: Any) -> str:
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.5)
    return f" {close[0]}?" if close else ""
