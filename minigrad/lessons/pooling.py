# %% [markdown]
"""Pooling: each window of an image becomes one number, the largest or the mean.

    max        y[i, j] = max  x[i S + u, j S + v]            over 0 ≤ u, v < K
    average    y[i, j] = 1/K² Σ x[i S + u, j S + v]

There is nothing to learn: K is the window's size, S the stride, usually S = K, so that the windows
lie side by side; with S < K they overlap. Each channel is pooled by itself. Where the last window
does not fit any more, it is left out, or it is taken with what it finds:

    rounded down    ⌊(H − K) / S⌋ + 1 places
    rounded up      ⌈(H − K) / S⌉ + 1 places, of which the last must begin within the image

Pooling makes images smaller, and what comes after it less sensitive to where exactly a thing is.
"""

# %% tags=["parameters"]
IMAGE = [[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]]  # 4 x 4
ODD = [[5, 1, 0, 2, 6], [2, 3, 4, 1, 0], [0, 7, 1, 5, 2], [1, 2, 6, 0, 3], [4, 0, 1, 2, 9]]

# %%
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, RED, VIOLET, Board, Grid, beside

x = np.array(IMAGE, np.float32)
odd = np.array(ODD, np.float32)
image = torch.tensor(x).view(1, 1, *x.shape)
odd_image = torch.tensor(odd).view(1, 1, *odd.shape)


def places(length: int, K: int, S: int, up: bool) -> int:
    """How many windows there are along a side."""
    n = (-(-(length - K) // S) if up else (length - K) // S) + 1
    return n - 1 if (n - 1) * S >= length else n


def pooled(
    x: np.ndarray, K: int, S: int, of: Callable[[np.ndarray], float], up: bool = False
) -> np.ndarray:
    """The windows of an image, one by one; one that reaches over the end is cut off there."""
    y = np.zeros([places(length, K, S, up) for length in x.shape], np.float32)
    for i, j in np.ndindex(y.shape):
        y[i, j] = of(x[i * S : i * S + K, j * S : j * S + K])
    return y


# %% [markdown]
# ## Max and average, 2 × 2, stride 2

# %%
for i, j in np.ndindex(2, 2):
    window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
    print(beside(window, f"max {window.max():g}, average {window.mean():g}"), "\n")

largest = F.max_pool2d(image, 2, stride=2)
average = F.avg_pool2d(image, 2, stride=2)
print(beside(("image", x), ("max by hand", pooled(x, 2, 2, np.max)), ("max_pool2d", largest[0, 0])))
print(beside(("average", pooled(x, 2, 2, np.mean)), ("avg_pool2d", average[0, 0])))

# %%
plt.style.use("minigrad.lessons.look")

four: Any = np.array([[ORANGE, VIOLET], [GREEN, RED]], object)
windows = four.repeat(2, axis=0).repeat(2, axis=1)
taken = np.zeros_like(x)
for i, j in np.ndindex(2, 2):
    u, v = np.unravel_index(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].argmax(), (2, 2))
    taken[2 * i + u, 2 * j + v] = 1

board = Board("windows")
board.row(
    (0, 0),
    Grid(x, windows, "image", 0.2 + 0.5 * taken),
    "→",
    Grid(largest[0, 0], four, "max", 0.7),
    "",
    Grid(average[0, 0], four, "average", 0.35),
)
plt.show()

# %% [markdown]
# ## The way back
#
# What comes in as the gradient of a result goes to the number that was the largest, and to no
# other; of an average, every number of the window gets an equal share.

# %%
g = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
inputs = image.clone().requires_grad_()
F.max_pool2d(inputs, 2).backward(g)
to_largest = np.asarray(inputs.grad)
inputs = image.clone().requires_grad_()
F.avg_pool2d(inputs, 2).backward(g)
to_all = np.asarray(inputs.grad)
print()
print(beside(("gradient", g[0, 0]), ("through max", to_largest[0, 0]), ("average", to_all[0, 0])))

board = Board("gradient")
board.row(
    (0, 0),
    Grid(g[0, 0], four, "∂L/∂y", 0.7),
    "→",
    Grid(to_largest[0, 0], windows, "∂L/∂x of max", 0.2 + 0.5 * taken),
    "",
    Grid(to_all[0, 0], windows, "of average", 0.35),
)
plt.show()

# %% [markdown]
# ## Overlapping windows
#
# 3 × 3 with stride 2 on a 5 × 5 image: the row and the column in the middle belong to windows on
# both sides. The 7 is the largest number of two windows at once, and gets the gradient of both.

# %%
overlapping = F.max_pool2d(odd_image, 3, stride=2)
print()
print(beside(("image", odd), ("max, 3 x 3, stride 2", overlapping[0, 0])))

board = Board("overlap")
frames = []
for i, j in np.ndindex(2, 2):
    off = 0.08 if i == j else 0.22  # so that no frame hides another
    frames.append((2 * i + off, 2 * j + off, 3 - 2 * off, 3 - 2 * off, four[i, j]))
board.row(
    (0, 0),
    Grid(odd, BLUE, "image", 0.1, frames=frames),
    "→",
    Grid(overlapping[0, 0], four, "max", 0.7),
)
plt.show()

# %% [markdown]
# ## Rounded down, rounded up
#
# 2 × 2 with stride 2 leaves a row and a column of the 5 × 5 image over. Rounded down, nobody sees
# them; rounded up (`ceil_mode=True`), the last windows are cut off at the end of the image, and an
# average is one over fewer numbers.

# %%
down = F.max_pool2d(odd_image, 2, stride=2)
up = F.max_pool2d(odd_image, 2, stride=2, ceil_mode=True)
average_up = F.avg_pool2d(odd_image, 2, stride=2, ceil_mode=True)
print()
print(f"down ⌊(5 − 2) / 2⌋ + 1 = {down.size(2)},  up ⌈(5 − 2) / 2⌉ + 1 = {up.size(2)}\n")
print(beside(("down", down[0, 0]), ("by hand", pooled(odd, 2, 2, np.max))))
print(beside(("up", up[0, 0]), ("by hand", pooled(odd, 2, 2, np.max, up=True))))
print(beside(("average", average_up[0, 0]), ("by hand", pooled(odd, 2, 2, np.mean, up=True))))

# %%
board = Board("rounding")
nine = np.array([[ORANGE, VIOLET, ORANGE], [GREEN, RED, GREEN], [ORANGE, VIOLET, ORANGE]], object)
unseen = np.ones(odd.shape, bool)
unseen[:4, :4] = False
outside = np.pad(np.zeros(odd.shape, bool), (0, 1), constant_values=True)
beyond = np.pad(odd, (0, 1), constant_values=np.nan)
board.row(
    (0, 0),
    Grid(odd, nine.repeat(2, axis=0).repeat(2, axis=1)[:5, :5], "image", 0.35, unseen),
    "→",
    Grid(down[0, 0], nine[:2, :2], "rounded down", 0.7),
)
board.row(
    (0, 7.5),
    Grid(beyond, nine.repeat(2, axis=0).repeat(2, axis=1), "image", 0.35, outside),
    "→",
    Grid(up[0, 0], nine, "rounded up", 0.7),
)
plt.show()
