"""A page for each family of ops: what they compute and how they are differentiated, typeset, beside
the code that does it, and with an example that is run as the page is made."""

from __future__ import annotations

import importlib
import inspect
import linecache
from collections.abc import Iterator
from typing import Any

from minigrad.notation import is_equation, is_words
from minigrad.notation.rules import rule
from minigrad.notation.tex import tex
from minigrad.op import Op, register
from pages.docstring import parts, prose
from pages.samples import example, public_name, shapes


def families() -> dict[str, list[Op]]:
    """The ops by the file that they stand in, in the order of the files."""
    found: dict[str, list[Op]] = {}
    for op in sorted(register.values(), key=lambda op: (op.family, _line(op))):
        found.setdefault(op.family, []).append(op)
    return found


def page(family: str, ops: list[Op]) -> str:
    """The page of a family."""
    module = importlib.import_module(f"minigrad.ops.{family}")
    told = inspect.cleandoc(module.__doc__ or "").split("\n")
    text = "\n".join(prose(line) if not line.startswith("    ") else line for line in told)
    title = family.replace("_", " ").capitalize()
    source = f"`minigrad/ops/{family}.py`"
    parts = [f"# {title}\n", f"{text}\n", f"The code below is {source}.\n"]
    return "\n".join([*parts, *(part for op in ops for part in _told(op))])


def _told(op: Op) -> Iterator[str]:
    yield f"(op-{op.name})=\n## {op.name}\n"
    yield prose(inspect.cleandoc(op.__doc__ or "").replace("\n", " ")) + "\n"
    yield _formula(op.formula)
    rules = [(name, rule(op, name)) for name in op.rules]
    if rules:
        yield "With the cotangent of the result, $G = \\partial L / \\partial y$:\n"
        for name, said in rules:
            yield _rule(name, said) if said else f"The rule for `{name}` is its code.\n"
    else:
        yield "It has no derivative.\n"
    yield _facts(op)
    yield _code(op)
    if shown := example(op):
        yield f"```pycon\n{shown}\n```\n"


def _facts(op: Op) -> str:
    """Shapes, errors, and where users find it."""
    told = []
    if patterns := shapes(op):
        told.append(f":Shapes: {prose('; '.join(patterns))}")
    errors = _errors(op)
    if errors:
        told.append(f":Errors: {prose(errors)}")
    if name := public_name(op.name):
        told.append(f":Function: {{py:obj}}`{name}`")
    else:
        told.append(":Function: none of its own; functions, layers and rules are made of it")
    return "\n".join(told) + "\n"


def _errors(op: Op) -> str:
    """What the op's docstring or that of its public function says; of several operands of which
    each has a place in the result, that their shapes have to fit."""
    name = public_name(op.name)
    public: Any = importlib.import_module("minigrad")
    for part in (name or "").split(".")[1:]:
        public = getattr(public, part)
    for text in (op.__doc__, public.__doc__ if name else None):
        found = [" ".join(part.lines) for part in parts(text) if part.kind == "Errors"]
        if found:
            return found[0]
    if op.elementwise and len(op.operands) > 1:
        return "RuntimeError for shapes that do not broadcast."
    return ""


def _formula(text: str) -> str:
    if is_words(text):
        return f"$y$ = {prose(text.strip(chr(39)))}\n"
    made = tex(text)
    left = "" if is_equation(text) or made.startswith("{y}") else "y = "
    return f"$$\n{left}{made}\n$$\n"


def _rule(name: str, said: str) -> str:
    left = f"\\frac{{\\partial L}}{{\\partial {_symbol(name)}}}"
    if is_words(said):
        return f"${left}$ = {prose(said.strip(chr(39)))}\n"
    made = tex(said)
    target, equals, value = made.partition(" = ")
    if equals and target.startswith("{"):  # in index notation
        left, made = f"\\frac{{\\partial L}}{{\\partial {target}}}", value
    return f"$$\n{left} = {made}\n$$\n"


def _symbol(name: str) -> str:
    return name if len(name) == 1 else f"\\mathrm{{{name}}}"


def _line(op: Op) -> int:
    return _function(op).__code__.co_firstlineno


def _function(op: Op) -> Any:
    """The forward as it was written, out of what has been hung around it."""
    todo: list[Any] = [op.plain]
    while todo:
        forward = todo.pop()
        if inspect.isfunction(forward):
            if forward.__code__.co_name == op.name:
                return forward
            todo += [getattr(forward, "__wrapped__", None)]
            todo += [cell.cell_contents for cell in forward.__closure__ or ()]
    return op.plain


def _code(op: Op) -> str:
    """The source from the decorator to the last of its rules."""
    code = _function(op).__code__
    lines = linecache.getlines(code.co_filename)
    start = code.co_firstlineno - 1
    body = inspect.getblock(lines[start:])
    shown = "".join(body).rstrip()
    head = f"{op.name}.derivatives("
    at = next((i for i, line in enumerate(lines) if line.startswith(head)), None)
    if at is not None:
        end = at + 1
        while not _closed(lines[at:end]):
            end += 1
        shown += "\n\n\n" + "".join(lines[at:end]).rstrip()
    return f"```python\n{shown}\n```\n"


def _closed(lines: list[str]) -> bool:
    text = "".join(lines)
    return text.count("(") == text.count(")")
