# %% [markdown]
"""A network by hand: layers with their own forward and backward, and no autograd.

A layer needs two facts: how to compute its result, and how to turn G = ∂L/∂(its result) into
∂L/∂(its input), and into ∂L/∂W if it has weights. A network is such layers in a row. Forward goes
through them from the first to the last, backward from the last to the first. That is all of
backpropagation.

Here a sample is a row: X is (N, inputs), one row an image. The layers:

    FullConnection    H = X̃ W                 ∂L/∂W = X̃ᵀ G
                                              ∂L/∂X = G Wᵀ, without its last column
    ReLU              Y = max(X, 0)           ∂L/∂X = G where X > 0, else 0
    Softmax           P = e^H / Σ e^H         ∂L/∂H = P (G − Σ P G)
    CrossEntropy      L = −1/N Σ Y log P      ∂L/∂P = −1/N Y / P

X̃ is X with a column of ones appended, so that the last row of W is the bias; the second layer has
none, and takes X as it is. Σ is taken along each row. The last two together give
∂L/∂H = (P − Y) / N: what the network said, less what was right.

Weights start as He's: normal numbers with variance 2/inputs. A ReLU halves the mean square of what
comes in, the 2 makes up for it, and so the signal neither grows nor fades from layer to layer.
Source: K. He et al., "Delving deep into rectifiers", 2015, section 2.2.
"""

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
from collections.abc import Sequence
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad import nn
from minigrad.bars import track
from minigrad.datasets import MNIST
from minigrad.device import Array

# %% [markdown]
# ## The layers
#
# Each keeps from forward what its backward reads.


# %%
class FullConnection:
    """Every input to every output: H = X̃ W.

    h_nj = Σₖ x̃_nk w_kj, so w_kj meets each sample n once, and a sum over n collects it:
    ∂L/∂w_kj = Σₙ x̃_nk g_nj, the matrix X̃ᵀ G. In the same way x̃_nk meets each output j once:
    ∂L/∂x̃_nk = Σⱼ g_nj w_kj, the matrix G Wᵀ. The column of ones came from nowhere; its column is
    dropped.
    """

    def __init__(
        self, inputs: int, outputs: int, rng: np.random.Generator, bias: bool = True
    ) -> None:
        self.inputs = inputs
        self.weight = np.zeros((inputs + bias, outputs), DTYPE)  # the last row is the bias
        self.weight[:inputs] = rng.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)

    def forward(self, x: Array) -> Array:
        if len(self.weight) > self.inputs:
            x = np.hstack([x, np.ones((len(x), 1), x.dtype)])
        self.x = x
        return x @ self.weight

    def learn(self, g: Array) -> None:
        """Keep ∂L/∂W."""
        self.gradient = self.x.T @ g

    def backward(self, g: Array) -> Array:
        """Keep ∂L/∂W and return ∂L/∂X."""
        self.learn(g)
        return g @ self.weight[: self.inputs].T


class ReLU:
    """Y = max(X, 0): what was positive passes, in both directions."""

    def forward(self, x: Array) -> Array:
        self.positive = x > 0
        return x * self.positive

    def backward(self, g: Array) -> Array:
        return g * self.positive


class Softmax:
    """p_i = e^z_i / Σⱼ e^z_j, along each row; less the greatest, so that nothing overflows.

    ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ), hence ∂L/∂zⱼ = Σᵢ gᵢ pᵢ (δᵢⱼ − pⱼ) = pⱼ (gⱼ − Σᵢ pᵢ gᵢ).
    """

    def forward(self, z: Array) -> Array:
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = powers / powers.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, g: Array) -> Array:
        return self.p * (g - (self.p * g).sum(axis=1, keepdims=True))


class CrossEntropy:
    """L = −1/N Σ Y log P, with Y one-hot: the mean surprise at what was right.

    A probability that underflowed to 0 counts as the least number there is, to keep L finite.
    """

    def forward(self, p: Array, y: Array) -> float:
        self.p, self.y = np.maximum(p, np.finfo(p.dtype).tiny), y
        return float(-(y * np.log(self.p)).sum() / len(y))

    def backward(self) -> Array:
        return -self.y / self.p / len(self.y)


