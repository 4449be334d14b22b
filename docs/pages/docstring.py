"""A docstring as Markdown: its sections as lists, its code as code, its names as links."""

from __future__ import annotations

import inspect
import re
from collections.abc import Container, Iterator

SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises|Example|Examples):\s*$")
LABEL = re.compile(r"(?:(?<=^)|(?<=[.;:] ))(Errors|Shapes|Source|Shape|Units): ")


def markdown(docstring: str | None, known: Container[str] = ()) -> str:
    """The docstring. ``known`` are the names that a page of the reference exists for."""
    lines = inspect.cleandoc(docstring or "").split("\n")
    return "\n".join(_blocks(lines, known)).strip() + "\n"


def _blocks(lines: list[str], known: Container[str]) -> Iterator[str]:
    i = 0
    while i < len(lines):
        line = lines[i]
        if SECTION.match(line):
            yield f"**{line.strip().rstrip(':')}**\n"
            i += 1
            block, i = _indented(lines, i)
            yield from _entries(block, known)
        elif line.rstrip().endswith("::"):
            yield prose(line.rstrip()[:-1], known) + "\n"
            block, i = _indented(lines, i + 1)
            code = inspect.cleandoc("\n" + "\n".join(block)).strip("\n")
            yield f"```python\n{code}\n```\n"
        elif line.startswith(("    ", ">>> ")):
            block, i = _indented(lines, i) if line.startswith("    ") else _console(lines, i)
            code = inspect.cleandoc("\n" + "\n".join(block)).strip("\n")
            yield f"```{'pycon' if code.startswith('>>>') else 'text'}\n{code}\n```\n"
        else:
            yield prose(line, known)
            i += 1


def _indented(lines: list[str], i: int) -> tuple[list[str], int]:
    block = []
    while i < len(lines) and (not lines[i].strip() or lines[i].startswith("    ")):
        block.append(lines[i])
        i += 1
    return block, i


def _console(lines: list[str], i: int) -> tuple[list[str], int]:
    block = []
    while i < len(lines) and lines[i].strip():
        block.append(lines[i])
        i += 1
    return block, i


def _entries(block: list[str], known: Container[str]) -> Iterator[str]:
    """``name: what it is`` as the entries of a list."""
    for line in block:
        if not line.strip():
            continue
        inner = line[4:]
        if not inner.startswith(" ") and (found := re.match(r"([\w*., ]+?): (.*)", inner)):
            yield f"- `{found[1]}`: {prose(found[2], known)}"
        else:
            yield f"  {prose(inner.strip(), known)}"
    yield ""


def prose(text: str, known: Container[str] = ()) -> str:
    """A line of text, with Markdown's signs as they are meant: as signs."""
    pieces = re.split(r"(``[^`]*``|`[^`]*`)", text)
    told = []
    for k, piece in enumerate(pieces):
        if k % 2 == 0:
            piece = re.sub(r"([\\*_<>\[\]|$#~^])", r"\\\1", piece)
            told.append(LABEL.sub(r"**\1:** ", piece))
        elif piece.startswith("``"):
            told.append(piece)
        else:
            name = piece.strip("`")
            told.append(f"{{py:obj}}`{name}`" if name in known else piece)
    return "".join(told)
