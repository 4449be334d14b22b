"""The kernels in C with AddressSanitizer and UBSan: python THIS FILE

The sanitizer's library must be loaded before Python (LD_PRELOAD); it ends the process where it
finds something. Every value of a step lies in memory of its own here, of exactly its size, so that
what goes beyond it is seen. Errors that are planted are each met in a copy of the process. The last
line of what is printed tells of all, as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.pop("LD_PRELOAD", None)  # a compiler need not be looked at

import numpy as np

import minigrad
from minigrad import compile as compiled
from minigrad.compiler.plan import memory
from minigrad.compiler.plan.memory import Plan
from minigrad.compiler.program import Slot
from minigrad.compiler.targets.cpu import generated, replay
from minigrad.layouts import dense
from minigrad.native import compiler, library
from minigrad.native.library import Call, enabled, run
from minigrad.nn import functional as F

FLAGS = ["-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
PLANTED = {
    # One number too far, read and written.
    "beyond_read": "x[0] = x[n[0]];",
    "beyond_write": "x[n[0]] = 1;",
    # What C leaves undefined.
    "shifted_too_far": "x[0] = 1 << n[0];",
}


def main() -> None:
    compiler.FLAGS = (*compiler.FLAGS, *FLAGS)
    assert enabled()
    apart()
    planted = {name: partial(run, call) for name, call in wrong().items()}
    found = {name: found_by(work) for name, work in {**planted, "chain": chain}.items()}
    done, native = rows()
    geometries = images(0)
    long_rows()
    library.hold, library.let_go = (lambda: 4), (lambda: None)  # threads share the loops
    geometries += images(1)
    long_rows()
    told = {"rows": done, "native": native, "geometries": geometries, "found": found}
    print(json.dumps(told))


def found_by(work: Callable[[], object]) -> str:
    """What the sanitizers say of it; "" if nothing."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 2)
            work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return said.read().decode() if status else ""


def wrong() -> dict[str, Call]:
    texts = [
        f"int {name}(void *const *a, const int64_t *n, const double *r) {{\n"
        f"double *x = a[0];\n{wrong}\nreturn 0;\n}}"
        for name, wrong in PLANTED.items()
    ]
    built: Any = compiler.load("\n".join([library.HEADER, *texts]))  # all of them, once

    def call(name: str) -> Call:
        address = ctypes.cast(getattr(built, name), ctypes.c_void_p).value or 0
        return Call(address, [np.zeros(40)], [40], walks=[dense(40)])

    return {name: call(name) for name in PLANTED}


def apart() -> None:
    """Lay every value out by itself."""

    def bytes_of(slot: Slot, alignment: int = 1) -> int:
        return slot.bytes

    def arrays_of(program: Any, plan: Plan, given: Any) -> Any:
        return memory.arrays_of(
            program, Plan({}, 0, 0), given, empty=partial(np.empty, dtype=np.uint8)
        )

    memory._bytes = bytes_of
    replay.arrays_of = arrays_of  # type: ignore[assignment]


def chain() -> None:
    """Another planted error: loops of a generated kernel that go one number too far."""
    right = generated.source

    def source(chain: Any, slots: Any, shape: list[int], steps: Any) -> str:
        return right(chain, slots, [*shape[:-1], shape[-1] + 1], steps)

    generated.source = source
    compiled(lambda x: (x * 2 + x).exp())(minigrad.ones(11))


def images(seed: int) -> int:
    """Convolutions and poolings of many geometries, forward and backward; returns how many."""
    rng = np.random.default_rng(seed)
    done = 0
    while done < 80:
        n, c, o, h, w = (int(x) for x in rng.integers(1, [4, 6, 9, 20, 20]))
        k, stride, padding, dilation = (int(x) for x in rng.integers([1, 1, 0, 1], [5, 4, 3, 3]))
        if min(h, w) + 2 * padding < (k - 1) * dilation + 1 or 2 * padding > k:
            continue
        kind = rng.choice(["f", "d"])
        x, f = (minigrad.from_numpy(rng.standard_normal(size).astype(kind)).requires_grad_()
                for size in ((n, c, h, w), (o, c, k, k)))  # fmt: skip
        y = F.conv2d(x, f, None, stride, padding, dilation)
        found = [y, F.max_pool2d(x, k, stride, padding, dilation)]
        if min(y.shape[2:]) > padding + 1:
            found.append(F.conv_transpose2d(y, f, None, stride, padding, 0, 1, dilation))
        if dilation == 1:
            found.append(F.avg_pool2d(x, k, stride, padding))
        sum((each.square().sum() for each in found), minigrad.zeros(())).backward()
        done += 1
    return done


def long_rows() -> None:
    """Softmax, sums and losses of rows longer than what is done at a time."""
    rng = np.random.default_rng(0)
    for shape in [
        (3, 127),
        (3, 128),
        (2, 1000),
        (65, 5),
        (130, 3, 7),
        (2, 64, 65),
        (9000,),
        (4, 4097),
    ]:
        for kind in "fd":
            x = minigrad.from_numpy(rng.standard_normal(shape).astype(kind)).requires_grad_()
            for dim in range(x.ndim):
                (x.softmax(dim) * x.log_softmax(dim)).sum(dim).square().mean().backward()
                (x - x.mean(dim, keepdim=True)).square().sum().backward()
            if x.ndim > 1:
                labels = minigrad.from_numpy(rng.integers(0, shape[1], (shape[0], *shape[2:])))
                F.cross_entropy(x, labels).backward()


def rows() -> tuple[int, int]:
    """All rows of the op database in every layout, forward and backward, in steps of many; returns
    how many they are, and how many kernels."""
    tests = Path(__file__).parent.parent
    sys.path[:0] = [str(tests), str(tests / "compiler")]
    from laid import groups

    native = 0
    done = 0
    for parts in groups(8, seed=1):
        twin = compiled(lambda parts=parts: [part() for part in parts])
        for _ in range(2):
            twin()
        native += twin.replays[-1].native
        done += len(parts)
    return done, native


if __name__ == "__main__":
    main()
