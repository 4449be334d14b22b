"""The twin of ``minigrad/lessons/correlation.py``."""

# %% tags=["parameters"]
IMAGE = [[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]
KERNEL = [[2, 0, 1], [0, 1, 2], [1, 0, 2]]

# %%
import torch
import torch.nn.functional as F

x = torch.tensor(IMAGE, dtype=torch.float32)
k = torch.tensor(KERNEL, dtype=torch.float32)
y = F.conv2d(x[None, None], k[None, None])
