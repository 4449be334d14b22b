# %% [markdown]
"""Fitting a parabola by Monte Carlo: try very many at random and keep the best.

Given are N points (xᵢ, yᵢ), the model a x² + b x + c, and a number that says how bad a choice of
(a, b, c) is, the sum of its squared errors:

    S(a, b, c) = Σ (a xᵢ² + b xᵢ + c − yᵢ)²

Draw many triples at random and keep the one with the least S. No derivative is needed, S need not
even be continuous. The price is the number of tries. Near its minimum S is a bowl,

    S(p) = S_min + (p − p_min)ᵀ M (p − p_min)        M = Σ (xᵢ², xᵢ, 1)ᵀ (xᵢ², xᵢ, 1)

and the triples with S ≤ S_min + s fill an ellipsoid of volume 4/3 π s^(3/2) / √det M. The best of n
triples drawn from a volume V is to be expected where that is V / n:

    S − S_min ≈ (3 V √det M / (4 π n))^(2/3)

In three dimensions ten times the tries leave a fifth of the excess. In k dimensions the exponent is
2/k. A small network has k = 100,000, and no number of tries helps: that is why the next lessons
follow the gradient instead.
"""

# %% tags=["parameters"]
SEED = 0
TRIPLES = 100_000
CHUNK = 10_000
SPREAD = 3.0

# %% [markdown]
# ## The points
#
# 30 points of y = x² with standard normal noise. Everything below also runs on PyTorch: change
# `import minigrad as torch` to `import torch`.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %% [markdown]
# ## The search
#
# Every triple is a row. Broadcasting (n, 1) against (30,) gives the errors of n parabolas at 30
# points as one (n, 30) matrix, and its squares summed along the rows are n values of S. All triples
# at once would fill memory with numbers that are looked at once, so they are taken in chunks.

# %%
triples = torch.tensor(rng.uniform(-SPREAD, SPREAD, (TRIPLES, 3)), dtype=torch.float32)

parts = []
for chunk in triples.split(CHUNK):
    a, b, c = chunk[:, 0:1], chunk[:, 1:2], chunk[:, 2:3]
    errors = a * x**2 + b * x + c - y
    parts.append((errors**2).sum(dim=1))
sums = torch.cat(parts)

winner = torch.argmin(sums)
best, least = triples[winner], sums[winner]
print(f"{TRIPLES:,} triples, sums of squares from {least:.2f} to {sums.max():.2f}")
print(f"the best is number {winner:,}: {best[0]:.4f} x² {best[1]:+.4f} x {best[2]:+.4f}")

# %% [markdown]
# ## How good is it?
#
# This problem is so simple that its best answer is known: where the gradient of S is zero, the
# normal equations hold, M p = Xᵀ y with the columns x², x and 1 in X, and M = Xᵀ X.

# %%
X = torch.stack([x**2, x, torch.ones(30)], dim=1)
M = X.T @ X
exact = torch.inverse(M) @ (X.T @ y)
floor = ((X @ exact - y) ** 2).sum()
print(f"the best there is:      {exact[0]:.4f} x² {exact[1]:+.4f} x {exact[2]:+.4f}")
print(f"sums of squares: truth {((x**2 - y) ** 2).sum():.3f}, found {least:.3f}, least {floor:.3f}")

# %%
plt.style.use("minigrad.lessons.look")

t = torch.linspace(-3.2, 3.2, 200)
found = f"{best[0]:.2f} x² {best[1]:+.2f} x {best[2]:+.2f}".replace("-", "−")
plt.figure("fit")
plt.scatter(x, y, color="C5", label="points", zorder=3)
plt.plot(t, t**2, color="C0", linestyle="--", label="truth: x²")
plt.plot(t, best[0] * t**2 + best[1] * t + best[2], color="C1", label=f"fit: {found}")
plt.title(f"The best of {TRIPLES:,} random parabolas")
plt.xlabel("x")
plt.ylabel("y")
plt.legend(loc="upper center")
plt.show()

# %% [markdown]
# ## What more tries buy
#
# The least sum so far, above the least there is, against the number of tries. Both axes are
# logarithmic, so the law of the docstring is a straight line. A single search falls in steps, when
# it is lucky; thin lines are the same triples in twenty other orders.

# %%
tries = torch.tensor(np.unique(np.geomspace(1, TRIPLES, 300).astype(int)))
volume = (2 * SPREAD) ** 3
law = (3 * volume * torch.det(M).sqrt() / (4 * torch.pi * tries)) ** (2 / 3)
excess = torch.cummin(sums, dim=0).values - floor

plt.figure("search")
for _ in range(20):
    other = sums[torch.tensor(rng.permutation(TRIPLES))]
    line = torch.cummin(other, dim=0).values - floor
    plt.loglog(tries, line[tries - 1], color="C1", linewidth=0.8, alpha=0.35)
plt.loglog(tries, excess[tries - 1], color="C1", label="the least so far")
plt.loglog(tries, law, color="C0", linestyle="--", label="expected: falls as n^(−2/3)")
plt.title("Ten times the tries leave a fifth of the excess")
plt.xlabel("number of tries n")
plt.ylabel("excess of the sum of squares")
plt.legend(loc="upper right")
plt.show()
