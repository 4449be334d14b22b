"""The twin of ``minigrad/lessons/engine.py``."""

# %% tags=["parameters"]
SEED = 0
STEPS = 300
RATE = 0.1
HIDDEN = 8

# %%
import numpy as np
import torch

draw = np.random.default_rng(SEED)
x = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float64)
target = torch.tensor([[0], [1], [1], [0]], dtype=torch.float64)
shapes = (2, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)
parameters = [torch.tensor(draw.standard_normal(n), requires_grad=True) for n in shapes]
w1, b1, w2, b2 = parameters
optimizer = torch.optim.SGD(parameters, lr=RATE)
losses = []
for _ in range(STEPS + 1):
    loss = (torch.tanh(x @ w1 + b1) @ w2 + b2 - target).square().mean()
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %%
at = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
(once,) = torch.autograd.grad((at * at.exp()).sum(), at, create_graph=True)
twice = torch.autograd.grad(once.sum(), at)[0].tolist()
