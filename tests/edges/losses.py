"""Losses at their edges: each case is one call on both sides, PyTorch's and ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

NAN, INF = math.nan, math.inf
WORDS = ("mean", "sum", "none")


@dataclass(frozen=True)
class Case:
    """A loss ``call(F, *operands, reduction=...)``: arrays of float64 are differentiated."""

    name: str
    operands: tuple[Any, ...]
    params: dict[str, Any]
    words: tuple[str, ...] = WORDS

    @property
    def loss(self) -> str:
        return self.name.partition(":")[0]


def case(name: str, *operands: Any, words: tuple[str, ...] = WORDS, **params: Any) -> Case:
    return Case(
        name,
        tuple(np.array(x, float) if isinstance(x, list) else x for x in operands),
        params,
        words,
    )


def ints(*x: Any) -> Any:
    return np.array(x, np.int64)


X = [[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]]
EDGE = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -3.0,
    1e-8,
    -1e-8,
    30.0,
    -30.0,
    700.0,
    -700.0,
    1e-300,
    1e160,
]
SMOOTH = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 1e-8, -1e-8, 30.0, -30.0, 700.0, -700.0]
SIGNS = [1.0, -1.0] * 6 + [1.0]
N = len(SMOOTH)
ZERO = [0.0] * N


def logs(*rows: Any) -> Any:
    x = np.array(rows, float)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def elementwise() -> list[Case]:
    found = []
    found += [case("mse_loss: edges", SMOOTH, ZERO), case("l1_loss: edges", SMOOTH, ZERO)]
    for beta in (0.0, 1.0, 0.3):
        found.append(case(f"smooth_l1_loss: beta {beta}", SMOOTH, ZERO, beta=beta))
    for delta in (1.0, 0.5, 2.0):
        found.append(case(f"huber_loss: delta {delta}", SMOOTH, ZERO, delta=delta))
    found += [
        case("soft_margin_loss: edges", SMOOTH, SIGNS),
        case("hinge_embedding_loss: edges", SMOOTH, SIGNS),
        case("hinge_embedding_loss: margin", SMOOTH, SIGNS, margin=0.5),
        case(
            "poisson_nll_loss: logs",
            [0.0, -0.0, 1.0, -1.0, 30.0, -700.0],
            [0.0, 1.0, 2.0, 0.5, 3.0, 7.0],
        ),
        case(
            "poisson_nll_loss: rates", [0.0, 1.0, 1e-8, 30.0], [0.0, 1.0, 2.0, 0.5], log_input=False
        ),
        case("poisson_nll_loss: full", [0.0, 1.0, 1e-8, 30.0], [0.0, 1.0, 2.0, 0.5], full=True),
        case(
            "kl_div: zeros",
            [-1.0, -700.0, 0.0, -0.5],
            [0.0, 0.5, 1.0, 1e-300],
            words=(*WORDS, "batchmean"),
        ),
        case(
            "kl_div: logs",
            [-1.0, -700.0, 0.0, -0.5],
            [-800.0, -0.5, 0.0, -30.0],
            log_target=True,
            words=(*WORDS, "batchmean"),
        ),
        case("kl_div: log of 0", [-1.0, -0.5], [-INF, -0.5], log_target=True),
        case("kl_div: impossible input", [-INF, -INF], [0.0, 0.5]),
        case(
            "binary_cross_entropy: 0 and 1",
            [0.0, 0.0, 1.0, 1.0, 0.5, 1e-300, 1e-8, 1 - 1e-8, 1e-45],
            [0.0, 1.0, 0.0, 1.0, 0.5, 1.0, 1.0, 0.3, 0.7],
        ),
        case(
            "binary_cross_entropy_with_logits: edges",
            SMOOTH,
            [0.0, 1.0, 0.5, 1.0, 0.0, 1.0, 0.3, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
        ),
        case(
            "binary_cross_entropy_with_logits: infinite",
            [INF, -INF, INF, -INF],
            [1.0, 0.0, 0.0, 1.0],
        ),
        case(
            "binary_cross_entropy_with_logits: pos_weight",
            SMOOTH,
            [0.0, 1.0, 0.5, 1.0, 0.0, 1.0, 0.3, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
            pos_weight=np.array(2.5),
        ),
        case(
            "multilabel_soft_margin_loss: edges",
            [SMOOTH[:6], SMOOTH[6:12]],
            [[0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 0.0, 0.0, 1.0, 0.0]],
        ),
    ]
    return found


def of_classes() -> list[Case]:
    big = [[700.0, -700.0, 0.0], [1e300, 0.0, -1e300]]
    hole = [[-INF, 0.0, 1.0], [2.0, -INF, 0.0]]
    weight = np.array([0.5, 0.0, 2.0])
    w0 = np.zeros(3)
    found = []
    for name, x in (("X", X), ("big", big), ("hole", hole)):
        for target in ([0, 1], [1, 2], [2, -100], [-100, -100], [1, 1]):
            for more in (
                {},
                {"weight": weight},
                {"weight": w0},
                {"label_smoothing": 0.1},
                {"label_smoothing": 0.1, "weight": weight},
                {"label_smoothing": 1.0},
            ):
                found.append(
                    case(
                        f"cross_entropy: {name} {target} {more}",
                        x,
                        ints(*target),
                        **more,
                    )
                )
    for target in ([0, 1], [2, -100], [-100, -100]):
        for more in ({}, {"weight": weight}, {"weight": w0}):
            found.append(
                case(
                    f"nll_loss: {target} {list(more)} {more.get('weight')}",
                    [[-1.0, -INF, -0.5], [-700.0, -1.0, 0.0]],
                    ints(*target),
                    **more,
                )
            )
    found.append(
        case("nll_loss: impossible, weight 0", [[-1.0, -INF, -0.5]], ints(1), weight=weight)
    )
    found.append(case("cross_entropy: ignored 0", X, ints(0, 0), ignore_index=0))
    for name, x in (("X", X), ("big", big), ("hole", hole)):
        for p in (
            [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]],
            [[0.2, 0.3, 0.5], [0.0, 0.0, 0.0]],
            [[0.0, 0.4, 0.6], [0.5, 0.0, 0.5]],
        ):
            for more in ({}, {"label_smoothing": 0.1}, {"weight": weight}):
                found.append(
                    case(f"cross_entropy: probabilities {name} {p} {list(more)}", x, p, **more)
                )
    found += [
        case("cross_entropy: one", [1.0, -2.0, 0.5], np.array(-100)),
        case("cross_entropy: one", [1.0, -2.0, 0.5], np.array(1)),
        case("nll_loss: one", [1.0, -2.0, 0.5], np.array(-100)),
        case("cross_entropy: empty", np.zeros((0, 3)), np.zeros(0, np.int64)),
        case("cross_entropy: empty", np.zeros((0, 3)), np.zeros((0, 3))),
        case("nll_loss: empty", np.zeros((0, 3)), np.zeros(0, np.int64)),
        case("multi_margin_loss: kinks", [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]], ints(0, 1)),
        case("multi_margin_loss: kinks 2", [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]], ints(0, 1), p=2),
        case(
            "multi_margin_loss: weight",
            [[1.0, 2.0, 0.3], [0.5, 0.0, 0.0]],
            ints(0, 1),
            weight=weight,
        ),
        case(
            "multilabel_margin_loss: kinks",
            [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]],
            ints([0, 1, -1], [2, -1, 0]),
        ),
        case("multilabel_margin_loss: none", [[1.0, 2.0, 0.0]], ints([-1, 0, 1])),
        case("multilabel_margin_loss: all", [[1.0, 2.0, 0.0]], ints([0, 1, 2])),
    ]
    return found


def of_vectors() -> list[Case]:
    zero = [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [1e-200, 0.0], [1.0, 2.0], [1.0, 2.0]]
    other = [[0.0, 0.0], [0.0, 0.0], [3.0, 4.0], [1e-200, 0.0], [1.0, 2.0], [-1.0, -2.0]]
    found = []
    for y in (1.0, -1.0):
        for margin in (0.0, 0.5, -1.0):
            found.append(
                case(f"cosine_embedding_loss: {y} {margin}", zero, other, [y] * 6, margin=margin)
            )
    for p in (2.0, 1.0, 3.0, INF):
        for swap in (False, True):
            found.append(
                case(
                    f"triplet_margin_loss: p {p} {swap}",
                    zero,
                    other,
                    [[1.0, 1.5]] * 6,
                    p=p,
                    swap=swap,
                )
            )
    found.append(
        case("triplet_margin_loss: equal", [[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.0]], eps=0.0)
    )
    found.append(
        case("triplet_margin_loss: kink", [[1.0, 2.0]], [[1.0, 2.0]], [[2.0, 2.0]], eps=0.0)
    )
    found.append(
        case(
            "margin_ranking_loss: kinks",
            [0.0, 1.0, -0.0, 1.0, 2.0],
            [0.0, 1.0, 0.0, 2.0, 1.0],
            [1.0, -1.0, 1.0, 1.0, 1.0],
        )
    )
    found.append(
        case(
            "margin_ranking_loss: margin",
            [0.0, 1.0, 0.0, 1.0, 2.0],
            [0.0, 0.5, 0.5, 2.0, 1.0],
            [1.0, -1.0, 1.0, 1.0, 1.0],
            margin=0.5,
        )
    )
    for full in (False, True):
        found.append(
            case(
                f"gaussian_nll_loss: small {full}",
                [0.0, 1.0, 2.0, 1.0],
                [0.0, 1.0, 0.0, 1e-8],
                [0.0, 1e-6, 1e-9, 2.0],
                full=full,
            )
        )
    found.append(
        case(
            "gaussian_nll_loss: rows",
            [[0.0, 1.0], [2.0, 3.0]],
            [[0.0, 1.0], [0.0, 1.0]],
            [[0.5], [0.0]],
        )
    )
    found.append(case("gaussian_nll_loss: eps 0", [0.0, 1.0], [0.0, 1.0], [0.5, 2.0], eps=1e-3))
    return found


def of_nothing() -> list[Case]:
    e = np.zeros(0)
    found = [
        case(f"{name}: empty", e, e)
        for name in (
            "mse_loss",
            "l1_loss",
            "smooth_l1_loss",
            "huber_loss",
            "kl_div",
            "poisson_nll_loss",
            "soft_margin_loss",
            "hinge_embedding_loss",
            "binary_cross_entropy",
            "binary_cross_entropy_with_logits",
        )
    ]
    found += [
        case("margin_ranking_loss: empty", e, e, e),
        case("gaussian_nll_loss: empty", e, e, e),
        case("cosine_embedding_loss: empty", np.zeros((0, 3)), np.zeros((0, 3)), e),
        case("triplet_margin_loss: empty", np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))),
        case("multi_margin_loss: empty", np.zeros((0, 3)), np.zeros(0, np.int64)),
        case("multilabel_margin_loss: empty", np.zeros((0, 3)), np.zeros((0, 3), np.int64)),
        case("multilabel_soft_margin_loss: empty", np.zeros((0, 3)), np.zeros((0, 3))),
        case("kl_div: empty batch", e, e, words=("batchmean",)),
    ]
    return found


def of_nan() -> list[Case]:
    """NaN in the input, in the target where the reduction leaves it to the user."""
    x, y = [NAN, 1.0, -1.0], [1.0, -1.0, 1.0]
    found = [
        case(f"{name}: NaN", x, y)
        for name in (
            "mse_loss",
            "l1_loss",
            "smooth_l1_loss",
            "huber_loss",
            "kl_div",
            "poisson_nll_loss",
            "soft_margin_loss",
            "hinge_embedding_loss",
            "binary_cross_entropy_with_logits",
        )
    ]
    found += [
        case(f"{name}: NaN target", y, x, words=("none",))
        for name in (
            "mse_loss",
            "l1_loss",
            "smooth_l1_loss",
            "huber_loss",
            "kl_div",
            "poisson_nll_loss",
            "soft_margin_loss",
            "hinge_embedding_loss",
            "binary_cross_entropy_with_logits",
        )
    ]
    rows = [[NAN, 1.0, 0.0], [1.0, 2.0, 0.0]]
    fine = [[1.0, 1.0, 0.5], [1.0, 2.5, 0.0]]
    found += [
        case("binary_cross_entropy: NaN", [NAN, 0.5], [1.0, 0.0]),
        case("margin_ranking_loss: NaN", x, y, y),
        case("gaussian_nll_loss: NaN", x, y, [1.0, 1.0, 1.0]),
        case("gaussian_nll_loss: NaN variance", y, y, [NAN, 1.0, 1.0]),
        case("cosine_embedding_loss: NaN", rows, fine, [1.0, -1.0]),
        case("cosine_embedding_loss: NaN -1", rows, fine, [-1.0, 1.0]),
        case("triplet_margin_loss: NaN", rows, fine, fine),
        case("cross_entropy: NaN", rows, ints(0, 1)),
        case("cross_entropy: NaN ignored", rows, ints(-100, 1)),
        case("cross_entropy: NaN smoothed", rows, ints(0, 1), label_smoothing=0.1),
        case("cross_entropy: NaN probabilities", rows, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
        case("nll_loss: NaN", rows, ints(0, 1)),
        case("nll_loss: NaN elsewhere", rows, ints(1, 1)),
        case("nll_loss: NaN ignored", rows, ints(-100, 1)),
        case("multi_margin_loss: NaN", rows, ints(1, 1)),
        case("multi_margin_loss: NaN 2", rows, ints(0, 1), p=2),
        case("multilabel_margin_loss: NaN", rows, ints([1, -1, 0], [1, -1, 0])),
        case("multilabel_soft_margin_loss: NaN", rows, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
    ]
    return found


def of_time() -> list[Case]:
    """CTC: inputs and targets of no length, repeats that leave no room."""
    rng = np.random.default_rng(0)
    p = logs(*rng.standard_normal((5 * 3, 4))).reshape(5, 3, 4)
    t = ints([1, 2, 2], [3, 1, 1], [1, 1, 1])
    found = []
    for n_in in ([5, 5, 5], [0, 5, 3], [0, 0, 0], [5, 1, 2]):
        for n_out in ([3, 2, 1], [0, 0, 0], [0, 1, 3], [3, 3, 3]):
            for zero in (False, True):
                found.append(
                    case(
                        f"ctc_loss: {n_in} {n_out} {zero}",
                        p,
                        t,
                        ints(*n_in),
                        ints(*n_out),
                        zero_infinity=zero,
                    )
                )
    return found


CASES = elementwise() + of_classes() + of_vectors() + of_nothing() + of_nan() + of_time()


VARIED = {
    "cosine_embedding_loss": (0, 1),
    "triplet_margin_loss": (0, 1, 2),
    "margin_ranking_loss": (0, 1),
    "gaussian_nll_loss": (0, 1, 2),
    "mse_loss": (0, 1),
    "l1_loss": (0, 1),
    "smooth_l1_loss": (0, 1),
    "huber_loss": (0, 1),
    "kl_div": (0, 1),
}
"""The operands that are differentiated, by default the first."""


def ramp(side: Any, y: Any) -> Any:
    """Weights of which no two are equal."""
    n = math.prod(y.shape)
    return side.from_numpy(np.asarray(1 + np.arange(n, dtype=float).reshape(tuple(y.shape)) / 8))


def evaluated(side: Any, each: Case, word: str, orders: int = 2) -> list[Any]:
    """The loss, its gradients, and the gradients of their weighted sum."""
    xs = [side.from_numpy(np.array(x)) if isinstance(x, np.ndarray) else x for x in each.operands]
    varied = [xs[i].requires_grad_() for i in VARIED.get(each.loss, (0,))]
    params = {
        k: side.from_numpy(np.array(v)) if isinstance(v, np.ndarray) else v
        for k, v in each.params.items()
    }
    if each.loss == "ctc_loss":  # PyTorch's gradient is right only behind log_softmax
        xs[0] = xs[0].log_softmax(-1)
    y = getattr(side.nn.functional, each.loss)(*xs, **params, reduction=word)
    found = [y]
    if not y.requires_grad:
        return [y.detach().clone().numpy()]
    grad = side.autograd.grad
    first = grad(y, varied, ramp(side, y), create_graph=True, allow_unused=True)
    first = [side.zeros_like(x) if g is None else g for g, x in zip(first, varied, strict=True)]
    found += first
    if orders < 2:
        return [f.detach().clone().numpy() for f in found]
    for g in first:
        if g.requires_grad:
            second = grad(g, varied, ramp(side, g), retain_graph=True, allow_unused=True)
            found += [
                side.zeros_like(x) if s is None else s for s, x in zip(second, varied, strict=True)
            ]
        else:
            found += [side.zeros_like(x) for x in varied]
    return [f.detach().clone().numpy() for f in found]
