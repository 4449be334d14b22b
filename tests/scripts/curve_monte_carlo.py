"""P1: fitting a parabola by trying many at random."""

import numpy as np
import torch

np.random.seed(1)
x = torch.linspace(-3, 3, 30)
y = x.pow(2) + torch.tensor(np.random.randn(30), dtype=torch.float32)

n = 20000
guesses = same(torch.randn(n, 3) * 2)
a, b, c = guesses[:, 0:1], guesses[:, 1:2], guesses[:, 2:3]
predictions = a * x**2 + b * x + c
losses = ((predictions - y) ** 2).sum(dim=1)
print(predictions.shape, losses.size(), losses.dtype)

best = torch.argmin(losses)
loss, place = losses.min(dim=0)
print(best.item() == place.item(), f"best of {n}: {guesses[best]} with loss {loss:.3f}")
A, B, C = guesses[best].tolist()
print("y = %.2f x^2 + %.2f x + %.2f" % (A, B, C))

# the same with a loop, which keeps the best so far
best_loss, best_abc = float("inf"), None
for k in range(200):
    error = torch.sum((guesses[k, 0] * x**2 + guesses[k, 1] * x + guesses[k, 2] - y) ** 2)
    if error < best_loss:
        best_loss, best_abc = error, guesses[k]
        print(k, f"{error.item():.3f}", best_abc)
print(losses.mean(), losses.median(), (losses < 100).sum(), losses.topk(3, largest=False).values)
fit = A * x.numpy() ** 2 + B * x.numpy() + C
print(fit[:3], np.abs(fit - y.numpy()).mean() < 3)
