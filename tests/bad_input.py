"""Bad input on one page. Each row: what is wrong, how to do it, the kind of error, and what its
words must hold: who complains, what was expected, what was found."""

from __future__ import annotations

from typing import Any

import minigrad as m
from minigrad import autograd, linalg, nn, optim
from minigrad.errors import GraphError, LinAlgError
from minigrad.nn import functional as F
from minigrad.optim import lr_scheduler
from minigrad.utils.data import DataLoader, TensorDataset, random_split

NAN = float("nan")


def z(*shape: int, **options: Any) -> Any:
    return m.zeros(*shape, **options)


def t(data: Any) -> Any:
    return m.tensor(data)


def doubles(*shape: int) -> Any:
    return z(*shape, dtype=m.float64)


def leaf(*shape: int) -> Any:
    return m.ones(*shape, requires_grad=True)


def sgd(**options: Any) -> Any:
    return optim.SGD([leaf(2)], **{"lr": 0.1, **options})


def twice() -> None:
    y = (leaf(2) ** 2).sum()
    y.backward()
    y.backward()


def overwritten() -> None:
    y = leaf(2) * 2
    loss = (y * y).sum()
    y.add_(1)
    loss.backward()


SHAPES = [
    ("add", lambda: z(2, 3) + z(4, 5), RuntimeError, "add:", "must match", "(2, 3), (4, 5)"),
    ("add_", lambda: z(3).add_(z(2, 3)), RuntimeError, "add:", "[3]", "[2, 3]"),
    ("lerp", lambda: m.lerp(z(2), z(3), 0.5), RuntimeError, "lerp:", "match", "(2,), (3,)"),
    ("where", lambda: m.where(t([True] * 3), z(2), z(3)), RuntimeError, "where:", "(3,), (2,)"),
    ("matmul", lambda: z(64, 784) @ z(100, 10), RuntimeError, "matmul:", "(64, 784)", "(100, 10)"),
    ("matmul of numbers", lambda: t(1.0) @ z(2), RuntimeError, "matmul:", "at least 1D", "0D"),
    ("mm", lambda: m.mm(z(2), z(2, 2)), RuntimeError, "mm:", "2 dimensions", "(2,)"),
    ("bmm", lambda: m.bmm(z(2, 3, 4), z(3, 4, 5)), RuntimeError, "bmm:", "batch", "(3, 4, 5)"),
    ("dot", lambda: m.dot(z(2), z(3)), RuntimeError, "dot:", "(2,)", "(3,)"),
    ("einsum", lambda: m.einsum("ij,jk", z(2, 3), z(4, 5)), RuntimeError, "einsum:", "j", "4", "3"),
    ("operands of einsum", lambda: m.einsum("ij,jk", z(2, 3)), RuntimeError, "einsum:", "2", "1"),
    ("cat", lambda: m.cat([z(2, 3), z(2, 4)]), RuntimeError, "cat:", "Expected (2, 3)", "(2, 4)"),
    ("cat of nothing", lambda: m.cat([]), ValueError, "cat:", "non-empty"),
    ("stack", lambda: m.stack([z(2, 3), z(2, 4)]), RuntimeError, "stack:", "(2, 3)", "(2, 4)"),
    ("reshape", lambda: z(2, 3).reshape(4, 2), RuntimeError, "reshape:", "[4, 2]", "(2, 3)"),
    ("two unknowns", lambda: z(6).reshape(-1, -1), RuntimeError, "reshape:", "one", "(-1, -1)"),
    ("view", lambda: z(2, 3).t().view(6), RuntimeError, "view:", "(6,)", "(3, 2)", "reshape"),
    ("expand", lambda: z(2, 3).expand(2, 4), RuntimeError, "expand:", "(2, 3)", "[2, 4]"),
    ("permute", lambda: z(2, 3).permute(0, 0), RuntimeError, "permute:", "order of 2", "(0, 0)"),
    ("transpose", lambda: z(2, 3).transpose(0, 2), IndexError, "transpose:", "[-2, 1]", "got 2"),
    ("squeeze", lambda: z(2, 3).squeeze(4), IndexError, "squeeze:", "[-2, 1]", "got 4"),
    ("tril", lambda: z(2).tril(), RuntimeError, "tril:", "at least 2", "(2,)"),
    ("sum", lambda: z(2, 3).sum(2), IndexError, "sum:", "[-2, 1]", "got 2"),
    ("sum twice", lambda: z(2, 3).sum((0, 0)), RuntimeError, "sum:", "multiple times", "[0, 0]"),
    ("max of nothing", lambda: z(0).max(), RuntimeError, "max:", "dim", "(0,)"),
    ("sort", lambda: z(3).sort(2), IndexError, "sort:", "[-1, 0]", "got 2"),
    ("topk", lambda: z(3).topk(5), RuntimeError, "topk:", "5 of 3"),
    ("kthvalue", lambda: z(3).kthvalue(5), RuntimeError, "kthvalue:", "5 of 3"),
    ("index", lambda: z(3)[5], IndexError, "index:", "size 3", "5 is out of bounds"),
    ("too many indices", lambda: z(3)[0, 0], IndexError, "index:", "dimension 1", "2 were given"),
    ("mask", lambda: z(3)[t([True, False])], IndexError, "index:", "expected", "(3,)", "(2,)"),
    ("x[a:b] = y", lambda: z(3).__setitem__(slice(2), z(3)), RuntimeError, "copy:", "(2,)", "(3,)"),
    ("x[i] = y", lambda: z(3).__setitem__([0, 1], z(3)), RuntimeError, "put:", "(2,)", "(3,)"),
    ("gather", lambda: z(2, 3).gather(1, t([[7]])), RuntimeError, "gather:", "3 places", "7"),
    ("index_select", lambda: z(2).index_select(0, t([2])), IndexError, "index_select:", "2 places"),
    ("inverse", lambda: linalg.inv(z(2, 3)), RuntimeError, "linalg.inv:", "square", "2 by 3"),
    ("solve", lambda: linalg.solve(m.eye(2), z(3, 2)), RuntimeError, "linalg.solve:", "(3, 2)"),
    ("ragged", lambda: t([[1, 2], [3]]), ValueError, "tensor:", "equal length", "(2,)"),
    ("negative length", lambda: z(-1), RuntimeError, "zeros:", "negative", "(-1,)"),
]  # fmt: skip

