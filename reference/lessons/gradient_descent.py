"""The twin of ``minigrad/lessons/gradient_descent.py``."""

# %% tags=["parameters"]
SEED = 0
STEPS = 20
RATE = 0.05

# %%
import numpy as np
import torch

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %%
a, b, c = torch.tensor(1.0), torch.tensor(1.0), torch.tensor(1.0)
path = [(a.item(), b.item(), c.item())]
losses = []

for _ in range(STEPS):
    error = a * x**2 + b * x + c - y
    losses.append((error**2).mean().item())

    grad_a = 2 * (error * x**2).mean()
    grad_b = 2 * (error * x).mean()
    grad_c = 2 * error.mean()

    a = a - RATE * grad_a
    b = b - RATE * grad_b
    c = c - RATE * grad_c
    path.append((a.item(), b.item(), c.item()))
