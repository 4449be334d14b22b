"""The examples in PyTorch's docstrings of modules, optimizers and data, run on both sides: what
runs there runs here, and leaves values of the same type, shape and dtype. Those of functions, whose
numbers can be compared, are in `test_documented_examples`."""

from __future__ import annotations

import ast
import collections
import contextlib
import inspect
import io
import math
import re
import typing
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

PLACES = (
    "nn",
    "nn.init",
    "nn.utils",
    "nn.utils.rnn",
    "optim",
    "optim.lr_scheduler",
    "utils.data",
)
CLASSES = ("nn.Module", "nn.Sequential", "nn.ModuleList", "nn.ModuleDict", "optim.Optimizer")

NOT_HERE = {
    "nn.CTCLoss": "it draws how long its targets are",
    "nn.Module.to": "complex numbers",
    "optim.lr_scheduler.CyclicLR": "DataLoader(...) is a placeholder that PyTorch lets pass",
    "optim.lr_scheduler.OneCycleLR": "DataLoader(...) is a placeholder that PyTorch lets pass",
    "utils.data.IterableDataset": "its last examples share a dataset out in worker_init_fn, where "
    "PyTorch's workers have a copy each; here they share one, and get_worker_info() is None",
}
"""Whose examples are not to run, and why."""


def found(side: ModuleType, path: str) -> Any:
    """nn.utils of a side."""
    for part in path.split("."):
        side = getattr(side, part)
    return side


def documented() -> Iterator[tuple[str, str]]:
    """The names with their docstrings, each text once."""
    seen = set()
    places = [(path, found(minigrad, path)) for path in (*PLACES, *CLASSES)]
    for path, here in places:
        for name in getattr(here, "__all__", sorted(vars(here) if path in PLACES else dir(here))):
            theirs = getattr(found(torch, path), name, None)
            text = getattr(theirs, "__doc__", None)
            if name.startswith("_") or inspect.ismodule(theirs) or not text or text in seen:
                continue
            seen.add(text)
            if ">>> " in text:
                yield f"{path}.{name}", inspect.cleandoc(text)


def statements(text: str) -> list[str]:
    """The lines after the prompts, joined to what can be compiled. Continued lines have "...",
    ">>>" or nothing before them."""
    lines = re.findall(r"^\s*(?:>>>|\.\.\.) ?(.*)$|^(?!\s*>>>)(.*)$", text, re.MULTILINE)
    ready: list[str] = []
    open_one = ""
    for prompted, plain in lines:
        line = prompted or plain
        if not open_one and not prompted:
            continue
        if not prompted and not plain.strip():
            open_one = ""
            continue
        indented = line.startswith((" ", "\t", "else", "elif", "except"))
        joined = f"{open_one}\n{line}" if open_one else line
        if not open_one and indented and ready:
            joined = f"{ready.pop()}\n{line}"
        try:
            ast.parse(joined)
        except SyntaxError:
            open_one = joined
            continue
        open_one = ""
        ready.append(joined)
    return ready


def names(side: ModuleType) -> dict[str, Any]:
    """What the examples take as given."""
    given: dict[str, Any] = dict(vars(typing), np=np, math=math, torch=side)
    given.update(OrderedDict=collections.OrderedDict, namedtuple=collections.namedtuple)
    given.update(nn=side.nn, F=side.nn.functional, optim=side.optim, init=side.nn.init)
    for path in ("nn", "nn.functional", "optim", "optim.lr_scheduler", "utils.data"):
        for name in found(minigrad, path).__all__:
            given.setdefault(name, getattr(found(side, path), name, None))
    model = side.nn.Sequential(side.nn.Linear(3, 2), side.nn.BatchNorm1d(2))
    groups = [{"params": part.parameters()} for part in model]
    optimizer = side.optim.SGD(groups, lr=0.1, momentum=0.9)
    batches = [(side.ones(4, 3), side.ones(4, 2))] * 3
    given.update(
        dict.fromkeys(("model", "self", "module", "encoder"), model),
        **dict.fromkeys(("optimizer", "opt"), optimizer),
        **dict.fromkeys(("train_loader", "dataloader", "data_loader"), batches),
        **dict.fromkeys(("train", "train_batch"), lambda *a: None),
        validate=lambda *a: 0.5,
        input=side.ones(4, 3),
        target=side.ones(4, 2),
        loss_fn=side.nn.MSELoss(),
        num_epochs=5,
        num_features=2,
        embed_dim=4,
        num_heads=2,
        dataset=list(range(12)),
        gpu1="cpu",
        T_0=3,
        T_mult=2,
    )
    return given


def kind_of(value: Any) -> Any:
    """What is to be the same on both sides; random numbers are not."""
    if hasattr(value, "detach"):
        return tuple(value.shape), str(value.dtype).removeprefix("torch.")
    if isinstance(value, (list, tuple)):
        return [kind_of(v) for v in value]
    return type(value).__name__


def trial(side: ModuleType, lines: list[str]) -> tuple[list[str | None], dict[str, Any]]:
    """The errors of the lines, and the kinds of what they left."""
    side.manual_seed(0)
    given = names(side)
    before = dict(given)
    errors: list[str | None] = []
    for line in lines:
        try:
            line = re.sub(r"\bfrom torch\b", f"from {side.__name__}", line)
            exec(compile(line, "<docstring>", "exec"), given)
            errors.append(None)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])
    made = {k: v for k, v in given.items() if v is not before.get(k) and not k.startswith("__")}
    return errors, {k: kind_of(v) for k, v in made.items() if not inspect.ismodule(v)}


EXAMPLES = dict(documented())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 130
    assert set(NOT_HERE) <= set(EXAMPLES)


def check(chosen: list[str]) -> None:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for name in chosen:
            # Of 20 volumes, two do: their number makes nothing but time.
            small = EXAMPLES[name].replace("randn(20, ", "randn(2, ")
            lines = statements(small if name.endswith("3d") else EXAMPLES[name])
            theirs, expected = trial(torch, lines)
            ours, have = trial(minigrad, lines)
            for line, there, here in zip(lines, theirs, ours, strict=True):
                assert (there is None) == (here is None), f"{name}: {line}: {there}; here {here}"
            assert have == expected, name


def names_in(place: str, volumes: bool) -> list[str]:
    return [
        name
        for name in EXAMPLES
        if name.rpartition(".")[0] == place
        and name not in NOT_HERE
        and name.endswith("3d") == volumes
    ]


@pytest.mark.parametrize("place", (*PLACES, *CLASSES))
def test_what_runs_there_runs_here(place: str) -> None:
    check(names_in(place, volumes=False))


@pytest.mark.slow
def test_the_examples_of_volumes_too() -> None:
    check(names_in("nn", volumes=True))
