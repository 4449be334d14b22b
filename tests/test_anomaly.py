"""Anomaly mode names the op that the user called, the phase and the line, of any fault."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from opdb import rows
from opdb.row import Draw, Row

import minigrad
import minigrad.nn.functional as F
from minigrad import nn, optim
from minigrad.autograd import Function, detect_anomaly, grad, set_detect_anomaly
from minigrad.errors import AnomalyError, CompileError, GraphError
from minigrad.recording import following, switch

inf, nan = math.inf, math.nan
t = minigrad.tensor


def leaf(*numbers: float, dtype: Any = None) -> Any:
    return t(list(numbers), dtype=dtype or minigrad.float32, requires_grad=True)


def half(*numbers: float) -> Any:
    return leaf(*numbers, dtype=minigrad.float16)


ZERO = leaf(0.0, 1.0)
BIG = leaf(1e30, 2.0)
ROWS = t([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
WIDE = nn.Linear(2, 1)
nn.init.constant_(WIDE.weight, 3e38)
ALL = t([[True, True], [False, False]])

FORWARD: list[tuple[str, Callable[[], Any]]] = [
    ("log", lambda: ZERO.log()),
    ("log", lambda: minigrad.log(ZERO)),
    ("log2", lambda: ZERO.log2()),
    ("log10", lambda: ZERO.log10()),
    ("log1p", lambda: (ZERO - 1).log1p()),
    ("sqrt", lambda: (ZERO - 1).sqrt()),
    ("rsqrt", lambda: ZERO.rsqrt()),
    ("reciprocal", lambda: ZERO.reciprocal()),
    ("div", lambda: 1 / ZERO),
    ("div", lambda: ZERO / 0),
    ("div", lambda: minigrad.div(ZERO, ZERO)),
    ("pow", lambda: ZERO**-1),
    ("pow", lambda: (ZERO - 1) ** 0.5),
    ("pow", lambda: minigrad.pow(BIG, 2)),
    ("square", lambda: BIG.square()),
    ("exp", lambda: (ZERO * 1000).exp()),
    ("exp2", lambda: (ZERO * 1000).exp2()),
    ("expm1", lambda: (ZERO * 1000).expm1()),
    ("cosh", lambda: (ZERO * 1000).cosh()),
    ("sinh", lambda: (ZERO * 1000).sinh()),
    ("asin", lambda: (ZERO * 2).asin()),
    ("acos", lambda: (ZERO * 2).acos()),
    ("acosh", lambda: ZERO.acosh()),
    ("atanh", lambda: ZERO.atanh()),
    ("logit", lambda: ZERO.logit()),
    ("xlogy", lambda: (ZERO + 1).xlogy(ZERO)),
    ("mul", lambda: BIG * BIG),
    ("mul", lambda: 1e20 * BIG),
    ("add", lambda: (BIG * 3e8) + (BIG * 3e8)),
    ("sub", lambda: (BIG * 3e8) - (BIG * -3e8)),
    ("addcmul", lambda: BIG.addcmul(BIG, BIG)),
    ("addcdiv", lambda: BIG.addcdiv(BIG, ZERO)),
    ("matmul", lambda: (ROWS * 1e20) @ (ROWS * 1e20)),
    ("matmul", lambda: minigrad.matmul(ROWS * 1e20, ROWS * 1e20)),
    ("dot", lambda: BIG.dot(BIG)),
    ("outer", lambda: BIG.outer(BIG)),
    ("einsum", lambda: minigrad.einsum("ij,jk->ik", ROWS * 1e20, ROWS * 1e20)),
    ("sum", lambda: (ROWS * 8e37).sum()),
    ("prod", lambda: (ROWS * 1e20).prod()),
    ("cumsum", lambda: (ROWS * 8e37).cumsum(0)),
    ("cumprod", lambda: (ROWS * 1e20).cumprod(0)),
    ("var", lambda: (ROWS * 1e25).var()),
    ("std", lambda: ZERO[:1].std()),
    ("mean", lambda: ZERO[:0].mean()),
    ("lgamma", lambda: ZERO.lgamma()),
    ("digamma", lambda: ZERO.digamma()),
    ("log_", lambda: (ZERO * 1).log_()),
    ("div_", lambda: (ZERO + 1).div_(0)),
    ("mul_", lambda: (BIG * 1).mul_(BIG)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, nan)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, inf)),
    ("masked_fill", lambda: ROWS.masked_fill(ALL, -inf).softmax(1)),
    ("masked_fill_", lambda: (ROWS * 1).masked_fill_(ALL, nan)),
    ("where", lambda: minigrad.where(ALL, ROWS, nan)),
    ("half", lambda: BIG.half()),
    ("to", lambda: BIG.to(minigrad.float16)),
    ("mul", lambda: half(300.0, 2.0) * 300),
    ("exp", lambda: half(12.0).exp()),
    ("matmul", lambda: half(300.0, 1.0) @ half(300.0, 1.0)),
    ("linear", lambda: F.linear(half(300.0, 1.0), half(300.0, 1.0).reshape(1, 2))),
    ("linear", lambda: F.linear(ROWS * 1e20, ROWS * 1e20)),
    ("linear", lambda: nn.Sequential(WIDE)(ROWS)),
    ("mse_loss", lambda: F.mse_loss(BIG, BIG * 0)),
    ("mse_loss", lambda: nn.MSELoss()(BIG, BIG * 0)),
    ("cross_entropy", lambda: F.cross_entropy(ROWS, t([-100, -100]))),
    ("cross_entropy", lambda: nn.CrossEntropyLoss()(ROWS, t([-100, -100]))),
    ("nll_loss", lambda: F.nll_loss(ROWS, t([-100, -100]))),
    ("kl_div", lambda: F.kl_div(BIG, BIG, log_target=True)),
    ("poisson_nll_loss", lambda: F.poisson_nll_loss(ZERO * 1000, ZERO)),
    ("layer_norm", lambda: F.layer_norm(ZERO[:1], (1,), eps=0)),
    ("layer_norm", lambda: nn.Sequential(nn.LayerNorm(2, eps=0))(ROWS * 0)),
    ("group_norm", lambda: F.group_norm(ROWS * 0, 1, eps=0)),
    ("batch_norm", lambda: F.batch_norm(ROWS * 8e37, None, None, training=True)),
    ("batch_norm", lambda: nn.BatchNorm1d(2)(ROWS * 8e37)),
    ("rms_norm", lambda: F.rms_norm(ROWS * 0, (2,), eps=0)),
    ("normalize", lambda: F.normalize(ROWS * 0, eps=0)),
    ("cosine_similarity", lambda: F.cosine_similarity(ROWS * 1e30, ROWS * 1e30)),
    ("softmax", lambda: F.softmax(t([[-inf, -inf]]), 1)),
    ("scaled_dot_product_attention", lambda: F.scaled_dot_product_attention(*[ROWS * 1e30] * 3)),
    ("conv2d", lambda: F.conv2d(*[(ROWS * 1e20).reshape(1, 1, 2, 2)] * 2)),
    ("inv", lambda: minigrad.linalg.inv(ROWS * 1e-42)),
    ("clip_grad_norm_", lambda: nn.utils.clip_grad_norm_([with_grad(3e38, 3e38)], 1.0)),
    ("Doubled", lambda: Doubled.apply(BIG * 2e8)),
]
"""The op, and a fault on the line of the row."""


def with_grad(*numbers: float) -> Any:
    x = leaf(*numbers)
    x.grad = t(list(numbers))
    return x


class Doubled(Function):
    """Forward and backward by NumPy, of which no door is told."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        with np.errstate(over="ignore"):
            return minigrad.from_numpy(x.detach().numpy() * np.float32(2e10))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        with np.errstate(over="ignore"):
            return minigrad.from_numpy(g.numpy() * np.float32(1e30)) * 1e30


