"""A script, run as it is but for its loops, which ask whether to go on."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

from minigrad.diagnosis.budget import Budget

ASKED = "__minigrad_doctor__"


class _Loops(ast.NodeTransformer):
    """``for x in items`` becomes ``for x in budget.go(items)``, ``while a`` becomes ``while
    budget.more(loop) and a``. Lines stay what they are."""

    def __init__(self) -> None:
        self.count = 0

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = _call("go", node.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        self.count += 1
        loop = f"{ASKED}{self.count}"
        node.test = ast.BoolOp(ast.And(), [_call("more", ast.Name(loop, ast.Load())), node.test])
        begin = ast.Assign([ast.Name(loop, ast.Store())], _call("enter"))
        end = ast.Expr(_call("leave", ast.Name(loop, ast.Load())))
        whole: ast.AST = ast.Try([begin, node], [], [], [end])
        return ast.copy_location(whole, node)


def _call(name: str, *args: ast.expr) -> ast.Call:
    asked = ast.Attribute(ast.Name(ASKED, ast.Load()), name, ast.Load())
    return ast.Call(asked, list(args), [])


def compiled(text: str, file: str) -> CodeType:
    """The script's code. Errors: SyntaxError."""
    tree = _Loops().visit(ast.parse(text, file))
    return compile(ast.fix_missing_locations(tree), file, "exec")


def run(path: Path, budget: Budget) -> None:
    """Run the script as ``python FILE`` does. What it raises passes."""
    file = os.fspath(path)
    code = compiled(path.read_text(encoding="utf-8"), file)
    space: dict[str, Any] = {"__name__": "__main__", "__file__": file, ASKED: budget}
    module = type(sys)("__main__")
    module.__dict__.update(space)
    arguments, paths, main = sys.argv, list(sys.path), sys.modules["__main__"]
    sys.argv, sys.modules["__main__"] = [file], module
    sys.path.insert(0, os.fspath(path.resolve().parent))
    try:
        exec(code, module.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = arguments, paths, main
