"""The twin of ``minigrad/lessons/pooling.py``."""

# %% tags=["parameters"]
IMAGE = [[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]]
ODD = [[5, 1, 0, 2, 6], [2, 3, 4, 1, 0], [0, 7, 1, 5, 2], [1, 2, 6, 0, 3], [4, 0, 1, 2, 9]]

# %%
import torch
import torch.nn.functional as F

image = torch.tensor(IMAGE, dtype=torch.float32)[None, None]
odd_image = torch.tensor(ODD, dtype=torch.float32)[None, None]
largest = F.max_pool2d(image, 2, stride=2)
average = F.avg_pool2d(image, 2, stride=2)

g = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
inputs = image.clone().requires_grad_()
F.max_pool2d(inputs, 2).backward(g)
to_largest = inputs.grad
inputs = image.clone().requires_grad_()
F.avg_pool2d(inputs, 2).backward(g)
to_all = inputs.grad

overlapping = F.max_pool2d(odd_image, 3, stride=2)
down = F.max_pool2d(odd_image, 2, stride=2)
up = F.max_pool2d(odd_image, 2, stride=2, ceil_mode=True)
average_up = F.avg_pool2d(odd_image, 2, stride=2, ceil_mode=True)
