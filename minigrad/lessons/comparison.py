# %% [markdown]
"""Comparison and reduction: what is true, and many numbers made one.

A comparison gives a tensor of True and False, which count as 1 and 0. A reduction takes one
dimension, `dim`, and puts one number in its place; without `dim` it takes them all:

    x of shape (N, C)      x.sum() is ()      x.sum(dim=0) is (C,)      x.sum(dim=1) is (N,)

With keepdim=True the dimension stays, with length 1, so that the result broadcasts against x.
"""

# %% tags=["parameters"]
P = [[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.5, 0.1, 0.4], [0.3, 0.6, 0.1]]
Y = [1, 0, 2, 2, 1]

# %%
import minigrad as torch
from minigrad.lessons.drawing import beside

# %% [markdown]
# ## What a network says, and what is right
#
# Five images, three classes: p holds how sure a network is of each class, y the class it should be.

# %%
p = torch.tensor(P)
y = torch.tensor(Y)
N, C = p.shape
print(beside(("p", p), ("y", y.reshape(N, 1))))

# %% [markdown]
# ## Comparisons
#
# `&` is and, `|` or, `~` not; they bind more tightly than `<`, hence the brackets. The sum of True
# and False counts what is true.

# %%
compared = {
    "p == 0.6": p == 0.6,
    "p != 0.6": p != 0.6,
    "p < 0.2": p < 0.2,
    "p <= 0.2": p <= 0.2,
    "p > 0.5": p > 0.5,
    "p >= 0.5": p >= 0.5,
    "(p > 0.1) & (p < 0.6)": (p > 0.1) & (p < 0.6),
    "(p <= 0.1) | (p >= 0.6)": (p <= 0.1) | (p >= 0.6),
    "~(p > 0.5)": ~(p > 0.5),
}
print()
print(beside(*((name, compared[name]) for name in ("p == 0.6", "p > 0.5", "~(p > 0.5)"))))
print()
for name, truth in compared.items():
    print(f"{name:24} {truth.sum().item():2} of {p.numel()} are true")
truths = list(compared.values())

# %% [markdown]
# Numbers that were computed are rounded, and `==` sees that. `allclose` allows for it.

# %%
tenths = torch.tensor([0.1], dtype=torch.float64) + torch.tensor([0.2], dtype=torch.float64)
three = torch.tensor([0.3], dtype=torch.float64)
print(f"\n0.1 + 0.2 == 0.3: {(tenths == three).item()}, close: {torch.allclose(tenths, three)}")

# %% [markdown]
# ## Reductions
#
# NumPy's `axis=` is another name for `dim=`.

# %%
down = p.sum(dim=0)
across = p.sum(dim=1, keepdim=True)
print()
print(beside(("p", p), ("sum(dim=1, keepdim=True)", across)))
print(beside(("sum(dim=0)", down)))
print(f"\n{p.sum().item() = :.4f}\n{p.mean().item() = :.4f}")
print(f"{p.max().item() = :.4f}\n{p.min().item() = :.4f}")
print(f"{p.argmax().item() = }, counted through all rows")
whole = [p.sum(), p.mean(), p.max(), p.min(), p.argmax(), p.sum(dim=(0, 1))]
by_column = [p.sum(dim=0), p.mean(dim=0), p.max(dim=0).values, p.min(dim=0).values]
by_row = [p.sum(dim=1), p.mean(dim=1), p.amax(dim=1), p.argmin(dim=1)]
assert torch.equal(torch.sum(p, axis=1), by_row[0])  # type: ignore[call-arg]
shares = p / across

# %% [markdown]
# ## The likeliest class
#
# `max` with a dimension gives two things: the largest numbers, and where they are. The second is
# what `argmax` gives.

# %%
values, indices = torch.max(p, dim=1)
print()
for i in range(N):
    print(f"image {i}: class {indices[i]}, {values[i]:.0%} sure, should be {y[i]}")
assert torch.equal(indices, p.argmax(dim=1))

# %% [markdown]
# ## How many are right?
#
# The mean of True and False is the share that is true. Where classes are rows of a 1 and zeros, a
# whole row must be right: `all` over the row.

# %%
accuracy = (indices == y).float().mean()
pred = torch.zeros(N, C)
for i in range(N):
    pred[i, torch.argmax(p[i])] = 1
one_hot = torch.eye(C)[y]
right = (pred == one_hot).all(1)
unsure = (p < 0.55).all(dim=1)
print()
print(beside(("pred", pred), ("one-hot", one_hot), ("(pred == one_hot).all(1)", right.view(N, 1))))
print(f"\n{accuracy.item():.0%} are right; one is wrong: {(~right).any().item()}")
print(f"every row sums to 1: {torch.isclose(across, torch.ones(N, 1)).all().item()}")
print(f"sure of nothing: image {unsure.nonzero().flatten().tolist()}")
