"""Reading back what was drawn."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str | Path) -> ElementTree.Element:
    """The root of a document, from a file or from its text; malformed XML is an error."""
    return ElementTree.fromstring(svg.read_text() if isinstance(svg, Path) else svg)


def lines(svg: str | Path) -> list[str]:
    """The lines of text that stand in a drawing's boxes."""
    return ["".join(text.itertext()).strip() for text in parsed(svg).iter(f"{SVG}text")]


def pdf_words(path: Path) -> str:
    """The text of a PDF, as a viewer would copy it, a line for every piece."""
    content = path.read_bytes()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    found = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            page = zlib.decompressobj().decompress(stream).decode("latin-1")
        except zlib.error:
            continue
        for block in re.findall(r"\bBT\b(.*?)\bET\b", page, re.DOTALL):
            strings = re.findall(r"\(((?:[^()\\]|\\.)*)\)", block, re.DOTALL)
            found += re.sub(r"\\(.)", r"\1", "".join(strings)) + "\n"
    return found.replace("\0", "")  # a character may take two bytes
