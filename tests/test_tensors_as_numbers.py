"""A number may be given as a tensor without dimensions or as NumPy's: as in PyTorch it counts as
the plain one, wherever a number is asked. None of them ever reaches an op as a param."""

import inspect

import numpy as np
import pytest
import torch

import minigrad
from minigrad import compute, door, linalg, nn, writing
from minigrad.errors import CompileError
from minigrad.nn import functional

INTERNAL = ("enter context", "AxisError", "AttributeError", "over a 0-d", "truth value of an")
SPACES = {
    "functions": (minigrad, torch),
    "methods": (minigrad.Tensor, torch.Tensor),
    "functional": (functional, torch.nn.functional),
    "linalg": (linalg, torch.linalg),
}
KINDS = {
    "int64": lambda v: minigrad.tensor(v).to(dtype=minigrad.int64),
    "float32": lambda v: minigrad.tensor(float(v)),
    "wanting a gradient": lambda v: minigrad.tensor(float(v), requires_grad=True),
    "NumPy's": lambda v: np.int64(v) if isinstance(v, int) else np.float64(v),
    "in a list": lambda v: [minigrad.tensor(v)],
    "in a pair": lambda v: (minigrad.tensor(v), 1),
}


def foreign(value):
    """Whether there is a number in it that is not Python's."""
    if isinstance(value, slice):
        return foreign((value.start, value.stop, value.step))
    if isinstance(value, (tuple, list)):
        return any(map(foreign, value))
    return isinstance(value, (minigrad.Tensor, np.generic))


@pytest.fixture
def leaks(monkeypatch):
    """The params of ops that are no plain numbers, as they come."""
    found = []
    run, run_into = compute.compute, writing.compute_into

    def note(op, params):
        found.extend(f"{op.name}({k}={v!r})" for k, v in params.items() if foreign(v))

    def watched(op, device, arrays, params):
        note(op, params)
        return run(op, device, arrays, params)

    def watched_into(op, device, arrays, params, into, tracked):
        note(op, params)
        return run_into(op, device, arrays, params, into, tracked)

    monkeypatch.setattr(door, "compute", watched)
    monkeypatch.setattr(writing, "compute", watched)
    monkeypatch.setattr(door, "compute_into", watched_into)
    return found


def asked(function):
    """The parameters of a function that may be numbers."""
    for p in inspect.signature(function).parameters.values():
        kind = str(p.annotation)
        if p.name != "self" and any(word in kind for word in ("int", "float", "Number", "Size")):
            yield p


def arguments(function, chosen, value):
    """What to call it with: the value in its place, and something for what has no default."""
    places, words = [], {}
    for p in inspect.signature(function).parameters.values():
        if p is not chosen and (
            p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ):
            continue
        if p is chosen:
            given = value
        elif p.name == "self" or "Tensor" in str(p.annotation):
            given = minigrad.arange(9.0).reshape(3, 3) / 7 + 0.1
        else:
            given = 1
        if p.kind is p.KEYWORD_ONLY or p.default is not p.empty:
            words[p.name] = given
        else:
            places.append(given)
    return places, words


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.filterwarnings("ignore")
def test_no_number_but_a_plain_one_reaches_an_op(space, leaks):
    ours, theirs = SPACES[space]
    faults, tried = [], 0
    for name in dir(ours):
        function = getattr(ours, name)
        if name.startswith(("_", "set_")) or "seed" in name or not inspect.isfunction(function):
            continue
        if not hasattr(theirs, name):
            continue
        for p in asked(function):
            for kind, made in KINDS.items():
                places, words = arguments(function, p, made(1))
                leaks.clear()
                tried += 1
                try:
                    function(*places, **words)
                except Exception as error:
                    told = f"{type(error).__name__}: {error}"
                    if any(word in told for word in INTERNAL):
                        faults.append(f"{name}({p.name} {kind}): {told}")
                faults += [f"{name}({p.name} {kind}): {leak}" for leak in leaks]
    assert tried > 50
    assert not faults, "\n".join(faults)


