"""T4: matrices and shapes."""

import torch

A = torch.tensor([[4.0, 1.0], [2.0, 3.0]])
B = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
v = torch.tensor([1.0, -1.0])

print(torch.mm(A, B), A.mm(B), A @ B, torch.matmul(A, B), A.matmul(v), torch.mv(A, v), v @ A)
print(torch.dot(v, v), v.dot(v), torch.outer(v, v), torch.ger(v, v), A * A, A.t(), A.T, B.t().shape)
print(torch.inverse(A), A.inverse() @ A, torch.det(A), A.det(), torch.trace(A), torch.linalg.inv(A))
print(
    torch.linalg.solve(A, v),
    torch.linalg.norm(v),
    torch.linalg.eigh(A + A.T)[0],
    torch.linalg.matrix_rank(A),
)
U, S, V = torch.linalg.svd(A)
print(S, torch.allclose(U @ torch.diag(S) @ V, A, atol=1e-5), torch.pinverse(B).shape)
batch = torch.arange(12.0).reshape(2, 2, 3)
print(
    torch.bmm(batch, batch.transpose(1, 2)),
    (batch @ B.t()).shape,
    torch.einsum("bij,kj->bik", batch, B),
)
print(torch.addmm(torch.ones(2, 3), A, B), torch.cross(torch.eye(3)[0], torch.eye(3)[1], dim=0))
print(torch.triu(torch.ones(3, 3)), torch.tril(torch.ones(3, 3), -1), torch.diag(v), A.diagonal())

# shapes
x = torch.arange(24)
print(
    x.view(2, 12).shape,
    x.reshape(4, -1).shape,
    x.view(-1, 2, 3).size(),
    x.view(2, 3, 4).permute(2, 0, 1).shape,
)
y = x.view(2, 3, 4)
print(
    y.size(),
    y.size(0),
    y.size(-1),
    y.shape[1:],
    y.dim(),
    y.ndim,
    y.numel(),
    y.nelement(),
    len(y),
    y.stride(),
)
print(
    y.transpose(0, 2).shape,
    y.flatten().shape,
    y.flatten(1).shape,
    torch.flatten(y, start_dim=1).shape,
)
print(
    y.unsqueeze(0).shape,
    y[None].shape,
    y[:, None].shape,
    y[..., None].shape,
    y.unsqueeze(-1).squeeze(-1).shape,
)
print(
    torch.squeeze(torch.ones(1, 3, 1)).shape,
    torch.ones(1, 3).squeeze(0).shape,
    torch.ones(3, 1).squeeze(),
)
print(
    y.transpose(1, 2).is_contiguous(),
    y.transpose(1, 2).contiguous().view(2, -1).shape,
    y.view(y.size(0), -1),
)
print(
    torch.ones(3, 1).expand(3, 2),
    torch.ones(3, 1).expand(-1, 4).shape,
    torch.tensor([1, 2]).repeat(2, 2),
)
print(
    torch.movedim(y, 0, -1).shape, y.swapaxes(0, 1).shape, y.unflatten(2, (2, 2)).shape, y.mT.shape
)
try:
    y.transpose(0, 1).view(-1)
except RuntimeError as error:
    print(".reshape(...)" in str(error))
try:
    A @ torch.ones(3)
except RuntimeError:
    print("shapes do not fit")
double = A.double()
print(double @ double, double.inverse())
