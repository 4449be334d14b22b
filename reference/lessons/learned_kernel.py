"""The twin of ``minigrad/lessons/learned_kernel.py``."""

# %% tags=["parameters"]
SEED = 0
STEPS = 10
RATE = 0.03

# %%
import numpy as np
import torch
from torch import nn

x = torch.ones(1, 1, 6, 8)
x[..., 2:6] = 0
y = x[..., :-1] - x[..., 1:]

start = np.random.default_rng(SEED).uniform(-1, 1, 2)
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
conv.weight.data = torch.tensor(start, dtype=torch.float32).view(1, 1, 1, 2)
kernels = [conv.weight.detach().view(2).clone()]
losses = []
for _ in range(STEPS):
    loss = ((conv(x) - y) ** 2).sum()
    conv.zero_grad()
    loss.backward()
    conv.weight.data[:] -= RATE * conv.weight.grad
    kernels.append(conv.weight.detach().view(2).clone())
    losses.append(loss.item())
