"""The twin of ``minigrad/lessons/signal_filters.py``."""

# %% tags=["parameters"]
SEED = 0
LENGTH = 120
NOISE = 0.05

# %%
import numpy as np
import torch
import torch.nn.functional as F

kernels = torch.tensor([[-1, 0, 1], [1 / 3, 1 / 3, 1 / 3], [1, -2, 1]]).view(3, 1, 3)
short = torch.tensor([[[1.0, 3, 2, 5, 4, 4]]])
narrow, same, wide = (F.conv1d(short, kernels[:1], padding=p)[0, 0] for p in (0, 1, 2))

pulses = torch.tensor([[[0, 0, 1.0, 0, 0, 2, 0, 0]]])
delayed = F.conv1d(pulses, torch.tensor([[[1 / 4, 1 / 2, 1]]]))[0, 0]

rng = np.random.default_rng(SEED)
time = np.arange(LENGTH)
clean = np.where(time < LENGTH // 3, 0.0, 1.0 + 0.6 * np.sin((time - LENGTH // 3) / 8))
signal = (clean + NOISE * rng.standard_normal(LENGTH)).astype(np.float32)
filtered = F.conv1d(torch.tensor(signal).view(1, 1, LENGTH), kernels, padding="same")[0]
