"""The walk back over the tape, and the two ways to ask for it: backward and grad."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minigrad.errors import GraphError
from minigrad.op import Op
from minigrad.ops.arithmetic import add
from minigrad.ops.shape import clone
from minigrad.tape import Hook, Node, Source, recording, show_line, source_of

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
    """
    roots = _roots("backward", _listed(tensors), grad_tensors)
    goals = None if inputs is None else [_goal("backward", x) for x in _listed(inputs)]
    found, shared = walk_back(
        roots,
        wanted=goals,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
    )
    targets: dict[Source, Tensor] = (
        {source: source for source in found if not isinstance(source, Node)}
        if inputs is None
        else dict(zip(goals or (), _listed(inputs), strict=True))
    )
    with recording(create_graph):
        for source, tensor in targets.items():
            g = found.get(source)
            if g is not None:
                _accumulate(tensor, g, source in shared, create_graph)


def _accumulate(leaf: Tensor, g: Tensor, shared: bool, create_graph: bool) -> None:
    """Add to ``.grad``. A gradient that shares memory with something else is copied first, so that
    a later write to ``.grad`` (zero_, clipping) changes this leaf's gradient alone."""
    if leaf.grad is None:
        leaf.grad = clone(g) if shared else g
    elif create_graph or leaf.grad.tracked:
        leaf.grad = add(leaf.grad, g)
    else:
        add(leaf.grad, g, into=leaf.grad)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the outputs with respect to the inputs; ``.grad`` stays untouched.

    Errors: RuntimeError for an input that the outputs do not depend on, unless ``allow_unused``
    (then its gradient is None) or ``materialize_grads`` (then it is zero).
    """
    listed = _listed(inputs)
    goals = [_goal("grad", x) for x in listed]
    found, shared = walk_back(
        _roots("grad", _listed(outputs), grad_outputs),
        wanted=goals,
        retain_graph=create_graph if retain_graph is None else retain_graph,
        create_graph=create_graph,
    )
    result: list[Tensor | None] = []
    for i, (source, x) in enumerate(zip(goals, listed, strict=True)):
        g = found.get(source)
        if g is None:
            if materialize_grads:
                g = Op.wrap(x.device.xp.zeros_like(x.array))
            elif not allow_unused:
                raise RuntimeError(
                    f"grad: One of the differentiated Tensors appears to not have been used in the "
                    f"graph: input {i} of shape {tuple(x.shape)}; pass allow_unused=True if this "
                    "is the desired behavior"
                )
        elif source in shared:
            with recording(create_graph):
                g = clone(g)
        result.append(g)
    return tuple(result)


def _listed(tensors: Tensor | Sequence[Any]) -> list[Any]:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]


def _goal(caller: str, x: Tensor) -> Source:
    x.catch_up()
    source = source_of(x)
    if source is None:
        raise RuntimeError(f"{caller}: One of the input tensors does not require grad")
    return source


def _roots(caller: str, tensors: list[Tensor], seeds: Any) -> list[tuple[Source, Tensor]]:
    """The places to start from, each with its cotangent."""
    given = [None] * len(tensors) if seeds is None else _listed(seeds)
    if len(given) != len(tensors):
        raise RuntimeError(f"{caller}: got {len(tensors)} tensors and {len(given)} gradients")
    roots = []
    for y, seed in zip(tensors, given, strict=True):
        y.catch_up()
        source = source_of(y)
        if source is None:
            raise RuntimeError(
                f"{caller}: element 0 of tensors does not require grad and does not have a grad_fn"
            )
        if seed is None:
            if y.numel() != 1:
                raise RuntimeError(
                    f"{caller}: grad can be implicitly created only for scalar outputs; this one "
                    f"has shape {tuple(y.shape)}, so pass a gradient of that shape"
                )
            seed = Op.wrap(y.device.xp.ones_like(y.array))
        elif tuple(seed.shape) != tuple(y.shape):
            raise RuntimeError(
                f"{caller}: Mismatch in shape: the gradient has shape {tuple(seed.shape)} and the "
                f"output {tuple(y.shape)}"
            )
        elif seed.dtype != y.dtype:
            seed = seed.to(y.dtype)
        roots.append((source, seed))
    return roots


def walk_back(
    roots: Sequence[tuple[Source, Tensor]],
    *,
    wanted: Sequence[Source] | None = None,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> tuple[dict[Source, Tensor], set[Source]]:
    """The cotangents of the leaves (or of the wanted sources) under the roots.

    Nodes are taken newest first: all consumers of a result are newer than its node, so its
    cotangent is complete when its turn comes. Nothing recurses, so a graph may be of any depth.

    Returns: the cotangents, and which of them share memory with something else.
    """
    pending: dict[Source, Tensor] = {}  # the cotangents under construction
    heap: list[tuple[int, Node]] = []  # the nodes among them, newest first
    found: dict[Source, Tensor] = {}
    shared: set[Source] = set()
    goals = frozenset(wanted or ())
    useful = None if wanted is None else _leading_to(goals, [root for root, _ in roots])

    def contribute(source: Source, g: Tensor, borrowed: bool) -> None:
        if useful is not None and source not in useful:
            return
        held = pending.get(source)
        if held is None:
            pending[source] = g
            if borrowed:
                shared.add(source)
            if isinstance(source, Node):
                heapq.heappush(heap, (-source.serial, source))
        else:
            pending[source] = held + g
            shared.discard(source)

    with recording(create_graph):
        for source, g in roots:
            contribute(source, g, True)
        while heap:
            _, node = heapq.heappop(heap)
            g = pending.pop(node)
            for hook in node.hooks or ():
                g = _replaced(hook, g)
            if node in goals:
                found[node] = g
            kept = (g, *node.saved)
            for source, gx in zip(node.inputs, node.op.pull(node, g), strict=True):
                if source is not None and gx is not None:
                    borrowed = gx.array.base is not None or any(gx is value for value in kept)
                    contribute(source, _fitting(gx, source, node), borrowed)
            if not retain_graph:
                node.free()
        for leaf, g in pending.items():
            for hook in leaf.hooks or ():
                g = _replaced(hook, g)
            found[leaf] = g
    return found, shared


def _fitting(g: Tensor, source: Source, node: Node) -> Tensor:
    """The gradient in its source's shape and type: what broadcasting spread is summed again, and
    what type promotion widened is narrowed again, here and in no rule."""
    if g.shape != source.shape:
        try:
            g = g.sum_to_size(source.shape)
        except RuntimeError as error:
            raise GraphError(
                f"backward: the rule of {node.op.name} ({show_line(node.where)}) gave a gradient "
                f"of shape {tuple(g.shape)} for an operand of shape {tuple(source.shape)}"
            ) from error
    return g if g.dtype == source.dtype else g.to(source.dtype)


def _replaced(hook: Hook, g: Tensor) -> Tensor:
    new = hook(g)
    return g if new is None else new


def _leading_to(wanted: frozenset[Source], roots: Sequence[Source]) -> set[Source]:
    """The sources under the roots from which a wanted one is reached: the rest need no gradient."""
    seen: set[Source] = set()
    stack = list(roots)
    while stack:
        source = stack.pop()
        if source not in seen:
            seen.add(source)
            if isinstance(source, Node):
                stack.extend(s for s in source.inputs if s is not None)
    useful = set(wanted & seen)
    for node in sorted((s for s in seen if isinstance(s, Node)), key=lambda node: node.serial):
        if any(s in useful for s in node.inputs if s is not None):
            useful.add(node)
    return useful

