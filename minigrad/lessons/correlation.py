# %% [markdown]
"""Cross-correlation, each window shown.

A kernel k slides over an image x. At each place it covers a window of the image; the two are
multiplied number by number, and the products are added up:

    y[i, j] = Σᵤ Σᵥ x[i + u, j + v] · k[u, v]

The sum is large where the window looks like the kernel. A kernel of KH × KW numbers fits into an
image of H × W at (H − KH + 1) × (W − KW + 1) places; each gives one result. Deep learning calls
this a convolution.
"""

# %% tags=["parameters"]
IMAGE = [[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]
KERNEL = [[2, 0, 1], [0, 1, 2], [1, 0, 2]]

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, Board, Grid, beside

x = np.array(IMAGE, np.float32)
k = np.array(KERNEL, np.float32)
(H, W), (KH, KW) = x.shape, k.shape
OH, OW = H - KH + 1, W - KW + 1
print(beside(("image", x), ("kernel", k)))
print(f"\nThe kernel fits at {OH} x {OW} places.")

# %% [markdown]
# ## By hand
#
# At each place: cut the window out, multiply, add. The kernel stays as it is; the window moves.

# %%
by_hand = np.zeros((OH, OW), np.float32)
for i in range(OH):
    for j in range(OW):
        window = x[i : i + KH, j : j + KW]
        products = window * k
        by_hand[i, j] = products.sum()
        print(f"\nrow {i}, column {j}")
        print(beside(window, "×", k, "=", products, f"sum {by_hand[i, j]:g}"))

# %% [markdown]
# ## In one call
#
# `F.conv2d` does the same for a batch of images with many channels, (N, C, H, W), and with many
# kernels, (FN, C, FH, FW). Here each of N, C and FN is 1.

# %%
y = F.conv2d(torch.tensor(x).view(1, 1, H, W), torch.tensor(k).view(1, 1, KH, KW))
print()
print(beside(("by hand", by_hand), ("F.conv2d", y[0, 0])))

# %% [markdown]
# ## Every window, drawn

# %%
plt.style.use("minigrad.lessons.look")

board = Board("windows")
so_far = np.full((OH, OW), np.nan)
for n, (i, j) in enumerate(np.ndindex(OH, OW)):
    names = [""] * 5 if n else ["image", "window", "kernel", "products", "result"]
    inside, now = np.zeros((H, W)), np.zeros((OH, OW))
    inside[i : i + KH, j : j + KW] = now[i, j] = 1
    window = x[i : i + KH, j : j + KW]
    so_far[i, j] = by_hand[i, j]
    board.row(
        (0, n * (max(H, KH) + 0.9)),
        Grid(x, BLUE, names[0], 0.1 + 0.2 * inside, frames=[(i, j, KH, KW, ORANGE)]),
        "→",
        Grid(window, BLUE, names[1], 0.3),
        "×",
        Grid(k, ORANGE, names[2], 0.25),
        "=",
        Grid(window * k, GREEN, names[3]),
        "→ Σ",
        Grid(so_far, GREEN, names[4], 0.1 + 0.75 * now),
    )
plt.show()
