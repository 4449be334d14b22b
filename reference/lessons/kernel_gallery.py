"""The twin of ``minigrad/lessons/kernel_gallery.py``."""

# %% tags=["parameters"]
IMAGE = None  # a file; None is the photograph that comes with matplotlib
SIZE = 150  # the longer side that it is made smaller to, so that single pixels can be seen

# %%
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.cbook import get_sample_data
from PIL import Image

file = get_sample_data("grace_hopper.jpg", asfileobj=False) if IMAGE is None else IMAGE
with Image.open(file) as opened:
    pixels = torch.tensor(np.asarray(opened.convert("RGB"), np.float32) / 255)
photo = pixels.permute(2, 0, 1).unsqueeze(1)
x = F.avg_pool2d(photo, max(1, round(max(photo.shape[2:]) / SIZE)))

kernels = torch.tensor(
    [
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
        [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
        [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
    ]
) / torch.tensor([1, 1, 1, 1, 1, 9, 16]).view(7, 1, 1)
y = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), kernels.unsqueeze(1))
