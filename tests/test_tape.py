"""The tape and the walk back over it."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest
from sides import Program, Programs, compare, leaf, plain, weighted

import minigrad
from minigrad.autograd import grad
from minigrad.device import Device
from minigrad.errors import GraphError
from minigrad.recording import Recorder, followed, following

program = Programs()


# -- backward --------------------------------------------------------------------------------------


@program
def broadcasting_is_summed_again(s: Any) -> Any:
    x, y, z = leaf(s, 2, 1, 3), leaf(s, 4, 1), leaf(s)
    weighted(x * y + z / x - y * z).backward()
    return x.grad, y.grad, z.grad


@program
def a_leaf_used_often(s: Any) -> Any:
    x = leaf(s, 3)
    weighted(x * x + x.sin() * x - x).backward()
    return x.grad


@program
def a_result_that_is_used_often(s: Any) -> Any:
    x = leaf(s, 3)
    h, seen = x * 2, []
    h.register_hook(lambda g: seen.append(g))
    weighted(h * h + h.sin() - h + h[:2].sum()).backward()
    return x.grad, *seen


@program
def many_parts_of_a_result(s: Any) -> Any:
    x = leaf(s, 5, 4)
    h = x.tanh()
    y = sum(weighted(row * row) for row in h.unbind(0)) + weighted(h[1:3, ::2]) + h[0, 3]
    return *s.autograd.grad(y, [h, x], retain_graph=True), *s.autograd.grad(y, [x, h])


@program
def many_parts_of_a_leaf(s: Any) -> Any:
    x = leaf(s, 6)
    a, b, c = x.chunk(3)
    y = weighted(a * b) + weighted(b * c)
    y.backward(retain_graph=True)
    first = x.grad.clone()
    y.backward()
    return first, x.grad


@program
def many_parts_twice_differentiated(s: Any) -> Any:
    x = leaf(s, 6)
    y = sum(weighted(part**3) for part in x.split(2))
    (g,) = s.autograd.grad(y, x, create_graph=True)
    weighted(sum(part * part for part in g.split(2))).backward()
    return g, x.grad


@program
def parts_whose_gradients_are_one_tensor(s: Any) -> Any:
    x, y, z = leaf(s, 3), leaf(s, 3, seed=1), leaf(s, 3, seed=2)
    h, k = x * 2, y * 3
    rest = weighted(h * 2) + h[:2].sum() + h[1:].sum()
    # Walked first: one tensor is the gradient of both, and then more is added to that of h.
    (weighted((h + k) * z) + rest).backward()
    return x.grad, y.grad, z.grad


@program
def types_are_narrowed_again(s: Any) -> Any:
    x, y = leaf(s, 3), s.ones(3, requires_grad=True)
    weighted(x * y).backward()
    return x.grad, y.grad


@program
def a_seed_of_the_results_shape(s: Any) -> Any:
    x = leaf(s, 3)
    (x * x).backward(plain(s, 3))
    return x.grad


@program
def a_seed_of_another_type(s: Any) -> Any:
    x = s.ones(3, requires_grad=True)
    (x * x).backward(s.ones(3, dtype=s.float32))
    return x.grad


@program
def a_seed_of_another_shape(s: Any) -> Any:
    (leaf(s, 3) * 2).backward(plain(s, 2))


@program
def no_seed_for_many_numbers(s: Any) -> Any:
    (leaf(s, 3) * 2).backward()


@program
def a_single_number_in_any_shape_needs_no_seed(s: Any) -> Any:
    x = leaf(s, 1, 1)
    (x * x).backward()
    return x.grad


@program
def nothing_requires_a_gradient(s: Any) -> Any:
    plain(s).backward()


@program
def a_leaf_itself(s: Any) -> Any:
    x = leaf(s)
    x.backward()
    x.backward()
    return x.grad


@program
def gradients_add_up(s: Any) -> Any:
    x = leaf(s, 3)
    for _ in range(3):
        weighted(x * x).backward()
    return x.grad


@program
def several_roots(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    a, b = weighted(x * y), x * x
    s.autograd.backward([a, b], [None, plain(s, 3)])
    return x.grad, y.grad


@program
def the_same_root_twice(s: Any) -> Any:
    x = leaf(s, 3)
    a = weighted(x * x)
    s.autograd.backward([a, a])
    return x.grad


@program
def one_root_above_another(s: Any) -> Any:
    x = leaf(s, 3)
    a = x * x
    b = weighted(a * x)
    s.autograd.backward([b, a], [None, plain(s, 3)])
    return x.grad


@program
def backward_for_chosen_inputs(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    h = x * 2
    weighted(h * y).backward(inputs=[x, h])
    return x.grad, y.grad, h.grad


@program
def backward_for_one_input(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    weighted(x * y).backward(inputs=y)
    return x.grad, y.grad


@program
def backward_for_no_inputs(s: Any) -> Any:
    weighted(leaf(s, 3)).backward(inputs=[])


# -- twice -----------------------------------------------------------------------------------------


@program
def twice_without_retaining(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x)
    y.backward()
    y.backward()


@program
def twice_over_ops_that_keep_nothing(s: Any) -> Any:
    x = leaf(s, 3)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x.grad


@program
def twice_retaining(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x)
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


@program
def two_losses_over_a_common_part_that_was_freed(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * x
    weighted(h * 2).backward()
    weighted(h * 3).backward()


@program
def two_losses_over_a_retained_part(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * x
    weighted(h * 2).backward(retain_graph=True)
    weighted(h * 3).backward()
    return x.grad


@program
def grad_frees_as_well(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x)
    s.autograd.grad(y, x)
    s.autograd.grad(y, x)


@program
def create_graph_retains(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x * x)
    (g,) = s.autograd.grad(y, x, create_graph=True)
    (h,) = s.autograd.grad(y, x, create_graph=True)
    return g, h


@program
def create_graph_with_retain_graph_false(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x * x)
    s.autograd.grad(y, x, create_graph=True, retain_graph=False)
    s.autograd.grad(y, x)


# -- higher orders ---------------------------------------------------------------------------------


@program
def five_derivatives(s: Any) -> Any:
    x = leaf(s, 3)
    found, y = [], (x * x * x).sin()
    for _ in range(5):
        (y,) = s.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y)
    return found


@program
def a_product_with_the_hessian(s: Any) -> Any:
    x = leaf(s, 4)
    (g,) = s.autograd.grad(((x * x).sum() * x.sin()).sum(), x, create_graph=True)
    (hv,) = s.autograd.grad(g, x, plain(s, 4))
    return hv


@program
def backward_with_create_graph(s: Any) -> Any:
    x = leaf(s, 3)
    weighted(x * x * x).backward(create_graph=True)
    g = x.grad
    x.grad = None
    weighted(g * g).backward()
    return g, x.grad


@program
def create_graph_adds_out_of_place(s: Any) -> Any:
    x = leaf(s, 3)
    weighted(x * x).backward(create_graph=True)
    first = x.grad
    weighted(x * x).backward(create_graph=True)
    return first, x.grad, x.grad.requires_grad


@program
def without_create_graph_gradients_are_constants(s: Any) -> Any:
    x = leaf(s, 3)
    (g,) = s.autograd.grad(weighted(x * x), x)
    return g, g.requires_grad


@program
def the_seed_may_be_differentiated(s: Any) -> Any:
    x, v = leaf(s, 3), leaf(s, 3, seed=2)
    (g,) = s.autograd.grad(x * x * x, x, v, create_graph=True)
    return s.autograd.grad(weighted(g), [x, v])


@program
def gradient_penalty(s: Any) -> Any:
    w, x = leaf(s, 3, 3), leaf(s, 2, 3, seed=2)
    y = (x @ w).tanh().sum()
    (g,) = s.autograd.grad(y, x, create_graph=True)
    ((g * g).sum() + y).backward()
    return w.grad, x.grad


# -- grad ------------------------------------------------------------------------------------------


@program
def grad_leaves_grad_alone(s: Any) -> Any:
    x = leaf(s, 3)
    (g,) = s.autograd.grad(weighted(x * x), x)
    return g, x.grad


@program
def grad_of_several_inputs(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 3, seed=2)
    return s.autograd.grad(weighted(x * y), (x, y))


@program
def grad_of_a_result_and_of_what_is_under_it(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    return s.autograd.grad(weighted(h * h * x), [h, x])


@program
def grad_of_the_output_itself(s: Any) -> Any:
    x = leaf(s, 3)
    y = weighted(x * x)
    return s.autograd.grad(y, [y, x])


@program
def grad_of_the_same_input_twice(s: Any) -> Any:
    x = leaf(s, 3)
    return s.autograd.grad(weighted(x * x), [x, x])


@program
def grad_of_an_unused_input(s: Any) -> Any:
    s.autograd.grad(weighted(leaf(s, 3)), leaf(s, 3))


@program
def grad_of_an_unused_input_allowed(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 2)
    return s.autograd.grad(weighted(x * x), [x, y], allow_unused=True)


@program
def grad_of_an_unused_input_materialized(s: Any) -> Any:
    x, y = leaf(s, 3), leaf(s, 2)
    return s.autograd.grad(weighted(x * x), [x, y], materialize_grads=True)


@program
def grad_materialized_but_not_allowed(s: Any) -> Any:
    x = leaf(s, 3)
    s.autograd.grad(weighted(x), x, allow_unused=False, materialize_grads=True)


@program
def grad_of_what_requires_none(s: Any) -> Any:
    s.autograd.grad(weighted(leaf(s, 3)), plain(s, 3))


@program
def grad_through_a_constant_function_is_zero(s: Any) -> Any:
    x = leaf(s, 3)
    return s.autograd.grad(weighted((x * 2).floor()), x)


@program
def zeros_join_other_gradients(s: Any) -> Any:
    x = leaf(s, 3)
    h = x * 2
    weighted(h.floor() + h * h + h.sign()).backward()
    return x.grad


# -- switches --------------------------------------------------------------------------------------


@program
def no_grad_as_a_block(s: Any) -> Any:
    x = leaf(s, 3)
    with s.no_grad():
        y = x * 2
        inside = s.is_grad_enabled()
    return y, y.requires_grad, y.is_leaf, inside, s.is_grad_enabled()


@program
def no_grad_as_a_decorator(s: Any) -> Any:
    @s.no_grad()
    def double(x: Any) -> Any:
        return x * 2

    @s.no_grad
    def triple(x: Any) -> Any:
        return x * 3

    x = leaf(s, 3)
    found = [double(x).requires_grad, triple(x).requires_grad, s.is_grad_enabled()]
    return [*found, double.__name__, triple.__name__]


@program
def a_decorated_function_calls_itself(s: Any) -> Any:
    @s.no_grad()
    def down(n: int) -> list[bool]:
        return [s.is_grad_enabled()] + (down(n - 1) if n else [])

    return [*down(3), s.is_grad_enabled()]


@program
def a_decorated_generator(s: Any) -> Any:
    @s.no_grad()
    def items() -> Any:
        for _ in range(2):
            yield s.is_grad_enabled()

    return [flag for item in items() for flag in (item, s.is_grad_enabled())]


@program
def enable_grad_inside_no_grad(s: Any) -> Any:
    x = leaf(s, 3)
    with s.no_grad():
        with s.enable_grad():
            y = x * 2
        z = x * 2

        @s.enable_grad()
        def double() -> Any:
            return x * 2

        return y.requires_grad, z.requires_grad, double().requires_grad


@program
def an_error_leaves_the_block(s: Any) -> Any:
    try:
        with s.no_grad():
            raise KeyError
    except KeyError:
        return s.is_grad_enabled()


@program
def inference_mode_is_a_block_and_a_decorator(s: Any) -> Any:
    x = leaf(s, 3)
    with s.inference_mode():
        a = x * 2
    with s.inference_mode(False):
        b = x * 2

    @s.inference_mode()
    def double() -> Any:
        return x * 2

    return a.requires_grad, b.requires_grad, double().requires_grad, s.is_grad_enabled()


@program
def set_grad_enabled_as_a_block(s: Any) -> Any:
    found = []
    for mode in (True, False):
        with s.set_grad_enabled(mode):
            found.append(s.is_grad_enabled())
    return [*found, s.is_grad_enabled()]


@program
def set_grad_enabled_as_a_call(s: Any) -> Any:
    s.set_grad_enabled(False)
    off = s.is_grad_enabled()
    s.set_grad_enabled(True)
    return off, s.is_grad_enabled()


@program
def set_grad_enabled_as_a_decorator(s: Any) -> Any:
    @s.set_grad_enabled(False)
    def double(x: Any) -> Any:
        return x * 2

    return s.is_grad_enabled(), double(leaf(s, 3)).requires_grad, s.is_grad_enabled()


# -- flags -----------------------------------------------------------------------------------------


@program
def requires_grad_is_switched(s: Any) -> Any:
    x = plain(s, 3)
    y = x.requires_grad_()
    flags = [y is x, x.requires_grad, x.is_leaf]
    x.requires_grad = False
    return [*flags, x.requires_grad]


@program
def integers_cannot_require_a_gradient(s: Any) -> Any:
    s.tensor([1, 2]).requires_grad_()


@program
def a_result_cannot_stop_requiring_a_gradient(s: Any) -> Any:
    (leaf(s, 3) * 2).requires_grad_(False)


@program
def integers_take_no_part(s: Any) -> Any:
    x = leaf(s, 3)
    y = (x * 2).long()
    z = x > 0
    return y.requires_grad, z.requires_grad, (x * y).requires_grad


@program
def detach_is_off_the_tape(s: Any) -> Any:
    x = leaf(s, 3)
    y = (x * 2).detach()
    weighted(y * x).backward()
    return y.requires_grad, y.is_leaf, x.grad


@program
def a_gradient_of_another_shape_cannot_be_assigned(s: Any) -> Any:
    x = leaf(s, 3)
    x.grad = plain(s, 2)


@program
def a_gradient_is_assigned_and_removed(s: Any) -> Any:
    x = leaf(s, 3)
    x.grad = plain(s, 3)
    weighted(x).backward()
    kept = x.grad.clone()
    x.grad = None
    return kept, x.grad


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True")
@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    compare(function, device)


def test_another_number_of_seeds_is_refused() -> None:
    with pytest.raises(RuntimeError, match="1 tensors and 2 gradients"):
        minigrad.autograd.backward([leaf(minigrad) * 2], [None, None])


# -- errors ----------------------------------------------------------------------------------------


def test_a_freed_graph_names_the_op_and_its_line() -> None:
    x = minigrad.ones(3, requires_grad=True)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GraphError, match=r"second time: mul \(.*test_tape.py:\d+\).*retain_graph"):
        y.backward()


def test_nodes_can_be_looked_at() -> None:
    x = minigrad.ones(3, requires_grad=True)
    y = (x * 2).sum()
    assert y.grad_fn is not None
    assert y.grad_fn.name() == "SumBackward"
    ((node, index),) = y.grad_fn.next_functions
    assert node.name() == "MulBackward" and index == 0
    assert node.next_functions == ((x, 0), (None, 0))
    assert "test_tape.py" in repr(node)


# -- memory ----------------------------------------------------------------------------------------


def test_gradients_share_no_memory() -> None:
    x, y = minigrad.ones(3, requires_grad=True), minigrad.ones(3, requires_grad=True)
    seed = minigrad.ones(3)
    z = x + y
    z.retain_grad()
    z.backward(seed)
    arrays = [t.array for t in (x.grad, y.grad, z.grad, seed)]
    for i, a in enumerate(arrays):
        for b in arrays[:i]:
            assert not np.shares_memory(a, b)


def test_a_gradient_that_is_an_operand_is_copied() -> None:
    x, c = minigrad.ones(3, requires_grad=True), minigrad.ones(3)
    (x * c).sum().backward()
    x.grad.mul_(5)
    assert c.tolist() == [1, 1, 1]
    (found,) = grad(x, x, c)
    assert found is not None
    found.mul_(5)
    assert c.tolist() == [1, 1, 1]


@pytest.mark.slow
def test_a_long_chain() -> None:
    x = minigrad.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad.tolist() == [1.0]
    del y  # a chain of nodes, each of which holds the next


@pytest.mark.slow
def test_a_long_chain_is_let_go_without_backward() -> None:
    x = minigrad.ones(1, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y * x
    del y
    (x * 2).backward()
    assert x.grad.tolist() == [2.0]


def step(w: Any, x: Any) -> Any:
    h = (x @ w).tanh()
    h = h + h[:, :1]
    h[0] = 0.5
    out = h.exp() * 2
    out += h
    return (out * out).mean()


@pytest.mark.slow
def test_training_takes_constant_memory() -> None:
    """2,000 steps, without the cycle collector: a graph has no cycles."""
    w, x = minigrad.randn(8, 8, requires_grad=True), minigrad.randn(16, 8)

    def train(steps: int) -> None:
        for i in range(steps):
            loss = step(w, x)
            if i % 3:  # every third graph is dropped without a walk
                loss.backward()
                with minigrad.no_grad():
                    w.sub_(0.01 * w.grad)
                    w.grad = None

    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        train(1500)  # Python's free lists fill up
        before = tracemalloc.get_traced_memory()[0]
        train(2000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()
    assert grown < 100_000, f"{grown} bytes after 2,000 steps"


def test_graphs_make_no_garbage_for_the_collector() -> None:
    w, x = minigrad.randn(8, 8, requires_grad=True), minigrad.randn(16, 8)
    while gc.collect():  # what other tests left, until nothing is left
        pass
    gc.disable()
    try:
        for keep in (False, True):
            loss = step(w, x)
            (g,) = grad(loss, w, create_graph=keep)
            if keep:
                (g * g).sum().backward()
            del loss, g
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_retained_gradient_makes_no_cycle() -> None:
    x = minigrad.ones(3, requires_grad=True)
    while gc.collect():  # what other tests left, until nothing is left
        pass
    gc.disable()
    try:
        y = x * 2
        y.retain_grad()
        y.sum().backward()
        del y
        assert gc.collect() == 0
    finally:
        gc.enable()


# -- threads ---------------------------------------------------------------------------------------


def test_a_thread_has_its_own_switch() -> None:
    x = minigrad.ones(3, requires_grad=True)
    entered, leave = threading.Event(), threading.Event()
    seen: list[bool] = []

    def quiet() -> None:
        seen.append(minigrad.is_grad_enabled())
        with minigrad.no_grad():
            seen.append((x * 2).requires_grad)
            entered.set()
            leave.wait(10)

    worker = threading.Thread(target=quiet)
    worker.start()
    assert entered.wait(10)
    assert (x * 2).requires_grad
    leave.set()
    worker.join()
    assert seen == [True, False]


def test_threads_differentiate_side_by_side() -> None:
    found: dict[int, list[float]] = {}

    def work(k: int) -> None:
        x = minigrad.full((4,), float(k), requires_grad=True)
        for _ in range(20):
            x.grad = None
            (x * x * x).sum().backward()
        found[k] = x.grad.tolist()

    workers = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == {k: [3.0 * k * k] * 4 for k in range(8)}


def test_a_recorder_hears_of_its_own_thread_alone_and_of_nothing_afterwards() -> None:
    class Listener(Recorder):
        def __init__(self) -> None:
            self.heard: list[str] = []

        def op(self, op: Any, *_: Any) -> None:
            self.heard.append(op.name)

    def elsewhere() -> None:
        x.exp()
        with followed(other):
            x.sin()
            x.cos_()

    x = minigrad.ones(2)
    mine, inner, other = Listener(), Listener(), Listener()
    with pytest.raises(ZeroDivisionError), followed(mine):
        worker = threading.Thread(target=elsewhere)
        worker.start()
        worker.join()
        with followed(inner):
            x.sqrt()
        x.log()
        raise ZeroDivisionError
    x.tanh()
    assert (mine.heard, inner.heard, other.heard) == (["log"], ["sqrt"], ["sin", "cos"])
    assert following == []


# -- how much is computed --------------------------------------------------------------------------


def test_gradients_of_many_slices_are_added_in_place() -> None:
    x = minigrad.ones(50, 3, requires_grad=True)
    y = sum((row * k).sum() for k, row in enumerate((x * 2).unbind(0)))
    seen: list[str] = []

    class Listener(Recorder):
        def op(self, op: Any, *_: Any) -> None:
            seen.append(op.name)

    with followed(Listener()):
        y.backward()
    assert x.grad.tolist() == [[2.0 * k] * 3 for k in range(50)]
    assert seen.count("unslice") == 1 and seen.count("put") == 49


# -- anomalies -------------------------------------------------------------------------------------


def test_an_anomaly_names_the_op_and_the_line() -> None:
    x = minigrad.tensor([1.0, 0.0], requires_grad=True)
    with minigrad.autograd.detect_anomaly():
        y = x.sqrt()  # its derivative at 0 is infinite
        with pytest.raises(GraphError, match=r"SqrtBackward \(.*test_tape.py:\d+\) .* 1 of 2"):
            (y * 3).sum().backward()
    x.grad = None
    x.sqrt().sum().backward()
    assert np.isinf(x.grad.numpy()[1])


def test_anomaly_detection_as_a_call() -> None:
    x = minigrad.tensor([0.0], requires_grad=True)
    minigrad.autograd.set_detect_anomaly(True)
    try:
        with pytest.raises(GraphError, match="anomaly"):
            x.sqrt().backward()
    finally:
        minigrad.autograd.set_detect_anomaly(False)
    x.sqrt().backward()
