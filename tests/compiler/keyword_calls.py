"""Calls that give the keywords which no row of the op database gives.

Each line is an expression of these operands, which are other numbers at each call: x, y and z are
matrices (3, 4), p of positive numbers, q of probabilities, v a vector (4), s a single number, i a
matrix of indices below 3, k two indices, m a mask, n whole numbers, a symmetric matrix a (3, 3), a
batch b (2, 3, 3), images c1 (1, 2, 6), c2 (1, 2, 4, 4), c3 (1, 2, 4, 4, 4), a kernel w3
(2, 1, 2, 2, 2) and labels t (3). g is a stream of random numbers, f8 and f4 are types.
"""

from __future__ import annotations

WRITTEN = """
torch.add(x, y, alpha=2, out=z.clone()) ; torch.sub(x, y, alpha=-0.5, out=z.clone())
torch.mul(x, y, out=z.clone()) ; torch.div(x, p, out=z.clone()) ; torch.pow(p, 1.5, out=z.clone())
torch.matmul(x.T, y, out=z.new_zeros(4, 4)) ; torch.mm(x, y.T, out=z.new_zeros(3, 3))
x.add(3, alpha=2) ; x.add(s, alpha=2) ; n.add(n, alpha=2) ; n.sub(n, alpha=3) ; m.add(m, alpha=2)
n.add(x, alpha=2) ; x.float().add(y, alpha=2) ; x.half().sub(y, alpha=2) ; s.add(s, alpha=0.5)
x.clone().add_(y, alpha=2) ; x.clone().sub_(y, alpha=0.5) ; n.clone().add_(n, alpha=2)
x.clone().add_(3, alpha=0.5) ; x.clone().sub_(v, alpha=-1) ; n.clone().sub_(k[:1], alpha=2)
x.clone().div_(p, rounding_mode="floor") ; a.clone().addbmm_(b, b, beta=0.5, alpha=2)
x.clone().addcdiv_(y, p, value=0.5) ; x.clone().addcmul_(y, z, value=-2) ; x.clone().round_(decimals=1)
a.clone().addmm_(x, y.T, beta=0.5, alpha=2) ; v.clone().addmv_(x.T, t.double(), beta=0.5, alpha=2)
x.clone().addr_(t.double(), v, beta=0.5, alpha=2) ; b.clone().baddbmm_(b, b, beta=0.5, alpha=2)
x.clone().clamp_(min=-0.5, max=0.5) ; x.clone().clamp_(min=y) ; x.clone().clip_(max=0.1)
x.clone().copy_(y, non_blocking=True) ; x.clone().cumsum_(0, dtype=f8) ; p.clone().cumprod_(1, dtype=f8)
x.clone().as_strided_((2, 2), (1, 2), storage_offset=1) ; x[:2].clone().fill_diagonal_(2.0, wrap=True)
x.clone().index_add_(0, k, y[:2], alpha=2) ; x.clone().index_put_((k,), y[:2], accumulate=True)
q.clone().logit_(eps=0.2) ; (x / 0).nan_to_num_(nan=1.0, posinf=2.0, neginf=3.0) ; x.clone().tril_(diagonal=1)
x.clone().put_(k, v[:2], accumulate=True) ; x.clone().scatter_(0, i[:1], y[:1]) ; x.clone().triu_(diagonal=1)
x.clone().scatter_(dim=0, index=i[:1], src=y[:1]) ; x.clone().scatter_(0, i[:1], value=2.0)
x.clone().scatter_(0, i[:1], y[:1], reduce="multiply") ; x.clone().scatter_(0, i[:1], 2.0, reduce="add")
x.scatter(0, i[:1], y[:1], reduce="add") ; x.clone().scatter_reduce_(0, i, y, "amax", include_self=False)
x[:1].clone().squeeze_(dim=0) ; (x * 1).detach().requires_grad_(requires_grad=True)
F.celu(x.clone(), inplace=True) ; F.celu_(x.clone(), alpha=1.5) ; F.celu_(x.clone(), inplace=True)
F.elu(x.clone(), inplace=True) ; F.elu_(x.clone(), alpha=1.5) ; F.elu_(x.clone(), inplace=True)
F.hardsigmoid(x.clone(), inplace=True) ; F.hardswish(x.clone(), inplace=True) ; F.mish(x.clone(), inplace=True)
F.hardtanh(x.clone(), inplace=True) ; F.hardtanh_(x.clone(), min_val=-0.5, max_val=0.5)
F.hardtanh_(x.clone(), inplace=True) ; F.leaky_relu(x.clone(), inplace=True) ; F.silu(x.clone(), inplace=True)
F.leaky_relu_(x.clone(), negative_slope=0.2) ; F.leaky_relu_(x.clone(), inplace=True)
F.relu(x.clone(), inplace=True) ; F.relu6(x.clone(), inplace=True) ; F.selu(x.clone(), inplace=True)
F.selu_(x.clone(), inplace=True) ; F.threshold(x.clone(), 0.1, 0.5, inplace=True)
F.threshold_(x.clone(), 0.1, 0.5, inplace=True) ; F.rrelu(x.clone(), training=False, inplace=True)
F.rrelu_(x.clone(), lower=0.1, upper=0.3, training=False) ; F.rrelu_(x.clone(), inplace=True)
"""

