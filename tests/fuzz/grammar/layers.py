"""Modules that a step closes over, made with random options, and their losses."""

from __future__ import annotations

from collections.abc import Callable

from ..drawing import Drawing

Made = tuple[str, tuple[int, ...]]
"""A constructor, and the shape of what it takes."""


def _small(d: Drawing, low: int = 1, high: int = 4) -> int:
    return d.whole(low, high)


def linear(d: Drawing) -> Made:
    a, b = _small(d), _small(d)
    lead = d.one([(), (_small(d),), (_small(d),), (2, _small(d))])
    return f"torch.nn.Linear({a}, {b}, bias={d.chance(0.8)})", (*lead, a)


def convolution(d: Drawing) -> Made:
    n = d.one([1, 2, 2, 2, 3])
    groups = d.one([1, 1, 1, 2])
    a, b = groups * _small(d, 1, 2), groups * _small(d, 1, 2)
    k, stride, dilation = _small(d, 1, 3), _small(d, 1, 2), d.one([1, 1, 2])
    padding = d.one(["0", "1", f"({k // 2},) * {n}"] + ["'same'"] * (stride == 1))
    mode = d.one(["zeros", "zeros", "zeros", "reflect", "replicate", "circular"])
    size = [_small(d, min(1 + dilation * (k - 1) + (mode != "zeros"), 6), 6)] * n
    if n == 3:
        size = [min(s, 4) for s in size]
    if d.chance(0.3):
        options = (
            f"stride={stride}, groups={groups}, bias={d.chance(0.7)}, padding={d.whole(0, k // 2)}"
        )
        return f"torch.nn.ConvTranspose{n}d({a}, {b}, {k}, {options})", (2, a, *size)
    options = f"stride={stride}, padding={padding}, dilation={dilation}, groups={groups}"
    options += f", bias={d.chance(0.7)}, padding_mode={mode!r}"
    return f"torch.nn.Conv{n}d({a}, {b}, {k}, {options})", (_small(d, 1, 3), a, *size)


def normalization(d: Drawing) -> Made:
    c = d.one([1, 2, 3, 4])
    n = d.one([1, 2, 2])
    shape = (_small(d, 2, 4), c, *[_small(d, 2, 3)] * n)
    return d.one(
        [(f"torch.nn.BatchNorm{n}d({c})", shape if d.chance(0.7) or n > 1 else shape[:2]),
         (f"torch.nn.BatchNorm{n}d({c}, affine=False, momentum=None)", shape),
         (f"torch.nn.BatchNorm{n}d({c}, track_running_stats=False)", shape),
         (f"torch.nn.BatchNorm{n}d({c}).eval()", shape), (f"torch.nn.LayerNorm({shape[-1]})", shape),
         (f"torch.nn.LayerNorm({shape[-2:]}, bias=False)", shape), (f"torch.nn.GroupNorm(1, {c})", shape),
         (f"torch.nn.GroupNorm({c}, {c}, affine=False)", shape), (f"torch.nn.InstanceNorm{n}d({c})", shape),
         (f"torch.nn.InstanceNorm{n}d({c}, affine=True, track_running_stats=True)", shape),
         (f"torch.nn.RMSNorm({shape[-1]})", shape), ("torch.nn.LocalResponseNorm(2)", shape)]
    )  # fmt: skip


