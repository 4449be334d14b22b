# %% [markdown]
"""A gallery of kernels: what nine numbers do to a photograph.

    y[c, i, j] = Σᵤ Σᵥ x[c, i + u − 1, j + v − 1] · k[u, v]        for red, green and blue alike

The sum of a kernel's numbers is what it makes of a surface of one colour: 1 keeps it, 0 makes it
black, so that only changes are left.

    identity     1 in the middle: every pixel stays
    edges        sum 0: a pixel minus its neighbours
    sharpen      identity + edges: changes are made stronger
    box blur     the mean of nine pixels
    Gauss        a mean with weights that fall off, (1, 2, 1)/4 down times (1, 2, 1)/4 across
"""

# %% tags=["parameters"]
IMAGE = None  # a file; None is the photograph that comes with matplotlib
SIZE = 150  # the longer side that it is made smaller to, so that single pixels can be seen

# %%
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cbook import get_sample_data

import minigrad as torch
import minigrad.nn.functional as F
from minigrad.datasets.folder import read_image
from minigrad.lessons.drawing import GREEN, ORANGE, Board, Grid, beside

KERNELS = {  # the numbers, and what they are divided by
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
    "diagonal edges": ([[1, 0, -1], [0, 0, 0], [-1, 0, 1]], 1),
    "edges, 4 neighbours": ([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], 1),
    "edges, 8 neighbours": ([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
    "box blur": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
    "Gaussian blur": ([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
}

# %% [markdown]
# ## The photograph
#
# (H, W, 3) bytes become a batch of three images of one channel, (3, 1, H, W), from 0 to 1: each
# colour is filtered by itself. Average pooling makes it smaller.

# %%
file = get_sample_data("grace_hopper.jpg", asfileobj=False) if IMAGE is None else IMAGE
pixels = torch.tensor(read_image(file).astype(np.float32) / 255)
photo = pixels.permute(2, 0, 1).unsqueeze(1)
x = F.avg_pool2d(photo, max(1, round(max(photo.shape[2:]) / SIZE)))
H, W = x.shape[2:]
print(f"{tuple(pixels.shape)} pixels, made smaller to {H} x {W}")

# %% [markdown]
# ## By hand, at one place
#
# Red, around the middle of the picture, in steps from 0 to 100.

# %%
i, j = H // 2, W // 2
window = 100 * x.numpy()[0, 0, i - 1 : i + 2, j - 1 : j + 2]
for name, (numbers, divisor) in KERNELS.items():
    total = (window * numbers).sum() / divisor
    print(f"\n{name}")
    print(beside(window, "×", numbers, f"sum / {divisor} = {total:.1f}", digits=1))

# %% [markdown]
# ## Everywhere
#
# The seven kernels are seven filters of one layer. A border of one pixel keeps the size; it is a
# copy of the outermost pixels, since zeros would be a black frame with edges of its own.

# %%
kernels = torch.stack(
    [torch.tensor(k, dtype=torch.float32) / divisor for k, divisor in KERNELS.values()]
)
bordered = F.pad(x, (1, 1, 1, 1), mode="replicate")
y = F.conv2d(bordered, kernels.unsqueeze(1))
print(f"\nphotograph {tuple(x.shape)}, kernels {tuple(kernels.shape)}, results {tuple(y.shape)}")
for name, result in zip(KERNELS, y.numpy().swapaxes(0, 1), strict=True):
    print(f"{name:20} from {result.min():6.2f} to {result.max():5.2f}, mean {result.mean():z5.2f}")

# %% [markdown]
# ## The gallery
#
# Positive numbers of a kernel are orange, negative ones green. Where they add up to 0, the result
# has both signs, and its size is shown.

# %%
plt.style.use("minigrad.lessons.look")

board = Board("gallery", scale=0.36)
TILE = 8.0  # cells, the width of a picture
tall = TILE * H / W
gallery = {"the photograph": pixels.numpy()}
for name, result in zip(KERNELS, y.numpy().transpose(1, 2, 3, 0), strict=True):
    changes = np.sum(KERNELS[name][0]) == 0
    gallery[name] = np.clip(np.abs(result) if changes else result, 0, 1)
for n, (name, picture) in enumerate(gallery.items()):
    left, top = n % 4 * (TILE + 0.9), n // 4 * (tall + 5.2)
    board.picture(picture, (left, top), TILE)
    board.text(name, (left, top - 0.55), size=12, bold=True, align="left")
    if name in KERNELS:
        numbers, divisor = KERNELS[name]
        sizes = np.abs(numbers)
        colours = np.where(np.array(numbers) < 0, GREEN, ORANGE)
        grid = Grid(numbers, colours, strength=0.1 + 0.5 * sizes / sizes.max())
        board.draw(grid, (left, top + tall + 0.3))
        if divisor > 1:
            board.text(f"/ {divisor}", (left + 3.3, top + tall + 1.8), size=12, align="left")
plt.show()
