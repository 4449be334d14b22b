"""A lesson's script as a program, with other values for its parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

CELL = "# %%"
PARAMETERS = '# %% tags=["parameters"]'
"""The line that begins the cell with the constants that a run may replace."""


def parameters(script: Path) -> dict[str, Any]:
    """The constants of the script's cell of parameters, by name, with the values they have there.

    Errors: ValueError where there is no such cell, or one of its constants is not a literal.
    """
    source = script.read_text(encoding="utf-8")
    tree = ast.parse(source, str(script))
    return {name: _value(script, node) for name, node in _constants(script, source, tree)}


def program(script: Path, **values: Any) -> CodeType:
    """The script compiled, with these values in place of its parameters' own.

    It keeps its file's name and line numbers, so that a traceback shows where it is.
    Errors: ValueError for a name that is no parameter, and for a value that is no literal
    (numbers, strings, True, False, None, and tuples, lists and dicts of these).
    """
    source = script.read_text(encoding="utf-8")
    tree = ast.parse(source, str(script))
    constants = dict(_constants(script, source, tree))
    for name, value in values.items():
        if name not in constants:
            raise ValueError(
                f"{script.stem}: {name} is no parameter of this lesson; it has "
                f"{', '.join(constants) or 'none'}"
            )
        node = constants[name]
        node.value = ast.copy_location(_literal(script, name, value), node.value)
        ast.fix_missing_locations(node.value)
    return compile(tree, str(script), "exec", dont_inherit=True)


def _constants(script: Path, source: str, tree: ast.Module) -> Iterator[tuple[str, ast.Assign]]:
    """The assignments of the cell of parameters."""
    lines = source.splitlines()
    if PARAMETERS not in lines:
        raise ValueError(f"{script}: expected a cell that begins with {PARAMETERS}, found none")
    first = lines.index(PARAMETERS) + 1
    last = next((n for n in range(first, len(lines)) if lines[n].startswith(CELL)), len(lines))
    for node in tree.body:
        if isinstance(node, ast.Assign) and first < node.lineno <= last:
            yield ast.unparse(node.targets[0]), node


def _value(script: Path, node: ast.Assign) -> Any:
    try:
        return ast.literal_eval(node.value)
    except ValueError:
        raise ValueError(
            f"{script}, line {node.lineno}: expected a literal as the value of a parameter, got "
            f"{ast.unparse(node.value)}"
        ) from None


def _literal(script: Path, name: str, value: Any) -> ast.expr:
    try:
        expression = ast.parse(repr(value), mode="eval").body
        if ast.literal_eval(expression) == value:
            return expression
    except (SyntaxError, ValueError):
        pass
    raise ValueError(
        f"{script.stem}: {name} takes a number, a string, True, False, None or a tuple, list or "
        f"dict of these, got {value!r}"
    )
