"""Softmax over the wrong dimension."""

from __future__ import annotations

from typing import Any

from minigrad.calls import Call
from minigrad.diagnosis.check import Check, Happened
from minigrad.diagnosis.facts import Fact
from minigrad.diagnosis.seen import Forward
from minigrad.tensor import Tensor

_PICKING = frozenset(("nll_loss", "probability_cross_entropy"))
_COMPARING = frozenset(("mse_loss", "l1_loss", "kl_div", "binary_cross_entropy", "smooth_l1_loss"))
_KEEPING = frozenset(("log", "mul", "neg", "sub", "add", "bounded_log", "div", "pow", "xlogy"))


class Softmax(Check):
    """The dimension over which probabilities add up to 1 is compared with that along which they are
    picked, compared, multiplied or searched; (N, C) that come out of a model must not add up over
    its batch."""

    def op(self, event: Happened) -> None:
        fact = self.watcher.facts.of(event.result)
        if fact is None:
            return
        if event.op in ("softmax", "log_softmax"):
            if event.call.name != "cross_entropy":
                fact.soft = (event.params["dim"], event.call)
            return
        for i, (x, known) in enumerate(zip(event.operands, event.facts, strict=True)):
            if isinstance(x, Tensor) and known is not None and known.soft is not None:
                self._used(event, i, x, known, fact)

    def _used(self, event: Happened, i: int, x: Tensor, known: Fact, fact: Fact) -> None:
        assert known.soft is not None
        dim, call = known.soft
        name, ndim = event.call.name, x.ndim
        if event.op in _KEEPING and event.result.shape == x.shape:
            fact.soft = known.soft
        fact.soft = fact.soft or _moved(event, x, dim, call)
        if name in _PICKING and ndim > 1 and dim != 1:
            self._wrong(call, dim, f"{name} picks the class along dim 1")
        elif name in _COMPARING and ndim == 2 and dim == 0 and x.shape[0] > 1:
            self._wrong(call, dim, f"{name} compares rows")
        elif event.op == "argmax" and ndim > 1 and event.params.get("axis") not in (dim, None):
            self._wrong(call, dim, f"argmax searches along dim {event.params['axis']}")
        elif event.op == "amax" and ndim > 1 and event.params.get("axis") not in ((dim,), dim):
            if len(event.params.get("axis") or ()) == 1 and name == "max":
                self._wrong(call, dim, f"max searches along dim {event.params['axis'][0]}")
        elif event.op == "matmul" and ndim >= 2:
            over = ndim - 1 if i == 0 else ndim - 2
            if dim != over and dim >= ndim - 2:
                self._wrong(call, dim, f"matmul adds up over dim {over}")
        elif event.op == "sum" and ndim == 2 and dim == 0 and event.params.get("axis") == (1,):
            self._wrong(call, dim, "the rows are added up afterwards")

    def forward(self, forward: Forward, args: tuple[Any, ...], result: Any) -> None:
        if not isinstance(result, Tensor) or not args or not isinstance(args[0], Tensor):
            return
        fact = self.watcher.facts.of(result)
        if fact is None or fact.soft is None or fact.op not in ("softmax", "log_softmax"):
            return
        dim, call = fact.soft
        n = result.array.shape[0] if result.ndim else 0
        if result.ndim >= 2 and dim == 0 and n > 1 and args[0].array.shape[:1] == (n,):
            self._wrong(call, dim, f"the model's result {tuple(result.shape)} has a row a sample")

    def _wrong(self, call: Call, dim: int, other: str) -> None:
        self.found("softmax-wrong-dim", call, f"softmax over dim {dim}, but {other}")


def _moved(event: Happened, x: Tensor, dim: int, call: Call) -> tuple[int, Call] | None:
    """The dimension that it is a softmax over after its numbers were moved, None if that cannot be
    said. Of leading dimensions that were put together it is the first."""
    y = event.result
    if event.op in ("clone", "cast"):
        return dim, call
    if event.op == "permute":
        return event.params["dims"].index(dim), call
    if event.op == "reshape" and y.ndim and x.shape[-1] == y.shape[-1]:
        if dim == x.ndim - 1:
            return y.ndim - 1, call
        return (0, call) if y.ndim == 2 < x.ndim else None
    return None