class Network:
    """784 − width − 10: layers in a row, and a loss at their end."""

    def __init__(self, width: int, trial: int = 0) -> None:
        rng = np.random.default_rng((SEED + trial, width))
        first, second = FullConnection(784, width, rng), FullConnection(width, 10, rng, bias=False)
        self.connections = first, second
        self.layers = self.connections[0], ReLU(), self.connections[1], Softmax()
        self.loss = CrossEntropy()

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self) -> None:
        g = self.loss.backward()
        for layer in reversed(self.layers[1:]):
            g = layer.backward(g)
        self.layers[0].learn(g)  # nobody asks for the gradient of the images

    def step(self, rate: float) -> None:
        """Gradient descent: W ← W − η ∂L/∂W."""
        for connection in self.connections:
            connection.weight -= rate * connection.gradient


# %% [markdown]
# ## The digits
#
# Pixels with mean 0 and variance 1, an image a row. One image in twelve, drawn at random, is
# kept to choose the width with: 5,000 of MNIST's 60,000. The test images are for the very end.


# %%
def rows(images: MNIST, order: Array) -> tuple[Array, Array]:
    """The images of these numbers as the rows of an (N, 784) array, and their labels."""
    pixels = images.data.numpy()[order].reshape(len(order), 784)
    scaled = (pixels.astype(DTYPE) / 255 - 0.1307) / 0.3081
    return scaled, images.targets.numpy()[order]


def one_hot(labels: Array) -> Array:
    """Labels as rows with a 1 at the class."""
    return np.eye(10, dtype=DTYPE)[labels]


images = MNIST(DATA, train=True, download=True)
order = np.random.default_rng(SEED).permutation(len(images))[:IMAGES]
kept = len(order) // 12
x, labels = rows(images, order[kept:])
x_validation, labels_validation = rows(images, order[:kept])
tests = MNIST(DATA, train=False, download=True)
x_test, labels_test = rows(tests, np.arange(len(tests)))
y = one_hot(labels)
print(f"images: {len(x):,} to train, {kept:,} to validate, {len(tests):,} to test")


# %% [markdown]
# ## Are the gradients right?
#
# The same network on autograd, from the same weights, on some of the images. In float32 the two
# differ by rounding; in float64 by the rounding of float64, so it *is* rounding.


# %%
def by_autograd(weights: Sequence[Array], x: Array, labels: Array) -> list[Array]:
    """∂L/∂W of both connections, by autograd."""
    first, second = (torch.tensor(weight, requires_grad=True) for weight in weights)
    ones = torch.tensor(np.ones((len(x), 1), x.dtype))
    hidden = torch.relu(torch.cat([torch.tensor(x), ones], dim=1) @ first)
    nn.CrossEntropyLoss()(hidden @ second, torch.tensor(labels)).backward()
    return [np.asarray(first.grad), np.asarray(second.grad)]


for kind, bound in (("float32", 1e-5), ("float64", 1e-12)):
    some_x, some_y = x[:500].astype(kind), y[:500].astype(kind)
    network = Network(WIDTHS[0])
    for connection in network.connections:
        connection.weight = connection.weight.astype(kind)
    network.loss.forward(network.forward(some_x), some_y)
    network.backward()
    by_hand = [connection.gradient for connection in network.connections]
    weights = [connection.weight for connection in network.connections]
    expected = by_autograd(weights, some_x, labels[:500])
    for number, (ours, theirs) in enumerate(zip(by_hand, expected, strict=True), start=1):
        apart = np.abs(ours - theirs).max() / np.abs(theirs).max()
        print(f"{kind}, connection {number}: {apart:.0e} of the largest gradient apart")
        assert apart < bound, f"connection {number} differs from autograd by {apart}"
first_gradient, second_gradient = by_hand  # in float64


# %% [markdown]
# ## Training
#
# Full-batch gradient descent: every step sees all images, so an epoch is one step.


# %%
def accuracy(network: Network, x: Array, labels: Array) -> float:
    """The share of images, in percent, whose likeliest class is the right one."""
    return float(100 * (network.forward(x).argmax(axis=1) == labels).mean())


def train(network: Network, epochs: int, name: str) -> tuple[list[float], list[float]]:
    """The loss before each step and the validation accuracy after it."""
    losses: list[float] = []
    accuracies: list[float] = []
    started = perf_counter()

    def told() -> str:
        return f"{name}: loss {losses[-1]:.4f}, validation {accuracies[-1]:5.2f} %"

    for _ in track(range(epochs), told):
        losses.append(network.loss.forward(network.forward(x), y))
        network.backward()
        network.step(RATE)
        accuracies.append(accuracy(network, x_validation, labels_validation))
    print(f"{told()}, {epochs} epochs in {perf_counter() - started:.0f} s")
    return losses, accuracies


