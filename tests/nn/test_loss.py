"""Losses as modules, against PyTorch's; Softmax and CrossEntropy as a pair."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((4, 3)), RNG.standard_normal((4, 3))
P = RNG.uniform(0.1, 0.9, (4, 3))
LABELS = np.array([1, 2, -100, 0])
W = np.array([0.5, 1.0, 2.0])
SIGNS = np.array([[1, -1, 1], [-1, -1, 1], [1, 1, 1], [-1, 1, -1]])
IMAGES, PIXELS = RNG.standard_normal((2, 3, 2, 2)), RNG.integers(0, 3, (2, 2, 2))

CASES: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("MSELoss", {}, (X, Y)),
    ("L1Loss", {}, (X, Y)),
    ("SmoothL1Loss", {"beta": 0.5}, (X, Y)),
    ("HuberLoss", {"delta": 0.5}, (X, Y)),
    ("KLDivLoss", {"reduction": "batchmean"}, (X, P)),
    ("KLDivLoss", {"log_target": True, "reduction": "sum"}, (X, Y)),
    ("PoissonNLLLoss", {"full": True}, (X, 5 * P)),
    ("PoissonNLLLoss", {"log_input": False}, (P, 5 * P)),
    ("GaussianNLLLoss", {"full": True}, (X, Y, P)),
    ("SoftMarginLoss", {}, (X, SIGNS)),
    ("HingeEmbeddingLoss", {"margin": 0.5}, (X, SIGNS)),
    ("MarginRankingLoss", {"margin": 0.5}, (X, Y, SIGNS)),
    ("CosineEmbeddingLoss", {"margin": 0.1}, (X, Y, SIGNS[:, 0])),
    ("TripletMarginLoss", {"swap": True}, (X, Y, P)),
    ("TripletMarginWithDistanceLoss", {"margin": 0.5}, (X, Y, P)),
    ("CrossEntropyLoss", {}, (X, LABELS)),
    ("CrossEntropyLoss", {"weight": W}, (X, LABELS)),
    ("CrossEntropyLoss", {"weight": W, "label_smoothing": 0.1}, (X, LABELS)),
    ("CrossEntropyLoss", {"ignore_index": 1, "label_smoothing": 0.1}, (IMAGES, PIXELS)),
    ("CrossEntropyLoss", {"weight": W, "ignore_index": 2}, (IMAGES, PIXELS)),
    ("CrossEntropyLoss", {"weight": W}, (X, P)),
    ("CrossEntropyLoss", {"weight": W, "label_smoothing": 0.1}, (IMAGES, np.abs(IMAGES))),
    ("CrossEntropyLoss", {"weight": W}, (X[0], np.array(1))),
    ("NLLLoss", {"weight": W}, (X, LABELS)),
    ("NLLLoss", {"weight": W, "ignore_index": 1}, (IMAGES, PIXELS)),
    ("BCELoss", {}, (P, np.round(P))),
    ("BCELoss", {"weight": W}, (P, P[::-1].copy())),
    ("BCEWithLogitsLoss", {"weight": W, "pos_weight": 2 * W}, (40 * X, P)),
    ("MultiMarginLoss", {"weight": W, "margin": 0.5, "p": 2}, (X, np.array([1, 2, 0, 0]))),
    ("MultiLabelMarginLoss", {}, (X, np.array([[0, 2, -1], [1, -1, 0], [2, 1, 0], [-1, 0, 0]]))),
    ("MultiLabelSoftMarginLoss", {"weight": W}, (X, P)),
    ("CosineSimilarity", {"dim": 0}, (X, Y)),
    ("PairwiseDistance", {"p": 3.0, "keepdim": True}, (X, Y)),
]


def given(value: Any, make: Any) -> Any:
    return make(value) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "settings", "operands"), CASES)
def test_module_agrees_with_torch(
    name: str, settings: dict[str, Any], operands: tuple[Any, ...], reduction: str
) -> None:
    if name not in ("CosineSimilarity", "PairwiseDistance"):
        settings = {"reduction": reduction, **settings}
    ours = getattr(nn, name)(**{k: given(v, minigrad.tensor) for k, v in settings.items()})
    theirs = getattr(torch.nn, name)(**{k: given(v, torch.tensor) for k, v in settings.items()})
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    xs = [minigrad.tensor(a) for a in operands]
    ts = [torch.tensor(a) for a in operands]
    for x, t in zip(xs[:-1], ts[:-1], strict=True):
        x.requires_grad_(x.is_floating_point())
        t.requires_grad_(t.is_floating_point())
    y, expected = ours(*xs), theirs(*ts)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), 1e-10, 1e-12)
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(minigrad.tensor(g))
    expected.backward(torch.tensor(g))
    for x, t in zip(xs, ts, strict=True):
        if x.requires_grad:
            np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), 1e-10, 1e-12)


def test_mean_of_kl_div_is_over_elements() -> None:
    with pytest.warns(UserWarning, match="batchmean"):
        expected = torch.nn.functional.kl_div(torch.tensor(X), torch.tensor(P))
    y = F.kl_div(minigrad.tensor(X), minigrad.tensor(P))
    np.testing.assert_allclose(y.item(), expected.item(), 1e-12)


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32", "int64"])
def test_labels_may_be_of_any_integer_type(kind: str) -> None:
    labels, spread = np.array([2, 0, 1, 1]), np.array([[0, 1, 2]] * 4)
    for loss in (F.cross_entropy, F.nll_loss, F.multi_margin_loss):
        for weight in (None, minigrad.tensor(W)):
            found = loss(minigrad.tensor(X), minigrad.tensor(labels.astype(kind)), weight=weight)
            theirs = None if weight is None else torch.tensor(W)
            expected = getattr(torch.nn.functional, loss.__name__)(
                torch.tensor(X), torch.tensor(labels), weight=theirs
            )
            assert abs(found.item() - expected.item()) < 1e-12
    found = F.multilabel_margin_loss(minigrad.tensor(X), minigrad.tensor(spread.astype(kind)))
    expected = torch.nn.functional.multilabel_margin_loss(torch.tensor(X), torch.tensor(spread))
    assert abs(found.item() - expected.item()) < 1e-12
    table = minigrad.tensor(X, requires_grad=True)
    indices = minigrad.tensor(np.array([3, 3, 1]).astype(kind))
    F.embedding(indices, table, scale_grad_by_freq=True).sum().backward()
    np.testing.assert_array_equal(table.grad.numpy()[:, 0], [0, 1, 0, 1])
    short = minigrad.tensor(X)
    F.embedding(indices, short, max_norm=0.1)
    lengths = np.linalg.norm(short.numpy(), axis=1)
    assert [bool(n < 0.1001) for n in lengths] == [False, True, False, True]


def test_the_fused_cross_entropy_is_the_composition() -> None:
    x, t = minigrad.tensor(X).requires_grad_(), minigrad.tensor(LABELS)
    for reduction in ("mean", "sum", "none"):
        fused = F.cross_entropy(x, t, reduction=reduction)
        plain = F.nll_loss(x.log_softmax(1), t, reduction=reduction)
        np.testing.assert_allclose(fused.detach().numpy(), plain.detach().numpy(), 1e-13, 1e-15)
        (a,) = minigrad.autograd.grad(fused.square().sum(), x)
        (b,) = minigrad.autograd.grad(plain.square().sum(), x)
        np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-12, 1e-15)


def test_rows_that_all_do_not_count_have_the_mean_nan() -> None:
    x = minigrad.ones(2, 3)
    assert np.isnan(F.cross_entropy(x, minigrad.tensor([-100, -100])).item())
    assert F.cross_entropy(x, minigrad.tensor([-100, -100]), reduction="sum").item() == 0


@pytest.mark.parametrize("dtype", [minigrad.float32, minigrad.float64])
@pytest.mark.parametrize("onehot", [False, True])
def test_softmax_and_cross_entropy_give_p_minus_y(dtype: Any, onehot: bool) -> None:
    """Also where the true class has a probability that underflows to 0."""
    logits = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0], [1.0, 2.0, 3.0]])
    labels = np.array([1, 0, 2])
    x = minigrad.tensor(logits, dtype=dtype).requires_grad_()
    p = nn.Softmax(dim=1)(x)
    p.retain_grad()
    y = np.eye(3)[labels]
    target = minigrad.tensor(y.astype(int)) if onehot else minigrad.tensor(labels)
    loss = nn.CrossEntropy(reduction="sum")(p, target)
    loss.backward()
    assert np.isfinite(loss.item())
    assert p.grad is not None and np.isfinite(p.grad.numpy()).all()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), p.detach().numpy() - y, rtol=1e-6, atol=1e-25)


def test_cross_entropy_of_probabilities_is_that_of_logits() -> None:
    x = minigrad.tensor(X).requires_grad_()
    labels = minigrad.tensor([0, 2, 1, 1])
    through = nn.CrossEntropy()(nn.Softmax(dim=1)(x), labels)
    direct = nn.CrossEntropyLoss()(x, labels)
    np.testing.assert_allclose(through.item(), direct.item(), 1e-14)
    (a,) = minigrad.autograd.grad(through, x)
    (b,) = minigrad.autograd.grad(direct, x)
    np.testing.assert_allclose(a.numpy(), b.numpy(), 1e-13)
    np.testing.assert_allclose(
        nn.CrossEntropy()(minigrad.tensor([0.25, 0.75]), minigrad.tensor(1)).item(),
        -np.log(0.75),
        1e-6,
    )


def test_cross_entropy_survives_a_scaled_loss() -> None:
    x = minigrad.tensor([[1000.0, -1000.0]]).requires_grad_()
    (nn.CrossEntropy()(x.softmax(1), minigrad.tensor([1])) * 1e6).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[1e6, -1e6]], 1e-6)


def test_log_of_sigmoid_does_not_overflow() -> None:
    x = minigrad.tensor([1e4, -1e4]).requires_grad_()
    loss = F.binary_cross_entropy_with_logits(x, minigrad.tensor([0.0, 1.0]), reduction="sum")
    loss.backward()
    assert loss.item() == 2e4
    np.testing.assert_array_equal(x.grad.numpy(), [1, -1])


def test_binary_cross_entropy_is_bounded() -> None:
    p = minigrad.tensor([0.0, 1.0]).requires_grad_()
    loss = F.binary_cross_entropy(p, minigrad.tensor([1.0, 0.0]), reduction="none")
    np.testing.assert_array_equal(loss.detach().numpy(), [100, 100])
    loss.sum().backward()
    np.testing.assert_allclose(p.grad.numpy(), [-1e12, 1e12])


def test_old_names_of_reductions() -> None:
    x, y = minigrad.tensor(X), minigrad.tensor(Y)
    assert F.mse_loss(x, y, size_average=False).item() == F.mse_loss(x, y, reduction="sum").item()
    assert nn.MSELoss(reduce=False)(x, y).shape == x.shape
    assert nn.NLLLoss(size_average=True).reduction == "mean"


def test_ctc_agrees_with_torch() -> None:
    rng = np.random.default_rng(3)
    logits = rng.standard_normal((12, 3, 5))
    targets = np.array([[1, 1, 2, 3], [4, 2, 0, 0], [3, 3, 3, 1]])
    inputs, lengths = np.array([12, 9, 10]), np.array([4, 2, 3])
    joined = np.concatenate([row[:n] for row, n in zip(targets, lengths, strict=True)])
    for reduction in ("mean", "sum", "none"):
        for labels in (targets, joined):
            x = minigrad.tensor(logits).requires_grad_()
            t = torch.tensor(logits, requires_grad=True)
            y = nn.CTCLoss(reduction=reduction)(
                x.log_softmax(2), minigrad.tensor(labels), minigrad.tensor(inputs), tuple(lengths)
            )
            expected = torch.nn.CTCLoss(reduction=reduction)(
                t.log_softmax(2), torch.tensor(labels), torch.tensor(inputs), torch.tensor(lengths)
            )
            y.sum().backward()
            expected.sum().backward()
            np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), 1e-10)
            np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), 1e-10, 1e-12)


def test_ctc_of_a_target_that_is_too_long() -> None:
    logs = minigrad.tensor(np.zeros((2, 1, 3))).log_softmax(2)
    target = minigrad.tensor([[1, 1]])  # needs a blank between, hence three steps
    assert F.ctc_loss(logs, target, [2], [2], reduction="sum").item() == np.inf
    assert F.ctc_loss(logs, target, [2], [2], reduction="sum", zero_infinity=True).item() == 0


SIGNED = ["mse_loss", "smooth_l1_loss", "soft_margin_loss"]


@pytest.mark.parametrize("name", [*SIGNED, "l1_loss", "huber_loss", "margin_ranking_loss"])
@pytest.mark.parametrize("dtype", ["bool", "uint8"])
def test_a_target_without_a_sign_is_a_number(name: str, dtype: str) -> None:
    # Its negative wraps around, or there is none.
    losses = []
    for kind in (dtype, "float64"):
        x = minigrad.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], dtype="float64", requires_grad=True)
        y = minigrad.tensor([[1, 0, 1], [0, 1, 1]], dtype=kind)
        others = (x * 2 + 1,) if name == "margin_ranking_loss" else ()
        loss = getattr(F, name)(x, *others, y)
        loss.backward()
        losses.append((loss.item(), x.grad.tolist()))
    assert losses[0] == losses[1]


@pytest.mark.parametrize("name", SIGNED)
def test_a_mask_beside_numbers_is_pytorchs(name: str) -> None:
    x, y = [[0.1, 0.2], [0.4, -0.5]], [[True, False], [True, True]]
    ours = getattr(F, name)(minigrad.tensor(x, dtype="float64"), minigrad.tensor(y))
    target = torch.tensor(y)
    if name == "soft_margin_loss":  # it has no negative of a mask
        target = target.long()
    theirs = getattr(torch.nn.functional, name)(torch.tensor(x, dtype=torch.float64), target)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-12)


def test_a_half_beside_a_wider_target_gives_the_type_that_pytorchs_gives() -> None:
    for name in (*SIGNED, "l1_loss", "huber_loss", "cross_entropy"):
        for wide in ("float32", "float64"):
            results = []
            for side in (minigrad, torch):
                x = side.tensor([[0.1, 0.7], [0.3, 0.4]], dtype=side.float16)
                y = side.tensor([[0.25, 0.75], [0.5, 0.5]], dtype=getattr(side, wide))
                results.append(getattr(side.nn.functional, name)(x, y))
            ours, theirs = results
            assert str(theirs.dtype) == f"torch.{ours.dtype}", name
            assert ours.item() == pytest.approx(theirs.item(), rel=1e-3)
    with pytest.raises(RuntimeError, match="one floating point type"):
        half = minigrad.tensor([0.5], dtype=minigrad.float16)
        F.binary_cross_entropy(half, minigrad.tensor([1.0]))


OLD = {
    "mse_loss": (None, None, "sum"),
    "smooth_l1_loss": (None, None, "sum", 0.5),
    "kl_div": (False,),
    "poisson_nll_loss": (False, True, None, 1e-4, None, "sum"),
    "soft_margin_loss": (True, False),
    "hinge_embedding_loss": (0.3, False),
    "multilabel_soft_margin_loss": (None, None, None, "none"),
    "binary_cross_entropy_with_logits": (None, False, None, "mean"),
}


@pytest.mark.parametrize("name", OLD)
def test_old_arguments_by_their_places(name: str) -> None:
    found = []
    for side in (minigrad, torch):
        x = side.tensor([[0.1, 0.7], [0.3, 0.4]], dtype=side.float64)
        y = side.tensor([[1.0, 0.0], [1.0, 1.0]], dtype=side.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(getattr(side.nn.functional, name)(x, y, *OLD[name]).tolist())
    assert np.allclose(*found, rtol=1e-12)


def test_old_arguments_of_modules_by_their_places() -> None:
    x, y = minigrad.tensor([[0.1, 0.7], [0.3, 0.4]]), minigrad.tensor([0, 1])
    last = F.cross_entropy(x, y, ignore_index=1, reduction="sum")
    assert minigrad.nn.CrossEntropyLoss(None, False, 1)(x, y).item() == last.item()
    assert minigrad.nn.MSELoss(None, None, "none")(x, x).shape == (2, 2)
    with pytest.raises(TypeError, match="positional"):
        minigrad.nn.MSELoss(None, None, "sum", 1)
    with pytest.raises(TypeError, match="positional"):
        F.mse_loss(x, x, None, None, "sum", reduction="mean")
