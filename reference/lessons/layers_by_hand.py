"""The twin of ``minigrad/lessons/layers_by_hand.py``: autograd in place of layers by hand."""

# %% tags=["parameters"]
SEED = 0
DATA = None
IMAGES = None
WIDTHS = (100, 200, 300)
SEEDS = 3
SEARCH_EPOCHS = 20
EPOCHS = 50
RATE = 0.15
DTYPE = "float32"

# %%
import numpy as np
import torch
from torch.nn import functional as F

from minigrad.datasets import MNIST


# %%
def start(width: int, dtype: torch.dtype, trial: int = 0) -> list[torch.Tensor]:
    """The weights that the lesson starts from, the last row of the first being the bias."""
    rng = np.random.default_rng((SEED + trial, width))
    weights = []
    for inputs, outputs, bias in ((784, width, 1), (width, 10, 0)):
        weight = torch.zeros(inputs + bias, outputs, dtype=dtype)
        he = rng.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
        weight[:inputs] = torch.tensor(he.astype(DTYPE), dtype=dtype)
        weights.append(weight.requires_grad_())
    return weights


def scores(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """(N, 10) of images (N, 784)."""
    first, second = weights
    return F.relu(x @ first[:-1] + first[-1]) @ second


# %%
def rows(images: MNIST, order: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = images.data.numpy()[order].reshape(len(order), 784)
    scaled = (pixels.astype(DTYPE) / 255 - 0.1307) / 0.3081
    return torch.tensor(scaled), torch.tensor(images.targets.numpy()[order])


images = MNIST(DATA, train=True, download=True)
order = np.random.default_rng(SEED).permutation(len(images))[:IMAGES]
kept = len(order) // 12
x, labels = rows(images, order[kept:])
x_validation, labels_validation = rows(images, order[:kept])
tests = MNIST(DATA, train=False, download=True)
x_test, labels_test = rows(tests, np.arange(len(tests)))

# %%
weights = start(WIDTHS[0], torch.float64)
F.cross_entropy(scores(weights, x[:500].double()), labels[:500]).backward()
first_gradient, second_gradient = (weight.grad for weight in weights)


# %%
def accuracy(weights: list[torch.Tensor], x: torch.Tensor, labels: torch.Tensor) -> float:
    with torch.no_grad():
        return float(100 * (scores(weights, x).argmax(dim=1) == labels).double().mean())


def train(weights: list[torch.Tensor], epochs: int) -> tuple[list[float], list[float]]:
    losses, accuracies = [], []
    optimizer = torch.optim.SGD(weights, lr=RATE)
    for _ in range(epochs):
        loss = F.cross_entropy(scores(weights, x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        accuracies.append(accuracy(weights, x_validation, labels_validation))
    return losses, accuracies


dtype = torch.float64 if DTYPE == "float64" else torch.float32
search = {
    width: [train(start(width, dtype, trial), SEARCH_EPOCHS)[1][-1] for trial in range(SEEDS)]
    for width in WIDTHS
}
best_width = max(WIDTHS, key=lambda width: np.mean(search[width]))

weights = start(best_width, dtype)
losses, accuracies = train(weights, EPOCHS)
test_accuracy = accuracy(weights, x_test, labels_test)
