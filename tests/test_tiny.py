"""The public surface on a page: a script that a newcomer could write."""

from __future__ import annotations

from pathlib import Path

import pytest

import minigrad
from minigrad import nn, optim
from minigrad.gradcheck import gradcheck
from minigrad.utils.data import DataLoader, TensorDataset


def test_the_surface_on_a_page(tmp_path: Path) -> None:
    minigrad.manual_seed(0)

    # Tensors: created, computed with, indexed, printed.
    x = minigrad.linspace(-3, 3, 60).reshape(-1, 1)
    y = x**2 + 0.1 * minigrad.randn(60, 1)
    assert (x.shape, x.dtype, str(x.device)) == ((60, 1), minigrad.float32, "cpu")
    assert repr(minigrad.tensor([[1, 2], [3, 4]]) @ minigrad.tensor([1, 1])) == "tensor([3, 7])"
    values, indices = minigrad.max(minigrad.tensor([[1.0, 3.0], [4.0, 2.0]]), dim=1)
    assert (values.tolist(), indices.tolist()) == ([3, 4], [1, 0])
    p = minigrad.tensor([0.2, 0.7])
    p[p >= 0.5] = 1
    assert p.numpy().tolist() == pytest.approx([0.2, 1])

    # Gradients: of a loss, of a gradient, of nothing.
    w = minigrad.tensor([2.0, 3.0], requires_grad=True)
    (w**3).sum().backward()
    assert w.grad is not None and w.grad.tolist() == [12, 27]
    (slope,) = minigrad.autograd.grad((w**3).sum(), w, create_graph=True)
    assert minigrad.autograd.grad(slope.sum(), w)[0].tolist() == [12, 18]
    with minigrad.no_grad():
        assert not (w * 2).requires_grad

    # A function is checked against the numbers.
    z = minigrad.randn(3, dtype=minigrad.float64, requires_grad=True)
    assert gradcheck(lambda z: (z.sin() * z).sum(), z)

    # A network is trained.
    net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    loss_of = nn.MSELoss()
    optimizer = optim.Adam(net.parameters(), lr=0.02)
    batches = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
    first = loss_of(net(x), y).item()
    for _ in range(60):
        for inputs, targets in batches:
            optimizer.zero_grad()
            loss = loss_of(net(inputs), targets)
            loss.backward()
            optimizer.step()
    net.eval()
    last = loss_of(net(x), y).item()
    assert last < first / 10

    # Its state is saved and comes back to the last bit.
    file = tmp_path / "net.safetensors"
    minigrad.save(net.state_dict(), file)
    again = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
    again.load_state_dict(minigrad.load(file))
    assert loss_of(again(x), y).item() == last
