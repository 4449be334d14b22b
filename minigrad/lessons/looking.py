# %% [markdown]
"""Looking at a network: its curves, its filters and what they see, its mistakes, its graph.

A network is numbers, and numbers can be looked at:

    loss            does it still learn, and does it help with what it has not seen?
    filters         the weights w[o] of a convolution: what does each look for?
    feature maps    w[o] ⋆ x + b[o] for an image x: where did it find it?
    confusion       M[i, j], how many images of class i were taken for class j
    graph           what autograd wrote down: each operation, its operands, its result's shape

The example is a small LeNet, trained for a moment on some of MNIST: an image of 28 × 28 becomes 8
maps of 24 × 24, pooled to 12 × 12, 16 maps of 8 × 8, pooled to 4 × 4, 64 numbers, 10 scores.
"""

# %% tags=["parameters"]
SEED = 0
DATA = None
IMAGES = 3000
TESTS = 1000
EPOCHS = 3
BATCH = 50
RATE = 0.1
LIVE = False  # True: the curves grow while the network learns

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad import nn
from minigrad.bars import track
from minigrad.datasets import MNIST
from minigrad.draw import (
    LivePlot,
    draw_curves,
    draw_features,
    draw_filters,
    draw_graph,
    draw_model,
    make_grid,
)
from minigrad.lessons.drawing import FAINT, GREEN, ORANGE, Board, Grid
from minigrad.lessons.figures import show
from minigrad.models.googlenet import Inception
from minigrad.models.resnet import BasicBlock

rng = np.random.default_rng(SEED)


# %% [markdown]
# ## First of all: the data
#
# Are these the images one thinks they are, and are their labels right? `make_grid` lays images side
# by side; `save_image(images, "digits.png")` would write the same as a file.


