"""Reductions, scans, sorting, products."""

from __future__ import annotations

from ..drawing import Drawing

REDUCED = """{x}.sum({a}) {x}.mean({a}) {x}.sum() {x}.mean() {x}.prod() {x}.prod({i}) {x}.amax({a}) {x}.amin({a})
{x}.max() {x}.min() {x}.max({i}) {x}.min({i},keepdim=True) {x}.argmax({i}) {x}.argmin() {x}.var({a}) {x}.std({a})
{x}.var() {x}.std(correction=0) {x}.var({a},correction=0,keepdim=True) {x}.logsumexp({a}) {x}.norm() {x}.norm(dim={i})
{x}.norm(1,{i}) {x}.nansum({a}) {x}.nanmean({a}) {x}.median() {x}.median({i}) {x}.quantile(0.3,{i}) {x}.all() {x}.any({i})
{x}.count_nonzero({i}) torch.var_mean({x},{a}) torch.std_mean({x},{a}) {x}.sum({a},keepdim=True) {x}.mean({a},keepdim=True)
{x}.sum(dtype=torch.float32) {x}.aminmax() {x}.kthvalue(1,{i}) {x}.mode({i}) {x}.norm(p=3,dim={i},keepdim=True)
torch.linalg.norm({x}) torch.linalg.vector_norm({x},1,{a}) {x}.nanmedian() {x}.mean({a},dtype=torch.float64)
{x}.norm(inf,{i}) {x}.norm("fro") {x}.argmax({i},keepdim=True) {x}.sum_to_size({z})""".split()

SCANNED = """{x}.cumsum({i}) {x}.cumprod({i}) {x}.logcumsumexp({i}) {x}.cummax({i}) {x}.cummin({i}) {x}.diff(dim={i})
{x}.sort({i}) {x}.sort({i},descending=True) {x}.argsort({i}) {x}.topk(1,{i}) {x}.topk({k},{i},largest=False) {x}.msort()
{x}.softmax({i}) {x}.log_softmax({i}) torch.nn.functional.softmin({x},{i}) torch.trapezoid({x},dim={i}) {x}.flip({i}).cumsum({i})
torch.nn.functional.normalize({x},dim={i}) torch.nn.functional.glu({x},{i}) torch.cumulative_trapezoid({x},dim={i})
torch.nn.functional.layer_norm({x},{x}.shape[-1:]) torch.nn.functional.rms_norm({x},{x}.shape[-1:])
{x}.diff(n=2,dim={i}) {x}.softmax({i},dtype=torch.float64) {x}.renorm(2,{i},1.5)""".split()


def reduced(d: Drawing) -> str:
    x = d.operand(lambda t: t.ndim > 0 or d.chance(0.1))
    n = d[x].ndim
    i = d.whole(-n, n - 1) if n else 0
    many = d.rng.sample(range(n), d.whole(1, n)) if n else [0]
    a = str(tuple(many)) if d.chance(0.5) else str(i)
    z = tuple(1 if j in many else m for j, m in enumerate(d[x].shape))
    return d.one(REDUCED).format(x=x, i=i, a=a, z=z)


def scanned(d: Drawing) -> str:
    x = d.operand(lambda t: t.ndim > 0 or d.chance(0.1))
    n = d[x].ndim
    i = d.whole(-n, n - 1) if n else 0
    return d.one(SCANNED).format(x=x, i=i, k=d.whole(1, max(d[x].shape[i], 1) if n else 1))


def product(d: Drawing) -> str:
    """x @ y, batched and not, and its other spellings."""
    x = d.operand(lambda t: t.ndim >= 1)
    shape = tuple(d[x].shape)
    k, n = shape[-1], d.one([1, 1, 2, 3, 4])
    if len(shape) == 1:
        y = d.like(d.one([(k,), (k, n), (2, k, n)]))
        text = d.one(["{x} @ {y}", "{x}.matmul({y})", "torch.einsum('i,i->', {x}, {y})", "{x}.dot({y})",
                      "torch.outer({x}, {y}.reshape(-1))", "{x}.inner({y})", "torch.tensordot({x}, {y}, 1)",
                      "{y}.mT @ {x}"])  # fmt: skip
    elif len(shape) == 2:
        y = d.like(d.one([(k,), (k, n), (k, n), (k, n), (2, k, n)]))
        b = d.wide((shape[0], n))
        text = d.one(
            ["{x} @ {y}", "{x} @ {y}", "{x}.mm({y})", "{x}.mv({y})", "torch.einsum('ij,jk->ik', {x}, {y})",
             "torch.einsum('ij,jk', {x}, {y})", "torch.addmm({b}, {x}, {y})",
             "{b}.addmm({x}, {y}, beta={n}, alpha={m})", "torch.nn.functional.linear({x}, {y}.mT)",
             "torch.nn.functional.linear({x}, {y}.mT, {y}.sum(0))", "{x} @ {y} + {b}", "{x} @ {x}.mT",
             "{x}.mT @ {x}", "torch.kron({x}[:2, :2], {y}[:2])", "torch.einsum('ij,ij->i', {x}, {x})",
             "torch.tensordot({x}, {y}, dims=1)", "{y}.mT @ {x}.mT", "torch.cdist({x}, {x} + 1)",
             "({x} @ {y}).mT.contiguous()", "torch.linalg.multi_dot([{x}, {y}, {y}.mT])", "{x}.matmul({y})"]
        )  # fmt: skip
        return text.format(x=x, y=y, b=b, n=d.number(), m=d.number())
    else:
        batch = shape[:-2]
        y = d.like(d.one([(k,), (k, n), (*batch, k, n), (1, k, n)]))
        text = d.one(
            ["{x} @ {y}", "{x}.matmul({y})", "{x}.bmm({y})", "torch.nn.functional.linear({x}, {y}.mT)",
             "torch.einsum('...ij,jk->...ik', {x}, {y})", "torch.einsum('bij,bjk->bik', {x}, {y})",
             "{x} @ {x}.mT", "torch.baddbmm({x} @ {y}, {x}, {y}, beta=0.5)", "torch.einsum('bij,bjk->ik', {x}, {y})",
             "torch.nn.functional.scaled_dot_product_attention({x}, {x}, {x})", "{y}.mT @ {x}.mT"]
        )  # fmt: skip
    return text.format(x=x, y=y)


MAKERS = [(reduced, 8), (scanned, 5), (product, 9)]
