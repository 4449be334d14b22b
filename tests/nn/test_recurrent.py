"""Recurrent networks and their cells, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn

torch = pytest.importorskip("torch")


def alike(mine: Any, theirs: Any) -> None:
    if isinstance(theirs, tuple):
        assert isinstance(mine, tuple) and len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            alike(a, b)
    else:
        assert tuple(mine.shape) == tuple(theirs.shape)
        np.testing.assert_allclose(
            mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-10, atol=1e-12
        )


def pair(name: str, *args: Any, **options: Any) -> tuple[Any, Any]:
    """The same network twice, with the same weights."""
    mine = getattr(nn, name)(*args, **options).double()
    theirs = getattr(torch.nn, name)(*args, **options).double()
    state = mine.state_dict()
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.from_numpy(v.numpy()) for k, v in state.items()})
    assert repr(mine) == repr(theirs)
    return mine, theirs


def flat(x: Any) -> list[Any]:
    return [t for item in x for t in flat(item)] if isinstance(x, tuple) else [x]


def compare(mine: Any, theirs: Any, x: np.ndarray, hx: Any = None) -> None:
    """Results and every gradient."""

    def run(module: Any, make: Any) -> tuple[Any, list[Any]]:
        a = make(x).requires_grad_()
        if hx is None:
            state: Any = None
        elif isinstance(hx, tuple):
            state = tuple(make(h).requires_grad_() for h in hx)
        else:
            state = make(hx).requires_grad_()
        out = module(a) if hx is None else module(a, state)
        loss: Any = 0
        for i, y in enumerate(flat(out)):
            loss = loss + (y * y * (i + 1)).sum() + y.sum()
        loss.backward()
        leaves = [a, *(flat(state) if state is not None else []), *module.parameters()]
        return out, [leaf.grad for leaf in leaves]

    out, grads = run(mine, minigrad.tensor)
    expected, expected_grads = run(theirs, torch.tensor)
    alike(out, expected)
    alike(tuple(grads), tuple(expected_grads))


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 3},
    {"bias": False, "batch_first": True},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "batch_first": True},
]


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_agree_with_torch(name: str, options: dict[str, Any]) -> None:
    x = normal(5, 2, 3)
    mine, theirs = pair(name, 3, 4, **options)
    compare(mine, theirs, x)
    n = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    batch = 5 if options.get("batch_first") else 2
    h = normal(n, batch, 4)
    mine, theirs = pair(name, 3, 4, **options)
    compare(mine, theirs, x, (h, h + 1) if name == "LSTM" else h)
    mine, theirs = pair(name, 3, 4, **options)
    compare(mine, theirs, x[:, 0], (h[:, 0], h[:, 0] + 1) if name == "LSTM" else h[:, 0])


def test_relu_and_projection() -> None:
    mine, theirs = pair("RNN", 3, 4, 2, nonlinearity="relu")
    compare(mine, theirs, normal(5, 2, 3))
    mine, theirs = pair("LSTM", 3, 4, 2, proj_size=2, bidirectional=True)
    compare(mine, theirs, normal(5, 2, 3))
    mine, theirs = pair("LSTM", 3, 4, proj_size=2)
    compare(mine, theirs, normal(5, 2, 3), (normal(1, 2, 2), normal(1, 2, 4)))


@pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("bias", [True, False])
def test_cells_agree_with_torch(name: str, bias: bool) -> None:
    h = normal(2, 4)
    state = (h, h + 1) if name == "LSTMCell" else h
    mine, theirs = pair(name, 3, 4, bias=bias)
    compare(mine, theirs, normal(2, 3), state)
    mine, theirs = pair(name, 3, 4, bias=bias)
    compare(mine, theirs, normal(3))
    if name == "RNNCell":
        mine, theirs = pair(name, 3, 4, bias=bias, nonlinearity="relu")
        compare(mine, theirs, normal(2, 3))


@pytest.mark.parametrize("form", ["cell", "formula"])
def test_a_network_is_its_step_in_a_loop(form: str) -> None:
    """h_t = f(h_(t-1), x_t), and the gradients that flow back through all of time."""
    net, cell = nn.RNN(3, 4).double(), nn.RNNCell(3, 4).double()
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in net.state_dict().items()})
    w, u, b, c = cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh

    def f(h: Any, x: Any) -> Any:
        return cell(x, h) if form == "cell" else (x @ w.T + b + h @ u.T + c).tanh()

    x, goal = normal(30, 2, 3), minigrad.from_numpy(normal(30, 2, 4) ** 2)
    a, z = (minigrad.tensor(x).requires_grad_() for _ in "az")
    states = [minigrad.zeros(2, 4, dtype=minigrad.float64)]
    for x_t in z:
        states.append(f(states[-1], x_t))
    h, last = net(a)
    alike(minigrad.stack(states[1:]), torch.from_numpy(h.detach().numpy()))
    alike(states[-1], torch.from_numpy(last[0].detach().numpy()))
    for outputs in (h, minigrad.stack(states[1:])):
        (outputs * goal).sum().backward()
    pairs = [(z, a), *zip(cell.parameters(), net.parameters(), strict=True)]
    for mine, other in pairs:
        alike(mine.grad, torch.from_numpy(other.grad.numpy()))


def test_second_derivatives_exist() -> None:
    lstm = nn.LSTM(2, 3).double()
    x = minigrad.tensor(normal(3, 1, 2)).requires_grad_()
    y, _ = lstm(x)
    (g,) = minigrad.autograd.grad((y * y).sum(), x, create_graph=True)
    g.sum().backward()
    assert lstm.weight_hh_l0.grad is not None and lstm.weight_hh_l0.grad.numpy().any()


def test_dropout_is_between_the_layers() -> None:
    net = nn.LSTM(2, 8, 2, dropout=0.5)
    assert repr(net) == "LSTM(2, 8, num_layers=2, dropout=0.5)"
    x = minigrad.ones(4, 3, 2)
    a, b = net(x)[0].detach().numpy(), net(x)[0].detach().numpy()
    assert (a != b).any()
    net.eval()
    np.testing.assert_array_equal(net(x)[0].detach().numpy(), net(x)[0].detach().numpy())
    alone = nn.GRU(2, 8, 1, dropout=0.5)
    np.testing.assert_array_equal(alone(x)[0].detach().numpy(), alone(x)[0].detach().numpy())


def test_errors() -> None:
    net, x = nn.LSTM(3, 4), minigrad.ones(5, 2, 3)
    with pytest.raises(RuntimeError, match="Expected 3, got 2"):
        net(minigrad.ones(5, 2, 2))
    with pytest.raises(ValueError, match="2D or 3D, got 4D"):
        net(minigrad.ones(1, 5, 2, 3))
    with pytest.raises(RuntimeError, match=r"Expected hidden size \(1, 2, 4\), got \(1, 3, 4\)"):
        net(x, (minigrad.ones(1, 3, 4), minigrad.ones(1, 2, 4)))
    with pytest.raises(RuntimeError, match="sequence length"):
        net(minigrad.ones(0, 2, 3))
    with pytest.raises(ValueError, match=r"in range \[0, 1\], got 2"):
        nn.GRU(3, 4, dropout=2)
    with pytest.raises(ValueError, match="greater than zero"):
        nn.GRU(3, 0)
    with pytest.raises(ValueError, match="proj_size"):
        nn.LSTM(3, 4, proj_size=4)
    with pytest.raises(ValueError, match="Unknown nonlinearity 'cube'"):
        nn.RNN(3, 4, nonlinearity="cube")
    with pytest.raises(ValueError, match="Unknown nonlinearity 'cube'"):
        nn.RNNCell(3, 4, nonlinearity="cube")
    cell = nn.GRUCell(3, 4)
    with pytest.raises(RuntimeError, match="got 2, expected 3"):
        cell(minigrad.ones(5, 2))
    with pytest.raises(ValueError, match="1D or 2D, got 3D"):
        cell(x)
    with pytest.raises(RuntimeError, match=r"expected a state of shape \(5, 4\), got \(5, 3\)"):
        cell(minigrad.ones(5, 3), minigrad.ones(5, 3))
