# %% [markdown]
"""Convolution with everything: padding, stride, dilation, channels and bias.

Images x are (N, C, H, W): N images of C channels. Filters w are (FN, C, FH, FW): FN filters, each
with a kernel for every channel. A filter adds up over all channels, so each makes one channel of
the result, (N, FN, OH, OW):

    y[n, f, i, j] = b[f] + Σ_c Σᵤ Σᵥ x[n, c, i S + u D − P, j S + v D − P] · w[f, c, u, v]

    P   padding     so many zeros around the image
    S   stride      so many pixels from one place of the window to the next
    D   dilation    so many pixels from one number of the kernel to the next within the image

A kernel of FH numbers reaches over D (FH − 1) + 1 pixels of the H + 2 P, hence

    OH = ⌊(H + 2 P − D (FH − 1) − 1) / S⌋ + 1
"""

# %% tags=["parameters"]
SEED = 0
SETTINGS = [  # H, W, FH, FW, padding, stride, dilation
    [5, 5, 3, 3, 0, 1, 1],
    [5, 5, 3, 3, 1, 1, 1],
    [5, 5, 3, 3, 1, 2, 1],
    [5, 5, 2, 2, 0, 2, 1],
    [7, 7, 3, 3, 0, 1, 2],
    [7, 7, 3, 3, 2, 1, 2],
    [6, 8, 1, 3, 0, 1, 1],
    [8, 6, 3, 2, 2, 3, 2],
]

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
import minigrad.nn.functional as F
from minigrad import nn
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, RED, VIOLET, Board, Grid, Spot

rng = np.random.default_rng(SEED)


