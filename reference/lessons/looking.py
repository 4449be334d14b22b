"""The twin of ``minigrad/lessons/looking.py``: what is looked at, as numbers."""

# %% tags=["parameters"]
SEED = 0
DATA = None
IMAGES = 3000
TESTS = 1000
EPOCHS = 3
BATCH = 50
RATE = 0.1
LIVE = False

# %%
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from minigrad.datasets import MNIST

rng = np.random.default_rng(SEED)


# %%
def some(train: bool, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    digits = MNIST(DATA, train=train, download=True)
    drawn = rng.permutation(len(digits))[:count]
    pixels = digits.data.numpy()[drawn][:, None].astype(np.float64) / 255
    return torch.tensor((pixels - 0.1307) / 0.3081), torch.tensor(digits.targets.numpy()[drawn])


x, y = some(True, IMAGES)
x_test, y_test = some(False, TESTS)

# %%
model = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, kernel_size=5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 4 * 4, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
).double()
for parameter in model.parameters():
    bound = 1 / np.sqrt(np.prod(parameter.shape[1:]) or 1)
    parameter.data[:] = torch.tensor(rng.uniform(-bound, bound, parameter.shape))

# %%
optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
every = max(1, len(x) // BATCH // 6)
losses: list[float] = []
test_losses: list[float] = []
for _ in range(EPOCHS):
    for chosen in torch.tensor(rng.permutation(len(x))).split(BATCH):
        loss = F.cross_entropy(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) % every == 0:
            with torch.no_grad():
                test_losses.append(F.cross_entropy(model(x_test), y_test).item())

# %%
with torch.no_grad():
    filters = model[0].weight
    maps = model[0](x_test[:1])
    sure, guesses = F.softmax(model(x_test), dim=1).max(dim=1)
confusion = torch.zeros(10, 10, dtype=torch.int64)
confusion.index_put_((y_test, guesses), torch.ones(len(y_test), dtype=torch.int64), accumulate=True)
