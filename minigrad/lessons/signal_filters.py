# %% [markdown]
"""Convolution in one dimension: a sum of what came before; three filters on a noisy signal.

What a device gives at time t, when it passes on part of what it gets now and part of what it got
before, is a convolution. With weights w₁, w₂, …, each a step later than the one before:

    y[t] = Σₖ wₖ x[t − k + 1]

Turned around, k[u] being the last weight first, it is a filter of K numbers that slides along a
signal of M:

    y[t] = Σᵤ x[t + u] · k[u]

    k = [−1, 0, 1]           how steep the signal is: the difference of the two neighbours
    k = [1/3, 1/3, 1/3]      the mean of three neighbours: slow changes pass, fast ones do not
    k = [1, −2, 1]           how the signal bends: the second difference

How long y is depends on what may lie over the ends:

    narrow   no border                the filter stays inside           M − K + 1 results
    same     (K − 1)/2 zeros          as many results as numbers        M
    wide     K − 1 zeros              every place where they touch      M + K − 1

The sliding filter is the cross-correlation, and what libraries call a convolution. Flipped, the
second and the third filter are what they were; the first changes its sign.
"""

# %% tags=["parameters"]
SEED = 0
LENGTH = 120
NOISE = 0.05

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad.lessons.drawing import BLUE, GREEN, INK, ORANGE, VIOLET, Board, Grid, beside

FILTERS = {
    "slope": [-1.0, 0.0, 1.0],
    "mean": [1 / 3, 1 / 3, 1 / 3],
    "bend": [1.0, -2.0, 1.0],
}

# %% [markdown]
# ## A sum of what came before
#
# Signals of 1 at t = 1 and of 2 at t = 4; each is passed on whole, then half, then a quarter.

# %%
WEIGHTS = (1, 1 / 2, 1 / 4)
pulses = np.array([1, 0, 0, 2, 0, 0], np.float32)
delayed = np.zeros(len(pulses), np.float32)
for t in range(1, len(pulses) + 1):
    parts = [(w, k) for k, w in enumerate(WEIGHTS, start=1) if t - k + 1 >= 1]
    delayed[t - 1] = sum(w * pulses[t - k] for w, k in parts)
    told = " + ".join(f"{w:g} · x[{t - k + 1}]" for w, k in parts)
    print(f"y[{t}] = {told} = {delayed[t - 1]:g}")
turned = torch.tensor(WEIGHTS[::-1]).view(1, 1, len(WEIGHTS))
padded = np.pad(pulses, (len(WEIGHTS) - 1, 0))
as_a_filter = F.conv1d(torch.tensor(padded).view(1, 1, -1), turned).numpy()[0, 0]
assert np.array_equal(delayed, as_a_filter), "the filter that slides is turned around"

# %% [markdown]
# ## By hand, on six numbers
#
# Each row is one place of the filter: the three numbers under it, and what comes of them.

# %%
short = np.array([1, 3, 2, 5, 4, 4], np.float32)
K = 3
print(beside("x =", short))
for name, numbers in FILTERS.items():
    k = np.array(numbers, np.float32)
    print(f"\n{name}:", beside(k))
    for t in range(len(short) - K + 1):
        window = short[t : t + K]
        terms = " + ".join(f"{a:g} · {b:.3g}" for a, b in zip(window, k, strict=True))
        print(f"  y[{t}] = {terms} = {(window * k).sum():.3g}")

# %% [markdown]
# ## Narrow, same, wide
#
# Zeros are put before and after the signal; `padding=` of `F.conv1d` does it.

