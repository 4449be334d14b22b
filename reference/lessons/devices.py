"""The twin of ``minigrad/lessons/devices.py``."""

# %% tags=["parameters"]
SEED = 0

# %%
import numpy as np
import torch
from torch import nn

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
x = torch.arange(6.0).reshape(2, 3).to(device)
y = x * 2 + torch.ones(2, 3, device=device)

rng = np.random.default_rng(SEED)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
for parameter in model.parameters():
    start = rng.uniform(-1, 1, parameter.shape)
    parameter.data[:] = torch.tensor(start, dtype=torch.float32)
model.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

losses = []
target = torch.tensor([[1.0], [-1.0]]).to(device)
for _ in range(10):
    loss = nn.MSELoss()(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

predictions = model(x).detach()
on_the_cpu = model.cpu()(x.cpu()).detach()
