"""The twin of ``minigrad/lessons/geometry.py``."""

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
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

rng = np.random.default_rng(SEED)


def draw(*shape: int) -> torch.Tensor:
    return torch.tensor(rng.standard_normal(shape), dtype=torch.float32)


sizes = []
for H, W, FH, FW, P, S, D in SETTINGS:
    result = F.conv2d(draw(1, 1, H, W), draw(1, 1, FH, FW), None, S, P, D)
    sizes.append(tuple(result.shape[2:]))

x, w, b = draw(2, 3, 6, 7), draw(4, 3, 3, 3), draw(4)
y = F.conv2d(x, w, b, stride=2, padding=1)

conv, dense = nn.Conv2d(3, 4, kernel_size=1), nn.Linear(3, 4)
conv.load_state_dict({"weight": w[:, :, :1, :1], "bias": b})
dense.load_state_dict({"weight": w[:, :, 0, 0], "bias": b})
one_by_one = conv(x)
over_channels = dense(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
