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
"""

# %% tags=["parameters"]
SEED = 0
STEPS = 20
RATE = 0.05

# %% [markdown]
# ## The points
#
# 30 points of y = x² with standard normal noise. A fit can only find the parabola that is best for
# *these* points: it will be close to (1, 0, 0), but not equal to it.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %% [markdown]
# ## Twenty steps
#
# Every line below is one line of the formulas above.

# %%
a, b, c = torch.tensor(1.0), torch.tensor(1.0), torch.tensor(1.0)
path = [(a.item(), b.item(), c.item())]
losses = []

print("step       a        b        c      loss")
for step in range(STEPS):
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
    print(f"{step + 1:4}  {a:7.4f}  {b:7.4f}  {c:7.4f}  {loss:8.4f}")

# %% [markdown]
# ## The fit

# %%
plt.style.use("minigrad.lessons.look")

t = torch.linspace(-3.2, 3.2, 200)
plt.figure("fit")
plt.scatter(x, y, color="C5", label="points", zorder=3)
plt.plot(t, t**2, color="C0", linestyle="--", label="truth, x²")
plt.plot(t, a * t**2 + b * t + c, color="C1", label=f"fit, {a:.2f} x² {b:+.2f} x {c:+.2f}")
plt.title(f"A parabola after {STEPS} steps of gradient descent")
plt.xlabel("x")
plt.ylabel("y")
plt.legend()
plt.show()

# %% [markdown]
# ## The loss
#
# It falls fast at first, along the directions in which it is steep, and then slowly, along the
# flat ones.

# %%
plt.figure("loss")
plt.plot(range(1, STEPS + 1), losses, marker="o", color="C1")
plt.title("The loss before each step")
plt.xlabel("step")
plt.ylabel("mean squared error")
plt.ylim(bottom=0)
plt.show()