# %% [markdown]
# ## Which width?
#
# Each width from several starts: one run could be luck. What differs by less than the starts do
# among themselves is no difference.

# %%
search = {
    width: np.array(
        [
            train(Network(width, trial), SEARCH_EPOCHS, f"width {width}, start {trial + 1}")[1]
            for trial in range(SEEDS)
        ]
    )
    for width in WIDTHS
}
for width, runs in search.items():
    last = runs[:, -1]
    print(f"width {width}: {last.mean():.2f} % on average, {last.min():.2f} to {last.max():.2f} %")
best_width = max(WIDTHS, key=lambda width: search[width][:, -1].mean())
print(f"the best on the validation images: {best_width}")

# %% [markdown]
# ## The best, again from its start and for longer

# %%
network = Network(best_width)
losses, accuracies = train(network, EPOCHS, f"width {best_width}")
predictions = network.forward(x_test).argmax(axis=1)
test_accuracy = float(100 * (predictions == labels_test).mean())
of = "" if images.stands_for is None else ", of MNIST itself"
print(f"test accuracy {test_accuracy:.2f} % (known result 91.6 %{of})")

# %%
plt.style.use("minigrad.lessons.look")

plt.figure("search")
for width, runs in search.items():
    steps = range(1, runs.shape[1] + 1)
    plt.plot(steps, runs.mean(axis=0), label=f"{width} hidden units")
    plt.fill_between(steps, runs.min(axis=0), runs.max(axis=0), alpha=0.2)
plt.title(f"The hidden width, searched: mean and range of {SEEDS} starts")
plt.xlabel("epoch")
plt.ylabel("validation accuracy in %")
plt.locator_params(axis="x", integer=True)
plt.legend(loc="lower right")
plt.show()

# %%
figure, (left, right) = plt.subplots(1, 2, num="training", figsize=(10.5, 4.2))
epochs = range(1, len(losses) + 1)
left.plot(epochs, losses, color="C0")
left.set_title("The loss before each step")
left.set_ylabel("cross-entropy")
left.set_ylim(bottom=0)
right.plot(epochs, accuracies, color="C2", label="validation, after each step")
right.axhline(test_accuracy, color="C1", linestyle="--", label=f"test, {test_accuracy:.2f} %")
right.set_title("The accuracy")
right.set_ylabel("accuracy in %")
right.legend(loc="lower right")
for axes in (left, right):
    axes.set_xlabel("epoch")
    axes.locator_params(axis="x", integer=True)
plt.show()

# %% [markdown]
# ## What it learned
#
# A hidden unit is a picture that is laid over the image: red pixels speak for it, blue against it.
# Below are the units with the largest weights, without the noise that they started from.

# %%
learned = network.connections[0].weight - Network(best_width).connections[0].weight
strongest = np.argsort(-np.linalg.norm(learned, axis=0))[:24]
figure, grid = plt.subplots(3, 8, num="units", figsize=(10.5, 4.4))
figure.suptitle("What the strongest hidden units learned", x=0.01, ha="left", fontsize=13)
for axes, unit in zip(grid.flat, strongest, strict=False):
    picture = learned[:-1, unit].reshape(28, 28)
    bound = float(np.abs(picture).max())
    axes.imshow(picture, cmap="RdBu_r", vmin=-bound, vmax=bound)
    axes.axis("off")
plt.show()

# %% [markdown]
# ## What it gets wrong

# %%
wrong = np.flatnonzero(predictions != labels_test)[:24]
figure, grid = plt.subplots(3, 8, num="mistakes", figsize=(10.5, 5.2))
figure.suptitle("Mistakes: what it said, and what it was", x=0.01, ha="left", fontsize=13)
for axes in grid.flat:
    axes.axis("off")
for axes, number in zip(grid.flat, wrong, strict=False):
    axes.imshow(tests.data.numpy()[number], cmap="gray_r")
    axes.set_title(f"{predictions[number]} for {labels_test[number]}", fontsize=10, loc="center")
plt.show()
