"""A docstring as Markdown: its arguments as a list of definitions, its examples as code, what it
says of shapes and errors under those names, and the names that have a page as links."""

from __future__ import annotations

import inspect
import re
from collections.abc import Container, Iterator
from typing import NamedTuple

SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Example):\s*$")
LABEL = re.compile(r"(?:^|(?<=[.;:)] ))(Shapes?|Errors|Source|Returns|Units|Attributes): ")
ENTRY = re.compile(r"([\w*]+(?:, [\w*]+)*): (.*)")
TITLES = {"Args": "Arguments"}


class Part(NamedTuple):
    """A piece of a docstring: its kind ("" is prose, "code" and "text" are blocks, others are
    sections and labels) and its lines."""

    kind: str
    lines: list[str]


def parts(docstring: str | None) -> list[Part]:
    """The pieces of a docstring in their order."""
    lines = inspect.cleandoc(docstring or "").split("\n")
    found: list[Part] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        if section := SECTION.match(line):
            block, i = _indented(lines, i + 1)
            found.append(Part(section[1], _dedented(block)))
        elif line.startswith("    "):
            block, i = _indented(lines, i)
            found.append(Part("text", _dedented(block)))
        elif not line.strip():
            i += 1
        else:
            paragraph = []
            while i < len(lines) and lines[i].strip() and not SECTION.match(lines[i]):
                if lines[i].startswith("    ") or (paragraph and LABEL.match(lines[i])):
                    break
                paragraph.append(lines[i])
                i += 1
            code = paragraph[-1].rstrip().endswith("::")
            if code:
                paragraph[-1] = paragraph[-1].rstrip()[:-1]
            found += _labelled(" ".join(paragraph))
            if code:
                block, i = _indented(lines, i)
                found.append(Part("code", _dedented(block)))
    return found


def arguments(docstring: str | None) -> dict[str, str]:
    """What the section Args says of each name."""
    found: dict[str, str] = {}
    for part in parts(docstring):
        if part.kind == "Args":
            for names, text in entries(part.lines):
                found |= {name.strip("* "): text for name in names.split(",")}
    return found


def entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """``name: what it is``, with the lines that go on further in."""
    names, told = "", [""]
    for line in lines:
        if not line.startswith(" ") and (entry := ENTRY.match(line)):
            if names:
                yield names, " ".join(told)
            names, told = entry[1], [entry[2]]
        else:
            told.append(line.strip())
    if names:
        yield names, " ".join(told)


def markdown(docstring: str | None, known: Container[str] = (), more: str | None = None) -> str:
    """The docstring, and ``more`` where one goes on in another: what it is, its arguments, shapes
    and errors, its example. ``known`` are the names that a page of the reference exists for."""
    found = sorted([*parts(docstring), *parts(more)], key=_place)
    return "\n".join(_told(found, known)).strip() + "\n"


def _place(part: Part) -> int:
    early = {"": 0, "code": 0, "text": 0, "Args": 1, "Attributes": 2, "Example": 4}
    return early.get(part.kind, 3)


def _told(found: list[Part], known: Container[str]) -> Iterator[str]:
    labels: list[str] = []
    for part in [*found, Part("", [])]:
        text = " ".join(part.lines)
        titled = part.kind in ("Args", "Attributes", "Raises") and bool(list(entries(part.lines)))
        plain = part.kind not in ("", "code", "text", "Example") and not titled
        if plain:  # one list of the labels that follow each other
            labels.append(f":{part.kind}: {prose(text, known)}")
            continue
        if labels:
            yield "\n".join(labels) + "\n"
            labels = []
        if titled:
            yield f"**{TITLES.get(part.kind, part.kind)}**\n"
            for names, meaning in entries(part.lines):
                terms = ", ".join(f"`{name}`" for name in names.split(", "))
                yield f"{terms}\n: {prose(meaning, known)}\n"
        elif part.kind == "Example":
            code = "\n".join(part.lines)
            yield f"```pycon\n{code}\n```\n"
        elif part.kind:
            code, language = "\n".join(part.lines), "python" if part.kind == "code" else "text"
            if code.startswith(">>> "):
                language = "pycon"
            yield f"```{language}\n{code}\n```\n"
        else:
            yield prose(text, known) + "\n"


def _labelled(paragraph: str) -> Iterator[Part]:
    """A paragraph, cut where a label stands."""
    first, *rest = LABEL.split(paragraph)
    if first.strip():
        yield Part("", [first.strip()])
    for kind, text in zip(rest[::2], rest[1::2], strict=True):
        yield Part(kind, [text.strip()])


def _indented(lines: list[str], i: int) -> tuple[list[str], int]:
    block = []
    while i < len(lines) and (not lines[i].strip() or lines[i].startswith("    ")):
        block.append(lines[i])
        i += 1
    return block, i


def _dedented(block: list[str]) -> list[str]:
    return inspect.cleandoc("\n" + "\n".join(block)).strip("\n").split("\n")


def prose(text: str, known: Container[str] = ()) -> str:
    """A line of text, with Markdown's signs as they are meant: as signs."""
    pieces = re.split(r"(``[^`]*``|`[^`]*`)", text)
    told = []
    for k, piece in enumerate(pieces):
        if k % 2 == 0:
            told.append(re.sub(r"([\\*_<>\[\]|$#~^])", r"\\\1", piece))
        elif piece.startswith("``"):
            told.append(piece)
        else:
            name = piece.strip("`")
            told.append(f"{{py:obj}}`{name}`" if name in known else piece)
    return "".join(told)
