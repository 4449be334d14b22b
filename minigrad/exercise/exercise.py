"""What an exercise is: words, a file with a hole, hints, a solution, and the answers that are wrong
in ways that have a name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

TODO = "raise NotImplementedError  # your lines"
"""What stands where the student's lines belong."""


@dataclass
class Verdict:
    """What the grader says of an answer; true where it is right.

    Attributes:
        exercise: the exercise's name.
        ok: whether the answer is right.
        fault: the class of fault in a word or two, "" for none.
        message: a sentence for the student.
        seconds: how long it took.
    """

    exercise: str
    ok: bool
    fault: str = ""
    message: str = ""
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return f"{self.exercise}: {'right' if self.ok else 'not yet'}. {self.message}".strip()

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data for JSON."""
        return dict(self.__dict__)


class Wrong(Exception):
    """An answer is wrong: its class of fault, and the sentence."""

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class Grader(Protocol):
    """How an answer is judged."""

    def grade(self, answer: Any) -> None:
        """Errors: Wrong, with the class of fault."""


@dataclass(frozen=True)
class Exercise:
    """One exercise, as data.

    Attributes:
        name, title: what it is called, and what is to be done in one line.
        unit: the unit of the course that it belongs to.
        words: what the student is told.
        asks: the name of the function, class or dictionary that the file has to define.
        solution: a file that is right.
        grader: how an answer is judged.
        hints: three, each saying more than the one before.
        wrong: answers that are wrong: the class of fault, a text of the solution, what stands there
            instead. The tests try each.
        start: where the hole is not the body of what is asked: texts of the solution, with what
            stands there at first.
    """

    name: str
    title: str
    unit: str
    words: str
    asks: str
    solution: str
    grader: Grader
    hints: Sequence[str]
    wrong: Sequence[tuple[str, str, str]]
    start: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def kind(self) -> str:
        """What kind of exercise it is, in a word."""
        return getattr(self.grader, "kind", "repair") if not self.start else "repair"

    def file(self) -> str:
        """The file that the student begins with."""
        words = "\n".join(self.words.strip().splitlines())
        text = self.solution.strip() + "\n"
        for old, new in self.start:
            text = replaced(text, old, new)
        body = text if self.start else hollow(text, self.asks)
        return f'"""{self.title}\n\n{words}\n"""\n\n{body}'

    def mistaken(self, old: str, new: str) -> str:
        """The solution with ``new`` in the place of ``old``."""
        return replaced(self.solution.strip() + "\n", old, new)


def replaced(text: str, old: str, new: str) -> str:
    """The text with something else in one place. Errors: ValueError where it is not there."""
    if old not in text:
        raise ValueError(f"expected {old!r} in:\n{text}")
    return text.replace(old, new)


def hollow(text: str, asks: str) -> str:
    """The program without what is asked: the body of that function, the values of that dictionary;
    of a class the bodies of its methods but __init__."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == asks:
            return _emptied(text, [node])
        if isinstance(node, ast.ClassDef) and node.name == asks:
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            return _emptied(text, [m for m in methods if m.name != "__init__"])
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            return _unanswered(text, node.value)
    raise ValueError(f"there is no {asks!r} in:\n{text}")


def _emptied(text: str, functions: Sequence[ast.FunctionDef]) -> str:
    lines = text.splitlines()
    for function in reversed(functions):
        said = ast.get_docstring(function) is not None
        first = function.body[0].end_lineno if said else function.body[0].lineno - 1
        end = function.body[-1].end_lineno
        indent = " " * function.body[0].col_offset
        lines[first:end] = [indent + TODO]
    return "\n".join(lines) + "\n"


def _unanswered(text: str, answers: ast.Dict) -> str:
    lines = text.splitlines()
    for value in answers.values:
        at = value.lineno - 1
        lines[at] = f"{lines[at].encode()[: value.col_offset].decode()}None,"
    return "\n".join(lines) + "\n"


Maker = Callable[[Any, int], list[Any]]
"""From a generator and the number of the turn to the inputs: other numbers, and other sizes."""
