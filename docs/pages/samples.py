"""What the samples of the op database show of an op: shapes, and an example that is run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from opdb import Draw, Row, Sample, rows

import minigrad
from minigrad.op import Op, register

SMALL = 12
"""Numbers of an operand that an example shows; of larger ones it shows the shape."""
PATTERNS = 3
"""Shapes that are listed."""


def _covered(row: Row) -> tuple[str, ...]:
    return (row.name.rpartition(".")[2],) if row.ops is None else row.ops


_ROWS: dict[str, list[Row]] = {name: [] for name in register}
for _row in rows():
    for _name in _covered(_row):
        if _name in _ROWS:
            _ROWS[_name].append(_row)


def rows_of(op: Op) -> list[Row]:
    """The rows that cover the op, those of its own name first."""
    return sorted(_ROWS[op.name], key=lambda row: row.name.rpartition(".")[2] != op.name)


def public_name(name: str) -> str | None:
    """Where users find a function of this name: "minigrad.nn.functional.silu"."""
    for place in ("", "nn.functional.", "linalg."):
        if _found(place + name) is not None:
            return f"minigrad.{place}{name}"
    return None


def _found(path: str) -> Any:
    x: Any = minigrad
    for part in path.split("."):
        x = getattr(x, part, None)
    return x if callable(x) else None


# -- shapes ---------------------------------------------------------------------------------------


def shapes(op: Op) -> list[str]:
    """Some shapes of operands, and of what comes out."""
    found: list[str] = []
    for row in rows_of(op):
        for sample in row.samples(Draw(1)):
            told = _shapes(row, sample)
            if told and told not in found and len(found) < PATTERNS:
                found.append(told)
    return found


def _shapes(row: Row, sample: Sample) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            args = [_tensor(x) for x in sample.args]
            result = row.call(*args, **{k: _tensor(v) for k, v in sample.params.items()})
    except Exception:  # a sample of what is refused
        return ""
    given = ", ".join(_shape(x) for x in args if _arrays(x))
    return f"{given} → {_shape(result)}" if given and _arrays(result) else ""


def _tensor(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return minigrad.tensor(x)
    return type(x)(map(_tensor, x)) if type(x) in (list, tuple) else x


def _arrays(x: Any) -> bool:
    return hasattr(x, "shape") or (isinstance(x, (list, tuple)) and any(map(_arrays, x)))


def _shape(x: Any) -> str:
    if hasattr(x, "shape"):
        return f"({', '.join(map(str, x.shape))})"
    return ", ".join(_shape(item) for item in x if _arrays(item))


# -- an example -----------------------------------------------------------------------------------


def example(op: Op) -> str:
    """A session that shows the op, or a public function that computes by it; "" for none."""
    for row in rows_of(op):
        if not row.random:
            for sample in sorted(row.samples(Draw(1)), key=_size):
                shown = _shown(op, row, sample)
                if shown:
                    return shown
    return ""


def _size(sample: Sample) -> tuple[bool, int]:
    """Small samples first, of which those with a few numbers."""
    sizes = [x.size for x in _flat(sample.args)]
    largest = max(sizes, default=0)
    return largest > SMALL, abs(largest - 4)


def _flat(x: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays in it."""
    if isinstance(x, np.ndarray):
        return [x]
    return [y for item in x for y in _flat(item)] if isinstance(x, (list, tuple)) else []


def _shown(op: Op, row: Row, sample: Sample) -> str:
    arrays = _flat(sample.args)
    if not arrays or any(not x.size for x in arrays):
        return ""
    names = dict(zip(map(id, arrays), "xyzuvwabcde", strict=False))
    smooth = [x.dtype.kind == "f" and row.differentiable for x in arrays]
    lines = [
        f"{names[id(x)]} = {_literal(x, grad)}" for x, grad in zip(arrays, smooth, strict=True)
    ]
    given = [_written(x, names) for x in sample.args]
    given += [f"{k}={_written(v, names)}" for k, v in sample.params.items()]
    small = all(x.size <= SMALL for x in arrays)
    slopes = [f"{names[id(x)]}.grad" for x, grad in zip(arrays, smooth, strict=True) if grad]
    for imports, call in _calls(op, row, ", ".join(given)):
        ends = [[call], [f"{call}.shape"]] if small else [[f"{call}.shape"]]
        if small and slopes:
            ends.insert(0, [call, f"{call}.sum().backward()", *slopes])
        for end in ends:
            if told := list(_run([*imports, *lines, *end])):
                return "\n".join(told)
    return ""


def _calls(op: Op, row: Row, given: str) -> Iterator[tuple[list[str], str]]:
    """How the function may be called, after which imports."""
    if _found(row.name) is not None:
        yield [], f"minigrad.{row.name}({given})"
        return
    kinds = [
        f"from minigrad.ops.patches import {kind}"
        for kind in sorted(set(re.findall(r"\b([A-Z]\w+)\(", given)))
    ]
    yield [f"from minigrad.ops.{op.family} import {op.name}", *kinds], f"{op.name}({given})"
    yield ["from minigrad.op import register", *kinds], f'register["{op.name}"]({given})'


def _written(x: Any, names: dict[int, str]) -> str:
    """An argument as it is written."""
    if isinstance(x, np.ndarray):
        return names[id(x)] if id(x) in names else f"minigrad.tensor({x.tolist()})"
    if type(x) in (list, tuple) and _flat(x):
        return f"[{', '.join(_written(item, names) for item in x)}]"
    return repr(x)


def _literal(x: np.ndarray[Any, Any], grad: bool) -> str:
    data = np.round(x, 2).tolist() if x.dtype.kind == "f" else x.tolist()
    if x.size <= SMALL:
        number = re.sub(r"\b(nan|inf)\b", r'float("\1")', repr(data))
        return f"minigrad.tensor({number}{', requires_grad=True' if grad else ''})"
    if x.dtype.kind == "f":
        return f"minigrad.randn{tuple(x.shape)}"
    high = 2 if x.dtype.kind == "b" else int(x.max()) + 1
    made = f"minigrad.randint({high}, {tuple(x.shape)})"
    return f"{made}.bool()" if x.dtype.kind == "b" else made


def _run(lines: list[str]) -> Iterator[str]:
    """The session, with what each line gives. Nothing, where one cannot be run, or gives nan out of
    numbers that are none."""
    space: dict[str, Any] = {"minigrad": minigrad}
    told: list[str] = []
    minigrad.manual_seed(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for line in lines:
                told.append(f">>> {line}")
                if re.match(r"\w+ = |from ", line):
                    exec(line, space)
                else:
                    value = eval(line, space)
                    told += [] if value is None else [repr(value)]
    except Exception:
        return
    known = any("nan" in line for line in lines)
    if known or not any("nan" in line for line in told):
        yield from told
