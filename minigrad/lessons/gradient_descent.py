# %% [markdown]
"""Fitting a parabola by gradient descent, with the gradients written out.

Given are N points (xᵢ, yᵢ). The model is a parabola, and the mean of its squared errors says how
good it is:

    r  = a x² + b x + c − y              the error at a point
    L  = 1/N Σ r²                        the loss

Each parameter is in r linearly, so the chain rule gives three means:

    ∂L/∂a = 2/N Σ r x²
    ∂L/∂b = 2/N Σ r x
    ∂L/∂c = 2/N Σ r

The gradient points to where the loss grows fastest. A step goes the other way, η being the rate:

    a ← a − η ∂L/∂a        b ← b − η ∂L/∂b        c ← c − η ∂L/∂c

How large may η be? L is a bowl, and its curvature is the same everywhere, H = 2/N Σ v vᵀ with
v = (x², x, 1). Along an eigenvector of H with eigenvalue λ a step multiplies what is left of the
error by 1 − ηλ. So all of it shrinks if, and only if, η < 2/λ for the largest λ.
"""

# %% tags=["parameters"]
SEED = 0
STEPS = 20
RATE = 0.05

# %% [markdown]
# ## The points
#
# 30 points of y = x² with standard normal noise. A fit can only find the parabola that is best for
# *these* points: it will be close to (1, 0, 0), but not equal to it. Everything below also runs on
# PyTorch: change `import minigrad as torch` to `import torch`.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %% [markdown]
# ## The steps
#
# Each line of the loop is one of the formulas above.

# %%
a, b, c = torch.tensor(1.0), torch.tensor(1.0), torch.tensor(1.0)
path = [(a.item(), b.item(), c.item())]
losses = []

print("step     loss        a        b        c")
for step in range(1, STEPS + 1):
    error = a * x**2 + b * x + c - y
    loss = (error**2).mean()

    grad_a = 2 * (error * x**2).mean()
    grad_b = 2 * (error * x).mean()
    grad_c = 2 * error.mean()

    a = a - RATE * grad_a
    b = b - RATE * grad_b
    c = c - RATE * grad_c

    path.append((a.item(), b.item(), c.item()))
    losses.append(loss.item())
    print(f"{step:4} {loss:8.4f} {a:8.4f} {b:8.4f} {c:8.4f}")

# %% [markdown]
# ## The fit

# %%
plt.style.use("minigrad.lessons.look")

t = torch.linspace(-3.2, 3.2, 200)
found = f"{a:.2f} x² {b:+.2f} x {c:+.2f}".replace("-", "−")
plt.figure("fit")
plt.scatter(x, y, color="C5", label="points", zorder=3)
plt.plot(t, t**2, color="C0", linestyle="--", label="truth: x²")
plt.plot(t, a * t**2 + b * t + c, color="C1", label=f"fit: {found}")
plt.title(f"A parabola after {STEPS} steps of gradient descent")
plt.xlabel("x")
plt.ylabel("y")
plt.legend(loc="upper center")
plt.show()

# %% [markdown]
# ## The loss
#
# With a rate that is small enough it falls fast at first and then more and more slowly. The least
# that any parabola can reach on these points is where all three gradients are zero.

# %%
v = torch.stack([x**2, x, torch.ones(30)], dim=1)
best = torch.inverse(v.T @ v) @ (v.T @ y)
floor = ((v @ best - y) ** 2).mean()

plt.figure("loss")
plt.plot(range(1, STEPS + 1), losses, marker="o", color="C1", label="the loss before each step")
plt.axhline(floor, color="C0", linestyle="--", label=f"the least there is, {floor:.2f}")
falls = all(later <= loss for loss, later in pairwise(losses))
plt.title("The loss falls" if falls else "The loss grows: the rate is too large")
plt.xlabel("step")
plt.ylabel("mean squared error")
plt.ylim(bottom=0)
plt.locator_params(axis="x", integer=True)
plt.legend()
plt.show()

# %% [markdown]
# ## Why 0.05?
#
# The eigenvalues of H tell. In the steepest direction, which is nearly that of a, the factor
# 1 − ηλ is close to −1: a jumps to and fro around what is best with the c of the moment, a little
# less each time. In the flattest, nearly that of c, it is close to 1, and c creeps. The one rate
# has to serve both. Try `RATE = 0.053`: just too much.

# %%
H = 2 / 30 * (v.T @ v)
eigenvalues = torch.linalg.eigvalsh(H)
for curvature in eigenvalues.tolist():
    print(f"λ = {curvature:6.3f}: each step leaves {1 - RATE * curvature:+.3f} of the error")
print(f"the rate is {RATE:g}; from 2/λ = {2 / eigenvalues[-1]:.4f} on, the steps lead away")

# %%
plt.figure("path")
for number, name in enumerate("abc"):
    values = [place[number] for place in path]
    plt.plot(values, marker="o", markersize=4)
    plt.axhline(best[number], color=f"C{number}", linestyle="--", linewidth=1.2)
    plt.text(STEPS + 0.3, values[-1], name, color=f"C{number}", va="bottom", fontsize=13)
steep = RATE * eigenvalues[-1].item()
how = "to and fro" if steep > 1 else "straight"
how = "ever further" if steep >= 2 else how
plt.title(f"a goes {how}, c creeps (dashed: the best values)")
plt.xlabel("step")
plt.ylabel("parameter")
plt.locator_params(axis="x", integer=True)
plt.show()
