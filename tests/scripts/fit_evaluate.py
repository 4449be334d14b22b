"""D7: fit, evaluate and a summary as small functions; mean squared error against one-hot."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rng = np.random.default_rng(11)
x_train = torch.as_tensor(rng.random((96, 784), dtype=np.float32))
y_train = F.one_hot(torch.as_tensor(rng.integers(0, 10, 96)), num_classes=10).float()

model = nn.Sequential()
model.add_module("hidden", nn.Linear(784, 64))
model.add_module("relu", nn.ReLU())
model.add_module("output", nn.Linear(64, 10))
model.add_module("softmax", nn.Softmax(dim=1))
model = same(model)


def summary(model, size):
    print("-" * 50)
    print(f"{'layer':<16}{'output shape':>20}{'parameters':>14}")
    x = torch.zeros(1, size)
    total = 0
    for layer in model:
        x = layer(x)
        count = sum(p.nelement() for p in layer.parameters())
        total += count
        print(f"{type(layer).__name__:<16}{str(list(x.size())):>20}{count:>14,}")
    print(f"total {total:,}")


def fit(model, x, y, epochs, batch_size, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        loss_sum = right = 0.0
        for xb, yb in zip(x.split(batch_size), y.split(batch_size)):
            out = model(xb)
            loss = F.mse_loss(out, yb)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(xb)
            right += (out.argmax(-1) == yb.argmax(-1)).sum().item()
        history["loss"].append(loss_sum / len(x))
        history["accuracy"].append(right / len(x))
    return history


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    out = model(x)
    return F.mse_loss(out, y).item(), (out.argmax(1) == y.argmax(1)).float().mean().item()


summary(model, 784)
history = fit(model, x_train, y_train, epochs=4, batch_size=32, lr=0.1)
print({name: [round(v, 4) for v in values] for name, values in history.items()})
print(evaluate(model, x_train, y_train))
prediction = model(x_train[:2])
print(prediction.sum(1), prediction.requires_grad, prediction.argmax(dim=1))
