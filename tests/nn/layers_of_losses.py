"""The table's losses, distances and containers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from layers import layer, normal, of, positive, signs, whole

REDUCTIONS = [of(), of(reduction="sum"), of(reduction="none")]
A, B = (4, 3), normal(3, 4).T.copy()  # two inputs of one shape

# -- regression -----------------------------------------------------------------------------------

for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
    layer(name, [A, B], *REDUCTIONS)
layer("SmoothL1Loss", [A, B], of(beta=0.3), of(beta=0.0))
layer("HuberLoss", [A, B], of(delta=0.3))
LOGS, SHARES = np.log(positive(4, 3)), positive(3, 4).T.copy()
layer("KLDivLoss", [LOGS, SHARES], *REDUCTIONS[1:], of(reduction="batchmean"))
layer("KLDivLoss", [LOGS, np.log(SHARES)], of(reduction="sum", log_target=True))
COUNTS = 1 + whole(5, 4, 3).astype(float)
layer("PoissonNLLLoss", [A, COUNTS], *REDUCTIONS, of(full=True))
layer("PoissonNLLLoss", [positive(4, 3), COUNTS], of(log_input=False, eps=1e-3))
layer("GaussianNLLLoss", [A, B, positive(4, 3)], *REDUCTIONS, of(full=True, eps=1e-3))
layer("GaussianNLLLoss", [A, B, positive(4, 1)], of())

# -- classes --------------------------------------------------------------------------------------

CLASSES, WEIGHT = whole(3, 4), positive(3)
layer(
    "CrossEntropyLoss",
    [A, CLASSES],
    *REDUCTIONS,
    of(weight=WEIGHT),
    of(WEIGHT, reduction="none", label_smoothing=0.2),
    of(ignore_index=1),
    of(WEIGHT, ignore_index=1, label_smoothing=0.1),
)
layer("CrossEntropyLoss", [A, SHARES], *REDUCTIONS, of(WEIGHT, label_smoothing=0.2))
layer("CrossEntropyLoss", [(2, 3, 4, 2), whole(3, 2, 4, 2)], of(WEIGHT), of(reduction="none"))
layer("CrossEntropyLoss", [(3,), np.array(2)], of())
settings = [*REDUCTIONS, of(WEIGHT), of(WEIGHT, ignore_index=1, reduction="sum")]
layer("NLLLoss", [A, CLASSES], *settings)
layer("NLLLoss", [(2, 3, 4, 2), whole(3, 2, 4, 2)], of(WEIGHT))
layer("BCELoss", [positive(4, 3), SHARES], *REDUCTIONS, of(WEIGHT))
settings = [*REDUCTIONS, of(WEIGHT), of(pos_weight=WEIGHT)]
layer("BCEWithLogitsLoss", [A, SHARES], *settings)
layer("MultiMarginLoss", [A, CLASSES], *REDUCTIONS, of(p=2, margin=0.5, weight=WEIGHT))
layer("MultiLabelMarginLoss", [(2, 3), np.array([[2, 0, -1], [1, -1, 0]])], *REDUCTIONS)
layer("MultiLabelSoftMarginLoss", [A, whole(2, 4, 3).astype(float)], *REDUCTIONS, of(WEIGHT))


def frames(s: Any, *args: Any, **options: Any) -> Any:
    """CTC of log_softmax: PyTorch's derivative takes for granted that one comes before it."""

    class Frames(s.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.loss = s.nn.CTCLoss(*args, **options)

        def forward(self, x: Any, *rest: Any) -> Any:
            return self.loss(x.log_softmax(-1), *rest)

    return Frames()


CTC = [(6, 2, 4), np.array([[1, 2], [2, 1]]), np.array([6, 5]), np.array([2, 1])]
layer("CTCLoss", CTC, *REDUCTIONS, of(zero_infinity=True), of(blank=3), build=frames)


def likelihood(s: Any) -> Any:
    """-log p[y], which PyTorch has no layer for."""

    class Likelihood(s.nn.Module):  # type: ignore[misc]
        def forward(self, p: Any, y: Any) -> Any:
            return s.nn.functional.nll_loss(p.log(), y)

    return Likelihood()


layer("CrossEntropy", [positive(4, 3), CLASSES], of(), twin=likelihood)

# -- pairs and triplets ---------------------------------------------------------------------------

P, Q = normal(4, 5), normal(5, 4).T.copy()
layer("HingeEmbeddingLoss", [A, signs(4, 3)], *REDUCTIONS, of(0.5))
layer("SoftMarginLoss", [A, signs(4, 3).astype(int)], *REDUCTIONS)
layer("MarginRankingLoss", [(4,), P[:, 0], signs(4)], *REDUCTIONS, of(0.5))
layer("CosineEmbeddingLoss", [P, Q, signs(4)], *REDUCTIONS, of(margin=-0.3))
layer("TripletMarginLoss", [(4, 5), Q, -P[::-1].copy()], *REDUCTIONS, of(2.0, 1.0), of(swap=True))


def farthest(s: Any) -> Any:
    return lambda x, y: (x - y).abs().amax(-1)


layer(
    "TripletMarginWithDistanceLoss",
    [(4, 5), Q, -P[::-1].copy()],
    *REDUCTIONS,
    of(distance_function=farthest, margin=2.0, swap=True),
)
layer("CosineSimilarity", [P, Q], of(), of(dim=0), of(1, 1e-2))
layer("PairwiseDistance", [P, Q], of(), of(1.0), of(3.0, 1e-2, True))

# -- containers -----------------------------------------------------------------------------------

layer("Sequential", [A], of(), of(lambda s: s.nn.Linear(3, 4), lambda s: s.nn.Tanh()))
layer(
    "Sequential",
    [A],
    of(lambda s: OrderedDict(first=s.nn.Linear(3, 4), last=s.nn.Sequential(s.nn.Linear(4, 1)))),
)


def used(name: str, made: Any) -> Any:
    """A module around a container, which cannot be called: it applies what the container holds."""

    def build(s: Any) -> Any:
        class Used(s.nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.parts = getattr(s.nn, name)(made(s))

            def forward(self, x: Any) -> Any:
                parts = self.parts.values() if hasattr(self.parts, "values") else self.parts
                for part in parts:
                    x = part(x) if isinstance(part, s.nn.Module) else x * part
                return x

        return Used()

    return build


def two(s: Any) -> list[Any]:
    return [s.nn.Linear(3, 4), s.nn.Tanh()]


def numbers(s: Any) -> list[Any]:
    return [s.nn.Parameter(s.ones(3)), s.nn.Parameter(s.ones(4, 1))]


layer("ModuleList", [A], build=used("ModuleList", two))
layer("ModuleDict", [A], build=used("ModuleDict", lambda s: dict(zip("ab", two(s), strict=True))))
layer("ParameterList", [A], build=used("ParameterList", numbers))
layer(
    "ParameterDict",
    [A],
    build=used("ParameterDict", lambda s: dict(zip("ab", numbers(s), strict=True))),
)
