"""Linear, dropout, embedding and shape layers, against PyTorch and in their errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from minigrad import nn

torch = pytest.importorskip("torch")


def alike(mine: Any, theirs: Any, tolerance: float = 1e-12) -> None:
    np.testing.assert_allclose(
        mine.detach().numpy(), theirs.detach().numpy(), rtol=tolerance, atol=tolerance
    )


def compare(layer: nn.Module, other: Any, *inputs: np.ndarray) -> None:
    """The same weights, the same inputs: results and all gradients."""
    layer.double()
    other.double()
    other.load_state_dict({k: torch.from_numpy(v.numpy()) for k, v in layer.state_dict().items()})
    assert repr(layer).replace("FullConnection", "Linear") == repr(other)
    mine = [minigrad.tensor(x) for x in inputs]
    theirs = [torch.tensor(x) for x in inputs]
    for x, t in zip(mine, theirs, strict=True):
        if x.is_floating_point():
            x.requires_grad_()
            t.requires_grad_()
    y, z = layer(*mine), other(*theirs)
    alike(y, z)
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(minigrad.tensor(g))
    z.backward(torch.tensor(g))
    for x, t in zip(mine, theirs, strict=True):
        if x.requires_grad:
            alike(x.grad, t.grad)
    for (name, p), (_, q) in zip(layer.named_parameters(), other.named_parameters(), strict=True):
        alike(p.grad, q.grad), name


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def test_full_connection_is_linear() -> None:
    layer = nn.FullConnection(3, 4)
    assert isinstance(layer, nn.Linear) and not isinstance(nn.Linear(3, 4), nn.FullConnection)
    assert repr(layer) == "FullConnection(in_features=3, out_features=4, bias=True)"
    nn.Linear(3, 4).load_state_dict(layer.state_dict())
    for shape in ((5, 3), (2, 5, 3), (3,), (0, 3)):
        compare(nn.FullConnection(3, 4), torch.nn.Linear(3, 4), normal(*shape))
    compare(nn.Linear(3, 4, bias=False), torch.nn.Linear(3, 4, bias=False), normal(5, 3))
    assert nn.Linear(3, 4, False).bias is None
    assert nn.Linear(3, 4, dtype=minigrad.float64).weight.dtype == minigrad.float64


def test_bilinear() -> None:
    compare(nn.Bilinear(3, 2, 4), torch.nn.Bilinear(3, 2, 4), normal(5, 3), normal(5, 2))
    compare(
        nn.Bilinear(3, 2, 4, bias=False),
        torch.nn.Bilinear(3, 2, 4, bias=False),
        normal(2, 5, 3),
        normal(2, 5, 2),
    )


def test_shape_layers() -> None:
    for make in (
        lambda n: n.Flatten(),
        lambda n: n.Flatten(0, 1),
        lambda n: n.Flatten(-2),
        lambda n: n.Unflatten(1, (3, 2)),
        lambda n: n.Unflatten(-1, (2, -1)),
        lambda n: n.Identity(7, colour=3),
    ):
        compare(make(nn), make(torch.nn), normal(2, 6, 4))
    with pytest.raises(TypeError, match="tuple of ints"):
        nn.Unflatten(1, "ab")


@pytest.mark.parametrize("padding", [None, 2, -1])
def test_embedding(padding: int | None) -> None:
    layer = nn.Embedding(5, 3, padding_idx=padding)
    if padding is not None:
        assert not layer.weight.detach().numpy()[padding].any()
    numbers = np.random.default_rng(0).integers(0, 5, (4, 6))
    compare(layer, torch.nn.Embedding(5, 3, padding_idx=padding), numbers)


def test_embedding_shortens_rows_that_are_used() -> None:
    table = normal(6, 3) * 3
    numbers = np.array([[0, 1, 1], [4, 0, 1]])
    for norm in (2.0, 1.0):
        mine, theirs = minigrad.tensor(table), torch.tensor(table)
        y = F.embedding(minigrad.tensor(numbers), mine, max_norm=1.5, norm_type=norm)
        z = torch.nn.functional.embedding(
            torch.tensor(numbers), theirs, max_norm=1.5, norm_type=norm
        )
        alike(y, z)
        alike(mine, theirs)
    layer = nn.Embedding(6, 3, max_norm=1.5, norm_type=1.0)
    assert repr(layer) == "Embedding(6, 3, max_norm=1.5, norm_type=1.0)"
    assert layer(minigrad.tensor(numbers)).requires_grad


def test_embedding_from_a_table() -> None:
    table = minigrad.tensor(normal(4, 2))
    layer = nn.Embedding.from_pretrained(table, padding_idx=1)
    assert not layer.weight.requires_grad and layer.padding_idx == 1
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    with pytest.raises(ValueError, match="2-dimensional"):
        nn.Embedding.from_pretrained(table[0])


def test_errors() -> None:
    table, x = minigrad.ones(4, 2), minigrad.ones(2, 3)
    with pytest.raises(RuntimeError, match=r"linear: .*\(5, 4\), got \(2, 3\).*cannot be multipl"):
        F.linear(x, minigrad.ones(5, 4))
    with pytest.raises(RuntimeError, match=r"expected a bias of shape \(5,\)"):
        F.linear(x, minigrad.ones(5, 3), minigrad.ones(4))
    with pytest.raises(RuntimeError, match="same dtype, got float32, float64"):
        F.linear(x, minigrad.ones(5, 3, dtype=minigrad.float64))
    with pytest.raises(RuntimeError, match="bool"):
        F.linear(x > 0, minigrad.ones(5, 3) > 0)
    with pytest.raises(RuntimeError, match="bilinear: expected"):
        F.bilinear(x, x, minigrad.ones(4, 3, 2))
    with pytest.raises(ValueError, match="in1_features must be > 0"):
        nn.Bilinear(0, 2, 3)
    with pytest.raises(IndexError, match="index out of range in self: 4 for a table of 4 rows"):
        F.embedding(minigrad.tensor([0, 4]), table)
    with pytest.raises(IndexError, match="index out of range in self: -1"):
        F.embedding(minigrad.tensor([0, -1]), table)
    with pytest.raises(RuntimeError, match="integer type"):
        F.embedding(minigrad.ones(2), table)
    with pytest.raises(RuntimeError, match="must be 2-D"):
        F.embedding(minigrad.tensor([0]), table[0])
    with pytest.raises(ValueError, match="within num_embeddings"):
        F.embedding(minigrad.tensor([0]), table, padding_idx=4)
    with pytest.raises(ValueError, match="within num_embeddings"):
        nn.Embedding(4, 2, padding_idx=-5)
    for make in (nn.Dropout, nn.AlphaDropout, lambda p: F.dropout(x, p)):
        with pytest.raises(ValueError, match=r"between 0 and 1, but got 1\.5"):
            make(1.5)
    with pytest.raises(RuntimeError, match="dropout1d: Expected 2D or 3D"):
        F.dropout1d(minigrad.ones(3))
    with pytest.raises(RuntimeError, match="feature_alpha_dropout"):
        F.feature_alpha_dropout(minigrad.ones(3), training=True)


# -- dropout: chance, so shares and moments ----------------


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_keeps_the_share_and_the_mean(p: float) -> None:
    x = minigrad.ones(200, 300).requires_grad_()
    y = F.dropout(x, p)
    kept = y.detach().numpy() != 0
    assert abs(kept.mean() - (1 - p)) < 0.01
    np.testing.assert_allclose(y.detach().numpy()[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


def test_dropout_of_channels() -> None:
    for function, shape, axes in (
        (F.dropout1d, (20, 30, 5), (2,)),
        (F.dropout2d, (20, 30, 5, 2), (2, 3)),
        (F.dropout2d, (20, 30, 5), (2,)),
        (F.dropout3d, (20, 30, 2, 2, 2), (2, 3, 4)),
        (F.dropout3d, (300, 2, 2, 2), (1, 2, 3)),
        (F.feature_alpha_dropout, (20, 30, 5), (2,)),
    ):
        y = function(minigrad.ones(*shape), 0.5, True).numpy()
        assert np.ptp(y, axis=axes).max() == 0, "a channel is whole"
        share = (y == y.max()).mean()
        assert 0.35 < share < 0.65


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    y = F.alpha_dropout(minigrad.randn(300, 300), 0.3, training=True).numpy()
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.03


def test_dropout_in_place_and_in_evaluation() -> None:
    for layer in (nn.Dropout(0.5, inplace=True), nn.AlphaDropout(0.5, inplace=True)):
        x = minigrad.ones(100)
        assert layer(x) is x and (x.numpy() != 1).any()
        x = minigrad.ones(100)
        assert layer.eval()(x) is x and (x.numpy() == 1).all()
    x = minigrad.ones(4)
    assert not F.dropout(x, 1.0).numpy().any() and not F.alpha_dropout(x, 1.0, True).numpy().any()


def test_a_seed_gives_the_same_network() -> None:
    minigrad.manual_seed(3)
    a = F.dropout(minigrad.ones(50)).numpy()
    b = F.dropout(minigrad.ones(50)).numpy()
    minigrad.manual_seed(3)
    np.testing.assert_array_equal(F.dropout(minigrad.ones(50)).numpy(), a)
    assert (a != b).any()


def test_looks() -> None:
    for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d"):
        assert repr(getattr(nn, name)(0.3)) == repr(getattr(torch.nn, name)(0.3))
    for name in ("AlphaDropout", "FeatureAlphaDropout"):
        assert repr(getattr(nn, name)(0.3, True)) == repr(getattr(torch.nn, name)(0.3, True))
