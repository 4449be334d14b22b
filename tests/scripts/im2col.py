"""C8: convolution as one product of matrices, and its adjoint."""

import torch
import torch.nn.functional as F


def im2col(x, kh, kw, stride=1, pad=0):
    N, C, H, W = x.shape
    oh = (H + 2 * pad - kh) // stride + 1
    ow = (W + 2 * pad - kw) // stride + 1
    img = F.pad(x, (pad, pad, pad, pad))
    col = torch.zeros((N, C, kh, kw, oh, ow))
    for y in range(kh):
        for z in range(kw):
            col[:, :, y, z, :, :] = img[
                :, :, y : y + stride * oh : stride, z : z + stride * ow : stride
            ]
    return col.permute(0, 4, 5, 1, 2, 3).reshape(N * oh * ow, -1)


def col2im(col, shape, kh, kw, stride=1, pad=0):
    N, C, H, W = shape
    oh = (H + 2 * pad - kh) // stride + 1
    ow = (W + 2 * pad - kw) // stride + 1
    col = col.view(N, oh, ow, C, kh, kw).permute(0, 3, 4, 5, 1, 2)
    img = torch.zeros(N, C, H + 2 * pad, W + 2 * pad)
    for y in range(kh):
        for z in range(kw):
            img[:, :, y : y + stride * oh : stride, z : z + stride * ow : stride] += col[:, :, y, z]
    return img[:, :, pad : H + pad, pad : W + pad]


image = torch.arange(16.0).view(1, 1, 4, 4)
matrix = im2col(image, 2, 2)
print(matrix, matrix.shape, F.unfold(image, 2).transpose(1, 2)[0].equal(matrix))

x = same(torch.randn(2, 3, 5, 5))
w = same(torch.randn(4, 3, 3, 3))
b = torch.tensor([0.0, 1.0, 2.0, 3.0])
col = im2col(x, 3, 3, stride=2, pad=1)
out = (col @ w.view(4, -1).t() + b).view(2, 3, 3, 4).permute(0, 3, 1, 2)
print(col.size(), out.shape, torch.allclose(out, F.conv2d(x, w, b, stride=2, padding=1), atol=1e-5))

# the adjoint: <im2col(x), c> = <x, col2im(c)>
c = same(torch.randn(col.shape))
back = col2im(c, x.shape, 3, 3, stride=2, pad=1)
print(
    (col * c).sum(), (x * back).sum(), torch.allclose((col * c).sum(), (x * back).sum(), rtol=1e-4)
)
folded = F.fold(c.view(2, 9, 27).transpose(1, 2), (5, 5), kernel_size=3, padding=1, stride=2)
print(torch.allclose(back, folded, atol=1e-5), torch.nn.Unfold(3, padding=1, stride=2)(x).shape)

# so this is the gradient of the convolution with respect to the picture
x.requires_grad_(True)
w.requires_grad_(True)
y = F.conv2d(x, w, b, stride=2, padding=1)
g = torch.ones_like(y)
y.backward(g)
rows = g.permute(0, 2, 3, 1).reshape(-1, 4)
print(torch.allclose(x.grad, col2im(rows @ w.detach().view(4, -1), x.shape, 3, 3, 2, 1), atol=1e-5))
print(torch.allclose(w.grad, (rows.t() @ col).view_as(w), atol=1e-4))
image_gradient, weight_gradient = x.grad, w.grad