MADE = """
torch.zeros(2, 3) + s ; torch.zeros(size=(2, 3), dtype=f8, device="cpu", requires_grad=True) * s
torch.ones(2, 3) + s ; torch.ones(size=(2, 3), dtype=f8, device="cpu", requires_grad=True) * s
torch.empty(2, 3).fill_(s) ; torch.empty(size=(2, 3), dtype=f8, device="cpu", requires_grad=False).copy_(x[:2, :3])
torch.full((2,), 3, dtype=f8, device="cpu", requires_grad=True) * s
torch.zeros_like(x, dtype=f4, device="cpu", requires_grad=True) + s
torch.ones_like(x, dtype=f4, device="cpu", requires_grad=True) + s
torch.empty_like(x, dtype=f4, device="cpu", requires_grad=False).copy_(x)
torch.full_like(x, 2.0, dtype=f4, device="cpu", requires_grad=True) + s
torch.arange(1, end=7, step=2, dtype=f8, device="cpu", requires_grad=True) * s
torch.eye(2, m=3, dtype=f8, device="cpu", requires_grad=True) * s
torch.linspace(0, 1, 4, dtype=f8, device="cpu", requires_grad=True) * s
torch.logspace(0, 1, 4, base=2.0, dtype=f8, device="cpu", requires_grad=True) * s
torch.tensor([1.0, 2.0], dtype=f8, device="cpu", requires_grad=True) * s
torch.scalar_tensor(2.0, dtype=f8, device="cpu", requires_grad=True) * s
torch.tril_indices(3, 3, offset=1, dtype=torch.int32, device="cpu") + k[0]
torch.triu_indices(3, 3, offset=1, dtype=torch.int32, device="cpu") + k[0]
torch.as_tensor(x, dtype=f4, device="cpu") + 1 ; torch.asarray(x, dtype=f4, device="cpu", copy=True) + 1
torch.asarray(x, requires_grad=False) + 1 ; torch.broadcast_shapes((2, 1), (3,)) ; x.new(2, 3).fill_(s)
x.new_empty(2).fill_(s) ; x.new_empty(size=(2,), dtype=f4, device="cpu", requires_grad=False).fill_(s)
x.new_zeros(2) + s ; x.new_zeros(size=(2,), dtype=f4, device="cpu", requires_grad=True) + s
x.new_ones(2) + s ; x.new_ones(size=(2,), dtype=f4, device="cpu", requires_grad=True) + s
x.new_full((2,), 3.0, dtype=f4, device="cpu", requires_grad=True) + s
x.new_tensor([2.0], dtype=f4, device="cpu", requires_grad=True) + s
"""

DRAWN = """
torch.rand(2, 3) + s ; torch.rand(size=(2,), generator=g, dtype=f8, device="cpu", requires_grad=True) + s
torch.randn(2, 3) + s ; torch.randn(size=(2,), generator=g, dtype=f8, device="cpu", requires_grad=True) + s
torch.rand_like(x, dtype=f4, device="cpu", requires_grad=True) + s
torch.randn_like(x, dtype=f4, device="cpu", requires_grad=True) + s
torch.randint(low=1, high=9, size=(3,), generator=g, dtype=f4, device="cpu", requires_grad=True) + s
torch.randint_like(x, 2, high=9, dtype=f4, device="cpu") + s
torch.randperm(4, generator=g, dtype=torch.int32, device="cpu") + k[0]
torch.normal(mean=0.5, std=2.0, size=(3,), generator=g, dtype=f8, device="cpu", requires_grad=True) + s
torch.normal(x, p, generator=g) ; q.bernoulli(p=0.3, generator=g) ; x.clone().bernoulli_(p=0.3, generator=g)
x.clone().exponential_(lambd=2.0, generator=g) ; x.clone().normal_(mean=1, std=2, generator=g)
x.clone().random_(a=2, b=7, generator=g) ; x.clone().uniform_(a=2, b=3, generator=g)
x.clone().uniform_(**{"from": 2, "to": 3}) ; F.rrelu(x, training=True)
F.rrelu_(x.clone(), 0.1, 0.3, training=True, inplace=True)
F.alpha_dropout(x.clone(), 0.5, inplace=True) ; F.dropout(x.clone(), 0.5, inplace=True)
F.dropout1d(c1.clone(), 0.5, inplace=True) ; F.dropout2d(c2.clone(), 0.5, inplace=True)
F.dropout3d(c3.clone(), 0.5, inplace=True) ; F.feature_alpha_dropout(c2.clone(), 0.5, inplace=True)
F.gumbel_softmax(x, tau=0.5, hard=True, eps=1e-9, dim=0)
"""

