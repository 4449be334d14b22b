"""P3: the same descent with autograd: by hand under no_grad, through .data, with an optimizer."""

import numpy as np
import torch
from torch import nn
from torch.autograd import Variable

np.random.seed(0)
x = torch.linspace(-3, 3, 30).unsqueeze(1)
y = x.pow(2) + torch.tensor(np.random.normal(size=(30, 1)), dtype=torch.float)
lr = 0.015

# parameters that are updated under no_grad
a = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
c = torch.tensor(1.0, requires_grad=True)
for t in range(10):
    loss = ((a * x**2 + b * x + c - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= lr * p.grad
            p.grad.zero_()
    if t % 3 == 0:
        print(t, loss.item(), a.item(), b.item(), c.item())
print(a, b, c, a.grad, a.is_leaf, a.grad_fn)

# through .data, as in old scripts
w = Variable(torch.ones(3, 1), requires_grad=True)
X = torch.cat([x**2, x, torch.ones_like(x)], 1)
for t in range(10):
    loss = torch.mean((X.mm(w) - y).pow(2))
    loss.backward()
    w.data -= lr * w.grad.data
    w.grad.data.zero_()
print(w, w.data.t())

# a model, a criterion and an optimizer
torch.manual_seed(0)


class Parabola(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(()))
        self.b = nn.Parameter(torch.ones(()))
        self.c = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.a * x**2 + self.b * x + self.c

    def string(self):
        return f"y = {self.a.item():.3f} x^2 + {self.b.item():.3f} x + {self.c.item():.3f}"


model = Parabola()
criterion = torch.nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
for t in range(10):
    prediction = model(x)
    loss = criterion(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss, model.string(), list(model.parameters()), torch.allclose(model.a, w[0], atol=1e-5))
print([(name, p.shape, p.numel()) for name, p in model.named_parameters()], model)
final = model(x).detach()