X = np.arange(24.0).reshape(4, 6) % 7 / 7 + 0.05
WHOLE = {
    "addbmm": lambda t, F, x, n: x.addbmm(
        x.reshape(1, 4, 6), t.ones(1, 6, 6, dtype=x.dtype), alpha=n
    ),
    "as_strided": lambda t, F, x, n: x.as_strided((n, n), (n, 1), n),
    "bincount": lambda t, F, x, n: t.tensor([0, 1]).bincount(minlength=n),
    "chunk": lambda t, F, x, n: x.chunk(n)[0],
    "chunk of nothing": lambda t, F, x, n: x[:0].chunk(n)[0],
    "combinations": lambda t, F, x, n: t.combinations(x[0], n),
    "conv2d": lambda t, F, x, n: F.conv2d(
        t.ones(1, 2, 8, 8), t.ones(2, 1, n, n), None, (n, 1), (1, n), (n, n), n
    ),
    "cross": lambda t, F, x, n: t.ones(3, 3, 3).cross(t.arange(27.0).reshape(3, 3, 3), dim=n),
    "diag_embed": lambda t, F, x, n: x.diag_embed(n, 0, n),
    "expand": lambda t, F, x, n: x.expand(n, 4, 6),
    "flip": lambda t, F, x, n: x.reshape(2, 2, 6).flip((n, 0)),
    "fold": lambda t, F, x, n: F.fold(x.reshape(1, 24, 1), (n, n), (n, n)),
    "full": lambda t, F, x, n: t.full((n, 3), n),
    "histc": lambda t, F, x, n: x.histc(n, 0, n),
    "kthvalue": lambda t, F, x, n: x.kthvalue(n)[0],
    "linspace": lambda t, F, x, n: t.linspace(0, n, n),
    "logspace": lambda t, F, x, n: t.logspace(0, n, n, n),
    "matrix_power": lambda t, F, x, n: x[:, :4].matrix_power(n),
    "max_pool2d": lambda t, F, x, n: F.max_pool2d(
        t.arange(64.0).reshape(1, 1, 8, 8), (n, 3), (1, n)
    ),
    "mean": lambda t, F, x, n: x.reshape(2, 2, 6).mean((0, n)),
    "movedim": lambda t, F, x, n: x.reshape(2, 2, 6).movedim(0, n),
    "movedims": lambda t, F, x, n: x.reshape(2, 2, 6).movedim((0, n), (n, 0)),
    "narrow": lambda t, F, x, n: x.narrow(1, n, n),
    "one_hot": lambda t, F, x, n: F.one_hot(t.tensor([0, 1]), n),
    "pad": lambda t, F, x, n: F.pad(x, (n, 1), value=n),
    "polygamma": lambda t, F, x, n: x.polygamma(n),
    "polygamma_": lambda t, F, x, n: x.clone().polygamma_(n),
    "quantile's dim": lambda t, F, x, n: x.reshape(2, 2, 6).quantile(0.3, n),
    "randperm": lambda t, F, x, n: t.randperm(n).sum(),
    "repeat": lambda t, F, x, n: x.repeat(n, 1),
    "repeat_interleave": lambda t, F, x, n: x[0].repeat_interleave(2, output_size=n * 6),
    "reshape": lambda t, F, x, n: x.reshape((n, -1)),
    "roll": lambda t, F, x, n: x.reshape(2, 2, 6).roll(n, n),
    "rolls": lambda t, F, x, n: x.reshape(2, 2, 6).roll((n, 1), (0, n)),
    "split": lambda t, F, x, n: x.split(n)[1],
    "splits": lambda t, F, x, n: x.split((n, 2))[1],
    "std": lambda t, F, x, n: x.std(0, correction=n),
    "tensor_split": lambda t, F, x, n: x.tensor_split((n, 3), 1)[1],
    "topk": lambda t, F, x, n: x.topk(n)[0],
    "tril_indices": lambda t, F, x, n: t.tril_indices(n, n, n - 2),
    "unfold": lambda t, F, x, n: x.unfold(1, n, n),
    "unflatten": lambda t, F, x, n: x.unflatten(1, (n, 3)),
    "var": lambda t, F, x, n: x.var((0, n - 1), correction=n),
    "vsplit": lambda t, F, x, n: x.vsplit(n)[1],
    "zeros": lambda t, F, x, n: t.zeros(n, 3),
    "Conv2d": lambda t, F, x, n: t.nn.Conv2d(n, 4, (n, 1), groups=n).weight * 0,
    "Linear": lambda t, F, x, n: t.nn.Linear(n, 3).weight * 0,
}
ANY = {
    "add": lambda t, F, x, v: x.add(x, alpha=v),
    "addcdiv": lambda t, F, x, v: x.addcdiv(x, x, value=v),
    "addcmul_": lambda t, F, x, v: x.clone().addcmul_(x, x, value=v),
    "addmm": lambda t, F, x, v: x.addmm(x, t.ones(6, 6, dtype=x.dtype), beta=v, alpha=v),
    "arange": lambda t, F, x, v: t.arange(v, 3, v),
    "cdist": lambda t, F, x, v: t.cdist(x, x + 1, v),
    "cross_entropy": lambda t, F, x, v: F.cross_entropy(
        x, t.tensor([0, 1, 2, 3]), label_smoothing=v
    ),
    "elu": lambda t, F, x, v: F.elu(x - 1, v),
    "fill_diagonal_": lambda t, F, x, v: x.clone().fill_diagonal_(v),
    "full_like": lambda t, F, x, v: t.full_like(x, v),
    "index_add": lambda t, F, x, v: x.index_add(0, t.tensor([0]), x[1:2], alpha=v),
    "isclose": lambda t, F, x, v: x.isclose(x + 0.4, v, v),
    "lerp": lambda t, F, x, v: x.lerp(x + 1, v),
    "logit": lambda t, F, x, v: x.logit(v),
    "multi_margin_loss": lambda t, F, x, v: F.multi_margin_loss(
        x, t.tensor([0, 1, 2, 3]), margin=v
    ),
    "nan_to_num": lambda t, F, x, v: (x / (x > 0.5)).nan_to_num(v, v, v),
    "norm": lambda t, F, x, v: x.norm(v, 1),
    "pad": lambda t, F, x, v: F.pad(x, (1, 1), value=v),
    "pinverse": lambda t, F, x, v: x.pinverse(v),
    "scatter": lambda t, F, x, v: x.scatter(0, t.tensor([[0, 1]]), value=v),
    "var": lambda t, F, x, v: x.var(0, correction=v),
    "BatchNorm": lambda t, F, x, v: t.nn.BatchNorm1d(6, eps=v, dtype=x.dtype)(x),
    "Softplus": lambda t, F, x, v: t.nn.Softplus(v)(x),
}


