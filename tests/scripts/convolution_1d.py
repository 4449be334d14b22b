"""C3: filters in one dimension; narrow, wide and same."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

x = torch.tensor([1.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
M = len(x)
filters = {
    "difference": torch.tensor([-1.0, 0.0, 1.0]),
    "low pass": torch.tensor([1 / 3, 1 / 3, 1 / 3]),
    "second difference": torch.tensor([1.0, -2.0, 1.0]),
}
for name, w in filters.items():
    K = w.numel()
    x3, w3 = x.view(1, 1, -1), w.flip(0).view(1, 1, -1)
    narrow = F.conv1d(x3, w3)
    wide = F.conv1d(x3, w3, padding=K - 1)
    even = F.conv1d(x3, w3, padding="same")
    print(
        f"{name:20s}", narrow.size(2) == M - K + 1, wide.size(-1) == M + K - 1, even.shape[-1] == M
    )
    print(narrow.flatten(), wide.squeeze(), even.reshape(-1))
    numpy_way = np.convolve(x.numpy(), w.numpy(), mode="full")
    print(np.allclose(numpy_way, wide.squeeze().numpy()), torch.from_numpy(numpy_way))

conv = nn.Conv1d(2, 3, kernel_size=3, stride=2, padding=1)
conv = same(conv)
signal = torch.sin(torch.linspace(0, 6, 20)).view(1, 2, 10).requires_grad_()
out = conv(signal)
print(conv, out.shape, conv.weight.shape, conv.bias.shape, out)
out.pow(2).sum().backward()
print(signal.grad.shape, signal.grad, conv.weight.grad.sum((0, 2)))
print(
    F.conv1d(torch.arange(8.0).view(1, 1, 8), torch.ones(1, 1, 2), dilation=3),
    F.avg_pool1d(signal, 2).shape,
)
grouped = F.conv1d(torch.ones(1, 4, 5), torch.ones(4, 1, 3), groups=4)
print(
    grouped.shape,
    nn.ConvTranspose1d(1, 1, 3, bias=False)(torch.zeros(1, 1, 4)).shape,
    nn.MaxPool1d(3)(signal).shape,
)
