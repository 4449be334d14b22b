"""Single ops at several sizes, forward alone and forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.case import Case, Step

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def single(name: str, *shapes: tuple[int, ...], backward: bool) -> Callable[[Engine], Step]:
    """One op on its own, forward or forward and backward."""

    def make(engine: Engine) -> Step:
        rng = np.random.default_rng(0)
        xs = [engine.tensor(rng.standard_normal(s).astype(np.float32)) for s in shapes]
        op = engine.function(name)
        if not backward:

            def forward() -> Any:
                with engine.lib.no_grad():
                    return op(*xs)

            return forward
        for x in xs:
            x.requires_grad_()
        # Not ones: from those nothing but rounding comes back through a softmax.
        result = engine.arrays(op(*xs))[0]
        g = engine.tensor(np.asarray(rng.standard_normal(result.shape), np.float32))

        def both() -> Any:
            for x in xs:
                x.grad = None
            op(*xs).backward(g)
            return [x.grad for x in xs]

        return both

    return make


def _singles() -> list[Case]:
    cases = []
    sizes: list[tuple[str, tuple[tuple[int, ...], ...]]] = []
    for n in (1_000, 100_000, 4_000_000):
        sizes += [(name, ((n,), (n,))) for name in ("add", "mul")]
        sizes += [(name, ((n,),)) for name in ("exp", "relu", "tanh", "sum")]
    sizes += [("softmax", (shape,)) for shape in ((64, 10), (4096, 10), (4096, 1000))]
    sizes += [("matmul", ((n, n), (n, n))) for n in (64, 128, 256, 512, 1024)]
    sizes += [("max_pool2d", (shape,)) for shape in ((128, 8, 28, 28), (128, 256, 8, 8))]
    sizes += [
        ("conv2d", ((256, 1, 28, 28), (6, 1, 5, 5))),
        ("conv2d", ((256, 6, 14, 14), (16, 6, 5, 5))),
        ("conv2d", ((128, 16, 14, 14), (32, 16, 3, 3))),
        ("conv2d", ((128, 128, 7, 7), (256, 128, 3, 3))),
        ("conv2d", ((8, 64, 16, 16), (64, 64, 3, 3))),
    ]
    for name, shapes in sizes:
        size = ",".join("x".join(map(str, shape)) for shape in dict.fromkeys(shapes))
        for backward in (False, True):
            ending = "fwd+bwd" if backward else "fwd"
            cases.append(
                Case(
                    f"{name}[{size}]/{ending}",
                    f"{name} on {size}, {ending}",
                    single(name, *shapes, backward=backward),
                    unit="call",
                    quick=False,
                )
            )
    return cases


OPS = _singles()
