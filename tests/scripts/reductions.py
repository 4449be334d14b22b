"""T3: comparing, and making few numbers of many."""

import numpy as np
import torch

p = torch.tensor([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.9, 0.05, 0.05]])
y = torch.tensor([1, 0, 1, 0])

# comparing
print(
    p > 0.5,
    p.ge(0.6),
    p == 0.2,
    torch.eq(y, 1),
    (p > 0.1) & (p < 0.6),
    (p > 0.8) | (p < 0.1),
    ~(y == 0),
)
print(
    torch.lt(y, 1), y != 0, torch.allclose(p, p + 1e-9), torch.equal(y, y.clone()), (y == 1).sum()
)
print(torch.isnan(torch.tensor([1.0, float("nan")])), torch.isfinite(torch.tensor([np.inf, 1.0])))

# sums and means
print(
    p.sum(),
    p.sum(0),
    p.sum(dim=1),
    p.sum(axis=1),
    p.sum(dim=1, keepdim=True),
    torch.sum(p, dim=(0, 1)),
)
print(
    p.mean(),
    p.mean(0),
    torch.mean(p, dim=1),
    p.std(),
    p.var(0),
    p.std(dim=1, unbiased=False),
    p.prod(1),
)
print(
    y.sum(), y.float().mean(), y.double().mean().dtype, p.norm(), p.norm(dim=1), torch.norm(p, p=1)
)
print(p.cumsum(1), torch.cumprod(p, dim=0), p.logsumexp(1), p.median(), p.quantile(0.5))

# the greatest
print(
    p.max(),
    p.min(),
    p.argmax(),
    p.argmax(1),
    p.argmax(dim=1, keepdim=True),
    torch.argmin(p, axis=0),
)
values, indices = torch.max(p, dim=1)
print(values, indices)
_, predicted = torch.max(p.data, 1)
print(predicted, p.max(1)[1], p.max(dim=0).values, p.min(1).indices, torch.topk(p, 2, dim=1))
print(torch.sort(p, dim=1, descending=True), p.argsort(), torch.max(p, torch.tensor(0.5)))

# counting what is right
correct = (predicted == y).sum().item()
print(
    correct, 100.0 * correct / len(y), (predicted == y).float().mean(), f"{correct / y.size(0):.2%}"
)
pred = torch.zeros(4, 3)
for k in range(4):
    pred[k, torch.argmax(p[k])] = 1
one_hot = torch.eye(3)[y]
print(pred, one_hot, (pred == one_hot).all(1), (pred == one_hot).all(dim=1).sum().item() / len(y))
print(
    (p > 0).all(),
    (p > 0.8).any(),
    torch.all(p < 1),
    torch.any(p > 1, dim=0),
    p.sum(1).allclose(torch.ones(4)),
)
confusion = torch.zeros(3, 3, dtype=torch.int64)
for truth, guess in zip(y, predicted):
    confusion[truth.long(), guess.long()] += 1
print(confusion, confusion.diag(), confusion.diag().sum() / confusion.sum())
print(
    torch.unique(y),
    torch.unique(predicted, return_counts=True),
    torch.bincount(y),
    torch.histc(p, 4),
)
if (p.sum(1) - 1).abs().max() < 1e-6:
    print("rows sum to one", bool(torch.tensor(0.0)), not torch.tensor([1]))