def of_both(call, ours, theirs):
    """What a call gives here and in PyTorch, as arrays."""
    results = []
    for t, F, given in ((minigrad, functional, ours), (torch, torch.nn.functional, theirs)):
        y = call(t, F, t.tensor(X), given)
        results.append(y.detach().numpy())
    return results


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_may_be_a_tensor_or_numpys(name):
    call = WHOLE[name]
    mine, wanted = of_both(call, minigrad.tensor(2), torch.tensor(2))
    forms = [mine]
    forms += [
        call(minigrad, functional, minigrad.tensor(X), n).detach().numpy()
        for n in (2, minigrad.tensor(2).to(dtype=minigrad.int8), np.int64(2), np.int8(2))
    ]
    for form in forms:
        assert form.dtype == wanted.dtype
        np.testing.assert_allclose(form, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ANY)
def test_a_number_may_be_a_tensor_or_numpys(name):
    call = ANY[name]
    mine, wanted = of_both(call, minigrad.tensor(0.5), torch.tensor(0.5))
    forms = [mine]
    forms += [
        call(minigrad, functional, minigrad.tensor(X), v).detach().numpy()
        for v in (0.5, minigrad.tensor(0.5).double(), np.float64(0.5), np.float32(0.5))
    ]
    for form in forms:
        assert form.dtype == wanted.dtype
        np.testing.assert_allclose(form, wanted, rtol=1e-10, atol=1e-12)


NO_OPERANDS = sorted(ANY.keys() - {"lerp", "BatchNorm", "index_fill"})


@pytest.mark.parametrize("name", NO_OPERANDS)
def test_a_number_lets_no_gradient_through(name):
    wants = minigrad.tensor(0.5, requires_grad=True)
    with pytest.raises(TypeError, match=r"requires grad|must be"):
        ANY[name](minigrad, functional, minigrad.tensor(X), wants)


@pytest.mark.parametrize("given", [minigrad.tensor(2.0), minigrad.tensor(True), True, 2.0, "2"])
def test_what_is_no_whole_number_is_refused(given):
    x = minigrad.tensor(X)
    for call in (x.topk, x.chunk, x.roll, x.split, x.vsplit, x.polygamma, x.sum, x.diag_embed):
        with pytest.raises((TypeError, RuntimeError), match=r"int"):
            call(given)


def test_random_numbers_by_tensors():
    for draw in ("normal_", "uniform_", "exponential_"):
        drawn = []
        for v in (0.5, minigrad.tensor(0.5), np.float32(0.5)):
            minigrad.manual_seed(0)
            drawn.append(getattr(minigrad.zeros(9), draw)(v))
        assert drawn[0].equal(drawn[1]) and drawn[0].equal(drawn[2])


@pytest.mark.parametrize("name", ["topk", "roll", "add", "full", "sum", "elu", "linspace", "ELU"])
def test_a_recorded_step_says_that_a_tensor_would_be_frozen(name):
    calls = {
        "topk": lambda x, k: x.topk(k).values,
        "roll": lambda x, k: x.roll(k),
        "add": lambda x, k: x.add(x, alpha=k),
        "full": lambda x, k: x + minigrad.full((4,), k),
        "sum": lambda x, k: x.reshape(2, 2).sum(k),
        "elu": lambda x, k: functional.elu(x, k),
        "linspace": lambda x, k: minigrad.linspace(0, 1, k),
        "ELU": lambda x, k: nn.ELU(k)(x),
    }
    step = minigrad.compile(calls[name], native=False)
    with pytest.raises(CompileError, match=r"item\(\)"):
        step(minigrad.arange(4.0), minigrad.tensor(1))


def test_a_rate_that_is_a_tensor_stays_one_in_a_compiled_step():
    def trained(t, compiled):
        w = t.tensor([1.0, -2.0, 3.0], dtype=t.float64, requires_grad=True)
        rate = t.tensor(0.01, dtype=t.float64)
        optimizer = t.optim.SGD([w], lr=rate)

        def step():
            optimizer.zero_grad()
            (w * w * w).sum().backward()
            optimizer.step()

        step = minigrad.compile(step, native=False) if compiled else step
        for i in range(5):
            step()
            if i == 2:
                rate.mul_(0.1)
        return w.detach().numpy()

    wanted = trained(torch, False)
    for compiled in (False, True):
        np.testing.assert_allclose(trained(minigrad, compiled), wanted, rtol=1e-12)
