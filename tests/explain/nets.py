"""Steps of small networks, each as a function of its batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import minigrad
from minigrad import nn
from minigrad.nn import functional as F

Step = tuple[Callable[..., Any], tuple[Any, ...]]


def _trained(model: Any, loss_of: Any, rate: float = 0.1) -> Callable[..., Any]:
    optimizer = minigrad.optim.SGD(model.parameters(), lr=rate)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        out = model(x)
        loss = loss_of(out, y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def two_layers(dtype: Any = minigrad.float32) -> Step:
    minigrad.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).to(dtype)
    x, y = minigrad.randn(5, 3, dtype=dtype), minigrad.randn(5, 2, dtype=dtype)
    return _trained(model, nn.MSELoss()), (x, y)


def lenet() -> Step:
    minigrad.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten()),
        *(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)),
    )
    batch = minigrad.rand(4, 1, 28, 28), minigrad.randint(0, 10, (4,))
    return _trained(model, nn.CrossEntropyLoss()), batch


def mlp() -> Step:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    batch = minigrad.rand(8, 784), minigrad.randint(0, 10, (8,))
    return _trained(model, nn.CrossEntropyLoss()), batch


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        out, _ = self.cell(x)
        return self.head(out[:, -1])


def lstm() -> Step:
    minigrad.manual_seed(0)
    return _trained(Recurrent(), nn.MSELoss()), (minigrad.randn(2, 4, 3), minigrad.randn(2, 2))


def normed() -> Step:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2))
    optimizer = minigrad.optim.Adam(model.parameters(), lr=0.01)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, (minigrad.randn(6, 3), minigrad.tensor([0, 1, 0, 1, 1, 0]))


def gan() -> Step:
    minigrad.manual_seed(0)
    G = nn.Sequential(nn.Linear(2, 6), nn.LeakyReLU(0.2), nn.Linear(6, 3), nn.Tanh())
    D = nn.Sequential(nn.Linear(3, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1), nn.Sigmoid())
    of_G = minigrad.optim.Adam(G.parameters(), lr=1e-2)
    of_D = minigrad.optim.Adam(D.parameters(), lr=1e-2)
    criterion = nn.BCELoss()

    def step(real: Any) -> Any:
        ones, zeros = minigrad.ones(4, 1), minigrad.zeros(4, 1)
        fake = G(minigrad.randn(4, 2))
        d_loss = criterion(D(real), ones) + criterion(D(fake.detach()), zeros)
        of_D.zero_grad()
        d_loss.backward()
        of_D.step()
        g_loss = criterion(D(fake), ones)
        of_G.zero_grad()
        g_loss.backward()
        of_G.step()
        return d_loss, g_loss

    return step, (minigrad.randn(4, 3),)


def attention() -> Step:
    minigrad.manual_seed(0)
    q, k, v, head = (nn.Linear(4, n) for n in (4, 4, 4, 2))
    parameters = [p for layer in (q, k, v, head) for p in layer.parameters()]
    optimizer = minigrad.optim.SGD(parameters, lr=0.1, momentum=0.9)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        scores = q(x) @ k(x).transpose(1, 2) / 2
        weights = scores.softmax(-1)
        logits = head((weights @ v(x)).mean(1))
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        return loss

    return step, (minigrad.randn(1, 3, 4), minigrad.tensor([1]))


NETS: dict[str, Callable[[], Step]] = {
    "two_layers": two_layers,
    "lenet": lenet,
    "mlp": mlp,
    "lstm": lstm,
    "normed": normed,
    "gan": gan,
    "attention": attention,
}
