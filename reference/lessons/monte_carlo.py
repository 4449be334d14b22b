"""The twin of ``minigrad/lessons/monte_carlo.py``."""

# %% tags=["parameters"]
SEED = 0
TRIPLES = 100_000
CHUNK = 10_000
SPREAD = 3.0

# %%
import numpy as np
import torch

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %%
triples = torch.tensor(rng.uniform(-SPREAD, SPREAD, (TRIPLES, 3)), dtype=torch.float32)

parts = []
for chunk in triples.split(CHUNK):
    a, b, c = chunk[:, 0:1], chunk[:, 1:2], chunk[:, 2:3]
    errors = a * x**2 + b * x + c - y
    parts.append((errors**2).sum(dim=1))
sums = torch.cat(parts)

winner = torch.argmin(sums)
best, least = triples[winner], sums[winner]
