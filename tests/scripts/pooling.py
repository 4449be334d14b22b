"""C5: maximum and average of windows."""

import torch
import torch.nn.functional as F
from torch import nn

X = torch.tensor([[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]], dtype=torch.float32)


def pool2d(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    Y = torch.zeros((X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == "max":
                Y[i, j] = X[i : i + p_h, j : j + p_w].max()
            elif mode == "avg":
                Y[i, j] = X[i : i + p_h, j : j + p_w].mean()
    return Y


print(pool2d(X, (2, 2)), pool2d(X, (2, 2), "avg"), pool2d(X, (2, 2))[::2, ::2])
image = X.reshape((1, 1, 4, 4))
print(
    nn.MaxPool2d(2)(image),
    nn.MaxPool2d(3)(image),
    nn.AvgPool2d(2)(image),
    F.max_pool2d(image, (2, 2), stride=1),
)
print(
    nn.MaxPool2d(3, padding=1, stride=2)(image),
    nn.MaxPool2d((2, 3), stride=(2, 3), padding=(0, 1))(image),
)
print(
    F.avg_pool2d(image, 3, stride=1),
    F.avg_pool2d(image, 2, padding=1),
    nn.AvgPool2d(2, count_include_pad=False, padding=1)(image),
)
print(
    F.max_pool2d(image, 3, ceil_mode=True),
    F.max_pool2d(image, 3, ceil_mode=False).shape,
    nn.MaxPool2d(2, ceil_mode=True),
)
values, places = F.max_pool2d(image, 2, return_indices=True)
print(values, places, nn.MaxUnpool2d(2)(values, places))
print(
    F.adaptive_avg_pool2d(image, 1),
    nn.AdaptiveAvgPool2d((2, 1))(image),
    nn.AdaptiveMaxPool2d(2)(image),
    image.mean((2, 3)),
)

# each channel by itself
both = torch.cat((image, image + 1), 1)
print(nn.MaxPool2d(3, padding=1, stride=2)(both), both.shape)

# the gradient goes where the maximum was, or evenly
x = image.clone().requires_grad_()
F.max_pool2d(x, 2).sum().backward()
print(x.grad)
x.grad = None
F.avg_pool2d(x, 3, 1).sum().backward()
print(x.grad, x.grad.sum())
print(
    F.max_pool1d(torch.arange(6.0).view(1, 1, 6), 2),
    F.interpolate(image, scale_factor=0.5),
    nn.Upsample(scale_factor=2)(values),
)
print(nn.LPPool2d(2, 2)(image), nn.MaxPool3d(2)(torch.arange(16.0).view(1, 2, 2, 2, 2)).shape)