def pooling(d: Drawing) -> Made:
    n = d.one([1, 2, 2, 3])
    k, s = _small(d, 1, 3), _small(d, 1, 2)
    size = [_small(d, k, 5)] * n
    p = d.whole(0, k // 2)
    made = d.one(
        [f"torch.nn.MaxPool{n}d({k}, {s}, {p})", f"torch.nn.MaxPool{n}d({k}, ceil_mode=True)",
         f"torch.nn.AvgPool{n}d({k}, {s}, {p}, count_include_pad={d.chance(0.5)})",
         f"torch.nn.AdaptiveAvgPool{n}d({_small(d, 1, 3)})", f"torch.nn.AdaptiveMaxPool{n}d({_small(d, 1, 3)})",
         f"torch.nn.AvgPool{n}d({k}, {s}, ceil_mode=True)"]
    )  # fmt: skip
    return made, (_small(d, 1, 2), _small(d, 1, 3), *size)


def recurrent(d: Drawing) -> Made:
    a, h = _small(d, 1, 3), _small(d, 1, 3)
    name = d.one(["RNN", "LSTM", "GRU"])
    options = d.one(
        ["", ", bias=False", ", num_layers=2", ", batch_first=True", ", bidirectional=True"]
    )
    return f"torch.nn.{name}({a}, {h}{options})", (_small(d, 1, 3), _small(d, 1, 3), a)


def attention(d: Drawing) -> Made:
    heads = d.one([1, 2])
    e = heads * _small(d, 1, 2)
    layer = "torch.nn.TransformerEncoderLayer"
    made = d.one(
        [f"{layer}({e}, {heads}, {2 * e}, dropout=0.0, batch_first={d.chance(0.5)})",
         f"{layer}({e}, {heads}, 3, 0.0, 'gelu', norm_first=True)"]
    )  # fmt: skip
    return made, (_small(d, 1, 3), _small(d, 1, 3), e)


def other(d: Drawing) -> Made:
    c = _small(d, 1, 4)
    return d.one(
        [("torch.nn.PReLU()", d.shape(2)), (f"torch.nn.PReLU({c})", (2, c, 3)),
         ("torch.nn.Softmax(dim=-1)", (2, c)), ("torch.nn.Flatten()", (2, c, 2)), ("torch.nn.Tanh()", (2, c)),
         ("torch.nn.Dropout(0.0)", (2, c)), ("torch.nn.Dropout(0.5).eval()", (2, c)),
         ("torch.nn.Upsample(scale_factor=2)", (1, c, 2, 2)), ("torch.nn.PixelShuffle(2)", (1, 4 * c, 2, 1)),
         ("torch.nn.Upsample(scale_factor=2, mode='bilinear')", (1, c, 2, 3)),
         ("torch.nn.ZeroPad2d((1, 0, 2, 1))", (1, c, 2, 2)), ("torch.nn.GLU()", (2, 2 * c)),
         ("torch.nn.GELU()", (c, 3)), ("torch.nn.Unfold(2)", (1, c, 3, 3)), ("torch.nn.Softplus(2.0)", (c,)),
         ("torch.nn.Hardtanh()", (c, 2)), ("torch.nn.LogSoftmax(dim=0)", (c, 2)), ("torch.nn.Identity()", (c,)),
         ("torch.nn.ReflectionPad1d(1)", (1, c, 3)), ("torch.nn.LPPool1d(2, 2)", (1, c, 4)),
         (f"torch.nn.RNNCell({c}, 2)", (2, c)), (f"torch.nn.GRUCell({c}, 2)", (2, c)),
         (f"torch.nn.Sequential(torch.nn.Linear({c}, 1), torch.nn.Sigmoid())", (4, c)),
         (f"torch.nn.Sequential(torch.nn.Linear({c}, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))", (3, c)),
         (f"torch.nn.Sequential(torch.nn.Linear({c}, 2), torch.nn.Tanh(), torch.nn.LayerNorm(2))", (3, c)),
         (f"torch.nn.Sequential(torch.nn.Conv2d({c}, 2, 2), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), "
          "torch.nn.Flatten())", (2, c, 3, 3))]
    )  # fmt: skip


KINDS: list[Callable[[Drawing], Made]] = [linear] * 4 + [convolution] * 3 + [normalization] * 3
KINDS += [pooling] * 2 + [recurrent, attention] + [other] * 4


def module(d: Drawing) -> str | None:
    """A new module is applied."""
    text, shape = d.one(KINDS)(d)
    name = d.fresh("m")
    d.setup(f"{name} = given.module({text}, {d.whole(0, 99)}, {d.dtype!r})")
    d.modules.append(name)
    inside = any(cell in text for cell in ("RNN(", "LSTM(", "GRU("))
    return f"{name}({d.like(shape)}){'[0]' if inside else ''}"


LOSSES = """mse_loss({x},{y}) l1_loss({x},{y}) smooth_l1_loss({x},{y},beta=0.7) huber_loss({x},{y},delta=0.8)
binary_cross_entropy({x}.sigmoid(),{y}.sigmoid().detach()) mse_loss({x},{y},reduction="sum")
binary_cross_entropy_with_logits({x},{y}.sigmoid().detach()) l1_loss({x},{y},reduction="none")
kl_div({x},{y}.softmax(-1).detach(),reduction="sum") poisson_nll_loss({x},{y}.exp().detach())
soft_margin_loss({x},{y}.sign().detach()) hinge_embedding_loss({x},{y}.sign().detach())
gaussian_nll_loss({x},{y},{y}.detach().square()+0.1) cosine_similarity({x},{y},-1) pairwise_distance({x},{y})
cosine_embedding_loss({x},{y},torch.ones({x}.shape[0])) margin_ranking_loss({x},{y},{y}.sign().detach())
triplet_margin_loss({x},{y},{x}*2) multilabel_soft_margin_loss({x},{y}.sigmoid().detach())""".split()


def loss(d: Drawing) -> str:
    x = d.operand()
    shape = tuple(d[x].shape)
    if len(shape) == 2 and shape[1] and d.chance(0.4):
        labels = d.argument((shape[0],), "i", lambda i: d.numbers.integers(0, shape[1], shape[0]))
        d.names.remove(labels)
        call = d.one(
            ["cross_entropy({x}, {t})", "nll_loss({x}.log_softmax(-1), {t})", "multi_margin_loss({x}, {t})",
             "cross_entropy({x}, {t}, label_smoothing=0.1)", "cross_entropy({x}, {t}, reduction='none')",
             "cross_entropy({x}, {t}, ignore_index=0)", "cross_entropy({x}, {x}.softmax(-1).detach())"]
        )  # fmt: skip
        return f"torch.nn.functional.{call.format(x=x, t=labels)}"
    return f"torch.nn.functional.{d.one(LOSSES).format(x=x, y=d.like(shape))}"


MAKERS = [(module, 6), (loss, 3)]