def size(length: int, kernel: int, padding: int, stride: int, dilation: int) -> int:
    """The formula: how many places the window takes."""
    return (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def by_hand(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, padding: int, stride: int, dilation: int
) -> np.ndarray:
    """The convolution, image by image, filter by filter, place by place."""
    FH, FW = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = range(0, x.shape[2] - dilation * (FH - 1), stride)
    columns = range(0, x.shape[3] - dilation * (FW - 1), stride)
    y = np.zeros((len(x), len(w), len(rows), len(columns)), x.dtype)
    for n in range(len(x)):
        for f in range(len(w)):
            for i, top in enumerate(rows):
                for j, left in enumerate(columns):
                    down = slice(top, top + dilation * (FH - 1) + 1, dilation)
                    right = slice(left, left + dilation * (FW - 1) + 1, dilation)
                    y[n, f, i, j] = (x[n, :, down, right] * w[f]).sum() + b[f]
    return y


# %% [markdown]
# ## The output size, on a table of settings
#
# The loops above know nothing of the formula: they go on for as long as the window fits.

# %%
sizes = []
print("   image   kernel   P  S  D   formula   by hand   F.conv2d")
for H, W, FH, FW, P, S, D in SETTINGS:
    images = rng.standard_normal((1, 1, H, W)).astype(np.float32)
    filters = rng.standard_normal((1, 1, FH, FW)).astype(np.float32)
    formula = (size(H, FH, P, S, D), size(W, FW, P, S, D))
    ours = by_hand(images, filters, np.zeros(1, np.float32), P, S, D)
    theirs = F.conv2d(torch.tensor(images), torch.tensor(filters), None, S, P, D)
    sizes.append(theirs.shape[2:])
    shapes = [f"{h} x {w}" for h, w in (formula, ours.shape[2:], theirs.shape[2:])]
    print(f"   {H} x {W}   {FH} x {FW}    {P}  {S}  {D}   " + "     ".join(shapes))

# %% [markdown]
# ## Drawn: where the window stands
#
# The first place is orange, the next to the right violet; the border of zeros is grey.

# %%
plt.style.use("minigrad.lessons.look")

board = Board("settings", scale=0.34)
drawn = {
    "as it is": (5, 3, 0, 1, 1),
    "padding 1": (5, 3, 1, 1, 1),
    "stride 2": (5, 3, 0, 2, 1),
    "dilation 2": (7, 3, 0, 1, 2),
}
for n, (name, (H, K, P, S, D)) in enumerate(drawn.items()):
    middle, length, span, places = 9.6 * n, H + 2 * P, D * (K - 1) + 1, size(H, K, P, S, D)
    met = np.zeros((length, length))
    met[0:span:D, 0:span:D] = 0.4
    zeros = np.pad(np.zeros((H, H), bool), P, constant_values=True)
    frames = [(0, 0, span, span, ORANGE), (0.12, S + 0.12, span, span, VIOLET)]
    above = Grid(np.full(met.shape, np.nan), BLUE, "", 0.1 + met, zeros, frames)

    tones = np.full((places, places), GREEN, object)
    tones[0, :2] = ORANGE, VIOLET
    strong = np.full((places, places), 0.15)
    strong[0, :2] = 0.6
    below = Grid(np.full(strong.shape, np.nan), tones, "", strong)

    board.text(name, (middle, -4.6), size=12, bold=True)
    board.draw(above, (middle - length / 2, -length / 2))
    board.arrow((middle, 3.8), (middle, 5))
    board.draw(below, (middle - places / 2, 7.9 - places / 2))
    formula_said = f"⌊({H} + 2·{P} − {D}·({K} − 1) − 1) / {S}⌋ + 1 = {places}"
    board.text(formula_said, (middle, 11.3), size=11)
plt.show()

# %% [markdown]
# ## Channels, filters and bias
#
# Two images of three channels, four filters: each filter has three kernels and one bias, and makes
# one channel of each result.

# %%
N, C, H, W = 2, 3, 6, 7
FN, FH, FW = 4, 3, 3
x = rng.standard_normal((N, C, H, W)).astype(np.float32)
w = rng.standard_normal((FN, C, FH, FW)).astype(np.float32)
b = rng.standard_normal(FN).astype(np.float32)

y = F.conv2d(torch.tensor(x), torch.tensor(w), torch.tensor(b), stride=2, padding=1)
loops = by_hand(x, w, b, padding=1, stride=2, dilation=1)
print(f"\nx {x.shape}, w {w.shape}, b {b.shape} give {tuple(y.shape)}")
print(f"by hand and F.conv2d differ by at most {np.abs(loops - y.numpy()).max():.1e}")

# %%
board = Board("channels", scale=0.3)
colours = [ORANGE, VIOLET, GREEN, RED]


def stack(at: Spot, rows: int, columns: int, layers: list[str], name: str) -> None:
    """Channels one behind the other, the first in front."""
    for n, colour in reversed(list(enumerate(layers))):
        sheet = Grid(np.full((rows, columns), np.nan), colour, "", 0.35)
        board.draw(sheet, (at[0] + 0.7 * n, at[1] - 0.7 * n))
    board.text(name, (at[0] + columns / 2, at[1] + rows + 0.8), size=12.5)


OH, OW = y.shape[2:]
for n in range(N):
    top, through = 3.2 + 11 * n, 8.9 + 4.6 * n
    stack((0, top), H, W, [BLUE] * C, f"image {n}: {C} channels")
    board.arrow((9.5, top + H / 2), (12, through))
    board.arrow((19, through), (21.5, top + H / 2))
    stack((23, top + (H - OH) / 2), OH, OW, colours, f"result {n}: {FN} channels")
for f, colour in enumerate(colours):
    stack((13.5, 1 + 5.8 * f), FH, FW, [colour] * C, f"filter {f}: {C} kernels")
plt.show()

# %% [markdown]
# ## 1 × 1 convolution
#
# A kernel of one number sees one pixel at a time, all its channels: for every pixel it is the same
# dense layer, y = W x + b. So a dense layer with the same weights, given the pixels as rows, must
# give the same.

# %%
conv = nn.Conv2d(C, FN, kernel_size=1)
dense = nn.FullConnection(C, FN)
conv.load_state_dict({"weight": torch.tensor(w[:, :, :1, :1]), "bias": torch.tensor(b)})
dense.load_state_dict({"weight": torch.tensor(w[:, :, 0, 0]), "bias": torch.tensor(b)})

one_by_one = conv(torch.tensor(x))
pixels = torch.tensor(x).permute(0, 2, 3, 1).reshape(N * H * W, C)
over_channels = dense(pixels).reshape(N, H, W, FN).permute(0, 3, 1, 2)
apart = (one_by_one - over_channels).abs().max().item()
print(
    f"\n1 x 1 convolution {tuple(one_by_one.shape)} and dense layer differ by at most {apart:.1e}"
)
