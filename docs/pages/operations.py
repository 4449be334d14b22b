"""A page for each family of ops: what they compute and how they are differentiated, typeset, beside
the code that does it, and with an example that is run as the page is made."""

from __future__ import annotations

import importlib
import inspect
import linecache
from collections.abc import Iterator
from typing import Any

import numpy as np
from opdb import Draw, Row, Sample, rows

import minigrad
from minigrad.notation import is_equation, is_words
from minigrad.notation.rules import rule
from minigrad.notation.tex import tex
from minigrad.op import Op, register
from pages.docstring import prose


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
    yield _code(op)
    yield _example(op)


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


def _example(op: Op) -> str:
    """What the first small sample of its row gives, if a public function has its name."""
    row = _ROWS.get(op.name)
    if row is None or row.random:
        return ""
    for sample in row.samples(Draw(1)):
        shown = _shown(row, sample)
        if shown:
            return f"```pycon\n{shown}\n```\n"
    return ""


_ROWS: dict[str, Row] = {row.name: row for row in rows()}
SMALL = 6
"""Numbers of an operand in an example."""


def _shown(row: Row, sample: Sample) -> str:
    if any(not isinstance(x, (np.ndarray, int, float)) for x in sample.args):
        return ""
    arrays = [x for x in sample.args if isinstance(x, np.ndarray)]
    if not arrays or any(x.size > SMALL or not x.size for x in arrays):
        return ""
    names = iter("xyzuvw")
    lines, given, tensors = [], [], []
    for x in sample.args:
        if not isinstance(x, np.ndarray):
            given.append(repr(x))
            continue
        name = next(names)
        data = np.round(x, 2).tolist() if x.dtype.kind == "f" else x.tolist()
        floats = x.dtype.kind == "f"
        grad = floats and row.differentiable
        options = ", requires_grad=True" if grad else ""
        lines.append(f">>> {name} = minigrad.tensor({data}{options})")
        given.append(name)
        tensors.append((name, minigrad.tensor(data, requires_grad=grad), grad))
    values = {name: tensor for name, tensor, _ in tensors}
    call = ", ".join([*given, *(f"{k}={v!r}" for k, v in sample.params.items())])
    try:
        result = eval(f"minigrad.{row.name}({call})", {"minigrad": minigrad, **values})
    except Exception:
        return ""
    if not isinstance(result, minigrad.Tensor):
        return ""
    lines += [f">>> minigrad.{row.name}({call})", repr(result)]
    if result.requires_grad:
        lines.append(f">>> minigrad.{row.name}({call}).sum().backward()")
        result.sum().backward()
        lines += [
            line
            for name, tensor, grad in tensors
            if grad and tensor.grad is not None
            for line in (f">>> {name}.grad", repr(tensor.grad))
        ]
    return "\n".join(lines)
