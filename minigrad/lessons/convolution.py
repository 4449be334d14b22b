# %% [markdown]
"""True convolution, and what it has to do with cross-correlation.

The difference is a sign: in a convolution the image is read backwards,

    (x ∗ k)[i, j] = Σᵤ Σᵥ x[i − u, j − v] · k[u, v]        convolution
    (x ⋆ k)[i, j] = Σᵤ Σᵥ x[i + u, j + v] · k[u, v]        cross-correlation

or, which is the same, the kernel is turned by half a turn before it slides:

    x ∗ k = x ⋆ flip(k),        flip(k)[u, v] = k[KH − 1 − u, KW − 1 − v]

Because of the flip, a single bright pixel gives back the kernel as it is, and x ∗ k = k ∗ x. A
network learns its kernels, so to it the flip makes no difference; frameworks compute ⋆ and call it
convolution.
"""

# %% tags=["parameters"]
IMAGE = [[1, 1, 1, 1, 1], [-1, 0, -3, 0, 1], [2, 1, 1, -1, 0], [0, -1, 1, 2, 1], [1, 2, 1, 1, 1]]
KERNEL = [[1, 0, 0], [0, 0, 0], [0, 0, -1]]

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

# %% [markdown]
# ## By hand, from the formula
#
# i − u and j − v must not leave the image, so i begins at KH − 1 and j at KW − 1. Each sum is
# written out, without the terms that a zero of the kernel takes away.

# %%
by_hand = np.zeros((OH, OW), np.float32)
print()
for i in range(KH - 1, H):
    for j in range(KW - 1, W):
        terms = []
        total = 0.0
        for u in range(KH):
            for v in range(KW):
                total += x[i - u, j - v] * k[u, v]
                if k[u, v]:
                    terms.append(f"x[{i - u},{j - v}] · {k[u, v]:g}")
        by_hand[i - KH + 1, j - KW + 1] = total
        print(f"y[{i},{j}] = {' + '.join(terms)} = {total:g}")

# %% [markdown]
# ## With the flip
#
# A cross-correlation with the flipped kernel gives the same. This kernel flipped is its own
# negative, so without the flip all signs are wrong.

# %%
images = torch.tensor(x).view(1, 1, H, W)
kernels = torch.tensor(k).view(1, 1, KH, KW)
flipped = torch.flip(kernels, (2, 3))
y = F.conv2d(images, flipped)
correlated = F.conv2d(images, kernels)
print()
print(beside(("kernel", k), ("flipped", flipped[0, 0])))
print()
print(beside(("by hand", by_hand), ("x ⋆ flip(k)", y[0, 0]), ("x ⋆ k", correlated[0, 0])))

# %%
plt.style.use("minigrad.lessons.look")

board = Board("flip")
board.row(
    (0, 0),
    Grid(k, ORANGE, "kernel", 0.2 + 0.3 * (k != 0)),
    "→ left to right",
    Grid(k[:, ::-1], ORANGE, "", 0.2 + 0.3 * (k[:, ::-1] != 0)),
    "→ top to bottom",
    Grid(k[::-1, ::-1], ORANGE, "flipped", 0.2 + 0.3 * (k[::-1, ::-1] != 0)),
)
plt.show()

# %% [markdown]
# The same window of the image, with the flip and without:

# %%
i, j = OH // 2, OW - 1
inside, now = np.zeros((H, W)), np.zeros((OH, OW))
inside[i : i + KH, j : j + KW] = now[i, j] = 1
image = Grid(x, BLUE, "image", 0.1 + 0.2 * inside, frames=[(i, j, KH, KW, ORANGE)])

board = Board("convolution")
for n, (sign, kernel, result) in enumerate([("∗", flipped, y), ("⋆", kernels, correlated)]):
    name = "flipped" if sign == "∗" else "kernel"
    board.row(
        (0, n * (H + 1.4)),
        image,
        "and",
        Grid(kernel[0, 0], ORANGE, name, 0.2 + 0.3 * (kernel.numpy()[0, 0] != 0)),
        "→",
        Grid(result[0, 0], GREEN, f"x {sign} k", 0.12 + 0.7 * now),
    )
plt.show()

# %% [markdown]
# ## A single bright pixel
#
# Convolution makes of every pixel a copy of the kernel, as strong as the pixel is bright.
# Cross-correlation makes of it a copy turned around.

# %%
pulse = np.zeros((5, 5), np.float32)
pulse[2, 2] = 1
ramp = np.arange(1, 10, dtype=np.float32).reshape(3, 3)
pulses = torch.tensor(pulse).view(1, 1, 5, 5)
ramps = torch.tensor(ramp).view(1, 1, 3, 3)
answer = F.conv2d(pulses, torch.flip(ramps, (2, 3)))
mirrored = F.conv2d(pulses, ramps)
print()
print(beside(("pulse ∗ k", answer[0, 0]), ("pulse ⋆ k", mirrored[0, 0])))

board = Board("pulse")
board.row(
    (0, 0),
    Grid(pulse, BLUE, "pulse", 0.1 + 0.6 * pulse),
    "and",
    Grid(ramp, ORANGE, "kernel", 0.06 * ramp),
    "→",
    Grid(answer[0, 0], GREEN, "pulse ∗ k", 0.06 * answer.numpy()[0, 0]),
    Grid(mirrored[0, 0], GREEN, "pulse ⋆ k", 0.06 * mirrored.numpy()[0, 0]),
)
plt.show()

# %% [markdown]
# ## Every place where they touch
#
# So x ∗ k can be computed from copies: for each pixel one copy of the kernel, all added up. There
# are (H + KH − 1) × (W + KW − 1) places where image and kernel touch, and the two may be swapped.
# In one call this is `F.conv_transpose2d`.

# %%
copies = np.zeros((H + KH - 1, W + KW - 1), np.float32)
for i in range(H):
    for j in range(W):
        copies[i : i + KH, j : j + KW] += x[i, j] * k
wide = F.conv_transpose2d(images, kernels)
swapped = F.conv_transpose2d(kernels, images)
print()
print(beside(("copies", copies), ("x ∗ k", wide[0, 0]), ("k ∗ x", swapped[0, 0])))

# %% [markdown]
# ## The way back
#
# Where a network cross-correlates on its way forward, its gradient convolves on the way back: what
# comes in as ∂L/∂y leaves as ∂L/∂x = ∂L/∂y ∗ k. Each result hands its gradient to the pixels of
# its window, weighted by the kernel, which is a copy of the kernel again.

# %%
inputs = torch.tensor(x).view(1, 1, H, W).requires_grad_()
F.conv2d(inputs, kernels).backward(y)
gradient = np.asarray(inputs.grad)
convolved = F.conv_transpose2d(y, kernels)
print()
print(beside(("∂L/∂x by autograd", gradient[0, 0]), ("∂L/∂y ∗ k", convolved[0, 0])))
