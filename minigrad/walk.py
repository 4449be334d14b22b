"""The walk back over the tape, and the two ways to ask for it: backward and grad."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minigrad.device import beside
from minigrad.errors import GraphError
from minigrad.op import Op
from minigrad.ops.arithmetic import add
from minigrad.ops.shape import cat, clone
from minigrad.tape import Node, Source, phase, recording, show_line, source_of, switch

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
    roots = _roots("backward", _listed("backward", tensors), grad_tensors)
    ends = None if inputs is None else _listed("backward", inputs)
    goals = None if ends is None else [_goal("backward", x) for x in ends]
    if goals == []:
        raise RuntimeError("backward: `inputs` argument to `backward()` cannot be empty")
    with phase("backward"), recording(create_graph):
        found, shared = walk_back(
            roots,
            wanted=goals,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
        )
        targets: dict[Source, Tensor] = (
            {source: source for source in found if not isinstance(source, Node)}
            if ends is None
            else dict(zip(goals or (), ends, strict=True))
        )
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
    for hook in tuple(leaf.afterwards or ()):
        answer: Any = hook(leaf)
        if answer is not None and not hasattr(answer, "catch_up"):
            raise TypeError(
                "backward: a hook of register_post_accumulate_grad_hook must return None, got "
                f"{type(answer).__name__}; change .grad itself"
            )


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
    listed = _listed("grad", inputs)
    if not listed:
        raise RuntimeError("grad: `inputs` argument to `grad()` cannot be empty.")
    starts = _listed("grad", outputs)
    if is_grads_batched:
        seeds = _listed("grad", grad_outputs)
        settings = (create_graph, only_inputs, allow_unused, False, materialize_grads)
        return _batched(starts, listed, seeds, retain_graph, settings)
    goals = [_goal("grad", x) for x in listed]
    with phase("backward"):
        found, shared = walk_back(
            _roots("grad", starts, grad_outputs),
            wanted=goals,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
        )
    result: list[Tensor | None] = []
    for i, (source, x) in enumerate(zip(goals, listed, strict=True)):
        g = found.get(source)
        if g is None:
            if materialize_grads:
                g = Op.fresh(x.device.call("zeros_like", x.array))
            elif not allow_unused:
                raise RuntimeError(
                    f"grad: One of the differentiated Tensors appears to not have been used in the "
                    f"graph: input {i} of shape {tuple(x.shape)}; pass allow_unused=True if this "
                    "is the desired behavior"
                )
        elif source in shared:
            with recording(create_graph):
                found[source] = g = clone(g)  # an input that is named twice gets one gradient
            shared.discard(source)
        result.append(g)
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


def _listed(caller: str, tensors: Any) -> list[Any]:
    """One tensor, or any number of them. Errors: TypeError for what is none."""
    if hasattr(tensors, "catch_up"):
        return [tensors]
    if not hasattr(tensors, "__iter__"):
        raise TypeError(f"{caller}: expected a tensor or several, got {type(tensors).__name__}")
    return list(tensors)


def _place(caller: str, x: Any) -> Source | None:
    """Where the tensor's gradient belongs. Errors: TypeError for what is no tensor."""
    if not hasattr(x, "catch_up"):
        raise TypeError(f"{caller}: expected tensors, got {type(x).__name__}")
    x.catch_up()
    return source_of(x)


def _goal(caller: str, x: Tensor) -> Source:
    source = _place(caller, x)
    if source is None:
        raise RuntimeError(
            f"{caller}: One of the input tensors does not require grad: one of shape "
            f"{tuple(x.shape)}"
        )
    return source


