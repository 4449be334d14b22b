"""Normalisation layers against torch: training, evaluation, running statistics, higher orders."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from agreement import agree, normal, ours

import minigrad
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.nn import functional as F
from minigrad.nn import normalization as layers

torch = pytest.importorskip("torch")

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("BatchNorm1d", (3,), {}, (5, 3)),
    ("BatchNorm1d", (3,), {"momentum": None}, (4, 3, 5)),
    ("BatchNorm2d", (3,), {"eps": 0.1, "momentum": 0.3}, (4, 3, 2, 5)),
    ("BatchNorm2d", (3,), {"affine": False}, (4, 3, 2, 5)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (4, 3, 2, 5)),
    ("BatchNorm3d", (2,), {}, (3, 2, 2, 2, 2)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {}, (3, 4)),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, (2, 3, 4, 2)),
    ("InstanceNorm3d", (3,), {"affine": True}, (2, 3, 2, 2, 2)),
    ("LayerNorm", (5,), {}, (2, 3, 5)),
    ("LayerNorm", ((3, 5),), {"eps": 0.1, "bias": False}, (2, 3, 5)),
    ("LayerNorm", ([5],), {"elementwise_affine": False}, (2, 5)),
    ("RMSNorm", (5,), {}, (2, 3, 5)),
    ("RMSNorm", ((3, 5),), {"eps": 0.1, "elementwise_affine": False}, (2, 3, 5)),
    ("GroupNorm", (2, 6), {}, (3, 6, 4)),
    ("GroupNorm", (3, 6), {"affine": False, "eps": 0.1}, (3, 6, 2, 2)),
    ("LocalResponseNorm", (3,), {"alpha": 0.5, "k": 2.0}, (2, 5, 3, 2)),
]


def both(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """The layer here and in torch, in float64, with the same random parameters."""
    typed = {} if name == "LocalResponseNorm" else {"dtype": minigrad.float64}
    mine = getattr(layers, name)(*args, **kwargs, **typed)
    other = getattr(torch.nn, name)(*args, **kwargs, **(typed and {"dtype": torch.float64}))
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        value = normal(*p.shape)
        p.data = minigrad.from_numpy(value)
        q.data = torch.from_numpy(value.copy())
    return mine, other


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers_agree_with_torch(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> None:
    mine, other = both(name, args, kwargs)
    shown = repr(mine)
    if "bias=" not in repr(other):  # torch before 2.13
        shown = re.sub(r", bias=\w+", "", shown)
    assert shown == repr(other)
    for mode in (True, True, False):
        mine.train(mode)
        other.train(mode)
        agree(mine, other, 3 + 2 * normal(*shape))
    state, expected = mine.state_dict(), other.state_dict()
    assert list(state) == list(expected)
    for key, value in state.items():
        assert str(value.dtype) == str(expected[key].dtype).removeprefix("torch."), key
        np.testing.assert_allclose(
            value.numpy(), expected[key].numpy(), rtol=1e-10, atol=1e-12, err_msg=key
        )
    for p, q in zip(mine.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("training", [True, False])
def test_second_derivatives_of_batch_norm(training: bool) -> None:
    mean, var = minigrad.from_numpy(normal(2)), minigrad.from_numpy(normal(2) ** 2 + 0.5)

    def norm(x: Any, w: Any, b: Any) -> Any:
        return F.batch_norm(x, mean.clone(), var.clone(), w, b, training) ** 2

    operands = [ours(normal(3, 2, 3)), ours(normal(2)), ours(normal(2))]
    assert gradcheck(norm, operands)
    assert gradgradcheck(norm, operands)


def test_a_large_mean_does_not_cost_the_variance() -> None:
    """One pass with E x² - (E x)² would leave no digit of it."""
    x = minigrad.from_numpy(1e8 + normal(64, 2))
    y = F.batch_norm(x, None, None, training=True, eps=1e-30).numpy()
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(0), 1, rtol=1e-6)


def test_the_whole_average_of_batches() -> None:
    layer = layers.BatchNorm1d(2, momentum=None, dtype=minigrad.float64)
    batches = [normal(4, 2) for _ in range(3)]
    for batch in batches:
        layer(minigrad.from_numpy(batch))
    assert layer.num_batches_tracked is not None and layer.num_batches_tracked.item() == 3
    assert layer.running_mean is not None and layer.running_var is not None
    means = np.mean([b.mean(0) for b in batches], axis=0)
    np.testing.assert_allclose(layer.running_mean.numpy(), means)
    variances = np.mean([b.var(0, ddof=1) for b in batches], axis=0)
    np.testing.assert_allclose(layer.running_var.numpy(), variances)
    layer.reset_running_stats()
    assert layer.running_var.tolist() == [1, 1] and layer.num_batches_tracked.item() == 0


def test_evaluation_counts_nothing() -> None:
    layer = layers.BatchNorm2d(2).eval()
    before = {k: v.numpy().copy() for k, v in layer.state_dict().items()}
    layer(minigrad.randn(2, 2, 3, 3))
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[key])


@pytest.mark.parametrize(
    ("kind", "call", "message"),
    [
        (
            ValueError,
            lambda: layers.BatchNorm2d(2)(minigrad.zeros(1, 2, 1, 1)),
            "Expected more than 1 value per channel when training",
        ),
        (
            ValueError,
            lambda: layers.InstanceNorm2d(2)(minigrad.zeros(3, 2, 1, 1)),
            "Expected more than 1 spatial element",
        ),
        (ValueError, lambda: layers.BatchNorm2d(2)(minigrad.zeros(3, 2)), "expected 4D input"),
        (
            ValueError,
            lambda: layers.BatchNorm1d(2)(minigrad.zeros(3, 2, 1, 1)),
            "expected 2D or 3D input",
        ),
        (RuntimeError, lambda: layers.BatchNorm2d(2)(minigrad.zeros(3, 4, 2, 2)), "contain 4 elem"),
        (
            RuntimeError,
            lambda: F.batch_norm(minigrad.zeros(2, 2), None, None),
            "running_mean and running_var to be defined",
        ),
        (RuntimeError, lambda: layers.LayerNorm(5)(minigrad.zeros(5, 2)), r"with shape \[\*, 5\]"),
        (ValueError, lambda: layers.GroupNorm(2, 5), "must be divisible by num_groups"),
        (RuntimeError, lambda: F.group_norm(minigrad.zeros(2, 5), 2), "divisible by num_groups"),
        (ValueError, lambda: F.local_response_norm(minigrad.zeros(2, 2), 2), "3D or higher"),
        (
            RuntimeError,
            lambda: F.layer_norm(minigrad.zeros(2, 2).long(), (2,)),
            "floating-point input, got int64",
        ),
    ],
)
def test_what_does_not_fit_is_named(kind: type[Exception], call: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("name", ["batch_norm", "instance_norm", "group_norm"])
def test_the_tape_keeps_one_array_of_the_inputs_size(name: str) -> None:
    """Deep networks are as large as what their normalisations keep."""
    x, w, b = ours(normal(4, 6, 5)), ours(normal(6)), ours(normal(6))
    settings: tuple[Any, ...] = (2, w, b) if name == "group_norm" else (None, None, w, b, True)
    y = getattr(F, name)(x * 2, *settings)
    kept, todo = set(), [y.grad_fn]
    while todo:
        node = todo.pop()
        values = [t.array for t in node.saved if isinstance(t, minigrad.Tensor)]
        kept |= {id(a) if a.base is None else id(a.base) for a in values if a.size == x.numel()}
        todo += [source for source in node.inputs if not isinstance(source, minigrad.Tensor | None)]
        assert node._result is None or node._result[0].size < x.numel()
    assert len(kept) == 1


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 4), (2, 3, 0)])
def test_nothing_is_learnt_of_nothing(shape: tuple[int, ...]) -> None:
    kept = minigrad.nn.BatchNorm1d(3), minigrad.nn.InstanceNorm1d(3, track_running_stats=True)
    for layer in kept[: 1 if len(shape) == 2 else 2]:
        layer.running_mean.fill_(2.0)
        x = minigrad.zeros(shape, requires_grad=True)
        y = layer(x)
        y.sum().backward()
        assert y.shape == shape and x.grad is not None and x.grad.shape == shape
        np.testing.assert_array_equal(layer.running_mean.numpy(), 2.0)
        np.testing.assert_array_equal(layer.running_var.numpy(), 1.0)