TYPES = """
x.cumprod(0, dtype=f4) ; x.cumsum(0, dtype=f4) ; x.log_softmax(0, dtype=f4) ; x.mean(0, dtype=f4)
x.nanmean(0, dtype=f4) ; x.nansum(0, dtype=f4) ; x.norm(2, dtype=f4) ; x.prod(0, dtype=f4) ; n.prod(dtype=f8)
x.softmax(0, dtype=f4) ; x.sum(0, dtype=f4) ; n.sum(dtype=f8) ; n.cumsum(0, dtype=f8) ; n.mean(dtype=f8)
torch.cumprod(x, 0, dtype=f4) ; torch.cumsum(x, 0, dtype=f4) ; torch.log_softmax(x, 0, dtype=f4)
torch.mean(x, 0, dtype=f4) ; torch.nanmean(x, 0, dtype=f4) ; torch.nansum(x, 0, dtype=f4)
torch.norm(x, 2, dtype=f4) ; torch.prod(x, 0, dtype=f4) ; torch.softmax(x, 0, dtype=f4)
torch.sum(x, 0, dtype=f4) ; F.log_softmax(x, dim=0, _stacklevel=3, dtype=f4)
F.softmax(x, dim=0, _stacklevel=3, dtype=f4) ; F.softmin(x, 0, _stacklevel=3, dtype=f4)
torch.linalg.matrix_norm(x, dtype=f4) ; torch.linalg.norm(x, dtype=f4) ; torch.linalg.vector_norm(x, dtype=f4)
x.to(f4) + 1 ; x.to(dtype=f4, device="cpu", non_blocking=True, copy=True) + 1 ; x.type(dtype=f4) + 1
n.prod(0, dtype=torch.int32) ; m.sum(dtype=f4) ; x.float().sum(dtype=f8) ; x.half().mean(dtype=f4)
"""

SHAPED = """
x.flip(0, 1) * s ; x.flip(dims=(0,)) * s ; x.permute(1, 0) * s ; x.permute(dims=(1, 0)) * s ; x.repeat(2, 1) * s
x.repeat(repeats=(2, 1)) * s ; x.reshape(4, 3) * s ; x.reshape(shape=(4, 3)) * s ; x.sum_to_size(3, 1)
x.sum_to_size(size=(1, 4)) ; x.tile(2, 1) * s ; x.tile(dims=(2, 1)) * s ; x.view(4, 3) * s ; x.view(size=(4, 3)) * s
x.broadcast_to(size=(2, 3, 4)) * s ; x.size(dim=1) ; x.stride(dim=1) ; torch.cat([x, y], axis=1)
torch.stack([x, y], axis=1) ; x.topk(2, 0, sorted=True) ; torch.topk(x, 2, 1, sorted=False)[0].sum(1)
torch.bucketize(x, v.sort()[0], out_int32=True) ; torch.isin(n, k, assume_unique=True) ; x.expand(2, 3, 4) * s
x.expand(size=(2, 3, 4)) * s ; x.view(f4.itemsize and (4, 3)) * s
"""

