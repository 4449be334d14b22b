# %% [markdown]
"""Activations: what bends a network, how steep it is, and softmax step by step.

Layers that only add and multiply make one linear map, however many there are. An activation f
between them, applied number by number, bends it. Going back, the chain rule multiplies by f′(x), so
the slope decides how much of the gradient gets through:

    name          f(x)                                   f′(x)
    sigmoid       σ = 1 / (1 + e⁻ˣ)                      σ (1 − σ), at most 1/4
    tanh          t = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)            1 − t², at most 1
    ReLU          max(x, 0)                              1 where x > 0, else 0
    LeakyReLU     x where x > 0, else αx                 1 where x > 0, else α
    PReLU         the same, with α learned               the same; ∂f/∂α = min(x, 0)
    ELU           x where x > 0, else α (eˣ − 1)         1 where x > 0, else α eˣ
    SELU          λ ELU(x), with fixed α and λ           λ where x > 0, else λ α eˣ
    Threshold     x where x > θ, else a value v          1 where x > θ, else 0

Softmax is different: it takes a row of numbers, z, and makes shares of one whole,

    pᵢ = e^zᵢ / Σⱼ e^zⱼ                                  ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ)
"""

# %% tags=["parameters"]
SEED = 0
SCORES = (1.0, 2.0, 1.0, 5.0, 6.0)
LEAK = 0.1
THRESHOLD = 1.0
VALUE = -0.5

# %% [markdown]
# ## Each as a layer, as a formula, and its slope as a formula
#
# In float64, so that a difference between them is one of mathematics and not of rounding.

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad import nn
from minigrad.nn import functional as F

ALPHA, LAMBDA = 1.6732632423543772, 1.0507009873554805  # SELU's

x = torch.linspace(-4, 4, 400, dtype=torch.float64, requires_grad=True)
with torch.no_grad():
    zero, one, exp, positive = torch.zeros_like(x), torch.ones_like(x), torch.exp(x), x > 0
    sigma = 1 / (1 + torch.exp(-x))
    t = (exp - torch.exp(-x)) / (exp + torch.exp(-x))
    above = x > THRESHOLD
    activations = {
        "sigmoid": (nn.Sigmoid(), sigma, sigma * (1 - sigma)),
        "tanh": (nn.Tanh(), t, 1 - t**2),
        "ReLU": (nn.ReLU(), torch.maximum(x, zero), torch.where(positive, one, zero)),
        "LeakyReLU": (
            nn.LeakyReLU(LEAK),
            torch.where(positive, x, LEAK * x),
            torch.where(positive, one, LEAK * one),
        ),
        "PReLU": (
            nn.PReLU(dtype=torch.float64),  # α starts at 1/4
            torch.where(positive, x, x / 4),
            torch.where(positive, one, one / 4),
        ),
        "ELU": (nn.ELU(), torch.where(positive, x, exp - 1), torch.where(positive, one, exp)),
        "SELU": (
            nn.SELU(),
            LAMBDA * torch.where(positive, x, ALPHA * (exp - 1)),
            LAMBDA * torch.where(positive, one, ALPHA * exp),
        ),
        "Threshold": (
            nn.Threshold(THRESHOLD, VALUE),
            torch.where(above, x, VALUE * one),
            torch.where(above, one, zero),
        ),
    }

# %% [markdown]
# ## The slope by autograd
#
# The sum of f(x) over all points has the gradient f′(x): each point is in one summand alone.


