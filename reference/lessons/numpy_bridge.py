"""The twin of ``minigrad/lessons/numpy_bridge.py``."""

# %% tags=["parameters"]
NUMBERS = [1.0, 2.0, 3.0, 4.0]

# %%
import numpy as np
import torch

array = np.array(NUMBERS)
tensor = torch.from_numpy(array)
copy = torch.tensor(array)
array[0] = -1
tensor.mul_(10)
back = tensor.numpy()
back[-1] = 0
changed = [tensor, torch.tensor(array), copy]

x = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
total = x.sum().item()
sizes = [x.size(0), x.size(1), x.size(-1), x.dim(), x.numel(), len(x)]

w = torch.tensor([1.0, 2.0], requires_grad=True)
w.detach().numpy()[0] = 5
w.data[1] = 6
(w**2).sum().backward()
weights, gradient = w.detach(), w.grad
