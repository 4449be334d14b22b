"""Scripts that are broken in one way each, and scripts that are not.

A script begins with a line ``=== code: what it is`` (or ``=== what it is`` where it is clean), and
``#!`` stands behind the line that the doctor is to name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
IMPORTS = (
    "import minigrad as torch; from minigrad import nn; import minigrad.nn.functional as F; "
    "from minigrad.utils.data import DataLoader, TensorDataset, Dataset\n"
)


@dataclass(frozen=True)
class Script:
    """One script."""

    name: str
    code: str
    text: str

    @property
    def line(self) -> int:
        """The number of the line that is marked, 0 for none."""
        lines = self.text.splitlines()
        return next((i for i, line in enumerate(lines, 1) if line.endswith("#!")), 0)


def scripts(file: str) -> list[Script]:
    """The scripts of a file of the catalogue."""
    found = []
    for part in (HERE / file).read_text(encoding="utf-8").split("=== ")[1:]:
        name, _, text = part.partition("\n")
        code = name.partition(":")[0] if ":" in name else ""
        found.append(Script(name, code, IMPORTS + text))
    return found