BACKWARD: list[tuple[str, Callable[[], Any]]] = [
    ("sqrt", lambda: ZERO.sqrt()),
    ("sqrt", lambda: minigrad.sqrt(ZERO)),
    ("pow", lambda: ZERO**0.5),
    ("acos", lambda: ZERO.acos()),
    ("asin", lambda: ZERO.asin()),
    ("log", lambda: (ZERO + 1e-42).log()),
    ("reciprocal", lambda: (ZERO + 1e-30).reciprocal()),
    ("div", lambda: 1 / (ZERO + 1e-30)),
    ("div", lambda: ZERO / 1e-30),
    ("sqrt", lambda: minigrad.where(ZERO > 0, ZERO.sqrt(), ZERO * 0)),
    ("sqrt_", lambda: (ZERO * 1).sqrt_()),
    ("sqrt", lambda: (ZERO * 1)[:1].sqrt()),
    ("xlogy", lambda: (ZERO * 0 + 1).xlogy(ZERO + 1e-42)),
    ("rsqrt", lambda: (ZERO + 1e-30).rsqrt()),
    ("mul", lambda: (ZERO * 3e38) * 1),
    ("Doubled", lambda: Doubled.apply(ZERO)),
    ("layer_norm", lambda: F.layer_norm(ROWS * 1e-30, (2,), eps=1e-42)),
    ("lgamma", lambda: ((ZERO * 0) + 1e-42).lgamma() * 0 + ((ZERO * 0) + 1e-42).lgamma()),
]
"""The same, whose derivative at the place, times 1e20, is infinite."""


