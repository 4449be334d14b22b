# %% [markdown]
"""Indexing: taking numbers out, and putting others in their place.

    x[1]               row 1                                            a view
    x[1, 2]            a single number                                  a view
    x[:, 1:3]          all rows, columns 1 and 2; first:end:step        a view
    x[[0, 2]]          the rows of a list, in its order                 a copy
    x[[0, 2], [3, 1]]  the numbers at (0, 3) and (2, 1)                 a copy
    x[x > 5]           where it is True, in a row                       a copy

The first kind, basic indexing, shares memory with x: what is written there is written in x. The
second, advanced indexing, gives numbers of its own. Assigned to, both kinds write in x.
"""

# %% tags=["parameters"]
SEED = 0

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad.lessons.drawing import BLUE, ORANGE, Board, Grid, beside

x = torch.arange(12.0).reshape(3, 4)
print(beside(("x", x)))

# %% [markdown]
# ## Taking out

# %%
taken = {
    "x[1]": x[1],
    "x[-1]": x[-1],
    "x[1, 2]": x[1, 2],
    "x[:, 0]": x[:, 0],
    "x[:, 1:3]": x[:, 1:3],
    "x[::2]": x[::2],
    "x[..., -1]": x[..., -1],
    "x[[2, 0]]": x[[2, 0]],
    "x[[0, 2], [3, 1]]": x[[0, 2], [3, 1]],
    "x[x > 5]": x[x > 5],
}
print()
for name, part in taken.items():
    print(f"{name:18} shape {part.shape!s:7} {part.tolist()}")
rows, columns, scattered, masked = x[[2, 0]], x[:, 1:3], x[[0, 2], [3, 1]], x[x > 5]
edges = [x[1], x[-1], x[0], x[2, :]]
single = x[1, 2].item()

# %% [markdown]
# Drawn: each number of x is the number of its place, so it is known again.

# %%
plt.style.use("minigrad.lessons.look")

board = Board("places")
drawn = ("x[1]", "x[:, 1:3]", "x[::2]", "x[[2, 0]]", "x[[0, 2], [3, 1]]", "x[x > 5]")
for n, name in enumerate(drawn):
    picked = np.isin(x.numpy(), taken[name].numpy())
    colour = BLUE if n < 3 else ORANGE
    board.draw(Grid(x, colour, name, 0.03 + 0.5 * picked), (n % 3 * 5.2, n // 3 * 4.8))
board.text("views", (-1.4, 1.5), BLUE)
board.text("copies", (-1.4, 6.3), ORANGE)
plt.show()

# %% [markdown]
# ## Putting in

# %%
view = x[1]
copy = x[[1]]
view[0] = 100
print(f"\nview[0] = 100: in x there is {x[1, 0]:g}, in the copy still {copy[0, 0]:g}")

p = torch.tensor([[0.2, 0.5, 0.9], [0.7, 0.1, 0.4]])
before = p.clone()
p[p >= 0.5] = 1
p[p < 0.5] = 0
print()
print(beside(("p", before), "→", ("p[p >= 0.5] = 1, p[p < 0.5] = 0", p)))
table = torch.zeros(3, 4)
table[0] = 1
table[:, 1] = torch.tensor([7.0, 8.0, 9.0])
table[[1, 2], [3, 3]] = 5
table[-1] += 0.5
print(beside(("row 0, column 1, two places, and row -1 plus 0.5", table)))
try:
    x[3]
except IndexError as error:
    print(f"\n{error}")

# %% [markdown]
# ## Joining
#
# `cat` lays tensors end to end along a dimension that they have; `stack` along a new one.

# %%
a, b = torch.zeros(2, 3), torch.ones(2, 3)
below, side_by_side, stacked = torch.cat([a, b]), torch.cat([a, b], dim=1), torch.stack([a, b])
print()
print(beside(("cat, dim=0", below), ("cat, dim=1", side_by_side)))
print(f"stack: {tuple(a.shape)} and {tuple(b.shape)} are {tuple(stacked.shape)}")

# %% [markdown]
# ## Shuffling
#
# Samples and their labels, by one random order, so that they stay together. `argsort` of the order
# is the way back.

# %%
torch.manual_seed(SEED)
samples = torch.arange(10, 60, 10)
labels = torch.tensor([1, 2, 3, 4, 5])
order = torch.randperm(5)
shuffled = torch.stack([samples[order], labels[order]])
restored = shuffled[:, order.argsort()]
print()
print(beside(("order", order), ("samples, labels", shuffled), ("restored", restored)))
