"""The twin of ``minigrad/lessons/comparison.py``."""

# %% tags=["parameters"]
P = [[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.5, 0.1, 0.4], [0.3, 0.6, 0.1]]
Y = [1, 0, 2, 2, 1]

# %%
import torch

p = torch.tensor(P)
y = torch.tensor(Y)
N, C = p.shape
truths = [
    p == 0.6,
    p != 0.6,
    p < 0.2,
    p <= 0.2,
    p > 0.5,
    p >= 0.5,
    (p > 0.1) & (p < 0.6),
    (p <= 0.1) | (p >= 0.6),
    ~(p > 0.5),
]

across = p.sum(dim=1, keepdim=True)
whole = [p.sum(), p.mean(), p.max(), p.min(), p.argmax(), p.sum(dim=(0, 1))]
by_column = [p.sum(dim=0), p.mean(dim=0), p.max(dim=0).values, p.min(dim=0).values]
by_row = [p.sum(dim=1), p.mean(dim=1), p.amax(dim=1), p.argmin(dim=1)]
shares = p / across

values, indices = torch.max(p, dim=1)
accuracy = (indices == y).float().mean()
pred = torch.zeros(N, C)
for i in range(N):
    pred[i, torch.argmax(p[i])] = 1
one_hot = torch.eye(C)[y]
right = (pred == one_hot).all(1)
unsure = (p < 0.55).all(dim=1)