# %%
def gradient(total: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    """∂total/∂by, by autograd."""
    (found,) = torch.autograd.grad(total, by, retain_graph=True)
    assert found is not None  # the total does depend on it
    return found


functions, slopes = [], []
print("               f from the formula   f′ from the formula   steepest")
for name, (layer, by_formula, slope_by_formula) in activations.items():
    y = layer(x)
    slope = gradient(y.sum(), x)
    functions.append(y.detach())
    slopes.append(slope)
    differences = [(y - by_formula).abs().max(), (slope - slope_by_formula).abs().max()]
    assert max(differences) < 1e-12, f"{name}: layer and formula differ"
    print(f"{name:12} {differences[0]:20.1e} {differences[1]:21.1e} {slope.max():10.3f}")


# %%
def panel(axes: Any, name: str, y: torch.Tensor, slope: torch.Tensor) -> None:
    """A function and its slope over x, with the axes through zero."""
    axes.axhline(0, color="#888888", linewidth=0.8)
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.plot(x.detach(), y, color="C0", label="f")
    axes.plot(x.detach(), slope, color="C1", linestyle="--", label="f′")
    axes.set_title(name)
    axes.set_xlabel("x")


# %% [markdown]
# ## Sigmoid, tanh, ReLU
#
# Sigmoid and tanh are flat at both ends: there a layer learns nothing more. Sigmoid lets through a
# quarter of the gradient at best, so that ten layers leave 4⁻¹⁰, a millionth. ReLU lets through all
# or nothing. At its corner there is no derivative; minigrad takes 0, as PyTorch does.

# %%
plt.style.use("minigrad.lessons.look")

figure, row = plt.subplots(1, 3, num="classic", figsize=(10.5, 3.8))
for number, axes in enumerate(row):
    panel(axes, list(activations)[number], functions[number], slopes[number])
row[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# ## ReLU's relatives
#
# All keep something on the left, so that no unit is dead for ever. PReLU learns how much: the slope
# by its α is min(x, 0). SELU's two constants are such that what comes in with mean 0 and variance 1
# goes out with mean 0 and variance 1, layer after layer. Threshold jumps, and its slope knows
# nothing of the jump.

# %%
prelu = nn.PReLU(dtype=torch.float64)
by_alpha = gradient(prelu(x).sum(), prelu.weight)
with torch.no_grad():
    assert torch.allclose(by_alpha, torch.minimum(x, zero).sum())

figure, grid = plt.subplots(2, 3, num="relatives", figsize=(10.5, 6.6), sharex=True)
for number, axes in zip(range(3, 8), grid.flat, strict=False):
    panel(axes, list(activations)[number], functions[number], slopes[number])
panel(grid.flat[5], "PReLU, by its α", functions[4], torch.minimum(x.detach(), zero))
grid.flat[5].lines[-1].set_label("∂f/∂α")
grid.flat[0].legend(loc="upper left")
grid.flat[5].legend(loc="upper left")
plt.show()

rng = np.random.default_rng(SEED)
units = 300
through_selu = through_relu = through_he = torch.tensor(rng.standard_normal((1000, units)))
for _ in range(10):
    weight = torch.tensor(rng.standard_normal((units, units)) / units**0.5)
    through_selu, through_relu = F.selu(through_selu @ weight), F.relu(through_relu @ weight)
    through_he = F.relu(through_he @ (2**0.5 * weight))
ends = {"SELU": through_selu, "ReLU": through_relu, "ReLU, He's weights": through_he}
for name, y in ends.items():
    square = (y**2).mean()
    print(f"after 10 layers, {name}: mean {y.mean():+.3f}, mean square {square:.3f}")

# %% [markdown]
# Weights of variance 1/300 are SELU's. With them ReLU lets half of the mean square go in each
# layer, which is no fault of ReLU's: He's weights, of variance 2/300, make up for the half, and
# the mean square stays. What stays as well is that its mean is above 0.

# %% [markdown]
# ## Softmax, step by step
#
# Five scores. Their exponentials are positive and keep the order; divided by their sum they are
# shares of one whole.

# %%
z = torch.tensor(SCORES, dtype=torch.float64, requires_grad=True)
powers = torch.exp(z)
total = powers.sum()
p = powers / total

print("    z       e^z   e^z / total")
for score, power, share in zip(z.tolist(), powers.tolist(), p.tolist(), strict=True):
    print(f"{score:5g} {power:9.3f} {share:13.4f}")
print(f"total {total:9.3f} {p.sum():13.4f}")
assert torch.allclose(p, nn.Softmax(dim=0)(z))

# %% [markdown]
# ## Why the greatest score is subtracted first
#
# e^89 is more than float32 can hold, and infinity divided by infinity is not a number. But a common
# factor of all the powers cancels, so with m = max z
#
#     e^zᵢ / Σⱼ e^zⱼ  =  (e^−m e^zᵢ) / (e^−m Σⱼ e^zⱼ)  =  e^(zᵢ−m) / Σⱼ e^(zⱼ−m)
#
# The greatest exponent is now 0: no power is above 1, and the sum is between 1 and the number of
# scores. What is far below underflows to 0, which is its share to the last digit kept.

# %%
great = torch.tensor(SCORES) + 100
naive = torch.exp(great) / torch.exp(great).sum()
shifted = torch.exp(great - great.max()) / torch.exp(great - great.max()).sum()
print("scores ", great)
print("naive  ", naive)
print("shifted", shifted)
assert torch.allclose(shifted.double(), p.detach(), atol=1e-6)  # 100 more for all: the same shares

# %% [markdown]
# ## The slopes of softmax
#
# A share grows with its own score and falls with every other. Each row sums to 0: scores that all
# rise alike change nothing.

# %%
jacobian = torch.stack([gradient(p[i], z) for i in range(len(SCORES))])
p = p.detach()
by_formula = torch.diag(p) - torch.outer(p, p)
print(f"from the formula p (δ − p): {(jacobian - by_formula).abs().max():.1e}")
print(f"largest sum of a row:       {jacobian.sum(dim=1).abs().max():.1e}")
assert torch.allclose(jacobian, by_formula, atol=1e-12)

# %%
figure, (left, right) = plt.subplots(1, 2, num="softmax", figsize=(10.5, 4.2))
places = np.arange(len(SCORES))
bars = left.bar(places, p, color="C0", width=0.65)
left.bar_label(bars, [f"{share:.3f}" for share in p.tolist()], padding=3)
left.margins(y=0.1)
left.set_xticks(places, [f"{score:g}" for score in SCORES])
left.set_title("Shares of one whole")
left.set_xlabel("score z")
left.set_ylabel("p = softmax(z)")
left.grid(axis="x", visible=False)

bound = 2 * float(jacobian.abs().max())
right.imshow(jacobian, cmap="RdBu_r", vmin=-bound, vmax=bound)
for i in places:
    for j in places:
        right.text(
            j, i, f"{jacobian[i, j]:.5f}".replace("-", "−"), ha="center", va="center", fontsize=8.5
        )
right.set_xticks(places, [f"{score:g}" for score in SCORES])
right.set_yticks(places, [f"{score:g}" for score in SCORES])
right.set_title("Slope of each share by each score")
right.set_xlabel("by the score")
right.set_ylabel("of the share with the score")
right.grid(visible=False)
right.tick_params(length=0)
plt.show()
