"""Every op of the database, done again by the page's script in a real browser on the operands that
minigrad had, forward and on the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from opdb import Draw, Row, Sample, rows

import minigrad
from minigrad.explainer.follower import DRAWN
from minigrad.explainer.plain import numbers, param, plain, type_of
from minigrad.explainer.script import machine
from minigrad.op import Op, register
from minigrad.recording import Recorder, followed
from minigrad.tensor import Tensor

EACH = 10
"""Cases of an op in one type."""
ADDING = {
    *("add", "addcdiv", "addcmul", "center", "digamma", "lerp", "lgamma", "logit", "mix"),
    *("mix_square", "polygamma", "sinc_slope", "sub", "tanhshrink"),
}
"""Elementwise ops in which terms may cancel: they are held to units of the sum of their sizes."""

MOST = {"sinc_slope": 8}
"""minigrad computes it in float32 by differences of larger numbers."""


class Cases(Recorder):
    """Keeps what each op was given and what it made."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], dict[str, Any]] = {}

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        kind = type_of(result.array.dtype)
        own = self.found.setdefault((op.name, kind), {})
        if into is not None or op.name in DRAWN or len(own) >= EACH:
            return
        tensors = [isinstance(x, Tensor) for x in operands]
        shape = operands[0].array.shape if operands and tensors[0] else ()
        given = [_array(x.array) if isinstance(x, Tensor) else plain(x) for x in operands]
        settings = {k: param(k, v, shape) for k, v in {**op.defaults, **params}.items()}
        case = {"op": op.name, "xs": given, "p": settings, "out": _array(result.array)}
        shapes = [x.array.shape if isinstance(x, Tensor) else x for x in operands]
        own.setdefault(json.dumps([repr(shapes), settings]), case)


def _array(array: Any) -> dict[str, Any]:
    return {"s": list(array.shape), "t": type_of(array.dtype), "d": numbers(array)}


def _tensors(x: Any, dtype: Any) -> Any:
    if isinstance(x, np.ndarray):
        made = minigrad.from_numpy(x.copy())
        return made.to(dtype).requires_grad_() if x.dtype == np.float64 else made
    if isinstance(x, (list, tuple)):
        return type(x)(_tensors(each, dtype) for each in x)
    return x


def _done(row: Row, sample: Sample, dtype: Any) -> None:
    args = _tensors(sample.args, dtype)
    result = row.call(*args, **{k: _tensors(v, dtype) for k, v in sample.params.items()})
    several = result if isinstance(result, (tuple, list)) else [result]
    losses = [(y * y).sum() for y in several if isinstance(y, Tensor) and y.requires_grad]
    if losses and row.differentiable:
        sum(losses[1:], losses[0]).backward()


def collected() -> list[dict[str, Any]]:
    cases = Cases()
    for row in rows():
        for i, sample in enumerate(row.samples(Draw(1))):
            with followed(cases):
                _done(row, sample, minigrad.float64)
                if not i:
                    _done(row, sample, minigrad.float32)
    return [case for own in cases.found.values() for case in own.values()]


def test_every_op_is_computed_as_minigrad_computes_it(browser: Any) -> None:
    cases = collected()
    assert {case["op"] for case in cases} == set(register) - DRAWN
    page = browser.new_page()
    harness = Path(__file__).with_name("sweep.js").read_text(encoding="utf-8")
    page.add_script_tag(content=f"{machine(register)}\n{harness}")
    found = page.evaluate("cases => sweep(JSON.parse(cases))", json.dumps(cases))
    page.close()
    assert not found["failures"], found["failures"][:5]
    wrong = []
    for told in found["worst"]:
        loose = told["kind"] != "elementwise" or told["op"] in ADDING
        most = 64 if told["kind"] == "matrices" else MOST.get(told["op"], 4)
        if told["terms" if loose else "raw"] > most:
            wrong.append(told)
    assert not wrong, wrong
    assert len(found["worst"]) == len(register) - len(DRAWN)
