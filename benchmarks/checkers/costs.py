"""``python -m benchmarks.checkers.costs``: what a check costs, as a part of what PyTorch's costs.

The same functions, once as a pair in NumPy (PyTorch gets it as an autograd.Function) and once as
PyTorch's own. Checkers take turns; CPU time, the least of many rounds.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.checkers.ops import FUNCTIONS, Function
from benchmarks.checkers.rivals import wrapped
from minigrad.gradcheck import check

PAIRS = (
    *("exp", "softmax", "matmul", "batch_norm", "layer_norm"),
    *("conv2d", "cross_entropy", "sort", "logsumexp", "solve"),
)


def as_pairs(torch: Any) -> list[tuple[str, Any, Any, Any, Any]]:
    """Name, what minigrad checks, its arguments, what PyTorch checks, its arguments."""
    by_name = {f.name: f for f in FUNCTIONS}
    return [_pair(by_name[name]) for name in PAIRS]


def _pair(f: Function) -> tuple[str, Any, Any, Any, Any]:
    arrays = list(f.draw(np.random.default_rng(0)))
    return (f.name, (f.forward, f.backward), arrays, *wrapped(f.forward, f.backward, arrays))


def as_functions(torch: Any) -> list[tuple[str, Any, Any, Any, Any]]:
    """The same for functions of PyTorch."""
    F = torch.nn.functional
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        return torch.from_numpy(rng.standard_normal(shape)).requires_grad_()

    def batch_norm(x: Any, w: Any, b: Any) -> Any:
        return F.batch_norm(x, None, None, w, b, training=True)

    labels = torch.tensor([0, 2, 1, 3])
    functions: list[tuple[str, Callable[..., Any], Sequence[Any]]] = [
        ("exp", torch.exp, [drawn(3, 4)]),
        ("softmax", lambda x: torch.softmax(x, 1), [drawn(3, 3)]),
        ("matmul", torch.matmul, [drawn(3, 4), drawn(4, 5)]),
        ("batch_norm", batch_norm, [drawn(6, 3), drawn(3), drawn(3)]),
        (
            "layer_norm",
            lambda x, w, b: F.layer_norm(x, (4,), w, b),
            [drawn(4, 4), drawn(4), drawn(4)],
        ),
        ("conv2d", F.conv2d, [drawn(1, 2, 5, 5), drawn(1, 2, 3, 3)]),
        ("cross_entropy", lambda x: F.cross_entropy(x, labels), [drawn(4, 5)]),
        ("sort", lambda x: torch.sort(x).values, [drawn(8)]),
        ("logsumexp", lambda x: torch.logsumexp(x, 1), [drawn(3, 4)]),
        ("solve", torch.linalg.solve, [drawn(4, 4), drawn(4)]),
    ]
    return [(name, f, inputs, f, inputs) for name, f, inputs in functions]


def cpu(f: Callable[[], Any]) -> float:
    start = time.process_time()
    f()
    return time.process_time() - start


def main() -> int:
    import torch

    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkers.costs")
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    gradcheck = torch.autograd.gradcheck
    for title, subjects in (("NumPy pairs", as_pairs(torch)), ("PyTorch's", as_functions(torch))):
        ratios = []
        for name, ours, arrays, theirs, tensors in subjects:
            runs = (
                lambda o=ours, a=arrays: check(o, a, level="quick"),
                lambda t=theirs, a=tensors: gradcheck(t, a, fast_mode=True),
                lambda o=ours, a=arrays: check(o, a),
                lambda t=theirs, a=tensors: gradcheck(t, a),
            )
            quick, fast, standard, slow = np.min(
                [[cpu(run) for run in runs] for _ in range(rounds)], axis=0
            )
            ratios.append((quick / fast, standard / slow))
            print(
                f"{name:14s} quick / fast {ratios[-1][0]:.2f}   standard / slow {ratios[-1][1]:.2f}"
            )
        mean, worst = np.exp(np.log(ratios).mean(0)), np.max(ratios, axis=0)
        print(
            f"{title}: quick / fast {mean[0]:.2f} (worst {worst[0]:.2f}), standard / slow "
            f"{mean[1]:.2f} (worst {worst[1]:.2f})",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
