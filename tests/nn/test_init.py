"""Initialisers: their distributions, their shapes, and what every layer starts from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import init


def numbers(t: minigrad.Tensor) -> np.ndarray:
    return t.detach().numpy()


def big() -> minigrad.Tensor:
    return minigrad.empty(300, 200, dtype=minigrad.float64)


def is_uniform(x: np.ndarray, bound: float) -> None:
    assert np.abs(x).max() <= bound
    assert abs(x.mean()) < 4 * bound / math.sqrt(3 * x.size)
    assert abs(x.std() / (bound / math.sqrt(3)) - 1) < 4 / math.sqrt(x.size)


def is_normal(x: np.ndarray, mean: float, std: float) -> None:
    assert abs(x.mean() - mean) < 4 * std / math.sqrt(x.size)
    assert abs(x.std() / std - 1) < 4 / math.sqrt(x.size)
    assert abs((np.abs(x - mean) < std).mean() - 0.6827) < 0.02


@pytest.fixture(autouse=True)
def seeded() -> None:
    minigrad.manual_seed(0)


def test_uniform_and_normal() -> None:
    t = big()
    assert init.uniform_(t, -2, 2) is t
    is_uniform(numbers(t), 2)
    is_normal(numbers(init.normal_(big(), 1, 3)), 1, 3)


def test_truncated_normal() -> None:
    x = numbers(init.trunc_normal_(big(), 0.5, 2, -1, 1))
    assert x.min() >= -1 and x.max() <= 1
    rng = np.random.default_rng(0).normal(0.5, 2, 10**6)
    truth = rng[(rng >= -1) & (rng <= 1)]
    assert abs(x.mean() - truth.mean()) < 0.01 and abs(x.std() - truth.std()) < 0.01
    for quantile in (0.1, 0.5, 0.9):
        assert abs(np.quantile(x, quantile) - np.quantile(truth, quantile)) < 0.02


@pytest.mark.parametrize("fill", [init.uniform_, init.normal_, init.trunc_normal_])
def test_a_large_tensor_is_drawn_in_pieces_of_the_same_numbers(fill: Any) -> None:
    shape = (3, 7, init.PIECE // 10)
    whole = minigrad.empty(shape, dtype=minigrad.float64)
    minigrad.manual_seed(0)
    fill(whole)
    minigrad.manual_seed(0)
    for row in whole.reshape(21, -1):
        assert (fill(minigrad.empty(row.shape, dtype=minigrad.float64)) == row).all()
    turned = minigrad.empty(shape[::-1]).permute(2, 1, 0)
    minigrad.manual_seed(0)
    assert (fill(turned) == whole.float()).all()


def test_constants() -> None:
    assert (numbers(init.constant_(minigrad.empty(3), 1.5)) == 1.5).all()
    assert (numbers(init.ones_(minigrad.empty(3))) == 1).all()
    assert (numbers(init.zeros_(minigrad.empty(3))) == 0).all()
    np.testing.assert_array_equal(numbers(init.eye_(minigrad.empty(3, 4))), np.eye(3, 4))


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 2, 3, 3), (6, 3, 2, 2, 3)])
@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_agrees_with_torch(shape: tuple[int, ...], groups: int) -> None:
    torch = pytest.importorskip("torch")
    mine = init.dirac_(minigrad.empty(*shape), groups)
    np.testing.assert_array_equal(
        numbers(mine), torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
    )


def test_xavier_and_kaiming() -> None:
    shape = (60, 40, 3, 3)
    fan_in, fan_out = 40 * 9, 60 * 9

    def made(f: Callable[..., Any], *args: Any, **kwargs: Any) -> np.ndarray:
        return numbers(f(minigrad.empty(*shape, dtype=minigrad.float64), *args, **kwargs))

    is_uniform(made(init.xavier_uniform_, 2), 2 * math.sqrt(6 / (fan_in + fan_out)))
    is_normal(made(init.xavier_normal_, 2), 0, 2 * math.sqrt(2 / (fan_in + fan_out)))
    is_uniform(made(init.kaiming_uniform_), math.sqrt(6 / fan_in))
    is_uniform(made(init.kaiming_uniform_, a=2), math.sqrt(3) * math.sqrt(2 / 5 / fan_in))
    relu = {"mode": "fan_out", "nonlinearity": "relu"}
    is_normal(made(init.kaiming_normal_, **relu), 0, math.sqrt(2 / fan_out))
    is_normal(made(init.kaiming_normal_, nonlinearity="tanh"), 0, 5 / 3 / math.sqrt(fan_in))


@pytest.mark.parametrize("shape", [(5, 5), (4, 7), (7, 4), (6, 2, 2)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    q = numbers(init.orthogonal_(minigrad.empty(*shape, dtype=minigrad.float64), gain=2))
    q = q.reshape(shape[0], -1) / 2
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_sparse() -> None:
    x = numbers(init.sparse_(minigrad.empty(50, 400), 0.33, std=2))
    assert ((x == 0).sum(axis=0) == 17).all()
    is_normal(x[x != 0], 0, 2)
    assert len({tuple(column) for column in (x == 0).T}) > 300, "the places differ"


@pytest.mark.parametrize("shape", [(3, 5), (4, 2, 3), (6, 1, 5, 5)])
def test_fans_agree_with_torch_under_its_name(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    fans = nn.init._calculate_fan_in_and_fan_out(minigrad.zeros(shape))
    assert fans == torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape))


def test_gains_agree_with_torch() -> None:
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.2) == torch.nn.init.calculate_gain("leaky_relu", 0.2)


def test_errors() -> None:
    with pytest.raises(ValueError, match="Unsupported nonlinearity swish"):
        init.calculate_gain("swish")
    with pytest.raises(ValueError, match="not a valid number"):
        init.calculate_gain("leaky_relu", True)
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        init.xavier_uniform_(minigrad.empty(3))
    with pytest.raises(ValueError, match="Mode fan_up not supported"):
        init.kaiming_normal_(minigrad.empty(3, 3), mode="fan_up")
    for f in (init.eye_, lambda t: init.sparse_(t, 0.1)):
        with pytest.raises(ValueError, match="2 dimensions"):
            f(minigrad.empty(3))
    with pytest.raises(ValueError, match="2 or more dimensions"):
        init.orthogonal_(minigrad.empty(3))
    with pytest.raises(ValueError, match="3, 4, or 5 dimensions"):
        init.dirac_(minigrad.empty(3, 3))
    with pytest.raises(ValueError, match="divisible by groups"):
        init.dirac_(minigrad.empty(3, 3, 3), 2)


def test_off_the_tape_and_reproducible() -> None:
    p = nn.Parameter(minigrad.empty(4, 4))
    assert init.xavier_uniform_(p) is p and p.is_leaf and p.requires_grad
    generator = minigrad.Generator().manual_seed(5)
    a = numbers(init.normal_(minigrad.empty(4, 4), generator=generator))
    b = numbers(init.normal_(minigrad.empty(4, 4, dtype=minigrad.float64), generator=generator))
    generator.manual_seed(5)
    np.testing.assert_array_equal(
        numbers(init.normal_(minigrad.empty(4, 4), generator=generator)), a
    )
    generator.manual_seed(5)
    double = init.normal_(minigrad.empty(4, 4, dtype=minigrad.float64), generator=generator)
    np.testing.assert_array_equal(numbers(double).astype(np.float32), a)
    assert (b != numbers(double)).any()


STARTS: dict[str, tuple[Callable[[], nn.Module], float]] = {
    "FullConnection": (lambda: nn.FullConnection(100, 300), 0.1),
    "Bilinear": (lambda: nn.Bilinear(100, 20, 30), 0.1),
    "RNN": (lambda: nn.RNN(60, 100, 2), 0.1),
    "LSTM": (lambda: nn.LSTM(60, 100, bidirectional=True), 0.1),
    "GRU": (lambda: nn.GRU(60, 100), 0.1),
    "LSTMCell": (lambda: nn.LSTMCell(60, 100), 0.1),
}


@pytest.mark.parametrize("make, bound", STARTS.values(), ids=STARTS)
def test_layers_start_as_in_torch(make: Callable[[], nn.Module], bound: float) -> None:
    for _, p in make().double().named_parameters():
        x = numbers(p)
        assert np.abs(x).max() <= bound and np.abs(x).max() > 0.9 * bound
        if x.size > 1000:
            is_uniform(x, bound)


def test_embedding_starts_normal() -> None:
    is_normal(numbers(nn.Embedding(300, 100).weight), 0, 1)
