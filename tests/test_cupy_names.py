"""What minigrad asks of CuPy, the real one has: every name, and every keyword used with it.

`import cupy` needs no GPU, so this is checked everywhere.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

cupy = pytest.importorskip("cupy")

PACKAGE = Path(__file__).parent.parent / "minigrad"
FILES = sorted(PACKAGE.rglob("*.py"))
UFUNC = {"out", "dtype", "casting"}
GUFUNC = UFUNC | {"axes", "axis", "keepdims", "signature", "order"}
ARRAYS_OF_NUMPY = {"setflags"}
"""What is called where an array is known to be NumPy's."""


class Use(NamedTuple):
    """A name below `xp`, and the arguments with which it is called, if it is."""

    name: str
    positional: int
    keywords: frozenset[str]
    called: bool
    where: str


def dotted(node: ast.AST) -> tuple[str, list[str]]:
    """The name at the root of ``a.b.c``, and what follows."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), parts[::-1]


def below(node: ast.AST) -> str:
    """The name that an expression takes from an array library: ``xp.linalg.inv``, ``device.xp.sin``
    and ``self.xp.add`` give ``linalg.inv``, ``sin`` and ``add``."""
    root, parts = dotted(node)
    if root == "xp":
        return ".".join(parts)
    return ".".join(parts[parts.index("xp") + 1 :]) if "xp" in parts else ""


def uses() -> Iterator[Use]:
    for path in FILES:
        file = str(path.relative_to(PACKAGE.parent))
        text = path.read_text(encoding="utf-8")
        if "xp" not in text and "call" not in text:
            continue
        nodes = list(ast.walk(ast.parse(text)))
        parts = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
        parts |= {id(n.func) for n in nodes if isinstance(n, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Call):
                where = f"{file}:{node.lineno}"
                names = frozenset(k.arg for k in node.keywords if k.arg)
                starred = any(isinstance(a, ast.Starred) for a in node.args)
                count = 0 if starred else len(node.args)
                called = dotted(node.func)[1][-1:] == ["call"]
                first = node.args[0] if node.args else None
                if called and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield Use(first.value, max(count - 1, 0), names, True, where)
                elif name := below(node.func):
                    yield Use(name, count, names, True, where)
            elif isinstance(node, ast.Attribute) and id(node) not in parts:
                if name := below(node):
                    yield Use(name, 0, frozenset(), False, f"{file}:{node.lineno}")


@cache
def all_uses() -> list[Use]:
    """Read when a test asks: not by every process that only collects tests."""
    return sorted(set(uses()))


def found(name: str) -> Any:
    thing: Any = cupy
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def refused(use: Use, thing: Any) -> str:
    """What of a call CuPy would not take; "" where it takes it."""
    if isinstance(thing, cupy.ufunc):
        return "" if use.keywords <= UFUNC and use.positional <= thing.nargs else "a ufunc"
    if type(thing).__name__ == "_GUFunc":
        return "" if use.keywords <= GUFUNC else "a generalised ufunc"
    if inspect.isfunction(thing):
        try:
            inspect.signature(thing).bind_partial(
                *range(use.positional), **dict.fromkeys(use.keywords)
            )
        except TypeError as error:
            return str(error)
    elif not inspect.isclass(thing):  # of Cython: the text says it, where it says anything
        known = thing.__doc__ or ""
        return "" if all(word in known for word in use.keywords) else "not in its text"
    return ""


def complaints(use: Use) -> str:
    """What is wrong with a use in one line, "" where nothing is."""
    try:
        thing = found(use.name)
    except AttributeError as error:
        return f"{use.where}: {error}"
    why = refused(use, thing) if use.called else ""
    how = f"cupy.{use.name} with {use.positional} and {sorted(use.keywords)}"
    return f"{use.where}: {how}: {why}" if why else ""


def test_cupy_has_the_names_and_takes_the_keywords() -> None:
    wrong = [told for told in map(complaints, all_uses()) if told]
    assert not wrong, "\n".join(wrong)


def test_other_names_and_keywords_are_complained_of() -> None:
    """A test of this test."""
    for name, positional, *keywords in [
        ("no_such_name", 1),
        ("add", 9),
        ("add", 2, "keepdims"),
        ("sum", 1, "no_such_keyword"),
        ("zeros", 1, "no_such_keyword"),
        ("array", 1, "no_such_keyword"),
    ]:
        use = Use(str(name), int(positional), frozenset(map(str, keywords)), True, "here:1")
        assert complaints(use).startswith("here:1: "), use
        assert not complaints(Use("add", 2, frozenset(["out"]), True, "here:1"))


def test_the_walk_sees_the_ops() -> None:
    """A test of this test."""
    names = {use.name for use in all_uses()}
    assert {"add", "linalg.svd", "lib.stride_tricks.as_strided", "add.at", "zeros_like"} <= names
    assert any(use.name == "sum" and "keepdims" in use.keywords for use in all_uses())
    with pytest.raises(AttributeError):
        found("linalg.no_such_factorisation")


def arrays_called() -> Iterator[tuple[str, frozenset[str], str]]:
    """Methods that forwards call on what may be an array: on any name but modules and `self`."""
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        forwards = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.FunctionDef) and any(a.arg == "xp" for a in n.args.args)
        ]
        for node in (n for forward in forwards for n in ast.walk(forward)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                root, parts = dotted(node.func)
                if root in ("xp", "np", "math", "window", "self", "columns", "philox") or not parts:
                    continue
                if root[:1].isupper() or parts[-1] in ("type", "forward", "at", *ARRAYS_OF_NUMPY):
                    continue
                names = frozenset(k.arg for k in node.keywords if k.arg)
                yield parts[-1], names, f"{path.name}:{node.lineno}"


def test_cupy_arrays_have_the_methods() -> None:
    import numpy as np

    for name, keywords, where in arrays_called():
        if not hasattr(np.ndarray, name):
            continue  # a list's, a string's or one of ours
        real = getattr(cupy.ndarray, name, None)
        assert real is not None, f"{where}: cupy.ndarray has no {name}"
        line = (real.__doc__ or "").partition("\n")[0]
        assert all(word in line for word in keywords), f"{where}: {name} takes no {set(keywords)}"
