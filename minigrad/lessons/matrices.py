# %% [markdown]
"""Linear algebra: products, the inverse, the determinant, and shapes that share memory.

    matrix by vector     (A x)[i]    = Σₖ A[i, k] x[k]             mv, @
    matrix by matrix     (A B)[i, j] = Σₖ A[i, k] B[k, j]          mm, @; A is (M, K), B is (K, N)
    transposed           Aᵀ[i, j]    = A[j, i]
    inverse              A⁻¹ A = I                                 where det A ≠ 0

A matrix moves the plane. Its columns are where the steps (1, 0) and (0, 1) go to; its determinant
is how many times as large an area becomes, negative where left and right change places. What has
been flattened to a line, det A = 0, cannot be undone: there is no inverse.
"""

# %% tags=["parameters"]
A = [[2.0, 1.0], [0.5, 1.5]]

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, Board, Grid, beside

a = torch.tensor(A)
v = torch.tensor([1.0, 2.0])
b = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])

# %% [markdown]
# ## Products
#
# A matrix by a vector mixes its columns: A v = v[0] A[:, 0] + v[1] A[:, 1]. `@` and `matmul` serve
# for all of them: they look at the number of dimensions.

# %%
av = torch.mv(a, v)
ab = torch.mm(a, b)
print(beside(("A", a), "·", ("v", v.view(2, 1)), "=", ("A v", av.view(2, 1))))
print()
print(beside(("A", a), "·", ("B", b), "=", ("A B", ab)))
assert torch.equal(av, a @ v) and torch.equal(ab, a @ b) and torch.equal(ab, a.matmul(b))
assert torch.allclose(av, v[0] * a[:, 0] + v[1] * a[:, 1])
try:
    b @ a
except RuntimeError as error:
    print(f"\nB A: {error}")

# %% [markdown]
# ## Inverse and determinant
#
# For 2 × 2, det A = A[0, 0] A[1, 1] − A[0, 1] A[1, 0].

# %%
inverse = torch.inverse(a)
det = torch.det(a)
there_and_back = inverse @ a
solution = inverse @ av
print()
print(beside(("A⁻¹", inverse), "·", ("A", a), "=", ("I", there_and_back)))
print(f"\ndet A = {det:.4g}, det A⁻¹ = {torch.det(inverse):.4g}; A⁻¹ (A v) = {solution.tolist()}")
flat = torch.tensor([[1.0, 2.0], [2.0, 4.0]])
try:
    torch.inverse(flat)
except RuntimeError as error:
    print(f"{flat.tolist()} has det {torch.det(flat):g}. {error}")

# %% [markdown]
# Drawn: where a square goes, and that the inverse brings it back.

# %%
plt.style.use("minigrad.lessons.look")

square = torch.tensor([[0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0]])  # corners as columns


def show(axes: Any, corners: torch.Tensor, colour: str, title: str) -> None:
    """The outline, its two first sides as arrows."""
    x, y = corners.numpy()
    axes.fill(x, y, color=colour, alpha=0.25)
    for side in (1, 3):
        arrow = {"color": colour, "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0, "arrowstyle": "->"}
        axes.annotate("", (x[side], y[side]), (0, 0), arrowprops=arrow)
    axes.set_title(title)


figure, row = plt.subplots(1, 3, num="area", figsize=(10.5, 3.0), sharex=True, sharey=True)
show(row[0], square, BLUE, "A square of area 1")
show(row[1], a @ square, ORANGE, f"A makes it {det:g} times as large")
show(row[2], inverse @ a @ square, BLUE, "A⁻¹ brings it back")
for axes in row:
    axes.set_aspect("equal")
    axes.margins(0.1)
    axes.locator_params(integer=True, nbins=6)
plt.show()

# %% [markdown]
# ## Shapes
#
# The numbers of a tensor lie in memory in one line. Shape and *stride* say how to read it: a stride
# for each dimension, how far it is in memory to the next number along it. `view`, `reshape` and
# transposing change how it is read, not what lies there: all share one memory.

# %%
line = torch.arange(6)
table = line.view(2, 3)
turned = table.t()
print()
for name, x in (("arange(6)", line), ("view(2, 3)", table), ("view(2, 3).t()", turned)):
    print(f"{name:16} shape {x.shape!s:7} stride {x.stride()}")
line[4] = 40
print(beside(("line", line), ("view(2, 3)", table), ("view(2, 3).t()", turned)))
strides = [table.stride(), turned.stride(), torch.transpose(table, 0, 1).stride()]

# %% [markdown]
# Turned, the line would have to be read to and fro: as one row, 0 3 1 4 2 5, there is no stride for
# it. `view` refuses; `reshape` copies, and what it gives is no longer the same memory.

# %%
try:
    turned.view(6)
except RuntimeError as error:
    print(f"\n{error}")
copied = turned.reshape(6)
copied[0] = -1
print(f"reshape(6): {copied.tolist()}, the line: {line.tolist()}")
guessed = line.reshape(-1, 2)  # -1: as many as there must be

# %% [markdown]
# Drawn: one line in memory, read as a table and as the table turned.

# %%
shades = 0.12 + 0.1 * np.arange(6)
board = Board("strides")
for name, x, top in (("view(2, 3)", table, 0.0), ("view(2, 3).t()", turned, 4.9)):
    (rows, columns), (down, right) = x.shape, x.stride()
    places = down * np.arange(rows)[:, None] + right * np.arange(columns)
    board.draw(Grid(places, BLUE, name, shades[places]), (0, top))
    board.arrow((-0.5, top + 0.5), (-0.5, top + 1.5), ORANGE)
    board.text("dim 0", (-1.5, top + 1), ORANGE)
    board.arrow((0.5, top + rows + 0.4), (1.5, top + rows + 0.4), GREEN)
    board.text("dim 1", (1, top + rows + 0.9), GREEN)
    middle = top + rows / 2 - 0.5
    board.draw(Grid(np.arange(6)[None], BLUE, "", shades[None]), (7, middle))
    board.arrow((7.5, middle - 0.4), (7.5 + down, middle - 0.4), ORANGE)
    board.text(f"stride {down}", (7.5 + down / 2, middle - 0.9), ORANGE)
    board.arrow((7.5, middle + 1.4), (7.5 + right, middle + 1.4), GREEN)
    board.text(f"stride {right}", (7.5 + right / 2, middle + 1.9), GREEN)
board.text("in memory", (10, -1.2), BLUE, bold=True)
plt.show()