LAYERS = [
    ("linear", lambda: nn.Linear(784, 10)(z(64, 100)), RuntimeError, "linear:", "784", "(64, 100)"),
    ("bias", lambda: F.linear(z(4, 3), z(2, 3), z(5)), RuntimeError, "linear:", "(2,)", "(5,)"),
    ("conv channels", lambda: nn.Conv2d(3, 8, 3)(z(1, 1, 8, 8)), RuntimeError,
     "conv2d:", "3 ch", "1 ch"),
    ("conv dimensions", lambda: nn.Conv2d(3, 8, 3)(z(8, 8)), RuntimeError,
     "conv2d:", "4D", "[8, 8]"),
    ("small image", lambda: nn.Conv2d(1, 8, 9)(z(1, 1, 4, 4)), RuntimeError,
     "conv2d:", "9 x 9", "4 x 4"),
    ("transposed", lambda: nn.ConvTranspose2d(3, 8, 3)(z(1, 4, 5, 5)), RuntimeError,
     "conv_transpose2d:", "3 ch", "4 ch"),
    ("stride", lambda: F.conv2d(z(1, 1, 4, 4), z(2, 1, 3, 3), stride=0), RuntimeError,
     "conv2d:", "greater than zero", "got 0"),
    ("max_pool2d", lambda: F.max_pool2d(z(1, 1, 2, 2), 3), RuntimeError,
     "max_pool2d:", "(3, 3)", "(2, 2)"),
    ("avg_pool2d", lambda: F.avg_pool2d(z(4), 3), RuntimeError, "avg_pool2d:", "4D", "[4]"),
    ("pool padding", lambda: F.max_pool2d(z(1, 1, 4, 4), 2, padding=2), RuntimeError,
     "max_pool2d:", "half", "(2, 2)"),
    ("adaptive", lambda: F.adaptive_avg_pool2d(z(4), 3), RuntimeError,
     "adaptive_avg_pool2d:", "4D", "[4]"),
    ("batch norm", lambda: nn.BatchNorm2d(3)(z(2, 4, 5, 5)), RuntimeError,
     "batch_norm:", "4 el", "(3,)"),
    ("batch norm of 2D", lambda: nn.BatchNorm2d(3)(z(2, 3)), ValueError,
     "BatchNorm2d:", "4D", "2D"),
    ("batch of one", lambda: nn.BatchNorm1d(3)(z(1, 3)), ValueError,
     "batch_norm:", "more than 1", "(1, 3)"),
    ("layer norm", lambda: nn.LayerNorm(4)(z(2, 3)), RuntimeError,
     "layer_norm:", "[*, 4]", "[2, 3]"),
    ("lstm", lambda: nn.LSTM(3, 4)(z(2, 1, 5)), RuntimeError, "LSTM:", "Expected 3", "got 5"),
    ("attention", lambda: F.scaled_dot_product_attention(z(2, 3), z(2, 4), z(2, 4)), RuntimeError,
     "attention:", "(..., L, E)", "(2, 3)"),
    ("pad", lambda: F.pad(z(3), (1, 2, 3)), RuntimeError, "pad:", "two widths", "[1, 2, 3]"),
    ("mse_loss", lambda: F.mse_loss(z(4, 1), z(4)), RuntimeError,
     "mse_loss:", "one shape", "(4, 1)", "(4,)"),
    ("kl_div", lambda: F.kl_div(z(2), z(3)), RuntimeError, "kl_div:", "one shape", "(2,)", "(3,)"),
    ("bce", lambda: F.binary_cross_entropy_with_logits(z(2), z(3)), ValueError,
     "with_logits:", "one shape", "(3,)"),
    ("cross_entropy", lambda: F.cross_entropy(z(4, 3), t([0, 1])), ValueError,
     "cross_entropy:", "(4,)", "(2,)"),
]  # fmt: skip

