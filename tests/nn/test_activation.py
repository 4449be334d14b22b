"""Activations as modules, against PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")

MODULES: list[tuple[str, tuple[Any, ...]]] = [
    ("Sigmoid", ()),
    ("Tanh", ()),
    ("LogSigmoid", ()),
    ("Softsign", ()),
    ("Tanhshrink", ()),
    ("ReLU", ()),
    ("ReLU", (True,)),
    ("ReLU6", ()),
    ("ReLU6", (True,)),
    ("SELU", ()),
    ("SELU", (True,)),
    ("SiLU", ()),
    ("SiLU", (True,)),
    ("Mish", ()),
    ("Mish", (True,)),
    ("Hardsigmoid", ()),
    ("Hardsigmoid", (True,)),
    ("Hardswish", ()),
    ("Hardswish", (True,)),
    ("Hardtanh", ()),
    ("Hardtanh", (-0.5, 0.7, True)),
    ("LeakyReLU", ()),
    ("LeakyReLU", (0.2, True)),
    ("LeakyReLU", (-0.2,)),
    ("PReLU", ()),
    ("PReLU", (4, 0.1)),
    ("RReLU", ()),
    ("ELU", ()),
    ("ELU", (0.5, True)),
    ("ELU", (-0.5,)),
    ("CELU", ()),
    ("CELU", (2.0, True)),
    ("GELU", ()),
    ("GELU", ("tanh",)),
    ("Softplus", ()),
    ("Softplus", (2.0, 1.0)),
    ("Hardshrink", ()),
    ("Softshrink", (0.3,)),
    ("Threshold", (0.1, 20.0)),
    ("Threshold", (0.1, 20.0, True)),
    ("GLU", ()),
    ("GLU", (1,)),
    ("Softmax", ()),
    ("Softmax", (1,)),
    ("LogSoftmax", (-1,)),
    ("Softmin", (0,)),
    ("Softmax2d", ()),
]


def pair(name: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    return getattr(nn, name)(*args), getattr(torch.nn, name)(*args)


@pytest.mark.parametrize(("name", "args"), MODULES)
def test_module_agrees_with_torch(name: str, args: tuple[Any, ...]) -> None:
    ours, theirs = pair(name, args)
    assert repr(ours) == repr(theirs)
    ours.double().eval()
    theirs.double().eval()
    numbers = 2 * np.random.default_rng(0).standard_normal((2, 4, 3, 2))
    numbers[0, 0] = [[-6.0, -3.0], [0.0, 3.0], [6.0, 40.0]]  # the kinks themselves
    x = minigrad.tensor(numbers).requires_grad_()
    t = torch.tensor(numbers, requires_grad=True)
    if name == "Softmax" and not args:
        with pytest.warns(UserWarning, match="Implicit dimension"):
            expected = theirs(t * 1.0)
    else:
        expected = theirs(t * 1.0)
    y = ours(x * 1.0)  # of its own, so that inplace=True may write over it
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(minigrad.tensor(g))
    expected.backward(torch.tensor(g))
    # PyTorch's constants of hardsigmoid are rounded to float32.
    tolerance = 1e-7 if name == "Hardsigmoid" else 1e-10
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), tolerance, tolerance)
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), tolerance, tolerance)
    for (key, ours_p), (their_key, their_p) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert key == their_key
        np.testing.assert_allclose(ours_p.grad.numpy(), their_p.grad.numpy(), 1e-10)


def test_inplace_writes_over_the_operand() -> None:
    x = minigrad.tensor([-1.0, 2.0])
    for module in (nn.ReLU(True), nn.ELU(inplace=True), nn.Mish(True)):
        y = x.clone()
        assert module(y) is y
        np.testing.assert_array_equal(y.detach().numpy(), type(module)()(x).numpy())


def test_rrelu_draws_slopes_in_training() -> None:
    minigrad.manual_seed(0)
    x = -minigrad.ones(1000)
    x.requires_grad_()
    y = nn.RReLU(0.1, 0.3)(x)
    y.sum().backward()
    slopes = -y.detach().numpy()
    assert 0.1 <= slopes.min() < 0.11 and 0.29 < slopes.max() < 0.3
    np.testing.assert_allclose(x.grad.numpy(), slopes)


def test_gumbel_softmax_draws_classes_in_proportion() -> None:
    minigrad.manual_seed(0)
    p = np.array([0.1, 0.2, 0.7])
    logits = minigrad.tensor(np.log(p)).expand(20000, 3).clone().requires_grad_()
    y = F.gumbel_softmax(logits, hard=True)
    np.testing.assert_allclose(y.detach().numpy().sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(y.detach().numpy().mean(0), p, atol=0.02)
    (y[:, 0].sum()).backward()
    assert logits.grad is not None and np.abs(logits.grad.numpy()).max() > 0


def test_softmax_stays_finite() -> None:
    x = minigrad.tensor([[1000.0, -1000.0, 999.0]])
    np.testing.assert_allclose(x.softmax(1).numpy().sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(x.log_softmax(1).numpy()[0, 1], -2000.3132, rtol=1e-6)
    y = minigrad.tensor([1.0, 2.0, 1.0, 5.0, 6.0]).softmax(0).numpy()  # the course's worked case
    e = np.exp([1.0, 2.0, 1.0, 5.0, 6.0])
    np.testing.assert_allclose(y, e / e.sum(), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: F.leaky_relu(x.long()), RuntimeError, "leaky_relu: expected a floating point"),
        (lambda x: x.bool().relu(), RuntimeError, "relu: Boolean inputs"),
        (lambda x: F.softmax(x.long(), 0), RuntimeError, "softmax: expected a floating point"),
        (lambda x: F.softmax(x, 2), IndexError, "Dimension out of range"),
        (lambda x: F.glu(x, 1), RuntimeError, "glu: Halving dimension must be even"),
        (lambda x: F.prelu(x, minigrad.ones(2)), RuntimeError, "prelu: expected 1 weight or one"),
        (lambda x: F.celu(x, 0), RuntimeError, "alpha cannot be 0"),
        (lambda x: F.gelu(x, "quick"), RuntimeError, "approximate argument must be"),
        (lambda x: F.softshrink(x, -1), RuntimeError, "lambda must be greater"),
        (lambda x: F.hardtanh(x, 2, 1), ValueError, "hardtanh: min_val 2 is greater"),
        (lambda x: F.rrelu(x, 2, 1), RuntimeError, "rrelu: Lower bound 2"),
        (lambda x: nn.Hardtanh(1, 1), ValueError, "Hardtanh: expected min_val < max_val"),
        (lambda x: nn.Softmax2d()(x), ValueError, "Softmax2d: expected input to be 3D or 4D"),
    ],
)
def test_bad_input(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call(minigrad.ones(2, 3))


@pytest.mark.parametrize("mask", ["none", "bool", "float", "causal", "gqa"])
def test_attention_agrees_with_torch(mask: str) -> None:
    rng = np.random.default_rng(0)
    heads = 1 if mask == "gqa" else 2
    shapes = [(2, 2, 3, 4), (2, heads, 5, 4), (2, heads, 5, 6)]
    arrays = [rng.standard_normal(shape) for shape in shapes]
    extra: dict[str, Any] = {}
    if mask == "bool":
        extra["attn_mask"] = np.tril(np.ones((3, 5), bool), 1)
    elif mask == "float":
        extra["attn_mask"] = rng.standard_normal((2, 1, 3, 5))
        extra["scale"] = 0.3
    elif mask == "causal":
        extra["is_causal"] = True
    elif mask == "gqa":
        extra["enable_gqa"] = True

    def moved(make: Any) -> dict[str, Any]:
        return {k: make(v) if isinstance(v, np.ndarray) else v for k, v in extra.items()}

    xs = [minigrad.tensor(a).requires_grad_() for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = F.scaled_dot_product_attention(*xs, **moved(minigrad.tensor))
    t = torch.nn.functional.scaled_dot_product_attention(*ts, **moved(torch.tensor))
    y.square().sum().backward()
    t.square().sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), t.detach().numpy(), 1e-10)
    for x, other in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), other.grad.numpy(), 1e-10, 1e-12)


def test_attention_looks_at_its_shapes() -> None:
    x = minigrad.ones(2, 3)
    with pytest.raises(RuntimeError, match="expected query"):
        F.scaled_dot_product_attention(x, minigrad.ones(2, 4), x)
    with pytest.raises(RuntimeError, match="should not be set when is_causal"):
        F.scaled_dot_product_attention(x, x, x, attn_mask=minigrad.ones(2, 2), is_causal=True)