# %%
M = len(short)
slope = torch.tensor(FILTERS["slope"], dtype=torch.float32).view(1, 1, K)
borders = {"narrow": 0, "same": (K - 1) // 2, "wide": K - 1}
results = {}
print()
for name, border in borders.items():
    y = F.conv1d(torch.tensor(short).view(1, 1, M), slope, padding=border)
    results[name] = y.numpy()[0, 0]
    print(f"{name:6}  {M} + 2·{border} − {K} + 1 = {y.size(2)} results ", beside(results[name]))
narrow, same, wide = results["narrow"], results["same"], results["wide"]

# %% [markdown]
# The first place of the filter is orange, the last violet, a border of zeros grey.

# %%
plt.style.use("minigrad.lessons.look")

board = Board("lengths")
lengths = {"narrow": "M − K + 1", "same": "M", "wide": "M + K − 1"}
for n, (name, border) in enumerate(borders.items()):
    top, left, last = 4.2 * n, -border, len(results[name]) - 1
    zeros = np.pad(np.zeros(M, bool), border, constant_values=True)
    frames = [(0, 0, 1, K, ORANGE), (0, last, 1, K, VIOLET)]
    board.draw(Grid(np.pad(short, border), BLUE, "", 0.15, zeros, frames), (left, top))
    board.draw(Grid(results[name], GREEN), (left + 1, top + 2))
    for place, colour in ((0, ORANGE), (last, VIOLET)):
        middle = left + place + K / 2
        board.arrow((middle, top + 1.05), (middle, top + 2), colour)
    board.text(name, (-6, top + 0.5), bold=True, align="left")
    board.text(f"{lengths[name]} = {last + 1}", (-6, top + 2.5), GREEN, align="left")
plt.show()

# %% [markdown]
# ## A noisy signal
#
# A jump, a slow wave, and noise on both.

# %%
rng = np.random.default_rng(SEED)
time = np.arange(LENGTH)
clean = np.where(time < LENGTH // 3, 0.0, 1.0 + 0.6 * np.sin((time - LENGTH // 3) / 8))
signal = (clean + NOISE * rng.standard_normal(LENGTH)).astype(np.float32)

kernels = torch.tensor(list(FILTERS.values())).view(3, 1, K)
filtered = F.conv1d(torch.tensor(signal).view(1, 1, LENGTH), kernels, padding="same")[0]
ideal = torch.tensor(clean, dtype=torch.float32).view(1, 1, LENGTH)
without = F.conv1d(ideal, kernels, padding="same")[0]
noisy = {"signal": signal, **dict(zip(FILTERS, filtered.numpy(), strict=True))}
smooth = {"signal": clean, **dict(zip(FILTERS, without.numpy(), strict=True))}
inner = slice(1, -1)  # at the ends the border's zeros are part of the result

# %% [markdown]
# Noise of deviation σ comes out of a filter with deviation σ √(Σ k²): a mean makes it smaller,
# differences make it larger. That is why one smooths before one differentiates.

# %%
print("\nfilter   √(Σ k²)   noise in   noise out")
for name, numbers in FILTERS.items():
    gain = np.sqrt(np.square(numbers).sum())
    left_over = (noisy[name] - smooth[name])[inner].std()
    print(f"{name:7}  {gain:7.3f}  {NOISE:9.3f}  {left_over:10.3f}")

# %%
titles = {
    "signal": "The signal",
    "slope": "Slope, [−1, 0, 1]: how it climbs, and the jump",
    "mean": "Mean, [1/3, 1/3, 1/3]: less noise, and the jump less sharp",
    "bend": "Bend, [1, −2, 1]: up and down at the jump; the slow wave is gone",
}
_, axes = plt.subplots(4, 1, num="signal", sharex=True, figsize=(8.4, 8.4))
for a, (name, title), colour in zip(axes, titles.items(), ["C0", "C1", "C2", "C4"], strict=True):
    a.plot(time[inner], noisy[name][inner], color=colour, linewidth=1.6, label="with noise")
    a.plot(time[inner], smooth[name][inner], color=INK, linewidth=0.9, label="without")
    a.set_title(title, fontsize=11)
axes[0].legend(ncols=2, loc="lower right")
axes[-1].set_xlabel("time")
plt.show()

# %% [markdown]
# ## Which waves pass
#
# A wave of frequency f comes out as a wave of the same frequency, stronger or weaker by
#
#     |H(f)| = |Σᵤ k[u] e^(2πi f u)|
#
# The fastest wave, f = 1/2, goes up and down with every number. The mean lets slow waves pass: it
# is a *low pass*. Both differences take the constant away. The bend is the stronger the faster the
# wave; the slope does not see the fastest, where a number's two neighbours are equal.

# %%
frequency = np.linspace(0, 0.5, 200)
plt.figure("frequencies")
for (name, numbers), colour in zip(FILTERS.items(), ["C1", "C2", "C4"], strict=True):
    waves = np.exp(2j * np.pi * frequency[:, None] * np.arange(K))
    plt.plot(frequency, abs(waves @ numbers), color=colour, label=name)
plt.title("How strongly each filter lets waves pass")
plt.xlabel("frequency, waves per number")
plt.ylabel("|H|")
plt.legend()
plt.show()
