"""From a program to what a device is asked to do: kernels, products, and what has neither."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeAlias

import numpy as np

from minigrad.compiler.passes.chains import joinable
from minigrad.compiler.program import Group, Instruction, Kind, Program, Slot, Unit
from minigrad.compiler.targets.cuda.kernels import bundles, generated, registry
from minigrad.compiler.targets.cuda.kernels.pooled import pooled
from minigrad.compiler.targets.cuda.kernels.series import series
from minigrad.compiler.targets.cuda.kernels.signatures import check
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu, Kernel, Launch, Upload, Work
from minigrad.compiler.targets.cuda.lower import matrices, moves
from minigrad.compiler.targets.cuda.tuning import made_for
from minigrad.compiler.targets.eager import called
from minigrad.compute import quiet
from minigrad.device import Array
from minigrad.ops.random import draw
from minigrad.precision import Policy

Eager: TypeAlias = Callable[[], object]
"""An op that the array library does: no graph can hold it."""


class Lowered:
    """A program on its arrays as work, in order.

    Attributes:
        work: launches, products, and calls of the array library.
        uploads: what the host makes afresh before the work is done.
        missing: the names of the ops that have no kernel, as often as they are done.

    Errors: LayoutError for work that takes an array to lie otherwise than it does.
    """

    def __init__(
        self,
        program: Program,
        arrays: dict[Slot, Array],
        gpu: Gpu,
        policy: Policy,
        kernels: bool,
    ) -> None:
        self._arrays, self._gpu, self._policy = arrays, gpu, policy
        self._wanted = kernels
        self._workspace = Workspace(gpu)
        self.missing: list[str] = []
        self.uploads: list[Upload] = []
        self.work = self._restored(program)
        with made_for(gpu.name):
            for each in program.instructions:
                self._workspace.begin()
                self.work += self._unit(each)
        for work in self.launches:
            check(work)
        for product in self.products:
            check(product)

    @property
    def kernels(self) -> list[Kernel]:
        """Every kernel once."""
        named = {work.kernel.name: work.kernel for work in self.launches}
        return list(named.values())

    @property
    def launches(self) -> list[Launch]:
        """What is done by kernels."""
        return [work for work in self.work if isinstance(work, Launch)]

    @property
    def products(self) -> list[Gemm]:
        """What is done by products."""
        return [work for work in self.work if isinstance(work, Gemm)]

    @property
    def scratch(self) -> int:
        """Bytes that kernels need beside their operands."""
        return self._workspace.size

    def _unit(self, each: Unit) -> list[Work | Eager]:
        if each.is_view:
            return []
        if each.kind == "op":
            return self._op(each)
        found = self._GROUPS[each.kind](self, each)
        return self._one_by_one(each) if found is None else [*found]

    def _one_by_one(self, each: Group) -> list[Work | Eager]:
        """A group as its members, in their order: what would stay hidden has memory for the way."""
        for x in each.hidden:
            self._arrays[x] = self._workspace.take(x.shape, x.dtype)
        return [work for member in each.members for work in self._unit(member)]

    def _op(self, each: Instruction) -> list[Work | Eager]:
        if each.op is draw:
            self.uploads.append(Upload(self._arrays[each.result], each.params["make"]))
            return []
        given = [self._arrays[x] if isinstance(x, Slot) else x for x in each.operands]
        out = self._arrays[each.result]
        found = self._kernels(each, given, out) if self._wanted else None
        if found is None:
            self.missing.append(each.op.name)
            return [self._eager(each, given, out)]
        return [*found]

    def _eager(self, each: Instruction, given: list[Any], out: Array) -> Eager:
        xp = self._gpu.xp
        forward = each.op.forward if xp is np else each.op.kernels.get("cuda", each.op.forward)
        return partial(quiet.context.run, called(each, forward, xp, given, out))

    # -- groups: what does one by one launch, None where nothing does ---------------------------

    def _chain(self, each: Group) -> Sequence[Work] | None:
        return generated.chain(each, self._arrays)

    def _series(self, each: Group) -> Sequence[Work] | None:
        return series(each, self._arrays)

    def _bundle(self, each: Group) -> Sequence[Work] | None:
        if registry.pair(each.parts[0].op) is None:
            return bundles.bundle(each.members, self._arrays, self._table)
        found = self._pair(each)
        return None if found is None else self._precise(each.parts[0], found)

    def _pair(self, each: Unit, tail: Tail | None = None) -> list[Work] | None:
        one, other = each.parts
        given = [self._arrays[x] for x in one.reads]
        out, beside = self._arrays[one.result], self._arrays[other.result]
        return registry.lowered_pair(one, given, out, beside, self._workspace.take, tail)

    def _joint(self, each: Group) -> Sequence[Work] | None:
        head, chain = each.members
        (made,), one = each.hidden, head.parts[0]
        tail = generated.tail(chain, self._arrays, made)
        if tail is None:
            return None
        # With a tail nothing is written there: it only shows what the numbers are like.
        written = self._arrays[chain.writes[0]]
        alike = written.dtype == made.dtype and written.flags.c_contiguous
        like = written if alike else self._workspace.take(made.shape, made.dtype)
        self._arrays[made] = like
        found: Sequence[Work] | None
        if head.kind == "bundle":
            found = self._pair(head, tail)
        else:
            given = [self._arrays[x] if isinstance(x, Slot) else x for x in one.operands]
            found = registry.lowered(one, given, like, self._workspace.take, tail)
        return None if found is None else self._precise(one, found)

    def _pooled(self, each: Group) -> Sequence[Work] | None:
        head, pool = each.members
        (over,), arrays = each.hidden, self._arrays
        middle = tail = None
        if head.kind == "joint":
            (made,) = head.hidden
            middle = generated.tail(head.members[1], arrays, made, over)
        if pool.kind == "joint":
            (made,) = pool.hidden
            tail = generated.tail(pool.members[1], arrays, made)
        joint = head.kind == "joint", pool.kind == "joint"
        if joint != (middle is not None, tail is not None):
            return None
        return pooled(each, arrays, self._workspace.take, middle, tail)

    _GROUPS: ClassVar[dict[Kind, Callable[[Lowered, Group], Sequence[Work] | None]]] = {
        "chain": _chain,
        "bundle": _bundle,
        "joint": _joint,
        "series": _series,
        "pooled": _pooled,
    }

    def _precise(self, each: Instruction, found: Sequence[Work]) -> list[Work]:
        """The products of convolutions as precise as is asked for."""
        if each.op.family != "convolution":
            return [*found]
        tf32 = self._policy.convolution
        return [replace(x, tf32=tf32) if isinstance(x, Gemm) else x for x in found]

    def _kernels(self, each: Instruction, given: list[Any], out: Array) -> Sequence[Work] | None:
        """What does an op; None where there is no kernel for it."""
        if joinable(each):
            return [*generated.chain(each, self._arrays)]
        if each.into and not (each.op.updates and given[0] is out):
            return None  # the result may see what it is written over
        found: Sequence[Work] | None = self._product(each, given, out)
        if found is None:
            found = moves.moved(each, given, out, self._gpu.xp, self._table)
        if found is not None:
            return found
        found = registry.lowered(each, given, out, self._workspace.take)
        return None if found is None else self._precise(each, found)

    def _product(self, each: Instruction, given: list[Any], out: Array) -> Sequence[Work] | None:
        """A product; of factors that lie in memory in a way that no product takes, of copies."""
        tf32 = self._policy.matmul
        if each.op not in matrices.PRODUCTS:
            return None
        product = matrices.described(each, given, out, tf32)
        if product is not None:
            return [product]
        factors = {i: x for i, x in enumerate(given) if not x.flags.c_contiguous}
        if not factors:
            return None
        dense = [self._workspace.take(x.shape, x.dtype) for x in factors.values()]
        taken = list(given)
        for i, copy in zip(factors, dense, strict=True):
            taken[i] = copy
        product = matrices.described(each, taken, out, tf32)
        if product is None:
            return None
        copies = bundles.copies(list(zip(dense, factors.values(), strict=True)), self._table)
        return [*copies, product]

    def _restored(self, program: Program) -> list[Work | Eager]:
        """Constants that the step writes over, or gives away, begin as what they were."""
        places = program.written | {slot.place for _, slot in program.gradients}
        found: list[Work | Eager] = []
        for slot, array in self._arrays.items():
            if slot.origin == "constant" and slot.place in places:
                kept = self._gpu.empty(slot.bytes)[: slot.bytes]
                kept = kept.view(slot.dtype).reshape(slot.shape)
                self._gpu.upload(kept, array)
                if self._wanted:
                    found += bundles.copies([(array, kept)], self._table)
                else:
                    found.append(partial(self._gpu.xp.copyto, array, kept))
        return found

    def _table(self, numbers: Array) -> Array:
        table = self._gpu.empty(numbers.nbytes)[: numbers.nbytes].view(numbers.dtype)
        self._gpu.upload(table, numbers)
        return table


class Workspace:
    """Memory that is free again after each op.

    Attributes:
        size: bytes of it.
    """

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._slabs: list[Array] = []
        self._outgrown: list[Array] = []
        self._next = 0
        self.size = 0

    def begin(self) -> None:
        """What was taken is free."""
        self._next = 0

    def take(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array until `begin`."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if self._next == len(self._slabs):
            self._slabs.append(self._new(size))
        elif self._slabs[self._next].size < size:
            self._outgrown.append(self._slabs[self._next])  # what was lowered so far goes on in it
            self._slabs[self._next] = self._new(size)
        slab = self._slabs[self._next]
        self._next += 1
        return slab[:size].view(kind).reshape(shape)

    def _new(self, size: int) -> Array:
        self.size += size
        return self._gpu.empty(size)
