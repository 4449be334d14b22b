# %% [markdown]
"""Fitting a parabola with the gradients left to autograd.

The gradients of the lesson before were written out for this one model. Autograd finds those of any
program. While the loss is computed, each operation leaves a mark on a tape: what it was, and what
it needs to be differentiated. `loss.backward()` reads the tape from its end. It begins with
∂L/∂L = 1, and the chain rule carries it through each operation to its operands:

    forward                      backward: g is ∂L/∂(the result)
    s = a x² + b x + c           ∂L/∂a = Σ g x²    ∂L/∂b = Σ g x    ∂L/∂c = Σ g
    r = s − y                    ∂L/∂s = g
    L = 1/N Σ r²                 ∂L/∂r = 2 r / N

Put together, ∂L/∂a = Σ 2 r / N · x² = 2/N Σ r x²: what was written out by hand. The sums over the
points are there because each parameter was used at every point, and what comes back from each use
adds up. The optimizer then does p ← p − η ∂L/∂p for every parameter that it was given.
"""

# %% tags=["parameters"]
SEED = 0
STEPS = 20
RATE = 0.05

# %% [markdown]
# ## The points
#
# The same as in the lesson before: 30 points of y = x² with standard normal noise.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad import nn, optim

rng = np.random.default_rng(SEED)
x = torch.linspace(-3, 3, 30)
y = x**2 + torch.tensor(rng.standard_normal(30), dtype=torch.float32)

# %% [markdown]
# ## The tape
#
# `requires_grad=True` asks for marks. The loss has one; it knows where its operands came from, and
# so on down to the leaves, which are the parameters. x and y ask for nothing and leave no mark.

# %%
a, b, c = (torch.tensor(1.0, requires_grad=True) for _ in range(3))
mse = nn.MSELoss()
loss = mse(a * x**2 + b * x + c, y)

leaves = {id(a): "a", id(b): "b", id(c): "c"}
marks = [(loss.grad_fn, 0)]
while marks:
    mark, depth = marks.pop()
    print("   " * depth + (leaves[id(mark)] if id(mark) in leaves else mark.name()))
    below = [source for source, _ in getattr(mark, "next_functions", ()) if source is not None]
    marks += [(source, depth + 1) for source in reversed(below)]

# %%
loss.backward()
print(f"∂L/∂a = {a.grad:.4f}   ∂L/∂b = {b.grad:.4f}   ∂L/∂c = {c.grad:.4f}")

# %% [markdown]
# ## The loop, beside the one by hand
#
# Three lines are all there is to training, whatever the model: forget the old gradients, walk back,
# step. Beside them stands the loop of the lesson before, with parameters p, q and r of its own.

# %%
optimizer = optim.SGD([a, b, c], lr=RATE)
p, q, r = torch.tensor(1.0), torch.tensor(1.0), torch.tensor(1.0)

path = [(a.item(), b.item(), c.item())]
by_hand = [(p.item(), q.item(), r.item())]
losses = []

print("step     loss        a        b        c   from by hand")
for step in range(1, STEPS + 1):
    loss = mse(a * x**2 + b * x + c, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    error = p * x**2 + q * x + r - y
    grad_p = 2 * (error * x**2).mean()
    grad_q = 2 * (error * x).mean()
    grad_r = 2 * error.mean()
    p, q, r = p - RATE * grad_p, q - RATE * grad_q, r - RATE * grad_r

    path.append((a.item(), b.item(), c.item()))
    by_hand.append((p.item(), q.item(), r.item()))
    losses.append(loss.item())
    apart = np.abs(np.subtract(path[-1], by_hand[-1])).max()
    print(f"{step:4} {loss:8.4f} {a:8.4f} {b:8.4f} {c:8.4f}   {apart:12.1e}")

# %% [markdown]
# ## Equal at every step
#
# float32 keeps 24 binary digits: a number near 1 is rounded by up to 2⁻²⁴ ≈ 6e-8, each time. The
# two programs round in other places, and no more than that separates them.

# %%
gap = float(np.abs(np.subtract(path, by_hand)).max() / np.abs(by_hand).max())
assert gap < 1e-5, f"autograd and the gradients by hand are {gap} apart"
print(
    f"in {STEPS} steps the parameters are never more than {gap:.1e} apart, relative to the largest"
)

# %%
plt.style.use("minigrad.lessons.look")

plt.figure("path")
for number, name in enumerate("abc"):
    values = [place[number] for place in path]
    plt.plot(values, color=f"C{number}")
    plt.plot([place[number] for place in by_hand], "o", color=f"C{number}", fillstyle="none")
    plt.text(STEPS + 0.4, values[-1], name, color=f"C{number}", va="center", fontsize=13)
plt.plot([], color="C5", label="autograd")
plt.plot([], "o", color="C5", fillstyle="none", label="by hand")
plt.title("The same parameters at every step")
plt.xlabel("step")
plt.ylabel("parameter")
plt.locator_params(axis="x", integer=True)
plt.legend(loc="lower left")
plt.show()

# %%
t = torch.linspace(-3.2, 3.2, 200)
with torch.no_grad():
    curve = a * t**2 + b * t + c
found = f"{a:.2f} x² {b:+.2f} x {c:+.2f}".replace("-", "−")
plt.figure("fit")
plt.scatter(x, y, color="C5", label="points", zorder=3)
plt.plot(t, t**2, color="C0", linestyle="--", label="truth: x²")
plt.plot(t, curve, color="C1", label=f"fit: {found}")
plt.title(f"A parabola after {STEPS} steps of autograd and SGD")
plt.xlabel("x")
plt.ylabel("y")
plt.legend(loc="upper center")
plt.show()
