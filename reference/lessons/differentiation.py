"""The twin of ``minigrad/lessons/differentiation.py``."""

# %% tags=["parameters"]
SEED = 0
STEPS = 20
RATE = 0.05

# %%
import numpy as np
import torch
from torch import nn, optim

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %%
a, b, c = (torch.tensor(1.0, requires_grad=True) for _ in range(3))
mse = nn.MSELoss()
optimizer = optim.SGD([a, b, c], lr=RATE)
path = [(a.item(), b.item(), c.item())]
losses = []

for _ in range(STEPS):
    loss = mse(a * x**2 + b * x + c, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    path.append((a.item(), b.item(), c.item()))
    losses.append(loss.item())
