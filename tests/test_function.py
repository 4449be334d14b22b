"""autograd.Function: an op of one's own."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from sides import Program, Programs, compare, leaf, plain, weighted

import minigrad
from minigrad.autograd import Function
from minigrad.device import Device
from minigrad.gradcheck import gradcheck, gradgradcheck

program = Programs()


@program
def keeps_an_operand(s: Any) -> Any:
    class Square(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * g * x

    x = leaf(s, 3)
    y = Square.apply(x)
    (g,) = s.autograd.grad(weighted(y), x, create_graph=True)
    weighted(g * g).backward()
    return y, g, x.grad, y.requires_grad, y.is_leaf, type(y.grad_fn).__name__ != ""


@program
def keeps_its_result(s: Any) -> Any:
    class Exp(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (y,) = ctx.saved_tensors
            return g * y

    x = leaf(s, 3)
    y = Exp.apply(x * 2)
    (g,) = s.autograd.grad(weighted(y), x, create_graph=True)
    (h,) = s.autograd.grad(weighted(g), x, create_graph=True)
    weighted(h).backward()
    return y, g, h, x.grad


def both(s: Any) -> Any:
    class SumAndProduct(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, factor: float) -> Any:
            ctx.save_for_backward(x, None, y)
            ctx.factor = factor
            return (x + y).sum(), x * y * factor, "a remark"

        @staticmethod
        def backward(ctx: Any, gs: Any, gp: Any, nothing: Any) -> Any:
            x, none, y = ctx.saved_tensors
            assert none is None and nothing is None
            return gs + gp * y * ctx.factor, gs + gp * x * ctx.factor, None

    return SumAndProduct.apply


@program
def several_results(s: Any) -> Any:
    x, y = leaf(s, 2, 3), leaf(s, 2, 3, seed=2)
    a, b, remark = both(s)(x, y, 2.5)
    (a * weighted(b)).backward()
    return a, b, remark, x.grad, y.grad


@program
def one_of_several_results_is_used(s: Any) -> Any:
    x, y = leaf(s, 2, 3), leaf(s, 2, 3, seed=2)
    _, b, _ = both(s)(x, y, 2.5)
    weighted(b).backward()
    return x.grad, y.grad


@program
def several_results_twice(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    a, b, _ = both(s)(x, y, 2.5)
    gx, gy = s.autograd.grad(a * weighted(b), (x, y), create_graph=True)
    (weighted(gx) * weighted(gy)).backward()
    return gx, gy, x.grad, y.grad


@program
def what_is_needed(s: Any) -> Any:
    seen = []

    class Product(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, n: int) -> Any:
            ctx.save_for_backward(x, y)
            return x * y * n

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            seen.append(tuple(ctx.needs_input_grad))
            _, y = ctx.saved_tensors
            return g * y * 2, None, None

    x, c = leaf(s, 3), plain(s, 3)
    weighted(Product.apply(x, c, 2)).backward()
    return seen[0], x.grad


@program
def a_result_without_a_derivative(s: Any) -> Any:
    class Highest(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            rounded = x.round()
            ctx.mark_non_differentiable(rounded)
            return x * 2, rounded, x > 0

        @staticmethod
        def backward(ctx: Any, g: Any, *zeros: Any) -> Any:
            return 2 * g + sum(z.sum() for z in zeros)

    x = leaf(s, 3)
    y, rounded, positive = Highest.apply(x)
    weighted(y).backward()
    return y, rounded, positive, rounded.requires_grad, positive.requires_grad, x.grad


@program
def nothing_requires_a_gradient(s: Any) -> Any:
    y = both(s)(plain(s, 3), plain(s, 3), 1.0)[1]
    with s.no_grad():
        z = both(s)(leaf(s, 3), plain(s, 3), 1.0)[1]
    return y, y.requires_grad, z.requires_grad


@program
def too_few_gradients(s: Any) -> Any:
    class Forgets(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            return x * y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    weighted(Forgets.apply(leaf(s, 3), leaf(s, 3))).backward()


@program
def too_many_gradients(s: Any) -> Any:
    class Exaggerates(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g, g

    weighted(Exaggerates.apply(leaf(s, 3))).backward()


@program
def trailing_nones_are_ignored(s: Any) -> Any:
    class Generous(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g, None, None

    x = leaf(s, 3)
    weighted(Generous.apply(x)).backward()
    return x.grad


@program
def a_gradient_of_another_shape(s: Any) -> Any:
    class Wrong(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g[:2]

    weighted(Wrong.apply(leaf(s, 3))).backward()


@program
def the_graph_is_freed(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3)
    out = weighted(both(s)(x, y, 1.0)[1])
    out.backward()
    out.backward()


@program
def nothing_kept_nothing_freed(s: Any) -> Any:
    class Double(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x + x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g + g

    x = leaf(s, 3)
    y = Double.apply(x).sum()
    y.backward()
    y.backward()
    return x.grad


@program
def a_kept_operand_was_written(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3)
    h = x * 2
    out = weighted(both(s)(h, y, 1.0)[1])
    h.add_(1)
    out.backward()


@program
def writes_into_its_argument(s: Any) -> Any:
    class Double(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g

    x = leaf(s, 3)
    h = x * 1
    v = h[1:]
    y = Double.apply(h)
    (weighted(y) + weighted(v * v)).backward()
    return y, y is h, v, x.grad


@program
def writes_into_a_leaf(s: Any) -> Any:
    class Double(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g

    Double.apply(leaf(s, 3))


@program
def returns_its_argument(s: Any) -> Any:
    class Reverse(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return -g

    x = leaf(s, 3)
    y = Reverse.apply(x)
    weighted(y * 2).backward()
    return y, y is x, x.grad


@program
def a_separate_context(s: Any) -> Any:
    class Scale(s.autograd.Function):
        @staticmethod
        def forward(x: Any, factor: float) -> Any:
            return x * factor

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.factor = inputs[1]
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (y,) = ctx.saved_tensors
            return g * ctx.factor + 0 * y, None

    x = leaf(s, 3)
    y = Scale.apply(x, 3.0)
    weighted(y).backward()
    return y, x.grad


@program
def only_tensors_can_be_saved(s: Any) -> Any:
    class Wrong(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(3)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    Wrong.apply(leaf(s, 3))


@program
def once_only(s: Any) -> Any:
    class Cube(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        @s.autograd.function.once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 3 * g * x * x

    x = leaf(s, 3)
    weighted(Cube.apply(x)).backward()
    first = x.grad.clone()
    v = leaf(s, 3, seed=2)
    (g,) = s.autograd.grad(Cube.apply(x), x, v, create_graph=True)
    try:
        weighted(g).backward()
    except RuntimeError as error:
        return first, g, "once_differentiable" in str(error)
    return "no error"


@program
def an_op_inside_another(s: Any) -> Any:
    f = both(s)

    class Outer(s.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return f(x, x, 1.0)[1]

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * f(g, x, 1.0)[1]

    x = leaf(s, 3)
    (g,) = s.autograd.grad(weighted(Outer.apply(x)), x, create_graph=True)
    weighted(g * g).backward()
    return g, x.grad


@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    compare(function, device)


def test_all_orders_agree_with_the_numbers() -> None:
    f = both(minigrad)
    inputs = [leaf(minigrad, 2, 3), leaf(minigrad, 2, 3, seed=2)]
    assert gradcheck(lambda x, y: f(x, y, 2.5)[:2], inputs)
    assert gradgradcheck(lambda x, y: f(x, y, 2.5)[:2], inputs)


def test_results_of_different_types() -> None:
    class Both(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x.double() * 3

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            assert (str(g.dtype), str(h.dtype)) == ("float32", "float64")
            return 2 * g + 3 * h.float()

    x = minigrad.ones(2, requires_grad=True)
    a, b = Both.apply(x)
    assert (str(a.dtype), str(b.dtype)) == ("float32", "float64")
    (a.double() + b).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0]


def test_the_node_has_its_name() -> None:
    class MyOwn(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 2 * g

    y = MyOwn.apply(minigrad.ones(2, requires_grad=True))
    assert y.grad_fn.name() == "MyOwnBackward"
    assert "test_function.py" in repr(y.grad_fn)


def test_missing_halves_say_so() -> None:
    class NoForward(Function):
        pass

    class NoBackward(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

    x = minigrad.ones(2, requires_grad=True)
    with pytest.raises(NotImplementedError, match="forward is missing"):
        NoForward.apply(x)
    with pytest.raises(NotImplementedError, match="backward is missing"):
        NoBackward.apply(x).sum().backward()


def test_a_kept_result_makes_no_cycle() -> None:
    class Exp(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = x.exp()
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[1]

    x = minigrad.ones(2, requires_grad=True)
    gc.disable()  # reference counting alone must do it
    try:
        y = Exp.apply(x * 1)
        numbers = weakref.ref(y.array)
        del y
        assert numbers() is None
    finally:
        gc.enable()