# %%
def some(train: bool, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images drawn at random, (N, 1, 28, 28) with mean 0 and deviation 1, and their labels."""
    digits = MNIST(DATA, train=train, download=True)
    drawn = rng.permutation(len(digits))[:count]
    pixels = digits.data[drawn].unsqueeze(1).double() / 255
    return (pixels - 0.1307) / 0.3081, digits.targets[drawn]


x, y = some(True, IMAGES)
x_test, y_test = some(False, TESTS)
print(f"{len(x):,} images to learn from, {len(x_test):,} to test with")

# %%
plt.style.use("minigrad.lessons.look")

plt.figure("digits", figsize=(7.2, 2.2))
plt.imshow(make_grid(-x[:36], nrow=12, normalize=True, pad_value=1).permute(1, 2, 0))
plt.title("The labels of the first row: " + " ".join(str(label) for label in y[:12].tolist()))
plt.axis("off")
plt.show()


# %% [markdown]
# ## The network
#
# The first weights come from NumPy's generator, so that a network in PyTorch can begin with the
# same; in float64, so that it also ends with the same.


# %%
class LeNet(nn.Module):
    """(N, 1, 28, 28) images to (N, 10) scores."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=5)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.FullConnection(16 * 4 * 4, 64)
        self.fc2 = nn.FullConnection(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = F.relu(self.fc1(x.flatten(1)))
        scores: torch.Tensor = self.fc2(x)
        return scores


model = LeNet().double()
for parameter in model.parameters():
    bound = 1 / np.sqrt(np.prod(parameter.shape[1:]) or 1)
    parameter.data[:] = torch.tensor(rng.uniform(-bound, bound, parameter.shape))
print(f"{sum(parameter.numel() for parameter in model.parameters()):,} parameters")

# %% [markdown]
# ## Does it learn?
#
# Gradient descent, batch by batch. Six times an epoch a look: at the mean loss of the last batches,
# and at loss and accuracy on images that it does not learn from. When the training loss goes on
# falling and the test loss does not, it has begun to learn by heart.

# %%
live = LivePlot(title="LeNet learns") if LIVE else None
optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
every = max(1, len(x) // BATCH // 6)
losses: list[float] = []
history: list[dict[str, float]] = []


def told() -> str:
    return f"epoch {epoch + 1}/{EPOCHS}: loss {losses[-1]:.3f}"


for epoch in range(EPOCHS):
    order = rng.permutation(len(x))
    for first in track(range(0, len(x), BATCH), told):
        chosen = order[first : first + BATCH]
        loss = F.cross_entropy(model(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) % every == 0:
            with torch.no_grad():
                scores = model(x_test)
            history.append(
                {
                    "epoch": epoch + (first + len(chosen)) / len(x),
                    "train_loss": sum(losses[-every:]) / every,
                    "test_loss": F.cross_entropy(scores, y_test).item(),
                    "test_accuracy": 100 * (scores.argmax(dim=1) == y_test).double().mean().item(),
                }
            )
            if live is not None:
                live.update({"LeNet": history})
    seen = ", ".join(f"{name} {value:.3f}" for name, value in history[-1].items())
    print(seen.replace("_", " "))
if live is not None:
    live.finish()
test_losses = [row["test_loss"] for row in history]

# %%
show(draw_curves({"LeNet": history}, title="A small LeNet on some of MNIST"), "curves")

# %% [markdown]
# ## What does it look for?
#
# Eight filters of 5 × 5: red adds, blue subtracts. Some have become edges: red on one side, blue on
# the other. In others the noise of the beginning is still to be seen.

# %%
filters = model.conv1.weight
show(draw_filters(filters), "filters")

# %% [markdown]
# ## What does it see?
#
# One image, and what each convolution makes of it. A map of the second layer is a sum over all maps
# of the first, each seen through a filter of its own.

# %%
show(draw_features(model, x_test[0]), "features")
with torch.no_grad():
    maps = model.conv1(x_test[:1])

# %% [markdown]
# ## Where does it err?
#
# A row for each class that it is, a column for each that it is taken for.

# %%
with torch.no_grad():
    shares = F.softmax(model(x_test), dim=1)
sure, guesses = shares.max(dim=1)
confusion = torch.zeros(10, 10, dtype=torch.int64)
for truth, guess in zip(y_test.tolist(), guesses.tolist(), strict=True):
    confusion[truth, guess] += 1
right = confusion.diag().sum().item()
print(f"\n{right} of {len(y_test)} are right")

# %%
counts = np.array(confusion, float)
diagonal = np.eye(10, dtype=bool)
board = Board("confusion")
board.draw(
    Grid(
        np.where(counts > 0, counts, np.nan),
        np.where(diagonal, GREEN, np.where(counts > 0, ORANGE, FAINT)),
        "",
        np.where(diagonal, 0.4, 0.75 * counts / max(1, counts[~diagonal].max())),
    ),
    (0, 0),
)
board.text("taken for", (5, -1.1))
board.text("it is", (-1.5, 5))
for digit in range(10):
    board.text(str(digit), (digit + 0.5, -0.4), bold=True)
    board.text(str(digit), (-0.4, digit + 0.5), bold=True)
plt.show()

# %% [markdown]
# The mistakes that it was surest of.

# %%
wrong = (guesses != y_test).nonzero().flatten()
worst = wrong[sure[wrong].argsort(descending=True)][:16]
figure, grid = plt.subplots(2, 8, num="mistakes", figsize=(10.5, 3.6), squeeze=False)
figure.suptitle("What it said for what it was, and how surely", x=0.01, ha="left", fontsize=13)
for axes in grid.flat:
    axes.axis("off")
for axes, number in zip(grid.flat, worst.tolist(), strict=False):
    axes.imshow(-x_test[number, 0])
    said = f"{guesses[number]} for {y_test[number]}, {sure[number]:.0%}"
    axes.set_title(said, fontsize=9.5, loc="center", pad=4)
plt.show()

# %% [markdown]
# ## What did autograd write down?
#
# The graph of a loss: from the data and the parameters above to the number below. Backward walks it
# from below to above. First a dense network, operation by operation.

# %%
dense = nn.Sequential(nn.FullConnection(784, 20), nn.ReLU(), nn.FullConnection(20, 10))
images, labels = x[:BATCH].float().flatten(1), y[:BATCH]
loss = nn.CrossEntropyLoss()(dense(images), labels)
names = {"images": images, "labels": labels, "loss": loss}
show(draw_graph(loss, model=dense, params=names), "dense")

# %% [markdown]
# The LeNet, a box for each layer.

# %%
show(draw_model(model, x[:1]), "lenet")

# %% [markdown]
# An Inception block: four branches that look through windows of several sizes, laid side by side.

# %%
inception = Inception(192, 64, (96, 128), (16, 32), 32)
show(draw_model(inception, torch.zeros(1, 192, 28, 28)), "inception")

# %% [markdown]
# A residual block: what comes in is added to what its layers make of it, so that the gradient has a
# way around them.

# %%
block = BasicBlock(64, 64)
show(draw_model(block, torch.zeros(1, 64, 56, 56)), "residual")