TYPES = [
    ("mean of integers", lambda: t([1, 2]).mean(), RuntimeError, "mean:", "floating", "int64"),
    ("softmax of integers", lambda: t([1, 2]).softmax(0), RuntimeError,
     "softmax:", "floating", "int64"),
    ("gradient of integers", lambda: t([1]).requires_grad_(), RuntimeError,
     "requires_grad:", "floating", "int64"),
    ("backward of integers", lambda: t([1, 2]).sum().backward(), RuntimeError,
     "backward:", "does not require grad"),
    ("matmul of two types", lambda: z(2, 2) @ doubles(2, 2), RuntimeError,
     "matmul:", "same dtype", "float64"),
    ("linear of two types", lambda: nn.Linear(2, 2)(doubles(2, 2)), RuntimeError,
     "linear:", "same dtype", "float64"),
    ("conv of two types", lambda: nn.Conv2d(1, 1, 1)(doubles(1, 1, 2, 2)), RuntimeError,
     "conv2d:", "the same", "float64"),
    ("index with floats", lambda: z(3)[t([0.5])], IndexError, "index:", "long, int", "float32"),
    ("index with a float", lambda: z(3)[1.5], IndexError, "index:", "only integers", "float"),
    ("embedding of floats", lambda: nn.Embedding(3, 4)(t([1.0])), RuntimeError,
     "embedding:", "integer", "float32"),
    ("in place", lambda: t([1]).add_(0.5), RuntimeError, "add:", "int64", "float32"),
    ("in-place division", lambda: t([1]).div_(2), RuntimeError, "div:", "int64", "float32"),
    ("& of floats", lambda: z(2) & z(2), NotImplementedError,
     "bitwise_and:", "integers", "floating-point"),
    ("- of masks", lambda: t([True]) - t([True]), NotImplementedError, "sub:", "bool", "^"),
    ("a mask of numbers", lambda: z(3).masked_fill(t([1, 0, 1]), 0.0), RuntimeError,
     "masked_fill:", "bool", "int64"),
    ("no tensor", lambda: m.exp("a"), TypeError, "exp:", "must be Tensor", "not str"),
    ("no number", lambda: z(3).__setitem__(0, "a"), TypeError, "setitem:", "numbers", "'a'"),
    ("no array", lambda: m.from_numpy([1]), TypeError, "from_numpy:", "np.ndarray", "list"),
    ("an unknown type", lambda: z(2).to("float99"), TypeError,
     "dtype:", "float64, float32", "float99"),
    ("no parameter", lambda: nn.Parameter([1.0]), TypeError, "Parameter:", "a tensor", "list"),
    ("no Parameter", lambda: setattr(nn.Linear(2, 2), "weight", z(2)), TypeError,
     "Linear:", "nn.Parameter", "'Tensor'"),
    ("no module", lambda: nn.Sequential(3), TypeError, "Sequential:", "Module", "int"),
    ("an unknown device", lambda: z(2, device="tpu"), RuntimeError,
     "device:", "'cpu', 'cuda'", "'tpu'"),
]  # fmt: skip

