"""Steps of small networks, each as a function of its batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad
from minigrad import nn
from minigrad.autograd import Function
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


class Sine(Function):
    """Done outside of minigrad, with slopes of its own."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return minigrad.from_numpy(np.sin(x.numpy()))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * x.cos()


class Product(Function):
    """Two operands and two results."""

    @staticmethod
    def forward(ctx: Any, a: Any, b: Any) -> Any:
        ctx.save_for_backward(a, b)
        return a @ b, (a * a).sum()

    @staticmethod
    def backward(ctx: Any, g: Any, h: Any) -> Any:
        a, b = ctx.saved_tensors
        return g @ b.T + 2 * a * h, a.T @ g


class Rounded(Function):
    """A straight-through estimator: its backward is not its slope."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return (4 * x).round() / 4

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


class Bounded(Function):
    """A backward that is no product with slopes."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 1

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g.clamp(-0.02, 0.02)


class Tripled(Function):
    """In place."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(3)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return 3 * g


def _halved(p: Any) -> None:
    p.grad.mul_(0.5)


def own_functions() -> Step:
    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2)).double()
    model[1].register_full_backward_hook(lambda module, gx, gy: (2 * gx[0],))
    model[0].bias.register_hook(lambda g: g + 1)
    model[2].bias.register_post_accumulate_grad_hook(_halved)
    optimizer = minigrad.optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        h = Rounded.apply(Sine.apply(model[0](x)))
        both, total = Product.apply(h, model[0].weight)
        both.register_hook(lambda g: -g)
        both = Tripled.apply(Bounded.apply(both) * 1)
        loss = ((model[2](model[1](both)) - y) ** 2).mean() + total / 9
        loss.backward()
        optimizer.step()
        return loss

    given = minigrad.randn(4, 3).double(), minigrad.randn(4, 2).double()
    return step, given


NETS: dict[str, Callable[[], Step]] = {
    "two_layers": two_layers,
    "lenet": lenet,
    "mlp": mlp,
    "lstm": lstm,
    "normed": normed,
    "gan": gan,
    "attention": attention,
    "own_functions": own_functions,
}