def _roots(caller: str, tensors: list[Tensor], seeds: Any) -> list[tuple[Source, Tensor]]:
    """The places to start from, each with its cotangent."""
    given = [None] * len(tensors) if seeds is None else _listed(caller, seeds)
    for seed in given:
        if seed is not None and not hasattr(seed, "catch_up"):
            raise TypeError(
                f"{caller}: gradients can be either Tensors or None, but got {type(seed).__name__}"
            )
    if len(given) != len(tensors):
        raise RuntimeError(f"{caller}: got {len(tensors)} tensors and {len(given)} gradients")
    roots = []
    for i, (y, seed) in enumerate(zip(tensors, given, strict=True)):
        source = _place(caller, y)
        if source is None:
            raise RuntimeError(
                f"{caller}: element {i} of tensors does not require grad and does not have a "
                "grad_fn: nothing that requires grad went into it"
            )
        if seed is None:
            if y.numel() != 1:
                raise RuntimeError(
                    f"{caller}: grad can be implicitly created only for scalar outputs; this one "
                    f"has shape {tuple(y.shape)}, so pass a gradient of that shape"
                )
            seed = Op.fresh(y.device.call("ones_like", y.array))
        elif tuple(seed.shape) != tuple(y.shape):
            raise RuntimeError(
                f"{caller}: Mismatch in shape: the gradient has shape {tuple(seed.shape)} and the "
                f"output {tuple(y.shape)}"
            )
        else:
            beside(caller, y.device, seed.device)
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
    A rule's None stands for zeros, which travel as None: nothing is computed from them.

    Returns: the cotangents, and which of them share memory with something else.
    """
    pending: dict[Source, Tensor | None] = {}  # the cotangents under construction
    heap: list[tuple[int, Node]] = []  # the nodes among them, newest first
    found: dict[Source, Tensor] = {}
    shared: set[Source] = set()
    own: set[Source] = set()  # whose cotangents are held here alone: more is added in place
    goals = frozenset(wanted or ())
    useful = None if wanted is None else _leading_to(goals, [root for root, _ in roots])
    anomaly = switch.anomaly

    def contribute(source: Source, g: Tensor | None, alone: bool = False) -> None:
        """``alone``: nobody else holds g, so that more may be added to it in place."""
        if source not in pending:
            pending[source] = g
            if source.__class__ is Node:
                heapq.heappush(heap, (-source.serial, source))
        elif g is None:
            return
        elif (held := pending[source]) is None:
            pending[source] = g
        else:
            shared.discard(source)
            alone = True
            if source in own:
                add(held, g, into=held)
            else:
                pending[source] = held + g
        if alone and not create_graph:
            own.add(source)

    def complete(source: Source, g: Tensor | None) -> Tensor:
        """The cotangent of a leaf or of what is wanted, after the hooks have seen it."""
        if g is None:
            g = Op.fresh(roots[0][1].device.call("zeros", source.shape, source.dtype))
        for hook in tuple(source.hooks or ()):
            new = hook(g)
            if new is not None:
                g = _checked(new, source, hook)
                shared.add(source)  # with whoever wrote the hook
        if source in goals or not isinstance(source, Node):
            found[source] = g
        return g

    with recording(create_graph):
        for source, g in roots:
            if useful is None or source in useful:
                shared.add(source)
                contribute(source, g)
        while heap:
            node = heapq.heappop(heap)[1]
            gy = pending.pop(node)
            if node.hooks or node in goals:
                gy = complete(node, gy)
            sources = node.inputs
            if useful is not None:
                sources = [s if s in useful else None for s in sources]
            accumulate = None if gy is None else node.op.accumulate
            if accumulate and sources[0] in own:
                accumulate(pending[sources[0]], gy, **node.params)
                sources = []
            pulled: list[tuple[Source, Tensor | None]]
            if gy is None:
                pulled = [(source, None) for source in sources if source is not None]
            else:
                pulled = node.op.pull(node, gy, sources)
            for goal, gx in pulled:
                if gx is not None:
                    if anomaly:
                        _look_for_anomaly(gx, goal, node)
                    array = gx.array
                    if array.dtype is not goal.dtype or array.shape != goal.shape:
                        gx = _fitting(gx, goal, node)
                    if goal.__class__ is not Node or goal in goals:  # only these are given away
                        view = gx.array.base is not None or gx.base is not None
                        if gx is gy or view or _is_kept(gx, node):
                            shared.add(goal)
                if goal in pending or accumulate is not None:
                    contribute(goal, gx, accumulate is not None)
                else:  # the usual case: the only consumer
                    pending[goal] = gx
                    if goal.__class__ is Node:
                        heapq.heappush(heap, (-goal.serial, goal))
            if not retain_graph:
                node.free()
        for leaf, last in pending.items():
            complete(leaf, last)
    return found, shared


def _is_kept(g: Tensor, node: Node) -> bool:
    return any(g is value for value in node.saved)


def _checked(g: Any, source: Source, hook: Any) -> Tensor:
    """What a hook has returned, which must be like the gradient that it was given. Errors:
    TypeError for what is no tensor, GraphError for another shape, type or device."""
    if not hasattr(g, "catch_up"):
        raise TypeError(f"backward: expected Variable, but hook returned {type(g).__name__!r}")
    if g.shape == source.shape and g.dtype == source.dtype:
        return g  # type: ignore[no-any-return]
    what = "size" if g.shape != source.shape else "type"
    raise GraphError(
        f"backward: hook {getattr(hook, '__name__', hook)!r} has changed the {what} of value: it "
        f"was given {source.dtype} of shape {tuple(source.shape)} and returned {g.dtype} of shape "
        f"{tuple(g.shape)}"
    )


def _fitting(g: Tensor, source: Source, giver: Node) -> Tensor:
    """The gradient in its source's shape and type: what broadcasting spread is summed again, and
    what type promotion widened is narrowed again, here and in no rule."""
    if g.shape != source.shape:
        try:
            g = g.sum_to_size(source.shape)
        except RuntimeError as error:
            raise GraphError(
                f"backward: the rule of {giver.op.name} ({show_line(giver.where)}) gave a gradient "
                f"of shape {tuple(g.shape)} for a tensor of shape {tuple(source.shape)}"
            ) from error
    return g if g.dtype == source.dtype else g.to(source.dtype)


def _look_for_anomaly(g: Tensor, source: Source, node: Node) -> None:
    """Errors: GraphError that names the op whose gradient holds nan or inf."""
    finite = g.device.call("isfinite", g.array)
    right = g.device.call("sum", finite).item()
    if right < finite.size:
        raise GraphError(
            f"backward: anomaly: {node.name()} ({show_line(node.where)}) returned nan values or "
            f"inf: {finite.size - right} of {finite.size} numbers of the gradient for its operand "
            f"{node.inputs.index(source)} of shape {tuple(source.shape)}"
        )


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