LAYERS = """
F.adaptive_max_pool1d(c1, 3, return_indices=True) ; F.adaptive_max_pool2d(c2, 2, return_indices=True)
F.adaptive_max_pool3d(c3, 2, return_indices=True)
F.avg_pool3d(c3, 2, ceil_mode=True, divisor_override=3) ; F.lp_pool1d(c1.abs(), 2, 4, ceil_mode=True)
F.max_pool3d(c3, 2, padding=1, dilation=1) ; F.max_pool3d(c3, 2, dilation=2, stride=1)
F.max_unpool1d(F.max_pool1d(c1, 2), F.max_pool1d(c1, 2, return_indices=True)[1], 2, stride=2, padding=0, output_size=(6,))
F.max_unpool2d(F.max_pool2d(c2, 2), F.max_pool2d(c2, 2, return_indices=True)[1], 2, stride=2, padding=0, output_size=(4, 4))
F.max_unpool3d(F.max_pool3d(c3, 2), F.max_pool3d(c3, 2, return_indices=True)[1], 2, stride=2, padding=0, output_size=(4, 4, 4))
F.conv3d(c3, w3, dilation=2, groups=2)
F.conv_transpose3d(c3, w3, padding=1, output_padding=1, stride=2, groups=2, dilation=2)
F.batch_norm(c2, v[:2].clone(), p[0, :2].clone(), training=True, momentum=0.3)
F.instance_norm(c2, v[:2].clone(), p[0, :2].clone(), use_input_stats=False, momentum=0.3)
F.instance_norm(c2, v[:2].clone(), p[0, :2].clone(), use_input_stats=True, momentum=0.3)
F.binary_cross_entropy(q, q.detach() / 2, weight=p) ; F.embedding(t, x, padding_idx=0)
F.embedding(t, x, sparse=False) ; x.gather(0, i, sparse_grad=False) ; torch.randperm(4, requires_grad=False)
torch.randint_like(x, 3, requires_grad=False)
F.binary_cross_entropy_with_logits(x, q.detach(), weight=p, pos_weight=v.abs())
F.cross_entropy(x, t, weight=v.abs().detach()) ; F.nll_loss(x, t, weight=v.abs().detach())
F.multi_margin_loss(x, t, weight=v.abs().detach()) ; F.huber_loss(x, y, weight=p.detach())
F.multilabel_soft_margin_loss(x, m.double(), weight=v.abs().detach()) ; F.l1_loss(x, y, weight=p.detach())
F.embedding(t, x.detach().clone(), max_norm=1.0, norm_type=1.0) ; F.upsample(c2, size=(2, 2))
F.upsample(c2, scale_factor=2, mode="bilinear", align_corners=True)
F.triplet_margin_with_distance_loss(x, y, z, distance_function=lambda a, b: (a - b).abs().sum(1), reduction="sum")
torch.linalg.cholesky(a, upper=True) ; torch.linalg.lstsq(a, x, rcond=None, driver="gelsd")[0]
torch.linalg.matrix_rank(a, rtol=1e-9) ; torch.linalg.matrix_rank(a, hermitian=True)
torch.linalg.pinv(a, rtol=1e-9) ; torch.linalg.pinv(a, hermitian=True) ; torch.linalg.pinv(a, rcond=1e-9)
torch.linalg.svd(a, full_matrices=False, driver=None)[1] ; torch.linalg.svdvals(a, driver=None)
torch.linalg.vecdot(x, y, dim=0) ; torch.pinverse(a, rcond=1e-9)
F.embedding(t, x, scale_grad_by_freq=True)
"""

READING = """
torch.allclose(x, y, rtol=1e-3, atol=1e-3, equal_nan=True) ; x.numpy(force=True) ; q.multinomial(2, generator=g)
q.multinomial(2, replacement=True)
v[:2].repeat_interleave(k, output_size=2)
"""
"""They read numbers, which no recorded step can do."""

EXEMPT = {
    **dict.fromkeys(
        [("check", word) for word in ("level", "name", "seed")]
        + [("doctor", word) for word in ("args", "steps")]
        + [("explain", word) for word in ("args", "path", "title", "torch")],
        "it looks at a step from outside",
    ),
    ("view", "dtype"): "a recorded step refuses it: tests/methods hold that",
    ("backward", "gradient"): "test_step runs backward in every way",
    ("backward", "retain_graph"): "test_step",
    ("backward", "create_graph"): "test_step",
    ("backward", "inputs"): "test_step",
    ("uniform_", "range"): "from= is a word of Python: the call gives it by **",
    ("cuda", "device"): "there is a GPU only in tests/cuda",
    ("cuda", "non_blocking"): "there is a GPU only in tests/cuda",
}
"""Keywords without a call here, and why."""


def calls(text: str) -> list[str]:
    """The expressions, one each."""
    return [
        each.strip() for line in text.splitlines() for each in line.split(" ; ") if each.strip()
    ]
