"""Halves: what adds many numbers up is computed in float32, its gradients too, and rounded once.

The bound is one unit in the last place of the largest number of a result or gradient, the truth
being the same computation in float64 on the same halves. Plain sums in float16 miss it by hundreds.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import opdb
import pytest
from opdb import Row

import minigrad
from minigrad import compile as compiled
from minigrad.autograd import grad
from minigrad.compiler.targets.cuda.device import host
from minigrad.cuda import simulated
from minigrad.nn import functional as F
from minigrad.tensor import Tensor

RNG = np.random.default_rng(3)
MANY = RNG.integers(0, 3, 1000)


def drawn(*shape: int, mean: float = 0.0, spread: float = 1.0) -> np.ndarray:
    return (RNG.standard_normal(shape) * spread + mean).astype(np.float16)


def rows(mean: float = 5.0) -> np.ndarray:
    return drawn(300, 24, mean=mean, spread=3.0)


Case = tuple[Callable[..., Any], list[np.ndarray]]
CASES: dict[str, Case] = {
    "a mean of 4096 times 30": (lambda x: x.mean(), [np.full(4096, 30, np.float16)]),
    "mean": (lambda x: x.mean(0), [rows()]),
    "sum": (lambda x: x.sum(1), [rows()]),
    "cumsum": (lambda x: x.cumsum(0), [rows()]),
    "cumprod": (lambda x: x.cumprod(0), [drawn(60, 4, mean=1, spread=0.1)]),
    "prod": (lambda x: x.prod(0), [drawn(60, 4, mean=1, spread=0.1)]),
    "logcumsumexp": (lambda x: x.logcumsumexp(0), [rows(0)]),
    "var": (lambda x: x.var(0), [rows(50)]),
    "std": (lambda x: x.std(1), [rows(50)]),
    "var of all": (lambda x: x.var(), [rows(50)]),
    "cov": (lambda x: x.T.cov(), [rows(50)]),
    "norm": (lambda x: x.norm(2, 0), [rows()]),
    "norm 3": (lambda x: x.norm(3, 0), [rows()]),
    "norm 1": (lambda x: x.norm(1), [rows()]),
    "logsumexp": (lambda x: x.logsumexp(0), [rows()]),
    "softmax": (lambda x: x.softmax(0), [rows()]),
    "log_softmax": (lambda x: x.log_softmax(1), [rows()]),
    "ties": (lambda x: x.amax(), [np.zeros(70_000, np.float16)]),
    "expanded": (lambda x: x.expand(4096, 3) * 1.0, [drawn(3)]),
    "index": (lambda x: x[minigrad.tensor(MANY)], [drawn(3, 4)]),
    "embedding": (lambda w: F.embedding(minigrad.tensor(MANY), w), [drawn(3, 4)]),
    "index_add": (
        lambda x, y: x.index_add(0, minigrad.tensor(MANY), y),
        [drawn(3, 4), drawn(1000, 4, mean=3)],
    ),
    "scatter_add": (
        lambda x, y: x.scatter_add(0, minigrad.tensor(MANY[:, None]), y),
        [drawn(3, 1), drawn(1000, 1, mean=3)],
    ),
    "matmul": (lambda a, b: a @ b, [rows().T.copy(), rows()]),
    "linear": (lambda x, w, b: F.linear(x, w, b), [rows(), drawn(30, 24), drawn(30)]),
    "addmm": (lambda x, a, b: x.addmm(a, b, alpha=0.3), [rows(), drawn(300, 50), drawn(50, 24)]),
    "conv": (
        lambda x, w, b: F.conv2d(x, w, b, padding=1),
        [drawn(4, 16, 12, 12), drawn(8, 16, 3, 3), drawn(8)],
    ),
    "conv_transpose": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2),
        [drawn(4, 16, 7, 7), drawn(16, 8, 3, 3)],
    ),
    "avg_pool": (
        lambda x: F.avg_pool2d(x, 7, stride=1),
        [drawn(2, 3, 16, 16, mean=2000, spread=300)],
    ),
    "adaptive_avg_pool": (lambda x: F.adaptive_avg_pool2d(x, 1), [drawn(2, 3, 50, 50, mean=100)]),
    "interpolate": (
        lambda x: F.interpolate(x, scale_factor=2.5, mode="bilinear"),
        [drawn(2, 3, 9, 9)],
    ),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (24,), w, b), [rows(50), drawn(24), drawn(24)]),
    "rms_norm": (lambda x, w: F.rms_norm(x, (24,), w), [rows(300), drawn(24)]),
    "batch_norm": (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        [rows(50), drawn(24), drawn(24)],
    ),
    "group_norm": (
        lambda x, w, b: F.group_norm(x, 4, w, b),
        [rows(50), drawn(24), drawn(24)],
    ),
    "instance_norm": (lambda x: F.instance_norm(x), [drawn(3, 4, 200, mean=50)]),
    "local_response_norm": (lambda x: F.local_response_norm(x, 5, 1.0), [drawn(3, 8, 20, mean=50)]),
    "normalize": (lambda x: F.normalize(x), [rows(300)]),
    "cosine_similarity": (lambda x, y: F.cosine_similarity(x, y), [rows(300), rows(300)]),
    "attention": (F.scaled_dot_product_attention, [rows(0), rows(0), drawn(300, 5, mean=9)]),
    "cross_entropy": (
        lambda x: F.cross_entropy(x, minigrad.tensor(np.arange(300) % 24), reduction="sum"),
        [drawn(300, 24, spread=10.0)],
    ),
    "mse_loss": (lambda x, y: F.mse_loss(x, y), [rows(200), rows(0)]),
    "kl_div": (lambda x, y: F.kl_div(x, y, reduction="batchmean"), [rows(-9), abs(rows())]),
}


def of_half(x: np.ndarray) -> Tensor:
    return minigrad.tensor(x, requires_grad=True)


def of_double(x: np.ndarray) -> Tensor:
    return minigrad.tensor(x.astype(np.float64), requires_grad=True)


def step(compute: Callable[..., Any]) -> Callable[..., list[Any]]:
    """The result and the gradients of a sum of it in which every element counts differently."""

    def taken(*operands: Tensor) -> list[Any]:
        y = compute(*operands)
        weights = np.random.default_rng(1).standard_normal(tuple(y.shape)).astype(np.float16)
        return [y, *grad(y, operands, minigrad.tensor(weights).to(y.dtype))]

    return taken


def within_one(name: str, have: list[Any], want: list[Any]) -> None:
    for i, (a, b) in enumerate(zip(have, want, strict=True)):
        h, truth = a.numpy(force=True), b.numpy(force=True)
        assert h.dtype == np.float16 and h.shape == truth.shape, name
        unit = float(np.spacing(np.abs(truth).max(initial=0.0).astype(np.float16)))
        worst = np.abs(h.astype(np.float64) - truth).max(initial=0.0) / unit
        assert worst <= 1, f"{name}: {worst:.1f} units, in {'gradient ' + str(i) if i else 'value'}"


@pytest.mark.parametrize("name", CASES)
def test_one_rounding(name: str) -> None:
    compute, operands = CASES[name]
    want = step(compute)(*map(of_double, operands))
    within_one(name, step(compute)(*map(of_half, operands)), want)


ENGINES = ["native", "numpy", pytest.param("simulated", marks=pytest.mark.slow)]


@pytest.mark.parametrize("engine", ENGINES)
def test_one_rounding_in_a_compiled_step(engine: str) -> None:
    if engine == "simulated" and host.compiler() is None:
        pytest.skip("no g++ here")
    parts = [(step(compute), len(operands)) for compute, operands in CASES.values()]
    halves = [x for _, operands in CASES.values() for x in operands]

    def whole(*operands: Tensor) -> list[list[Any]]:
        rest = iter(operands)
        given = [[next(rest).clone().requires_grad_() for _ in range(n)] for _, n in parts]
        return [part(*own) for (part, _), own in zip(parts, given, strict=True)]

    want = whole(*(minigrad.tensor(x.astype(np.float64)) for x in halves))
    with simulated() if engine == "simulated" else nullcontext():
        twin = compiled(whole, native=False) if engine == "numpy" else compiled(whole)
        for _ in range(2):
            have = twin(*map(minigrad.tensor, halves))
    for name, a, b in zip(CASES, have, want, strict=True):
        within_one(name, a, b)


FAMILIES = ("REDUCTION", "SCAN", "SCATTER", "LINALG", "POOLING", "LOSS", "CONVOLUTION")
FAMILIES += ("NORMALIZATION", "INDEXING", "CLASSIFICATION", "VISION")
OTHERS = {
    "kron": "of a number it is a product, whose gradient sums products that were rounded",
    "nn.functional.ctc_loss": "PyTorch has none of halves",
}


def tried(x: Any, make: Callable[[np.ndarray], Tensor]) -> Any:
    if isinstance(x, np.ndarray):
        return make(x.astype(np.float16)) if x.dtype.kind == "f" else minigrad.tensor(x)
    if isinstance(x, (list, tuple)):
        return type(x)(tried(item, make) for item in x)
    return x


def leaves(x: Any) -> list[Tensor]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, Tensor) else []


def all_of(row: Row, sample: opdb.Sample, make: Callable[[np.ndarray], Tensor]) -> list[Any]:
    """What the row gives for a sample, and the gradients."""
    args = tried(sample.args, make)
    params = {name: tried(x, make) for name, x in sample.params.items()}
    results = [y for y in leaves(row.call(*args, **params)) if y.dtype.kind == "f"]
    given = [x for x in leaves([args, list(params.values())]) if x.requires_grad]
    found = [y for y in results if y.requires_grad]
    rng = np.random.default_rng(1)
    seeds = [minigrad.tensor(rng.standard_normal(y.shape).astype(np.float16)) for y in found]
    seeds = [seed.to(y.dtype) for seed, y in zip(seeds, found, strict=True)]
    if found:
        minigrad.autograd.backward(found, seeds)
    return [*results, *(x.grad for x in given if x.grad is not None)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_rounds_once(family: str) -> None:
    """The small samples of the op database: every function and every param."""
    for row in getattr(opdb, family):
        if row.random or not row.differentiable or row.name in OTHERS:
            continue
        for sample in row.samples(opdb.Draw(len(row.name))):
            have, want = all_of(row, sample, of_half), all_of(row, sample, of_double)
            known = [k for k, y in enumerate(want) if np.isfinite(y.numpy(force=True)).all()]
            picked = [have[k] for k in known], [want[k] for k in known]
            within_one(f"{row.name}{sample}", *picked)


@pytest.mark.parametrize("factor", ["inv", "det", "slogdet", "cholesky", "qr", "svd", "eigh"])
def test_factors_of_halves_are_refused(factor: str) -> None:
    with pytest.raises(RuntimeError, match="Low precision dtypes not supported"):
        getattr(minigrad.linalg, factor)(minigrad.eye(3).half())


def test_quantiles_of_halves_are_refused() -> None:
    with pytest.raises(RuntimeError, match="float32 or float64"):
        minigrad.ones(3).half().quantile(0.5)


def test_running_statistics_of_halves_are_rounded_once() -> None:
    x = minigrad.tensor(drawn(64, 3, mean=40))
    for kind in (minigrad.float16, minigrad.float32):
        mean, var = minigrad.zeros(3, dtype=kind), minigrad.ones(3, dtype=kind)
        true_mean, true_var = mean.double(), var.double()
        F.batch_norm(x, mean, var, training=True)
        F.batch_norm(x.double(), true_mean, true_var, training=True)
        assert mean.dtype == kind
        bound = 2**-11 if kind == minigrad.float16 else 1e-6
        np.testing.assert_allclose(mean.numpy(), true_mean.numpy(), rtol=bound)
        np.testing.assert_allclose(var.numpy(), true_var.numpy(), rtol=bound)
        y = F.batch_norm(x, mean, var)
        assert y.dtype == minigrad.float16
        wanted = F.batch_norm(x.double(), mean.double(), var.double())
        within_one("batch_norm in evaluation", [y], [wanted])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_other_types_take_no_detour(kind: type) -> None:
    x = minigrad.tensor(np.ones((3, 4), kind), requires_grad=True)
    assert [x.sum().node.op.name, x.mean().node.inputs[0].op.name] == ["sum", "sum"]  # type: ignore[union-attr]
    assert F.layer_norm(x, (4,)).dtype == kind
