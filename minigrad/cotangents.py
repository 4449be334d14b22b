"""The cotangents that a walk back is adding up: where they lie, and who else holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

from minigrad.errors import GraphError
from minigrad.lines import show_line
from minigrad.op import Op
from minigrad.ops.arithmetic import add
from minigrad.ops.shape import clone
from minigrad.recording import following, switch
from minigrad.tape import Node, Source

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


Made: TypeAlias = "Iterable[tuple[Source, Tensor | None]]"
"""What the rules of a node have made, each with the place that it belongs to."""


class Cotangents:
    """What has come to each source so far, and what has come to the end.

    A sum is made in place where the walk alone holds it: not with ``create_graph``, whose sums are
    on the tape. None stands for zeros, from which nothing is computed.

    Attributes:
        found: the complete ones of leaves and of what is wanted.
        shared: those among them that share memory with something else.
        waiting: the nodes that something has come to, a heap with the newest first.
    """

    def __init__(self, wanted: Sequence[Source] | None, in_place: bool) -> None:
        self.found: dict[Source, Tensor] = {}
        self.shared: set[Source] = set()
        self.waiting: list[tuple[int, Node]] = []
        self._pending: dict[Source, Tensor | None] = {}  # those under construction
        self._own: set[Source] = set()  # whose cotangents are held here alone
        self._goals = frozenset(wanted or ())
        self._in_place = in_place

    def start(self, root: Source, seed: Tensor) -> None:
        """Begin at a root with the cotangent that was given, which somebody else holds as well."""
        self._device = seed.device
        if root in self._pending:
            self._pending[root] += seed
            self.shared.discard(root)
            return
        self._pending[root] = seed
        self.shared.add(root)
        if isinstance(root, Node):
            heappush(self.waiting, (-root.serial, root))

    def newest(self) -> tuple[Node, Tensor | None]:
        """The newest of the waiting nodes with its cotangent, which is complete: all consumers of
        its result are newer and have been here."""
        node = heappop(self.waiting)[1]
        g = self._pending.pop(node)
        if node.hooks or node in self._goals:
            g = self._complete(node, g)
        return node, g

    def end(self) -> None:
        """No node waits any more, so that those of the leaves are complete as well."""
        for leaf, g in self._pending.items():
            self._complete(leaf, g)

    def absorb(self, node: Node, g: Tensor, sources: Sequence[Source | None]) -> Made:
        """What an op makes of its cotangent that can add it right to a sum, as it is mostly zeros:
        nothing where that was done."""
        source = sources[0]
        if source in self._own:
            node.op.accumulate(self._pending[source], g, **node.params)  # type: ignore[misc]
            return ()
        if source is not None and self._in_place and self._pending.get(source) is None:
            self._own.add(source)  # what the rule makes is new memory
        return node.op.pull(node, g, sources)

    def take(self, made: Made, node: Node, given: Tensor | None) -> None:
        """Add what the rules of a node have made of the cotangent that it was given."""
        pending, goals = self._pending, self._goals
        for goal, g in made:
            if g is not None:
                array = g.array
                if array.dtype is not goal.dtype or array.shape != goal.shape:
                    g = _fitting(g, goal, node)
                if goal.__class__ is not Node or goal in goals:  # only these are given away
                    view = g.array.base is not None or g.base is not None
                    if view or g is given or any(g is value for value in node.saved):
                        self.shared.add(goal)
            if goal not in pending:  # the usual case: the only consumer
                pending[goal] = g
                if goal.__class__ is Node:
                    heappush(self.waiting, (-goal.serial, goal))
            elif g is None:
                continue
            elif (held := pending[goal]) is None:
                pending[goal] = g
            else:
                self.shared.discard(goal)
                if goal in self._own:
                    add(held, g, into=held)
                else:
                    pending[goal] = held + g
                    if self._in_place:
                        self._own.add(goal)

    def _complete(self, source: Source, g: Tensor | None) -> Tensor:
        """The cotangent of a leaf or of what is wanted, after the hooks have seen it."""
        if g is None:
            g = Op.fresh(self._device.call("zeros", source.shape, source.dtype))
        hooks = tuple(source.hooks or ())
        if hooks and following:
            switch.recorder.hooking(source, g)
        for hook in hooks:
            new = hook(g)
            if new is not None:
                g = _checked(new, source, hook)
                self.shared.add(source)  # with whoever wrote the hook
        if hooks and following:
            switch.recorder.hooked(source, g)
        if source in self._goals or not isinstance(source, Node):
            self.found[source] = g
        return g

    def unshared(self, source: Source) -> Tensor:
        """What was found for a source, in memory of its own: it may be written to."""
        if source in self.shared:
            self.found[source] = clone(self.found[source])
            self.shared.discard(source)
        return self.found[source]


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
