"""The kernels in C with AddressSanitizer and UBSan: python THIS FILE (rows|chain|PLANTED ERROR)

The sanitizer's library must be loaded before Python (LD_PRELOAD); it ends the process where it
finds something. Every value of a step lies in memory of its own here, of exactly its size, so that
what goes beyond it is seen.
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial
from pathlib import Path
from typing import Any

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


def main(what: str) -> None:
    compiler.FLAGS = (*compiler.FLAGS, *FLAGS)
    if what in PLANTED:
        plant(what)
    elif what == "chain":
        chain()
    else:
        rows()
        images(0)
        long_rows()
        library.hold, library.let_go = (lambda: 4), (lambda: None)  # threads share the loops
        images(1)
        long_rows()


def plant(what: str) -> None:
    texts = [
        f"int {name}(void *const *a, const int64_t *n, const double *r) {{\n"
        f"double *x = a[0];\n{wrong}\nreturn 0;\n}}"
        for name, wrong in PLANTED.items()
    ]
    assert enabled()
    built: Any = compiler.load("\n".join([library.HEADER, *texts]))  # all of them, once
    address = ctypes.cast(getattr(built, what), ctypes.c_void_p).value or 0
    run(Call(address, [np.zeros(40)], [40], walks=[dense(40)]))


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

    apart()
    generated.source = source
    compiled(lambda x: (x * 2 + x).exp())(minigrad.ones(11))


def images(seed: int) -> None:
    """Convolutions and poolings of many geometries, forward and backward."""
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
    print(f"{done} geometries")


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


def rows() -> None:
    """All rows of the op database in every layout, forward and backward, in steps of many."""
    tests = Path(__file__).parent.parent
    sys.path[:0] = [str(tests), str(tests / "compiler")]
    from laid import groups

    apart()
    native = 0
    done = 0
    for parts in groups(8, seed=1):
        twin = compiled(lambda parts=parts: [part() for part in parts])
        for _ in range(2):
            twin()
        native += twin.replays[-1].native
        done += len(parts)
    print(f"{done} rows, {native} kernels")


if __name__ == "__main__":
    main(*sys.argv[1:])
