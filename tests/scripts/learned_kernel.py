"""C6: a kernel that is learned from a picture and the map of its edges."""

import torch
from torch import nn
from torch.nn import functional as F

X = torch.ones((6, 8))
X[:, 2:6] = 0
K = torch.tensor([[1.0, -1.0]])
Y = F.conv2d(X[None, None], K[None, None]).squeeze()
print(X, Y, Y.shape)

conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
conv2d.weight.data = torch.tensor([[[[0.1, -0.2]]]])
X = X.reshape((1, 1, 6, 8))
Y = Y.reshape((1, 1, 6, 7))
lr = 3e-2
for i in range(10):
    Y_hat = conv2d(X)
    l = (Y_hat - Y) ** 2
    conv2d.zero_grad()
    l.sum().backward()
    conv2d.weight.data[:] -= lr * conv2d.weight.grad
    if (i + 1) % 2 == 0:
        print(f"epoch {i + 1}, loss {l.sum():.3f}")
print(conv2d.weight.data.reshape((1, 2)), conv2d.weight)

# the same without a module: the kernel is a leaf
kernel = torch.zeros(1, 1, 1, 2, requires_grad=True)
bias = torch.zeros(1, requires_grad=True)
for i in range(10):
    loss = F.conv2d(X, kernel, bias).sub(Y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        kernel -= lr * kernel.grad
        bias -= 0.01 * bias.grad
    kernel.grad.zero_()
    bias.grad.zero_()
    print(i, "%.4f" % loss.item(), kernel.detach().flatten(), bias.item())
print(kernel.is_leaf, kernel.grad, (kernel - K).abs().max() < 0.5)
optimizer = torch.optim.SGD([kernel, bias], lr=0.001, momentum=0.9)
for i in range(5):
    optimizer.zero_grad()
    loss = F.mse_loss(F.conv2d(X, kernel, bias), Y, reduction="sum")
    loss.backward()
    optimizer.step()
print(loss, kernel)
