"""Attention with several heads and the transformer's encoder, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn

torch = pytest.importorskip("torch")

L, S, N, E = 3, 5, 2, 4


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def same_weights(mine: Any, theirs: Any) -> None:
    mine.double()
    theirs.double()
    with minigrad.no_grad():  # biases start at zero, where they would hide a mistake
        for i, p in enumerate(mine.parameters()):
            p.add_(minigrad.tensor(normal(*p.shape) * 0.1 + i * 0.01))
    state = mine.state_dict()
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.from_numpy(v.numpy()) for k, v in state.items()})


def alike(mine: Any, theirs: Any) -> None:
    assert (mine is None) == (theirs is None)
    if mine is not None:
        np.testing.assert_allclose(
            mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-10, atol=1e-12
        )


def compare(mine: Any, theirs: Any, inputs: list[np.ndarray], **masks: Any) -> None:
    """Results, weights and all gradients. One input stands for query, key and value."""

    def run(module: Any, make: Any) -> tuple[Any, Any, list[Any]]:
        xs = [make(x).requires_grad_() for x in inputs]
        given = {k: make(v) if isinstance(v, np.ndarray) else v for k, v in masks.items()}
        out = module(*(xs if len(xs) == 3 or not hasattr(module, "head_dim") else xs * 3), **given)
        y, weights = out if isinstance(out, tuple) else (out, None)
        (y * y).sum().backward()
        return y, weights, [t.grad for t in (*xs, *module.parameters())]

    y, weights, grads = run(mine, minigrad.tensor)
    z, other_weights, other_grads = run(theirs, torch.tensor)
    alike(y, z)
    alike(weights, other_weights)
    for g, h in zip(grads, other_grads, strict=True):
        alike(g, h)


causal = np.triu(np.ones((L, L), bool), 1)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"add_bias_kv": True, "add_zero_attn": True},
    {"batch_first": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_self_attention(options: dict[str, Any]) -> None:
    mine, theirs = (
        nn.MultiheadAttention(E, 2, **options),
        torch.nn.MultiheadAttention(E, 2, **options),
    )
    same_weights(mine, theirs)
    shape = (N, L, E) if options.get("batch_first") else (L, N, E)
    padding = np.array([[False, False, True], [False, False, False]])
    for masks in (
        {},
        {"need_weights": False},
        {"average_attn_weights": False},
        {"attn_mask": causal},
        {"attn_mask": causal, "is_causal": True, "need_weights": False},
        {"attn_mask": normal(L, L)},
        {"attn_mask": normal(N * 2, L, L), "need_weights": False},
        {"attn_mask": causal, "key_padding_mask": padding},
        {"key_padding_mask": padding, "need_weights": False},
    ):
        if masks.get("is_causal") and mine.add_zero_attn:
            continue  # the hint makes PyTorch hide what was added; with the mask alone it does not
        mine.zero_grad()
        theirs.zero_grad()
        compare(mine, theirs, [normal(*shape)], **masks)
    mine.zero_grad()
    theirs.zero_grad()
    compare(mine, theirs, [normal(L, E)], key_padding_mask=padding[0])


@pytest.mark.parametrize("sizes", [(E, E), (3, 6)])
def test_attention_to_something_else(sizes: tuple[int, int]) -> None:
    kdim, vdim = sizes
    options = {"kdim": kdim, "vdim": vdim, "add_bias_kv": True}
    mine, theirs = (
        nn.MultiheadAttention(E, 2, **options),
        torch.nn.MultiheadAttention(E, 2, **options),
    )
    same_weights(mine, theirs)
    inputs = [normal(L, N, E), normal(S, N, kdim), normal(S, N, vdim)]
    compare(mine, theirs, inputs)
    mine.zero_grad()
    theirs.zero_grad()
    compare(mine, theirs, inputs, need_weights=False, attn_mask=normal(L, S) > 1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"norm_first": True, "activation": "gelu"},
        {"batch_first": True, "bias": False, "layer_norm_eps": 1e-3},
    ],
    ids=str,
)
def test_encoder(options: dict[str, Any]) -> None:
    options = {**options, "dim_feedforward": 6, "dropout": 0.0}
    mine, theirs = (
        nn.TransformerEncoderLayer(E, 2, **options),
        torch.nn.TransformerEncoderLayer(E, 2, **options),
    )
    same_weights(mine, theirs)
    assert repr(mine) == repr(theirs)
    shape = (N, L, E) if options.get("batch_first") else (L, N, E)
    compare(mine, theirs, [normal(*shape)])
    compare(mine.eval(), theirs.train(), [normal(*shape)], src_mask=causal, is_causal=True)

    stack = nn.TransformerEncoder(mine, 2, nn.LayerNorm(E))
    other = torch.nn.TransformerEncoder(theirs, 2, torch.nn.LayerNorm(E), False)
    assert stack.layers[0] is not mine
    same_weights(stack, other)
    stack.zero_grad()
    other.zero_grad()
    padding = np.array([[False, False, True], [False, False, False]])
    compare(stack, other, [normal(*shape)], src_key_padding_mask=padding)


def test_dropout_in_training() -> None:
    layer, x = nn.TransformerEncoderLayer(E, 2, 8, dropout=0.5), minigrad.randn(L, N, E)
    assert (layer(x).detach().numpy() != layer(x).detach().numpy()).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x).detach().numpy(), layer(x).detach().numpy())


def test_errors() -> None:
    x = minigrad.ones(L, N, E)
    for make, error in (
        (lambda n: n.MultiheadAttention(0, 1), ValueError),
        (lambda n: n.MultiheadAttention(5, 2), AssertionError),
        (lambda n: n.TransformerEncoderLayer(E, 2, activation="cube"), RuntimeError),
    ):
        with pytest.raises(error):
            make(nn)
        with pytest.raises(error):
            make(torch.nn)
    attention = nn.MultiheadAttention(E, 2)
    with pytest.raises(RuntimeError, match="is_causal hint"):
        attention(x, x, x, is_causal=True)
    with pytest.raises(AssertionError, match="was expecting embedding dimensions"):
        attention(x[..., :3], x, x)
    with pytest.raises(AssertionError, match="all 2-D or all 3-D"):
        attention(x[0, 0], x, x)
    with pytest.raises(AssertionError, match="do not match value's"):
        attention(x, x, x[:2])
    with pytest.raises(RuntimeError, match="should be 2 or 3"):
        attention(x, x, x, attn_mask=minigrad.ones(3))
    with pytest.raises(AssertionError, match="key_padding_mask to be 2-D, got 1-D"):
        attention(x, x, x, key_padding_mask=minigrad.ones(3))


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("kind", ["bool", "numbers"])
def test_a_query_that_may_look_nowhere_gets_0(kind: str, need_weights: bool) -> None:
    """PyTorch gives nan where it needs the weights, and so do its gradients."""
    attention = minigrad.nn.MultiheadAttention(4, 2, batch_first=True).double()
    x = minigrad.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 4))).requires_grad_()
    hidden = minigrad.tensor([[True] * 3, [False] * 3, [False, True, False]])
    mask = hidden if kind == "bool" else minigrad.zeros(3, 3).double().masked_fill(hidden, -np.inf)
    for twin in (attention, minigrad.compile(attention, native=False)):
        z = x.detach()
        y, weights = twin(z, z, z, attn_mask=mask, need_weights=need_weights)
        assert attention.out_proj.bias is not None
        np.testing.assert_allclose(
            y.numpy(force=True)[:, 0], np.tile(attention.out_proj.bias.numpy(force=True), (2, 1))
        )
        if weights is not None:
            np.testing.assert_array_equal(weights.numpy(force=True)[:, 0], 0)
            np.testing.assert_allclose(weights.numpy(force=True)[:, 1:].sum(-1), 1)
    attention.zero_grad()
    y, _ = attention(x, x, x, attn_mask=mask, need_weights=need_weights)
    y.square().sum().backward()
    for p in (x, *attention.parameters()):
        assert p.grad is not None and bool(p.grad.isfinite().all())
