"""Where the time of a compiled step goes: what kernels in C take of it, and what calls of NumPy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from minigrad.compute import quiet
from minigrad.native.library import Batch, Call

TIMES = 5
"""Each call's shortest time of so many is taken."""


def spent(replay: Any) -> list[tuple[bool, str, float]]:
    """For each call of a replay, in order: whether it is NumPy's, its name, seconds. It is run for
    that, some times: the state goes on."""
    calls = [(each, Batch([each]).run if isinstance(each, Call) else each) for each in replay.steps]
    best = [float("inf")] * len(calls)
    for _ in range(TIMES):
        for i, (_, call) in enumerate(calls):
            start = time.perf_counter()
            quiet.context.run(call)
            best[i] = min(best[i], time.perf_counter() - start)
    return [
        (not isinstance(each, Call), named(each), seconds)
        for (each, _), seconds in zip(calls, best, strict=True)
    ]


def in_numpy(replay: Any) -> float:
    """The share of the time that NumPy's calls take."""
    found = spent(replay)
    return sum(seconds for plain, _, seconds in found if plain) / sum(s for *_, s in found)


def named(call: Callable[[], Any] | Call) -> str:
    """What is called, in a word."""
    if isinstance(call, Call):
        return call.name if isinstance(call.name, str) else "generated"
    body: Any = call
    while hasattr(body, "func"):
        inner = [x for x in (*body.args, body.func) if hasattr(x, "func")]
        body = inner[0] if inner else body.func
    return str(getattr(body, "__qualname__", None) or getattr(body, "__name__", body))
