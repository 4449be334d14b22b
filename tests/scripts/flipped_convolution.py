"""C2: true convolution turns the kernel by half a turn."""

import torch
import torch.nn.functional as F

X = torch.FloatTensor(
    [[1, 1, 1, 1, 1], [-1, 0, -3, 0, 1], [2, 1, 1, -1, 0], [0, -1, 1, 2, 1], [1, 2, 1, 1, 1]]
)
W = torch.FloatTensor([[1, 0, 0], [0, 0, 0], [0, 0, -1]])


def convolve(X, W):
    flipped = torch.flip(W, dims=[0, 1])
    m, n = W.shape
    out = torch.zeros(X.size(0) - m + 1, X.size(1) - n + 1)
    for i in range(out.size(0)):
        for j in range(out.size(1)):
            out[i][j] = torch.sum(X[i : i + m, j : j + n] * flipped)
    return out


Y = convolve(X, W)
print(
    Y, W.flip(0).flip(1), torch.rot90(W, 2), torch.rot90(W, k=2, dims=(0, 1)).equal(W.flip([0, 1]))
)
print(
    F.conv2d(X[None, None], W.flip(0, 1)[None, None])[0, 0], Y.int(), Y.numpy().astype(int).tolist()
)

# by the definition: y[i, j] = sum over u, v of w[u, v] x[i - u, j - v]
same_thing = torch.zeros(3, 3)
for i in range(3):
    for j in range(3):
        for u in range(3):
            for v in range(3):
                same_thing[i, j] += W[u, v] * X[i + 2 - u, j + 2 - v]
print(torch.allclose(Y, same_thing), (Y - same_thing).abs().max())

# it commutes where everything is kept: pad both
full = F.conv2d(F.pad(X, (2, 2, 2, 2))[None, None], W.flip([0, 1])[None, None])
turned = F.conv2d(F.pad(W, (4, 4, 4, 4))[None, None], X.flip([0, 1])[None, None])
print(full.shape, turned.shape, torch.equal(full, turned), full[0, 0])

# and it is what a transposed convolution computes
print(F.conv_transpose2d(X[None, None], W[None, None]).equal(full))