def attributes(error: AnomalyError) -> tuple[str, str, str, int]:
    return error.op, error.phase, error.file, error.line


def found(fault: Callable[[], Any]) -> AnomalyError:
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        fault()
    assert switch.anomaly is None and not following
    return caught.value


@pytest.mark.parametrize(("op", "fault"), FORWARD, ids=[op for op, _ in FORWARD])
def test_a_fault_in_forward(op: str, fault: Callable[[], Any]) -> None:
    error = found(fault)
    line = fault.__code__.co_firstlineno
    assert attributes(error) == (op, "forward", __file__, line), str(error)


@pytest.mark.parametrize(("op", "fault"), BACKWARD, ids=[op for op, _ in BACKWARD])
def test_a_fault_in_backward(op: str, fault: Callable[[], Any]) -> None:
    error = found(lambda: fault().sum().backward(t(1e20)))
    line = fault.__code__.co_firstlineno
    assert attributes(error) == (op, "backward", __file__, line), str(error)


# -- an optimizer's step ---------------------------------------------------------------------------


def updated(make: Callable[[Any], Any], gradient: float = 1e30) -> None:
    p = nn.Parameter(t([1.0, 2.0]))
    optimizer = make([p])
    p.grad = t([gradient, gradient])
    for _ in range(2):
        optimizer.step()


