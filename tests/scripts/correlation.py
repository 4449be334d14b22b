"""C1: cross-correlation, window by window."""

import torch
import torch.nn.functional as F
from torch import nn

X = torch.tensor([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
K = torch.tensor([[2, 0, 1], [0, 1, 2], [1, 0, 2]])


def corr2d(X, K):
    """Slide the kernel over the picture; at each place sum the products."""
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i : i + h, j : j + w]
            Y[i, j] = (window * K).sum()
            print(f"window at ({i}, {j}):\n{window}\nsum of products: {Y[i, j]}")
    return Y


Y = corr2d(X, K)
print(Y, Y.shape)
fast = F.conv2d(X.view(1, 1, 4, 4).float(), K.view(1, 1, 3, 3).float())
print(fast, fast.squeeze(), (fast[0, 0] == Y).all())


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        windows = x.unfold(0, self.weight.shape[0], 1).unfold(1, self.weight.shape[1], 1)
        return (windows * self.weight).sum((-2, -1)) + self.bias


layer = Conv2D((3, 3))
layer.weight.data = K.float()
print(layer(X.float()), layer)
layer(X.float()).sum().backward()
print(layer.weight.grad, layer.bias.grad)

# with a bias, and zeros around
print(F.conv2d(X[None, None].float(), K[None, None].float(), bias=torch.tensor([3.0])))
print(F.conv2d(X[None, None].float(), K[None, None].float(), padding=1))
conv = nn.Conv2d(in_channels=1, out_channels=1, kernel_size=3, bias=False)
conv.weight.data = K.reshape(1, 1, 3, 3).float()
with torch.no_grad():
    print(conv(X.float().unsqueeze(0).unsqueeze(0)), conv, conv.weight.shape)
