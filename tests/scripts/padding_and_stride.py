"""C4: what padding, stride, dilation, channels and bias do to the size of the output."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def comp_conv2d(conv2d, X):
    """Add batch and channel, convolve, take them away."""
    X = X.reshape((1, 1) + X.shape)
    Y = conv2d(X)
    return Y.reshape(Y.shape[2:])


X = torch.rand(size=(8, 8))
print(comp_conv2d(nn.Conv2d(1, 1, kernel_size=3, padding=1), X).shape)
print(comp_conv2d(nn.Conv2d(1, 1, kernel_size=(5, 3), padding=(2, 1)), X).shape)
print(comp_conv2d(nn.Conv2d(1, 1, kernel_size=3, padding=1, stride=2), X).shape)
print(comp_conv2d(nn.Conv2d(1, 1, kernel_size=(3, 5), padding=(0, 1), stride=(3, 4)), X).shape)
for size, kernel, stride, padding, dilation in [
    (7, 3, 1, 0, 1),
    (7, 3, 2, 1, 1),
    (28, 5, 1, 2, 1),
    (9, 3, 2, 2, 2),
]:
    rule = math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
    conv = nn.Conv2d(3, 4, kernel, stride, padding, dilation)
    shape = conv(torch.zeros(2, 3, size, size)).shape
    print(conv, shape, shape[-1] == rule)

# several channels: sum over them; several filters: stack
draw = torch.arange(2 * 2 * 3 * 3.0).reshape(2, 2, 3, 3)
K = torch.tensor([[[0.0, 1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]]])
one = sum(F.conv2d(draw[:1, c : c + 1], K[c][None, None]) for c in range(2))
many = F.conv2d(draw, torch.stack((K, K + 1, K + 2), 0), bias=torch.tensor([0.0, 10.0, 100.0]))
print(one, many, many.shape, torch.equal(one[0, 0], many[0, 0]))


# a 1 x 1 convolution is a dense layer over channels
def corr2d_multi_in_out_1x1(X, K):
    c_i, h, w = X.shape
    c_o = K.shape[0]
    X = X.reshape((c_i, h * w))
    K = K.reshape((c_o, c_i))
    Y = torch.matmul(K, X)
    return Y.reshape((c_o, h, w))


X = same(torch.normal(0, 1, (3, 3, 3)))
K = same(torch.normal(0, 1, (2, 3, 1, 1)))
Y1 = corr2d_multi_in_out_1x1(X, K)
Y2 = F.conv2d(X.unsqueeze(0), K).squeeze(0)
assert float(torch.abs(Y1 - Y2).sum()) < 1e-5
linear = F.linear(X.permute(1, 2, 0), K.view(2, 3)).permute(2, 0, 1)
print(torch.allclose(Y2, linear, atol=1e-6))

print(
    F.pad(torch.ones(2, 2), (1, 1, 0, 2)),
    F.pad(torch.arange(4.0).view(1, 1, 2, 2), (1, 1, 1, 1), mode="reflect"),
)
print(
    nn.ZeroPad2d(1)(torch.ones(1, 1, 1, 2)),
    nn.ReplicationPad2d((1, 0, 0, 1))(torch.arange(4.0).view(1, 1, 2, 2)),
)
print(
    F.pad(torch.ones(1, 3), (2, 0), "constant", -1),
    nn.Conv2d(1, 1, 3, padding="same")(torch.ones(1, 1, 5, 5)).shape,
)
depthwise = nn.Conv2d(4, 8, 3, groups=4, bias=False)
print(
    depthwise,
    depthwise.weight.shape,
    nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1)(torch.ones(1, 4, 3, 3)).shape,
)
try:
    nn.Conv2d(3, 4, 3)(torch.ones(1, 1, 5, 5))
except RuntimeError as error:
    print("3" in str(error) and "1" in str(error))