VALUES = [
    ("label too large", lambda: F.cross_entropy(z(2, 3), t([0, 5])), IndexError,
     "cross_entropy:", "0 to 2", "5", "target[1]"),
    ("label too small", lambda: F.nll_loss(z(2, 3), t([0, -5])), IndexError,
     "nll_loss:", "0 to 2", "-5"),
    ("embedding", lambda: nn.Embedding(3, 4)(t([5])), IndexError, "embedding:", "3 rows", "5"),
    ("one_hot", lambda: F.one_hot(t([3]), 2), RuntimeError,
     "one_hot:", "smaller than num_classes 2", "3"),
    ("NaN for mse", lambda: F.mse_loss(z(2), t([0, NAN])), ValueError,
     "mse_loss:", "NaN, 1 of 2", "(1,)"),
    ("NaN for l1", lambda: F.l1_loss(z(2), t([0, NAN])), ValueError, "l1_loss:", "NaN, 1 of 2"),
    ("NaN for bce", lambda: F.binary_cross_entropy(z(1), t([NAN])), ValueError,
     "binary_cross_entropy:", "NaN"),
    ("NaN probabilities", lambda: F.cross_entropy(z(1, 3), t([[NAN, 0, 0]])), ValueError,
     "cross_entropy:", "NaN", "(0, 0)"),
    ("no probability", lambda: F.binary_cross_entropy(t([2.0]), t([1.0])), RuntimeError,
     "binary_cross_entropy:", "between 0 and 1", "2"),
    ("variance", lambda: F.gaussian_nll_loss(z(2), z(2), -m.ones(2)), ValueError,
     "gaussian_nll_loss:", "negative", "-1"),
    ("reduction", lambda: F.mse_loss(z(2), z(2), reduction="avg"), ValueError,
     "mse_loss:", "mean, sum or none", "avg"),
    ("mode", lambda: F.interpolate(z(1, 1, 3, 3), 3, mode="cubicc"), NotImplementedError,
     "interpolate:", "'nearest'", "'cubicc'"),
    ("quantile", lambda: z(3).quantile(1.5), RuntimeError, "quantile:", "[0, 1]", "1.5"),
    ("multinomial", lambda: m.multinomial(t([-1.0, 1.0]), 1), RuntimeError,
     "multinomial:", "< 0", "-1"),
    ("randint", lambda: m.randint(5, 2, (2,)), RuntimeError, "randint:", "less than", "5", "2"),
    ("singular", lambda: linalg.inv(z(2, 2)), LinAlgError, "inv:", "singular", "(2, 2)"),
    ("not definite", lambda: linalg.cholesky(-m.eye(2)), LinAlgError,
     "cholesky:", "positive definite", "(2, 2)"),
    ("item", lambda: z(2).item(), RuntimeError, "item:", "Scalar", "2 elements"),
    ("truth", lambda: bool(z(2)), RuntimeError, "bool:", "ambiguous", "2 values"),
]  # fmt: skip

