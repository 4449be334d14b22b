"""The two ways to ask for gradients: `backward`, which adds them to ``.grad``, and `grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minigrad.asked import goal_of, roots_of, tensors_of
from minigrad.cotangents import Cotangents
from minigrad.op import Op
from minigrad.ops.arithmetic import add
from minigrad.ops.shape import cat
from minigrad.recording import following, phase, recording, switch
from minigrad.tape import Node, Source
from minigrad.walk import walk_back

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add the gradient of the tensors to ``.grad`` of every leaf under them (or of ``inputs``).

    ``grad_tensors`` are the cotangents to start from, each of its tensor's shape; a single number
    may go without. ``create_graph`` records the walk itself. Errors: see `Tensor.backward`.

    Args:
        tensors: what is differentiated, one or several.
        retain_graph: keep what the walk needs, so that it can be walked again; None does as
            ``create_graph`` says.
    """
    starts = tensors_of("backward", tensors)
    if following:
        switch.recorder.walks(starts, create_graph, True)
    roots = roots_of("backward", starts, grad_tensors)
    ends = None if inputs is None else tensors_of("backward", inputs)
    goals = None if ends is None else [goal_of("backward", x) for x in ends]
    if goals == []:
        raise RuntimeError("backward: `inputs` argument to `backward()` cannot be empty")
    if following:
        switch.recorder.departs(roots)
    with phase("backward"), recording(create_graph):
        cotangents = walk_back(
            roots,
            wanted=goals,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
        )
        targets: dict[Source, Tensor] = (
            {source: source for source in cotangents.found if not isinstance(source, Node)}
            if ends is None
            else dict(zip(goals or (), ends, strict=True))
        )
        for source, tensor in targets.items():
            if source in cotangents.found:
                _accumulate(tensor, source, cotangents, create_graph)
    if following:
        switch.recorder.walked()


def _accumulate(leaf: Tensor, source: Source, cotangents: Cotangents, create_graph: bool) -> None:
    """Add to ``.grad``. A gradient that shares memory with something else is copied first, so that
    a later write to ``.grad`` (zero_, clipping) changes this leaf's gradient alone."""
    g = cotangents.found[source]
    if leaf.grad is None:
        leaf.grad = cotangents.unshared(source)
    elif create_graph or leaf.grad.tracked:
        leaf.grad = add(leaf.grad, g)
    else:
        add(leaf.grad, g, into=leaf.grad)
    hooks = tuple(leaf.afterwards or ())
    if hooks and following:
        switch.recorder.hooking(leaf, leaf.grad)
    for hook in hooks:
        answer: Any = hook(leaf)
        if answer is not None and not hasattr(answer, "catch_up"):
            raise TypeError(
                "backward: a hook of register_post_accumulate_grad_hook must return None, got "
                f"{type(answer).__name__}; change .grad itself"
            )
    if hooks and following and leaf.grad is not None:
        switch.recorder.hooked(leaf, leaf.grad)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the outputs with respect to the inputs; ``.grad`` stays untouched, which
    PyTorch's scripts ask for by ``only_inputs`` and always get. With ``is_grads_batched`` each of
    ``grad_outputs`` holds several cotangents along a first dimension more, and so do the gradients.

    Args:
        outputs: what is differentiated.
        inputs: with respect to what.
        grad_outputs: the cotangents to start from, one for each output; None is 1, for single
            numbers.
        retain_graph: keep what the walk needs, so that it can be walked again; None does as
            ``create_graph`` says.
        create_graph: record the walk itself, for derivatives of higher order.
        only_inputs: accepted; other leaves get nothing in any case.
        allow_unused: give None for an input that the outputs do not depend on.
        is_grads_batched: whether there are several cotangents for each output.
        materialize_grads: give zeros for such an input.

    Errors: RuntimeError for an input that the outputs do not depend on, unless ``allow_unused``
    (then its gradient is None) or ``materialize_grads`` (then it is zero), and for no input at all;
    ValueError for ``materialize_grads`` with ``allow_unused=False``; TypeError for what is no
    tensor.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "grad: Expected allow_unused to be True or not passed when materialize_grads=True, "
            "but got: allow_unused=False"
        )
    ends = tensors_of("grad", inputs)
    if not ends:
        raise RuntimeError("grad: `inputs` argument to `grad()` cannot be empty.")
    starts = tensors_of("grad", outputs)
    if following:
        switch.recorder.walks(starts, create_graph, False)
    if is_grads_batched:
        seeds = tensors_of("grad", grad_outputs)
        settings = (create_graph, only_inputs, allow_unused, False, materialize_grads)
        return _batched(starts, ends, seeds, retain_graph, settings)
    goals = [goal_of("grad", x) for x in ends]
    with phase("backward"):
        cotangents = walk_back(
            roots_of("grad", starts, grad_outputs),
            wanted=goals,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
        )
    if following:
        switch.recorder.walked()
    result: list[Tensor | None] = []
    for i, (source, x) in enumerate(zip(goals, ends, strict=True)):
        if source in cotangents.found:
            with recording(create_graph):
                result.append(cotangents.unshared(source))  # one for an input that is named twice
        elif materialize_grads:
            result.append(Op.fresh(x.device.call("zeros_like", x.array)))
        elif allow_unused:
            result.append(None)
        else:
            raise RuntimeError(
                "grad: One of the differentiated Tensors appears to not have been used in the "
                f"graph: input {i} of shape {tuple(x.shape)}; pass allow_unused=True if this is "
                "the desired behavior"
            )
    return tuple(result)


def _batched(
    outputs: list[Tensor],
    inputs: list[Tensor],
    seeds: list[Tensor],
    retain_graph: bool | None,
    settings: tuple[Any, ...],
) -> tuple[Tensor | None, ...]:
    """The gradients for one cotangent after the other, each one's along a new first dimension."""
    n = len(seeds[0])
    keeping = [True] * (n - 1) + [settings[0] if retain_graph is None else retain_graph]
    rows = [
        grad(outputs, inputs, [seed[i] for seed in seeds], keep, *settings)
        for i, keep in enumerate(keeping)
    ]
    return tuple(
        None if column[0] is None else cat(*(g.unsqueeze(0) for g in column), dim=0)
        for column in zip(*rows, strict=True)
    )
