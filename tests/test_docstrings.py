"""Every public name says what it does, what each argument is for, and shows it where that is asked;
what examples print is what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from minigrad import nn

DOCS = str(Path(__file__).parent.parent / "docs")


@pytest.fixture(scope="module")
def pages() -> Iterator[SimpleNamespace]:
    """What the site is built with."""
    sys.path.insert(0, DOCS)
    from pages import complete, docstring, examples

    yield SimpleNamespace(complete=complete, docstring=docstring, examples=examples)
    sys.path.remove(DOCS)


@pytest.fixture(scope="module")
def folder(pages: SimpleNamespace) -> Iterator[Path]:
    with pages.examples.small_files() as name:
        yield Path(name)


def test_every_argument_is_described(pages: SimpleNamespace) -> None:
    lacking = [fault for name in pages.complete.MODULES for fault in pages.complete.missing(name)]
    assert not lacking, "\n".join(lacking)


def test_examples_print_what_they_say(pages: SimpleNamespace, folder: Path) -> None:
    wrong, count = [], 0
    for module in pages.complete.MODULES:
        count += len(list(pages.examples.documented(module)))
        wrong += pages.examples.failures(module, folder)
    assert not wrong, "\n".join(wrong)
    assert count > 200


class Told(nn.Module):
    """y = a x

    Example:
        >>> 1 + 1
        2
    """

    def __init__(self, a: float, b: int = 0) -> None:
        """
        Args:
            a: a factor.
        """


def test_what_is_missing_is_found(pages: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = pages.complete.lacking
    assert lacking("Told", Told, True) == ["Told: nothing about b"]
    assert lacking("function", lambda x: x, False) == ["function: no docstring"]

    def prose(x: int, y: int) -> None:
        """Twice ``x``, and y."""

    assert lacking("prose", prose, False) == ["prose: nothing about y"]
    assert lacking("prose", prose, True) == ["prose: nothing about x", "prose: nothing about y"]
    for text, said in (None, "no docstring"), ("y = x", "no example"), ("y = x", "no shapes"):
        monkeypatch.setattr(nn.Tanh, "__doc__", text)
        assert any(f"nn.Tanh: {said}" in fault for fault in pages.complete.missing("minigrad.nn"))


def test_a_wrong_example_is_found(
    pages: SimpleNamespace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nn.Tanh, "__doc__", "Example:\n    >>> 1 + 1\n    3\n")
    monkeypatch.setattr(pages.examples, "public", lambda module: [("nn.Tanh", nn.Tanh)])
    assert "Expected:\n    3\nGot:\n    2" in "".join(pages.examples.failures("any", folder))


def test_a_docstring_is_read_by_its_parts(pages: SimpleNamespace) -> None:
    text = """y = a x. Errors: ValueError for `Tanh`.

    Shapes: input (N),
    result (N). Source: a book.

    Args:
        a, b: factors,
            both of them.
        *rest: what is left.

    Example:
        >>> 1
        1
    """
    kinds = [(part.kind, part.lines[0]) for part in pages.docstring.parts(text)]
    assert kinds == [
        ("", "y = a x."),
        ("Errors", "ValueError for `Tanh`."),
        ("Shapes", "input (N), result (N)."),
        ("Source", "a book."),
        ("Args", "a, b: factors,"),
        ("Example", ">>> 1"),
    ]
    found = pages.docstring.arguments(text)
    assert found == dict.fromkeys("ab", "factors, both of them.") | {"rest": "what is left."}
    shown = pages.docstring.markdown(text, {"Tanh"})
    assert ":Errors: ValueError for {py:obj}`Tanh`." in shown
    assert "`a`, `b`\n: factors, both of them." in shown and "```pycon\n>>> 1\n1\n```" in shown
