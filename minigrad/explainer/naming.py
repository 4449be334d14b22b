"""What the user calls the numbers of a step: by modules, optimizers, variables and assignments."""

from __future__ import annotations

import ast
import linecache
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from minigrad.explainer.follower import Follower
from minigrad.explainer.stack import place
from minigrad.explainer.trace import Trace, Value
from minigrad.marking import owner
from minigrad.nn.registry import Registry
from minigrad.tensor import Tensor


def variables(step: Callable[..., Any]) -> dict[str, Any]:
    """What a function finds under names: of its module, around it, and its object's attributes."""
    function = getattr(step, "step", step)
    owner = getattr(function, "__self__", None)
    function = getattr(function, "__func__", function)
    found: dict[str, Any] = dict(getattr(owner, "__dict__", {}))
    code = getattr(function, "__code__", None)
    if code is not None:
        scope = function.__globals__
        found |= {name: scope[name] for name in code.co_names if name in scope}
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            if cell != type(cell)():
                found[name] = cell.cell_contents
    return found


def name_all(follower: Follower, scope: Mapping[str, Any]) -> None:
    """Give the values of a step their names, each another one."""
    trace = follower.trace
    known = _known(follower, scope)
    memory = {id(owner(x.array)): name for name, x in scope.items() if isinstance(x, Tensor)}
    for value in trace.values:
        if not value.name and value.origin in ("state", "constant"):
            value.name = known.get(id(value.array)) or memory.get(id(owner(value.array)), "")
    _by_lines(trace)
    roots = [root for each in trace.passes for root, _ in each.roots]
    for root in roots:
        root.name = root.name or "loss"
    _told_apart(trace.values)


def _known(follower: Follower, scope: Mapping[str, Any]) -> dict[int, str]:
    names: dict[int, str] = {}
    modules = [x for x in follower.things.values() if isinstance(x, Registry)]
    inner = {id(m) for x in modules for m in x.modules() if m is not x}
    roots = [x for x in modules if id(x) not in inner]
    owning = [x for x in roots if any(True for _ in x.named_parameters())]
    spoken = {id(x): name for name, x in scope.items() if isinstance(x, Registry)}
    for i, root in enumerate(roots):
        own = spoken.get(id(root)) or f"{type(root).__name__.lower()}{i}"
        prefix = f"{own}." if len(owning) > 1 and root in owning else ""
        for name, tensor in (*root.named_parameters(), *root.named_buffers()):
            names.setdefault(id(tensor.array), prefix + name)
        for name, module in root.named_modules():
            follower.trace.modules[id(module)] = f"{prefix}{name}".rstrip(".")
    for name, thing in scope.items():
        if isinstance(thing, Tensor):
            names.setdefault(id(thing.array), name)
    optimizers = [x for x in follower.things.values() if hasattr(x, "param_groups")]
    called = {id(x): name for name, x in scope.items()}
    for optimizer in optimizers:
        own = called.get(id(optimizer), "optimizer")
        several = f"({own})" if len(optimizers) > 1 else ""
        for (group, _), rate in optimizer.rates.items():
            names[id(rate.array)] = f"lr{group or ''}{several}"
        for p, state in optimizer.state.items():
            for name, tensor in state.items():
                of = "" if name == "step" else f"({names.get(id(p.array), '?')})"
                if isinstance(tensor, Tensor):
                    names.setdefault(id(tensor.array), f"{name}{of}{several if not of else ''}")
    for leaf in follower.leaves.values():
        if leaf.grad is not None and id(leaf.array) in names:
            names.setdefault(id(leaf.grad.array), f"{names[id(leaf.array)]}.grad, before")
    return names


def _by_lines(trace: Trace) -> None:
    """``h = model(x)`` calls the last value that the line makes ``h``."""
    last: dict[tuple[str, int], Value] = {}
    for row in trace.rows:
        if row.phase == "forward":
            last[place(row.where)] = row.result
    for (file, number), value in last.items():
        if not value.name:
            value.name = _assigned(file, number)


@cache
def _assignments(file: str) -> dict[int, str]:
    """For each line that assigns to a single name, this name."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:  # of a notebook's cell with its own commands
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    found[number] = target.id
    return found


def _assigned(file: str, number: int) -> str:
    return _assignments(file).get(number, "") if file else ""


def _told_apart(values: Iterable[Value]) -> None:
    """A name that several have gets numbers, but for the last one to have it if that is made."""
    named = [value for value in values if value.name]
    counts = Counter(value.name for value in named)
    taken: Counter[str] = Counter()
    used = {name for name, n in counts.items() if n == 1}
    for value in named:
        if counts[value.name] > 1:
            first = value.name
            taken[first] += 1
            name = first if taken[first] == 1 and first not in used else f"{first}#{taken[first]}"
            value.name = name
            used.add(name)
