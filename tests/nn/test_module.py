"""Modules: attributes, the tree, hooks, modes, moving, saving, looks."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import Parameter


class Block(nn.Module):
    def __init__(self, width: int = 2) -> None:
        super().__init__()
        self.weight = Parameter(minigrad.ones(width, width))
        self.register_parameter("bias", None)
        self.register_buffer("mean", minigrad.zeros(width))
        self.register_buffer("scratch", minigrad.zeros(1), persistent=False)
        self.width = width

    def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
        return x @ self.weight + self.mean

    def extra_repr(self) -> str:
        return f"width={self.width}"


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Block()
        self.second = Block()
        self.shared = self.first
        self.scale = Parameter(minigrad.ones(1))

    def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
        return self.second(self.first(x)) * self.scale


# -- attributes and the tree ---------------------------------------


def test_names() -> None:
    net = Net()
    assert [n for n, _ in net.named_parameters()] == ["scale", "first.weight", "second.weight"]
    assert [n for n, _ in net.named_parameters(remove_duplicate=False)] == [
        "scale",
        "first.weight",
        "second.weight",
        "shared.weight",
    ]
    assert [n for n, _ in net.named_parameters(recurse=False)] == ["scale"]
    assert next(n for n, _ in net.named_parameters(prefix="net")) == "net.scale"
    assert [n for n, _ in net.named_buffers()] == [
        "first.mean",
        "first.scratch",
        "second.mean",
        "second.scratch",
    ]
    assert [n for n, _ in net.named_modules()] == ["", "first", "second"]
    assert [n for n, _ in net.named_modules(remove_duplicate=False)][-1] == "shared"
    assert [n for n, _ in net.named_children()] == ["first", "second"]
    assert list(net.modules()) == [net, net.first, net.second]
    assert list(net.children()) == [net.first, net.second]
    assert len(list(net.parameters())) == 3
    assert len(list(net.buffers())) == 4
    assert "weight" in dir(net.first) and "mean" in dir(net.first)


def test_by_dotted_name() -> None:
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("second") is net.second
    assert net.get_parameter("second.weight") is net.second.weight
    assert net.get_buffer("first.mean") is net.first.mean
    for method, name, text in (
        (net.get_submodule, "third", "has no attribute `third`"),
        (net.get_submodule, "scale", "`scale` is not an nn.Module"),
        (net.get_parameter, "first.mean", "`mean` is not an nn.Parameter"),
        (net.get_buffer, "first.weight", "`weight` is not a buffer"),
    ):
        with pytest.raises(AttributeError, match=text):
            method(name)


def test_an_attribute_changes_its_kind() -> None:
    block = Block()
    block.weight = None
    assert dict(block.named_parameters()) == {}
    block.mean = Parameter(minigrad.zeros(2))
    assert [n for n, _ in block.named_parameters()] == ["mean"]
    assert [n for n, _ in block.named_buffers()] == ["scratch"]
    block.mean = Block()
    assert [n for n, _ in block.named_children()] == ["mean"]
    del block.mean
    assert not hasattr(block, "mean")
    del block.width
    assert not hasattr(block, "width")
    block.scratch = minigrad.ones(3)
    assert block.get_buffer("scratch").shape == (3,)
    assert list(block.state_dict()) == []


def test_errors_of_attributes() -> None:
    block = Block()
    with pytest.raises(AttributeError, match="'Block' object has no attribute 'colour'"):
        _ = block.colour
    with pytest.raises(AttributeError, match="colour"):
        del block.colour
    with pytest.raises(TypeError, match="cannot assign 'Tensor' as parameter 'weight'"):
        block.weight = minigrad.ones(2)
    with pytest.raises(TypeError, match="cannot assign 'int' as buffer 'mean'"):
        block.mean = 3
    net = Net()
    with pytest.raises(TypeError, match="cannot assign 'str' as child module 'first'"):
        net.first = "block"
    with pytest.raises(KeyError, match="attribute 'width' already exists"):
        block.register_buffer("width", minigrad.ones(1))
    with pytest.raises(KeyError, match="contain"):
        block.register_parameter("a.b", None)
    with pytest.raises(KeyError, match="be empty string"):
        block.add_module("", None)
    with pytest.raises(TypeError, match="name should be a string"):
        block.register_buffer(3, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="object to buffer 'new'"):
        block.register_buffer("new", 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="object to parameter 'new'"):
        block.register_parameter("new", minigrad.ones(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        block.add_module("new", 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [Parameter(minigrad.ones(1)), nn.Identity()], ids=["parameter", "module"]
)
def test_super_init_comes_first(value: Any) -> None:
    class Hasty(nn.Module):
        def __init__(self) -> None:
            self.part = value

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Hasty()


def test_forward_is_missing() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Module \[Empty\] is missing the required"):
        Empty()(1)


# -- parameters ---------------------------------------


def test_parameter() -> None:
    data = minigrad.ones(2)
    p = Parameter(data)
    assert p.requires_grad and p.is_leaf and isinstance(p, minigrad.Tensor)
    assert p.array is data.array
    assert repr(p).startswith("Parameter containing:\n")
    assert type(p * 2) is minigrad.Tensor
    assert not Parameter(data, requires_grad=False).requires_grad
    with pytest.raises(TypeError, match="expected a tensor, got list"):
        Parameter([1.0])  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="floating point"):
        Parameter(minigrad.tensor([1]))


def test_deepcopy_shares_nothing_but_keeps_sharing() -> None:
    net = Net()
    net(minigrad.ones(1, 2)).sum().backward()
    twin = copy.deepcopy(net)
    assert twin.shared is twin.first and twin.first is not net.first
    assert isinstance(twin.scale, Parameter) and twin.scale.requires_grad
    assert twin.scale.grad is None and net.scale.grad is not None  # as in PyTorch
    with minigrad.no_grad():
        twin.scale.mul_(5)
    assert net.scale.item() == 1
    with pytest.raises(RuntimeError, match="deepcopy protocol"):
        copy.deepcopy(net.scale * 2)


# -- modes and whole trees ---------------------------------------


def test_modes() -> None:
    net = Net()
    assert net.eval() is net and not net.second.training
    net.train()
    assert net.second.training
    with pytest.raises(ValueError, match="boolean"):
        net.train("yes")  # type: ignore[arg-type]
    net.first.requires_grad_(False)
    assert [p.requires_grad for p in net.parameters()] == [True, False, True]


def test_apply_goes_from_the_leaves_up() -> None:
    net, seen = Net(), []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Block", "Block", "Net"]


def test_zero_grad() -> None:
    net = Net()
    net(minigrad.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.scale.grad is not None and net.scale.grad.item() == 0
    net.zero_grad()
    assert net.scale.grad is None


def test_moving_keeps_the_objects() -> None:
    net = Net()
    net.first.register_buffer("count", minigrad.tensor(3))
    net(minigrad.ones(1, 2)).sum().backward()
    scale, gradient = net.scale, net.scale.grad
    assert net.double() is net
    assert net.scale is scale and scale.dtype == minigrad.float64 and scale.is_leaf
    assert scale.grad is not None and scale.grad.dtype == minigrad.float64
    assert gradient is not None and gradient.dtype == minigrad.float32
    assert net.first.mean.dtype == minigrad.float64
    assert net.first.count.dtype == minigrad.int64
    assert net.to("cpu", minigrad.float16).scale.dtype == minigrad.float16
    assert net.to(minigrad.ones(1)).scale.dtype == minigrad.float32
    assert net.half().float().cpu().type(minigrad.float64).first.count.dtype == minigrad.float64
    with pytest.raises(TypeError, match="floating point dtypes"):
        net.to(minigrad.int64)


# -- hooks ---------------------------------------


def test_forward_hooks() -> None:
    block, calls = Block(), []
    pre = block.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
    post = block.register_forward_hook(lambda m, args, y: calls.append(args[0].array.sum()))
    first = block.register_forward_hook(lambda m, args, y: y + 1, prepend=True)
    y = block(minigrad.ones(1, 2))
    np.testing.assert_array_equal(y.detach().numpy(), [[5, 5]])
    assert calls == [4]
    pre.remove()
    pre.remove()
    first.remove()
    np.testing.assert_array_equal(block(minigrad.ones(1, 2)).detach().numpy(), [[2, 2]])
    post.remove()
    block(minigrad.ones(1, 2))
    assert calls == [4, 2]


def test_forward_hooks_with_keywords() -> None:
    class Scaled(nn.Module):
        def forward(self, x: minigrad.Tensor, *, by: float = 1) -> minigrad.Tensor:
            return x * by

    module = Scaled()
    module.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"by": kwargs["by"] + 1}), with_kwargs=True
    )
    module.register_forward_hook(lambda m, args, kwargs, y: y + kwargs["by"], with_kwargs=True)
    assert module(minigrad.ones(1), by=2).item() == 6


def test_backward_hooks_agree_with_torch() -> None:
    torch = pytest.importorskip("torch")

    def run(lib: Any, array: Any) -> list[Any]:
        class Pair(lib.nn.Module):  # type: ignore[misc, name-defined]
            def forward(self, x: Any, y: Any, n: int) -> Any:
                return x * y * n, x + y

        module, seen = Pair(), []

        def keep(*grads: Any) -> None:
            for gs in grads:
                seen.append([None if g is None else g.tolist() for g in gs])

        module.register_full_backward_pre_hook(lambda m, go: tuple(g * 2 for g in go))
        module.register_full_backward_hook(lambda m, gi, go: keep(gi, go))
        module.register_full_backward_hook(
            lambda m, gi, go: tuple(None if g is None else g + 1 for g in gi)
        )
        x, y = array([1.0, 2.0]), array([3.0, 4.0])
        x.requires_grad_()
        y.requires_grad_()
        a, b = module(x * 1, y, 2)
        (a * 3 + b).sum().backward()
        seen.append([x.grad.tolist(), y.grad.tolist()])
        a, b = module(y.detach(), y.detach(), 2)  # nothing to differentiate: no hook runs
        assert not a.requires_grad
        return seen

    assert run(minigrad, minigrad.tensor) == run(torch, torch.tensor)


def test_backward_hook_where_no_input_takes_a_gradient() -> None:
    layer, seen = nn.Linear(2, 1), []
    handle = layer.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go[0].tolist())))
    layer(minigrad.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[1.0]])]
    assert layer.weight.grad is not None
    handle.remove()
    layer(minigrad.ones(1, 2)).sum().backward()
    assert len(seen) == 1


def test_a_backward_hook_that_returns_too_much() -> None:
    layer = nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    y = layer(minigrad.ones(1, 2).requires_grad_()).sum()
    with pytest.raises(RuntimeError, match="expected 1, got 2"):
        y.backward()


# -- state_dict ---------------------------------------


def test_state_dict() -> None:
    net = Net()
    state = net.state_dict()
    assert isinstance(state, OrderedDict)
    assert list(state) == [
        "scale",
        "first.weight",
        "first.mean",
        "second.weight",
        "second.mean",
        "shared.weight",
        "shared.mean",
    ]
    assert not state["scale"].requires_grad and state["scale"].array is net.scale.array
    assert net.state_dict(keep_vars=True)["scale"] is net.scale
    assert list(net.first.state_dict(prefix="x.")) == ["x.weight", "x.mean"]


def test_load_state_dict() -> None:
    net, other = Net(), Net()
    with minigrad.no_grad():
        for t in (*net.parameters(), *net.buffers()):
            t.copy_(minigrad.randn(*t.shape))
    scale = other.scale
    result = other.load_state_dict(net.state_dict())
    assert other.scale is scale and scale.item() == net.scale.item()
    assert repr(result) == "<All keys matched successfully>"
    for a, b in zip(net.state_dict().values(), other.state_dict().values(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    double = {k: v.double() for k, v in net.state_dict().items()}
    assert other.load_state_dict(double) and other.scale.dtype == minigrad.float32
    other.load_state_dict(double, assign=True)
    assert other.scale.dtype == minigrad.float64 and other.scale.requires_grad
    assert isinstance(other.scale, Parameter) and other.first.mean.dtype == minigrad.float64
    other.load_state_dict({k: v.numpy() for k, v in double.items()})


def test_all_that_does_not_fit_is_in_one_error_and_nothing_changes() -> None:
    net = Net()
    state: dict[str, Any] = dict(net.state_dict())
    del state["first.weight"], state["second.mean"]
    state["colour"] = state["size"] = minigrad.ones(1)
    state["second.weight"] = minigrad.zeros(3)
    state["first.mean"] = "text"
    state["scale"] = minigrad.zeros(1)
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Net:"
        '\n\tMissing key(s) in state_dict: "first.weight", "second.mean". '
        '\n\tUnexpected key(s) in state_dict: "colour", "size". '
        '\n\tWhile copying the parameter named "first.mean", expected a tensor from checkpoint '
        "but received str"
        "\n\tsize mismatch for second.weight: copying a param with shape (3,) from checkpoint, "
        "the shape in current model is (2, 2)."
    )
    assert net.scale.item() == 1
    with pytest.raises(RuntimeError, match="size mismatch"):
        net.load_state_dict(state, strict=False)
    del state["second.weight"], state["first.mean"]
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["first.weight", "first.mean", "second.weight", "second.mean"]
    assert result.unexpected_keys == ["colour", "size"]
    assert net.scale.item() == 0
    with pytest.raises(TypeError, match="dict-like"):
        net.load_state_dict([1, 2])  # type: ignore[arg-type]


# -- looks ---------------------------------------


def test_repr() -> None:
    assert repr(Block()) == "Block(width=2)"
    assert repr(nn.Identity()) == "Identity()"
    net = Net()
    assert repr(net) == (
        "Net(\n  (first): Block(width=2)\n  (second): Block(width=2)\n  (shared): Block(width=2)\n)"
    )
    outer = nn.Sequential(net)
    assert repr(outer) == (
        "Sequential(\n  (0): Net(\n    (first): Block(width=2)\n    (second): Block(width=2)\n"
        "    (shared): Block(width=2)\n  )\n)"
    )
