# %% [markdown]
"""im2col and col2im: a convolution is a product of two matrices, and its gradient two more.

im2col writes each window of an image into a column of a matrix:

    im2col(x)    a row for each number of the kernel, c, u, v;  a column for each place i, j

With the filters as rows, W of shape (FN, C KH KW), all results come from one product:

    Y = W · im2col(x)

col2im takes a matrix of this shape and adds every number to the pixel that im2col would have taken
it from. It is not the inverse of im2col but its adjoint (its transpose, as im2col is linear):

    ⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩        for all x and c

Gradients follow. Let G = ∂L/∂Y; then dL = ⟨G, dW · im2col(x) + W · im2col(dx)⟩, and so

    ∂L/∂W = G · im2col(x)ᵀ        ∂L/∂x = col2im(Wᵀ · G)
"""

# %% tags=["parameters"]
SEED = 0

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad.lessons.drawing import BLUE, FAINT, GREEN, ORANGE, RED, VIOLET, Board, Grid, beside

rng = np.random.default_rng(SEED)
C, H, W = 2, 3, 3
FN, KH, KW = 2, 2, 2
OH, OW = H - KH + 1, W - KW + 1

x = rng.integers(1, 10, (C, H, W)).astype(np.float64)
w = rng.integers(-2, 3, (FN, C, KH, KW)).astype(np.float64)
print(beside(("channel 0", x[0]), ("channel 1", x[1])))


# %% [markdown]
# ## The column matrix by hand
#
# Four places, so four columns; two channels and 2 × 2 numbers in each, so eight rows.


# %%
def im2col(x: np.ndarray) -> np.ndarray:
    """(C, H, W) to (C KH KW, OH OW)."""
    columns = np.zeros((C * KH * KW, OH * OW))
    for i, j in np.ndindex(OH, OW):
        columns[:, i * OW + j] = x[:, i : i + KH, j : j + KW].reshape(-1)
    return columns


columns = im2col(x)
unfolded = F.unfold(torch.tensor(x).unsqueeze(0), (KH, KW))[0]
print()
print(beside(("by hand", columns), ("F.unfold", unfolded)))

# %% [markdown]
# ## One product
#
# Each row of W is a filter; its product with a column is the sum over one window. The rows of
# results, folded to OH × OW, are the channels of the convolution.

# %%
rows = w.reshape(FN, C * KH * KW)
product = rows @ columns
y = F.conv2d(torch.tensor(x).unsqueeze(0), torch.tensor(w))
print()
print(beside(("W", rows), "·", ("im2col(x)", columns), "=", ("Y", product)))
print()
print(beside(("F.conv2d, channel 0", y[0, 0]), ("channel 1", y[0, 1])))

# %% [markdown]
# Drawn: the second window is the second column, and gives the second column of the product.

# %%
plt.style.use("minigrad.lessons.look")

now = np.zeros(OH * OW)
now[1] = 1
inside = np.zeros((H, W))
inside[0:KH, 1 : 1 + KW] = 1
frame = (0, 1, KH, KW, VIOLET)

board = Board("product")
for f, (at, colour) in enumerate([(0.0, BLUE), (H + 1.4, RED)]):
    channel = Grid(x[f], colour, f"channel {f}", 0.12 + 0.25 * inside, frames=[frame])
    board.draw(channel, (0, at - H - 0.7))
board.arrow((W + 0.4, 0), (W + 1.7, 0))
parts = np.array([BLUE, RED], object).repeat(KH * KW)[:, None]
right = board.row(
    (W + 2, 0),
    Grid(rows, ORANGE, "W", 0.2),
    "·",
    Grid(columns, parts, "im2col(x)", 0.12 + 0.3 * now, frames=[(0, 1, C * KH * KW, 1, VIOLET)]),
    "=",
    Grid(product, GREEN, "Y", 0.12 + 0.5 * now),
    "→",
)
for f in range(FN):
    one = np.zeros((OH, OW))
    one[0, 1] = 0.5
    spot = (right, (f - 1) * (OH + 1.2) + 0.6)
    board.draw(Grid(y[0, f], GREEN, f"y, channel {f}", 0.12 + one), spot)
plt.show()

# %% [markdown]
# ## The way back: col2im
#
# Each number goes back to its pixel, and where windows overlap, the numbers add up. So
# col2im(im2col(x)) is x times the number of windows that hold the pixel.


# %%
def col2im(columns: np.ndarray) -> np.ndarray:
    """(C KH KW, OH OW) to (C, H, W), the adjoint of im2col."""
    x = np.zeros((C, H, W))
    for i, j in np.ndindex(OH, OW):
        x[:, i : i + KH, j : j + KW] += columns[:, i * OW + j].reshape(C, KH, KW)
    return x


