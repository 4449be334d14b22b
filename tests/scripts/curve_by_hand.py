"""P2: gradient descent with gradients that are written out."""

import numpy as np
import torch

rng = np.random.RandomState(0)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.from_numpy(rng.randn(30)).float()

a, b, c = torch.tensor(1.0), torch.tensor(1.0), torch.tensor(1.0)
learning_rate = 0.05 / 3
history = []
for step in range(20):
    prediction = a * x**2 + b * x + c
    loss = ((prediction - y) ** 2).mean()
    d = 2 * (prediction - y) / len(x)
    da, db, dc = (d * x**2).sum(), (d * x).sum(), d.sum()
    a -= learning_rate * da
    b -= learning_rate * db
    c -= learning_rate * dc
    history.append(loss.item())
    print(f"step {step:2d}  loss {loss:.4f}  a {a:.3f}  b {b:.3f}  c {c:.3f}")
print(history[-1] < history[0], min(history), np.mean(history))

# the same as one vector
theta = torch.ones(3)
X = torch.stack([x**2, x, torch.ones_like(x)], dim=1)
for step in range(20):
    residual = X @ theta - y
    gradient = 2 / len(y) * X.t() @ residual
    theta = theta - learning_rate * gradient
print(theta, torch.allclose(theta, torch.stack([a, b, c]), atol=1e-4))
closed = torch.linalg.lstsq(X, y.unsqueeze(1)).solution.squeeze()
normal = torch.inverse(X.T @ X) @ X.T @ y
print(closed, normal, ((X @ closed - y) ** 2).mean())