SETTINGS = [
    ("learning rate", lambda: sgd(lr=-0.1), ValueError,
     "SGD:", "learning rate", "at least 0", "-0.1"),
    ("no learning rate", lambda: sgd(lr=None), TypeError,
     "SGD:", "learning rate", "a number", "None"),
    ("momentum", lambda: sgd(momentum=-1), ValueError, "SGD:", "momentum", "at least 0", "-1"),
    ("nesterov", lambda: sgd(nesterov=True), ValueError,
     "SGD:", "requires a momentum", "momentum=0"),
    ("betas", lambda: optim.Adam([leaf(2)], betas=(1.5, 0.9)), ValueError,
     "Adam:", "index 0", "below 1", "1.5"),
    ("eps", lambda: optim.AdamW([leaf(2)], eps=-1), ValueError,
     "AdamW:", "epsilon", "at least 0", "-1"),
    ("rho", lambda: optim.Adadelta([leaf(2)], rho=2), ValueError, "Adadelta:", "0 to 1", "2"),
    ("etas", lambda: optim.Rprop([leaf(2)], etas=(2, 1)), ValueError,
     "Rprop:", "0 < η⁻ < 1 < η⁺", "2, 1"),
    ("no parameters", lambda: optim.SGD([], lr=1), ValueError,
     "SGD:", "empty", "model.parameters()"),
    ("a tensor", lambda: optim.SGD(z(2), lr=1), TypeError, "SGD:", "iterable", "Tensor"),
    ("a number", lambda: optim.SGD([1.0], lr=1), TypeError,
     "SGD:", "only optimize Tensors", "float"),
    ("no leaf", lambda: optim.SGD([leaf(2) * 2], lr=1), ValueError, "SGD:", "non-leaf", "(2,)"),
    ("StepLR", lambda: lr_scheduler.StepLR(sgd(), 0), ValueError, "StepLR:", "at least 1", "0"),
    ("OneCycleLR", lambda: lr_scheduler.OneCycleLR(sgd(), 1.0), ValueError,
     "OneCycleLR:", "total_steps", "None"),
    ("plateau", lambda: lr_scheduler.ReduceLROnPlateau(sgd(), factor=2), ValueError,
     "ReduceLROnPlateau:", "< 1.0", "2"),
    ("restarts", lambda: lr_scheduler.CosineAnnealingWarmRestarts(sgd(), 0), ValueError,
     "Restarts:", "positive", "0"),
    ("warm-up", lambda: lr_scheduler.LinearLR(sgd(), 2), ValueError,
     "LinearLR:", "equal to 1", "2"),
    ("functions of rates", lambda: lr_scheduler.LambdaLR(sgd(), [abs, abs]), ValueError,
     "lr_lambda", "expected 1", "got 2"),
    ("no optimizer", lambda: lr_scheduler.StepLR(3, 1), TypeError,
     "lr_scheduler:", "Optimizer", "int"),
    ("dropout", lambda: nn.Dropout(1.5), ValueError, "Dropout:", "between 0 and 1", "1.5"),
    ("groups", lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "Conv2d:", "divisible", "3 and 2"),
    ("kernel", lambda: nn.Conv2d(3, 4, (3, 3, 3)), RuntimeError, "Conv2d:", "2 ints", "(3, 3, 3)"),
    ("same", lambda: nn.Conv2d(3, 4, 3, 2, "same"), ValueError,
     "Conv2d:", "not supported for strided", "(2, 2)"),
    ("initialiser", lambda: nn.init.kaiming_uniform_(z(2, 2), mode="out"), ValueError,
     "init:", "fan_in, fan_out", "out"),
    ("fans", lambda: nn.init.xavier_uniform_(z(2)), ValueError, "init:", "fewer than 2", "(2,)"),
    ("batch size", lambda: DataLoader(TensorDataset(z(2)), 0), ValueError,
     "BatchSampler:", "positive integer", "0"),
    ("sizes of tensors", lambda: TensorDataset(z(2), z(3)), AssertionError,
     "TensorDataset:", "one first size", "[2, 3]"),
    ("split", lambda: random_split(TensorDataset(z(2)), [1, 2]), ValueError,
     "random_split:", "2 samples", "[1, 2]"),
]  # fmt: skip

GRAPH = [
    ("twice", twice, GraphError,
     "backward:", "second time: pow", "bad_input.py:", "retain_graph=True"),
    ("overwritten", overwritten, GraphError,
     "mul (", "modified by an inplace operation: add (", "clone()"),
    ("nothing to do", lambda: z(2).sum().backward(), RuntimeError,
     "backward:", "does not require grad"),
    ("no scalar", lambda: leaf(2).exp().backward(), RuntimeError, "backward:", "scalar", "(2,)"),
    ("another shape", lambda: leaf(2).exp().backward(z(3)), RuntimeError,
     "backward:", "(2,)", "(3,)"),
    ("a leaf in place", lambda: leaf(2).add_(1), RuntimeError, "add:", "leaf", "no_grad()"),
    ("not used", lambda: autograd.grad(leaf(2).sum(), leaf(3)), RuntimeError,
     "grad:", "allow_unused", "(3,)"),
    ("not tracked", lambda: autograd.grad(leaf(2).sum(), z(3)), RuntimeError,
     "grad:", "require grad", "(3,)"),
    ("numbers of a graph", lambda: leaf(2).numpy(), RuntimeError, "numpy:", "detach()"),
]  # fmt: skip

WRONG_STATE = {"weight": z(3, 3), "foo": z(1), "bar": z(1)}
KEYS = [
    ("a module's", lambda: nn.Linear(2, 2).load_state_dict(WRONG_STATE), RuntimeError,
     "state_dict for Linear",
     'Missing key(s) in state_dict: "bias"', '"foo", "bar"', "weight", "(3, 3)", "(2, 2)"),
    ("no dictionary", lambda: nn.Linear(2, 2).load_state_dict([1]), TypeError,
     "load_state_dict:", "dict-like", "list"),
    ("an optimizer's", lambda: sgd().load_state_dict({"a": 1}), KeyError,
     "load_state_dict:", "'param_groups'", "['a']"),
    ("its groups", lambda: sgd().load_state_dict({"state": {}, "param_groups": []}), ValueError,
     "load_state_dict:", "0", "expected 1"),
    ("a schedule's", lambda: lr_scheduler.StepLR(sgd(), 1).load_state_dict({"a": 1}), ValueError,
     "StepLR:", "unknown", "['a']"),
]  # fmt: skip

TABLE = [*SHAPES, *LAYERS, *TYPES, *VALUES, *SETTINGS, *GRAPH, *KEYS]