count = col2im(im2col(np.ones((C, H, W))))
back = col2im(columns)
folded = F.fold(unfolded.unsqueeze(0), (H, W), (KH, KW))[0]
print()
print(beside(("windows a pixel", count[0]), ("col2im(im2col(x))", back[0]), ("F.fold", folded[0])))

# %%
board = Board("back")
colours = [ORANGE, VIOLET, GREEN, RED]
for n, (i, j) in enumerate(np.ndindex(OH, OW)):
    spread = np.full((H, W), np.nan)
    spread[i : i + KH, j : j + KW] = x[0, i : i + KH, j : j + KW]
    strength = np.where(np.isnan(spread), 0, 0.35)
    lines = np.where(np.isnan(spread), FAINT, colours[n])
    board.draw(Grid(columns[: KH * KW, [n]], colours[n], "", 0.35), (n * 5.4 + 1, 0))
    board.arrow((n * 5.4 + 1.5, KH * KW + 0.2), (n * 5.4 + 1.5, KH * KW + 1.3))
    board.draw(Grid(spread, lines, "", strength), (n * 5.4, KH * KW + 1.5))
    board.text("+" if n < 3 else "=", (n * 5.4 + 4.2, KH * KW + 3), size=13)
board.draw(Grid(back[0], BLUE, "", 0.08 * count[0]), (21.6, KH * KW + 1.5))
board.text("columns of channel 0", (9.6, -0.7), bold=True)
board.text("col2im", (23.1, KH * KW + 1), BLUE, bold=True)
plt.show()

# %% [markdown]
# ## Adjoint
#
# For a random c, both products are the same number, up to rounding.

# %%
c = rng.standard_normal((C * KH * KW, OH * OW))
forth = (F.unfold(torch.tensor(x).unsqueeze(0), (KH, KW)) * torch.tensor(c)).sum()
back_again = (torch.tensor(x) * F.fold(torch.tensor(c).unsqueeze(0), (H, W), (KH, KW))).sum()
print(f"\n⟨im2col(x), c⟩ = {forth.item():.15f}")
print(f"⟨x, col2im(c)⟩ = {back_again.item():.15f}")

# %% [markdown]
# im2col is linear, so it is a matrix A of ones and zeros: a row for each number of the column
# matrix, a column for each pixel. Its columns are the column matrices of single bright pixels.
# col2im is Aᵀ, and AᵀA counts the windows.

# %%
single = torch.eye(C * H * W, dtype=torch.float64).reshape(C * H * W, C, H, W)
A = F.unfold(single, (KH, KW)).reshape(C * H * W, -1).T.numpy()
same = np.array_equal(A @ x.ravel(), columns.ravel())
transposed = np.allclose(A.T @ c.ravel(), col2im(c).ravel())
print(f"\nA is {A.shape}; A x = im2col(x): {same}; Aᵀ c = col2im(c): {transposed}")

board = Board("operator", scale=0.22)
tones = np.where(A > 0, 0.85, 0.06)
halves = np.array([BLUE, RED], object).repeat(H * W)[None, :]
board.draw(Grid(np.full(A.shape, np.nan), halves, "", tones), (0, 0))
board.draw(Grid(np.full(A.T.shape, np.nan), halves.T, "", tones.T), (C * H * W + 4, 7))
board.text(f"im2col: {A.shape[0]} × {A.shape[1]}", (9, -1.1), size=19, bold=True)
board.text(f"col2im: {A.shape[1]} × {A.shape[0]}", (38, 5.9), size=19, bold=True)
plt.show()

# %% [markdown]
# ## The gradients of a convolution
#
# Two products of matrices and a col2im, against autograd.

# %%
g = rng.integers(-3, 4, (FN, OH * OW)).astype(np.float64)
w_by_hand = (g @ columns.T).reshape(w.shape)
x_by_hand = col2im(rows.T @ g)

inputs = torch.tensor(x).unsqueeze(0).requires_grad_()
filters = torch.tensor(w).requires_grad_()
F.conv2d(inputs, filters).backward(torch.tensor(g).view(1, FN, OH, OW))
w_grad, x_grad = np.asarray(filters.grad), np.asarray(inputs.grad)
print()
print(
    beside(
        ("∂L/∂W = G · im2col(x)ᵀ", w_by_hand.reshape(FN, -1)), ("autograd", w_grad.reshape(FN, -1))
    )
)
print()
print(
    beside(
        ("∂L/∂x = col2im(Wᵀ · G)", x_by_hand.reshape(C * H, W)),
        ("autograd", x_grad.reshape(C * H, W)),
    )
)
