# %% [markdown]
"""A learned kernel: the edge detector found from an image and its edges.

An image x and its map of edges y = x ⋆ [1, −1] are given, the kernel is not. Gradient descent
starts at random numbers w = [w₀, w₁] and makes the sum of squared errors smaller:

    ŷ[i, j] = w₀ x[i, j] + w₁ x[i, j + 1]
    L       = Σ (ŷ − y)²
    ∂L/∂w_v = 2 Σ (ŷ[i, j] − y[i, j]) x[i, j + v]
    w      ← w − η ∂L/∂w

The gradient of a kernel is a cross-correlation again: of the image with the errors.
"""

# %% tags=["parameters"]
SEED = 0
STEPS = 10
RATE = 0.03

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad import nn
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, RED, VIOLET, Board, Grid, beside

rng = np.random.default_rng(SEED)

# %% [markdown]
# ## The image and its edges
#
# White at the sides, black in the middle. The map is 1 where white becomes black, −1 where black
# becomes white.

# %%
x = torch.ones(6, 8)
x[:, 2:6] = 0
edge = torch.tensor([[1.0, -1.0]])
y = F.conv2d(x.view(1, 1, 6, 8), edge.view(1, 1, 1, 2))
print(beside(("image", x), ("edges", y[0, 0])))

# %%
plt.style.use("minigrad.lessons.look")

signs = np.where(y.numpy()[0, 0] < 0, RED, GREEN)
board = Board("edges")
board.row(
    (0, 0),
    Grid(x, BLUE, "image", 0.12 + 0.3 * x.numpy()),
    "and",
    Grid(edge, ORANGE, "kernel", 0.3),
    "→",
    Grid(y[0, 0], signs, "edges", 0.1 + 0.6 * abs(y.numpy()[0, 0])),
)
plt.show()

# %% [markdown]
# ## By hand
#
# The window is 1 × 2: its left numbers are all columns but the last, its right ones all but the
# first.

# %%
start = rng.uniform(-1, 1, 2).astype(np.float32)
w = start.copy()
left, right, edges = x.numpy()[:, :-1], x.numpy()[:, 1:], y.numpy()[0, 0]
by_hand = [w.copy()]
print("\nstep      w₀        w₁       loss     ∂L/∂w₀     ∂L/∂w₁")
for step in range(STEPS):
    error = w[0] * left + w[1] * right - edges
    loss = (error**2).sum()
    grad = 2 * np.array([(error * left).sum(), (error * right).sum()])
    print(f"{step:4}  {w[0]:8.4f}  {w[1]:8.4f}  {loss:8.4f}  {grad[0]:9.4f}  {grad[1]:9.4f}")
    w -= RATE * grad
    by_hand.append(w.copy())
print(f"{STEPS:4}  {w[0]:8.4f}  {w[1]:8.4f}")

# %% [markdown]
# ## By autograd
#
# The same with a layer, whose kernel is its parameter; `SGD` takes the steps w ← w − η ∂L/∂w.

# %%
conv = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
conv.weight.data[:] = torch.tensor(start).view(1, 1, 1, 2)
optimizer = torch.optim.SGD(conv.parameters(), lr=RATE)
kernels = [conv.weight.detach().numpy().reshape(2).copy()]
losses = []
for _ in range(STEPS):
    loss = ((conv(x.view(1, 1, 6, 8)) - y) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    kernels.append(conv.weight.detach().numpy().reshape(2).copy())
    losses.append(loss.item())
apart = np.abs(np.array(kernels) - np.array(by_hand)).max()
print(f"\nBy hand and by autograd differ by at most {apart:.1e}.")
print(f"Learned: {beside(kernels[-1], digits=4)}; the truth is 1 -1.")

# %% [markdown]
# ## The kernel over the steps

# %%
steps = range(STEPS + 1)
_, (above, below) = plt.subplots(2, 1, num="steps", sharex=True, figsize=(7.2, 6.4))
for v, colour in enumerate([ORANGE, VIOLET]):
    above.axhline(1 - 2 * v, color=colour, linewidth=1, linestyle="--")
    above.plot(steps, [k[v] for k in kernels], "o-", color=colour, label=f"w{'₀₁'[v]}")
above.set_title("The kernel, and where it should go (dashed)")
above.legend(ncols=2)
below.semilogy(steps[:-1], losses, "o-", color=GREEN)
below.set_title("The sum of squared errors")
below.set_xlabel("step")
plt.show()

# %% [markdown]
# ## Why it goes in zigzag
#
# The loss is a bowl. Its curvature is the matrix A, and a step multiplies the error of the kernel
# by 1 − η λ along each of A's axes (λ is the curvature there):
#
#     A = 2 Σ [x[i, j], x[i, j + 1]]ᵀ [x[i, j], x[i, j + 1]] = [[36, 24], [24, 36]]
#
# Across the valley, along (1, 1), λ = 60 and the factor is 1 − 0.03 · 60 = −0.8: each step leaps
# over the bottom. Along the valley, (1, −1), λ = 12 and it is 0.64. With η above 2/60 = 0.033 the
# leaps would grow.

# %%
pairs = np.stack([left.ravel(), right.ravel()], axis=1)
curvature = 2 * pairs.T @ pairs
axes_of_bowl = np.linalg.eigh(curvature)
print("\ncurvature")
print(beside(curvature))
for strength, axis in zip(axes_of_bowl.eigenvalues, axes_of_bowl.eigenvectors.T, strict=True):
    direction = axis / axis[np.abs(axis).argmax()]
    print(f"along {beside(direction)}: λ = {strength:g}, factor {1 - RATE * strength:.2f}")

# %%
walk = np.array(kernels)
reach = 1.15 * max(np.abs(walk - [1, -1]).max(), 0.5)
w0, w1 = np.meshgrid(1 + np.linspace(-reach, reach, 200), -1 + np.linspace(-reach, reach, 200))
offset = np.stack([w0 - 1, w1 + 1], axis=-1)
bowl = 0.5 * np.einsum("...i,ij,...j", offset, curvature, offset)

plt.figure("path", figsize=(6.4, 6.0))
levels = np.geomspace(bowl.max() / 3000, bowl.max(), 12)
plt.contour(w0, w1, bowl, levels=levels, colors=[BLUE], linewidths=0.8, alpha=0.6)
plt.plot(*walk.T, "o-", color=ORANGE, linewidth=1.6)
plt.plot(1, -1, "*", color=GREEN, markersize=16)
plt.annotate("start", walk[0], xytext=(8, 6), textcoords="offset points")
plt.annotate("[1, −1]", (1, -1), xytext=(10, -14), textcoords="offset points")
plt.title("The kernel's path down the loss")
plt.xlabel("w₀")
plt.ylabel("w₁")
plt.gca().set_aspect("equal")
plt.show()