OPTIMIZERS: list[Callable[[Any], Any]] = [
    lambda p: optim.SGD(p, lr=1e10),
    lambda p: optim.SGD(p, lr=1e10, momentum=0.9),
    lambda p: optim.SGD(p, lr=1e10, momentum=0.9, nesterov=True),
    lambda p: optim.SGD(p, lr=1.0, weight_decay=3e38),
    lambda p: optim.Adam(p, lr=3.4e38, betas=(0, 0), weight_decay=3e38),
    lambda p: optim.Adam(p, lr=1.0, eps=0.0, betas=(0.9, 0.0), weight_decay=3e38),
    lambda p: optim.AdamW(p, lr=1e20, weight_decay=1e30),
    lambda p: optim.RMSprop(p, lr=1e30, eps=0.0, weight_decay=3e38),
    lambda p: optim.Adagrad(p, lr=1e30, weight_decay=3e38),
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_fault_in_an_update(make: Callable[[Any], Any]) -> None:
    error = found(lambda: updated(make))
    line = updated.__code__.co_firstlineno + 5
    assert attributes(error) == ("step", "update", __file__, line), str(error)


# -- where the fault may be ------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        h = self.inner(x)
        return (h * 0).log()


class Logged(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return (x * 0).log()

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


class Divided(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 1

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g / 0


def in_a_layer() -> tuple[str, str, int, Any]:
    return "log", "forward", Net.forward.__code__.co_firstlineno + 2, lambda: Net()(ROWS)


def in_a_forward_hook() -> tuple[str, str, int, Any]:
    def hook(module: Any, args: Any, y: Any) -> Any:
        return y / 0

    layer = nn.Linear(2, 2)
    layer.register_forward_hook(hook)
    return "div", "forward", hook.__code__.co_firstlineno + 1, lambda: layer(ROWS)


def in_a_hook_of_a_tensor() -> tuple[str, str, int, Any]:
    def hook(g: Any) -> Any:
        return g / 0

    y = ROWS * 2
    y.register_hook(hook)
    return "div", "backward", hook.__code__.co_firstlineno + 1, lambda: y.sum().backward()


def in_a_backward_hook() -> tuple[str, str, int, Any]:
    def hook(module: Any, given: Any, grads: Any) -> Any:
        return (given[0] * 1e38 * 1e38,)

    layer = nn.Linear(2, 2)
    layer.register_full_backward_hook(hook)
    line = hook.__code__.co_firstlineno + 1
    return "mul", "backward", line, lambda: layer(ROWS * 1).sum().backward()


def in_the_forward_of_a_function() -> tuple[str, str, int, Any]:
    line = Logged.forward.__code__.co_firstlineno + 2
    return "log", "forward", line, lambda: Logged.apply(ROWS)


def in_the_backward_of_a_function() -> tuple[str, str, int, Any]:
    fault = lambda: Divided.apply(ROWS).sum().backward()  # noqa: E731
    return "Divided", "backward", fault.__code__.co_firstlineno, fault


def in_a_view_written_to() -> tuple[str, str, int, Any]:
    def fault() -> None:
        y = ROWS * 1
        y[0].div_(0)
        y.sum().backward()

    return "div_", "forward", fault.__code__.co_firstlineno + 2, fault


def what_is_written_by_a_key() -> tuple[str, str, int, Any]:
    def fault() -> None:
        y = ROWS * 1
        y[0] = math.nan
        y.sum().backward()

    return "setitem", "forward", fault.__code__.co_firstlineno + 2, fault


def behind_a_view() -> tuple[str, str, int, Any]:
    def fault() -> None:
        y = ZERO * 1
        z = y.reshape(2, 1).T[0]
        z.mul_(0)
        y.sqrt().sum().backward()

    return "sqrt", "backward", fault.__code__.co_firstlineno + 4, fault


def in_a_compiled_step() -> tuple[str, str, int, Any]:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @minigrad.compile
    def step(x: Any, scale: Any) -> Any:
        optimizer.zero_grad()
        y = model(x).exp()
        loss = (y * scale).log().sum()
        loss.backward()
        optimizer.step()
        return loss

    x = t([[1.0, 2.0]])
    for _ in range(4):
        step(x, t(1.0))
    line = step.step.__code__.co_firstlineno + 4  # type: ignore[attr-defined]
    return "log", "forward", line, lambda: step(x, t(0.0))


def in_backward_of_a_compiled_step() -> tuple[str, str, int, Any]:
    @minigrad.compile
    def step(x: Any) -> Any:
        ZERO.grad = None
        y = (ZERO * x).sqrt()
        y.sum().backward()
        return y

    line = step.step.__code__.co_firstlineno + 3  # type: ignore[attr-defined]
    return "sqrt", "backward", line, lambda: step(t(2.0))


def in_fit() -> tuple[str, str, int, Any]:
    model = nn.Sequential(nn.Linear(2, 2), nn.LogSoftmax(1))
    x = minigrad.ones(8, 2) * 3e38
    y = minigrad.zeros(8, dtype=minigrad.int64)
    fault = lambda: minigrad.fit(  # noqa: E731
        model, x, y, loss="NLLLoss", optimizer="sgd", verbose=0
    )
    nn.init.constant_(model[0].weight, 2.0)
    return "linear", "forward", fault.__code__.co_firstlineno, fault


def in_a_closure() -> tuple[str, str, int, Any]:
    p = nn.Parameter(t([1.0]))
    optimizer = optim.LBFGS([p])

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (p / 0).sum()
        loss.backward()
        return loss

    return "div", "forward", closure.__code__.co_firstlineno + 2, lambda: optimizer.step(closure)


def in_an_update_by_lbfgs() -> tuple[str, str, int, Any]:
    p = nn.Parameter(t([1.0]))
    optimizer = optim.LBFGS([p], lr=1e39)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = p.sum()
        loss.backward()
        return loss

    def fault() -> None:
        optimizer.step(closure)

    return "step", "update", fault.__code__.co_firstlineno + 1, fault


def of_second_order() -> tuple[str, str, int, Any]:
    def fault() -> None:
        x = ZERO * 1
        y = x**1.5  # its second derivative is infinite at 0
        (g,) = grad(y.sum(), x, create_graph=True)
        g.sum().backward()

    return "pow", "backward", fault.__code__.co_firstlineno + 2, fault


def in_the_sum_of_two_gradients() -> tuple[str, str, int, Any]:
    def fault() -> None:
        y = half(0.1) * 1
        (y * 60000 + y * 60000).sum().backward()

    return "mul", "backward", fault.__code__.co_firstlineno + 2, fault


def in_the_cast_to_halves_of_a_gradient() -> tuple[str, str, int, Any]:
    def fault() -> None:
        y = half(1e-7)
        z = y.float()
        (z * 1e6).sum().backward()

    return "float", "backward", fault.__code__.co_firstlineno + 2, fault


def that_came_in_with_the_data() -> tuple[str, str, int, Any]:
    data = t([[1.0, math.nan], [1.0, 2.0]])
    fault = lambda: nn.Linear(2, 1)(data.reshape(2, 2).clone()).sum().backward()  # noqa: E731
    return "linear", "forward", fault.__code__.co_firstlineno, fault


def that_came_in_as_an_infinity() -> tuple[str, str, int, Any]:
    data = t([[1.0, math.inf], [1.0, 2.0]])

    def fault() -> None:
        y = data * ROWS
        y.sum().backward()

    return "mul", "forward", fault.__code__.co_firstlineno + 1, fault


def in_a_gradient_that_was_given() -> tuple[str, str, int, Any]:
    fault = lambda: (ZERO * 1).backward(t([math.nan, 1.0]))  # noqa: E731
    return "backward", "backward", fault.__code__.co_firstlineno, fault


PLACES = [
    *(in_a_layer, in_a_forward_hook, in_a_hook_of_a_tensor, in_a_backward_hook),
    *(in_the_forward_of_a_function, in_the_backward_of_a_function, in_a_view_written_to),
    *(what_is_written_by_a_key, behind_a_view, in_a_compiled_step),
    *(in_backward_of_a_compiled_step, in_fit, in_a_closure, in_an_update_by_lbfgs),
    *(of_second_order, in_the_sum_of_two_gradients, in_the_cast_to_halves_of_a_gradient),
    *(that_came_in_with_the_data, that_came_in_as_an_infinity, in_a_gradient_that_was_given),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_fault_somewhere(place: Callable[[], tuple[str, str, int, Any]]) -> None:
    op, phase, line, fault = place()
    error = found(fault)
    assert attributes(error) == (op, phase, __file__, line), str(error)


# -- what is no anomaly ----------------------------------------------------------------------------


def masked_attention() -> None:
    mask = minigrad.full((3, 3), -inf).triu(1)
    scores = minigrad.randn(2, 3, 3, requires_grad=True)
    (scores + mask).softmax(-1).square().sum().backward()
    scores.masked_fill(minigrad.ones(3, 3).triu(1).bool(), -inf).softmax(-1).sum().backward()
    F.scaled_dot_product_attention(scores, scores, scores, attn_mask=mask).sum().backward()


def norms_at_zero() -> None:
    x = minigrad.zeros(3, 2, requires_grad=True)
    for p in (1, 2, 3, inf):
        x.norm(p).backward()
    (F.normalize(x).sum() + F.cosine_similarity(x, x).sum() + (x * 1).std(1).sum()).backward()


def data_that_is_mended() -> None:
    x = t([[1.0, math.nan], [math.inf, 2.0]])
    y = minigrad.where(x.isnan(), 0, x).clamp(max=3)
    z = x.nan_to_num(posinf=1.0).reshape(-1) * ROWS.reshape(-1)
    (nn.Linear(2, 1)(y).sum() + z.sum()).backward()
    x[0].nansum(), x[:, 0].isinf(), x == x


def written_over() -> None:
    x = minigrad.full((2, 2), nan)
    x[0] = 1.0
    x[1] = 2.0
    (x * ROWS).sum().backward()
    best = minigrad.full((), inf)
    best = minigrad.minimum(best, ROWS.detach().sum())


def ignored_rows() -> None:
    F.cross_entropy(ROWS, t([0, -100])).backward()


CLEAN = [masked_attention, norms_at_zero, data_that_is_mended, written_over, ignored_rows]


@pytest.mark.parametrize("clean", CLEAN, ids=lambda clean: clean.__name__)
def test_what_is_no_anomaly(clean: Callable[[], None]) -> None:
    with detect_anomaly():
        clean()


UNNAMED = {"center": "an op inside", "broadcast_to": "expand", "vdot": "dot", "ger": "outer"}
UNNAMED |= {"contiguous": "T", "windows": "unfold", "slice": "getitem", "setitem": "write_view"}
NAN_BY_DEFINITION = {"mean", "logsumexp", "median", "nanmedian", "quantile"}
"""Rows with samples over nothing, or with nan in them."""


def of_row(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return t(x, requires_grad=x.dtype == np.float64)
    return type(x)(map(of_row, x)) if isinstance(x, (list, tuple)) else x


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_rows_are_clean_and_have_their_names(row: Row) -> None:
    name = row.name.rpartition(".")[2]
    for sample in row.samples(Draw()):
        args, params = of_row(sample.args), {k: of_row(v) for k, v in sample.params.items()}
        try:
            with detect_anomaly():
                y = row.call(*args, **params)
                parts = [p for p in (y if isinstance(y, (list, tuple)) else [y])]
                parts = [p for p in parts if isinstance(p, minigrad.Tensor) and p.grad_fn]
                for p in parts:
                    p.backward(minigrad.ones_like(p), retain_graph=True)
        except AnomalyError as error:
            assert name in NAN_BY_DEFINITION and error.op == name, str(error)
            continue
        named = {getattr(p.grad_fn.where, "name", "") for p in parts if p.grad_fn.op.name != "cast"}
        given = {p.grad_fn for p in parts} & {getattr(a, "grad_fn", None) for a in args}
        if row.name not in UNNAMED and not given:
            assert named <= {name, f"{name}_"}, named


# -- how it is switched ----------------------------------------------------------------------------


def test_it_is_told_with_ranges_and_the_way_from_the_parameter() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        ((model(ROWS.detach()) * 0).log()).sum()
    told = str(caught.value)
    for piece in ("float32[2, 2] from 0 to 0", "0.weight -> linear (", "-> tanh (", "-> log ("):
        assert piece in told, told
    assert isinstance(caught.value, GraphError)


def test_a_block_ends_and_begins_again() -> None:
    with pytest.raises(AnomalyError), detect_anomaly():
        with detect_anomaly(False):
            assert not minigrad.is_anomaly_enabled()
            ZERO.log()
        assert minigrad.is_anomaly_enabled()
        ZERO.log()
    ZERO.log()
    set_detect_anomaly(True)
    with pytest.raises(AnomalyError):
        ZERO.log()
    set_detect_anomaly(False)
    assert not following
    ZERO.log()

    @detect_anomaly()
    def decorated() -> Any:
        return ZERO.log()

    with pytest.raises(AnomalyError):
        decorated()
    assert not following


def test_a_recorded_step_cannot_begin_it() -> None:
    @minigrad.compile
    def step(x: Any) -> Any:
        with detect_anomaly():
            return x * 2

    with pytest.raises(CompileError, match="detect_anomaly"):
        step(t(1.0))
    assert not following and switch.anomaly is None


def test_an_error_of_the_script_passes() -> None:
    with pytest.raises(ZeroDivisionError), detect_anomaly():
        ROWS.masked_fill(ALL, inf)
        1 / 0  # noqa: B018
