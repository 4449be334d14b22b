"""The twin of ``minigrad/lessons/convolution.py``."""

# %% tags=["parameters"]
IMAGE = [[1, 1, 1, 1, 1], [-1, 0, -3, 0, 1], [2, 1, 1, -1, 0], [0, -1, 1, 2, 1], [1, 2, 1, 1, 1]]
KERNEL = [[1, 0, 0], [0, 0, 0], [0, 0, -1]]

# %%
import torch
import torch.nn.functional as F

images = torch.tensor(IMAGE, dtype=torch.float32)[None, None]
kernels = torch.tensor(KERNEL, dtype=torch.float32)[None, None]
y = F.conv2d(images, torch.flip(kernels, (2, 3)))
correlated = F.conv2d(images, kernels)

pulses = torch.zeros(1, 1, 5, 5)
pulses[0, 0, 2, 2] = 1
ramps = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
answer = F.conv2d(pulses, torch.flip(ramps, (2, 3)))
mirrored = F.conv2d(pulses, ramps)

wide = F.conv_transpose2d(images, kernels)

inputs = images.clone().requires_grad_()
F.conv2d(inputs, kernels).backward(y)
gradient = inputs.grad
