"""Writing down what a step does, as it passes the door."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction, Operand, Place, Program, Slot
from minigrad.device import Array, Device, device_of
from minigrad.errors import CompileError
from minigrad.lines import Line, line, show_line
from minigrad.marking import owner
from minigrad.op import Op
from minigrad.ops.random import draw
from minigrad.recording import Recorder
from minigrad.tensor import Tensor, wrap


class StateBorn(Exception):
    """An optimizer makes its state: this step is another program than those after it."""


class Former:
    """The gradient of a leaf when a step began. It is not kept alive: of a step that forgets it,
    the old gradients and the new ones need not be in memory together.

    Attributes:
        there: whether there was one.
    """

    def __init__(self, gradient: Tensor | None) -> None:
        self.there = gradient is not None
        self._kept = None if gradient is None else weakref.ref(gradient)

    def gradient(self) -> Tensor | None:
        """The gradient; None where there was none, or nobody has it any more."""
        return None if self._kept is None else self._kept()


class StepRecorder(Recorder):
    """Collects the instructions of a step while it is rehearsed: what was there before the step is
    not written to, so that the step can be done for good afterwards.

    Attributes:
        instructions: in the order in which they happened.
        things: the modules and optimizers whose plain settings the step reads, with these.
        leaves: the leaves that the step reads, and those known beforehand, by id.
        lacking: those that an optimizer passes over, as the step began without their gradients.
        dropped: those whose gradients the step sets to None.
        entry: for each of them what ``.grad`` was when the step began.
        states: the tensors that the step closes over, with their arrays.
        devices: where the step computes, and a line of its that does. (A single number of the host
            may join in on a GPU.)
        hasty: whether to end the rehearsal by `StateBorn` as soon as an update writes into what
            was made in this step, which is then a state. (That takes the least memory.)
    """

    def __init__(
        self,
        arguments: Sequence[Tensor],
        leaves: Sequence[Tensor] = (),
        hasty: bool = False,
        hollow: frozenset[int] = frozenset(),
    ) -> None:
        self.hasty, self.hollow = hasty, hollow
        self.instructions: list[Instruction] = []
        self.things: dict[int, tuple[Any, Any]] = {}
        self.entry = {id(leaf): Former(leaf.grad) for leaf in leaves}
        self.states: list[tuple[Tensor, Array]] = []
        self._closed_over: set[int] = set()  # the ids of these tensors
        self._aliases: dict[int, tuple[Tensor, Tensor]] = {}  # what the step makes of them
        self.devices: dict[Device, Line | None] = {}
        self.leaves: dict[int, Tensor] = {id(leaf): leaf for leaf in leaves}
        self.lacking: set[int] = set()
        self.dropped: list[Tensor] = []
        self._forgotten: set[int] = set()
        self._slots: dict[int, Slot] = {}
        self._alive: dict[int, weakref.ref[Any]] = {}
        self._places: dict[int, Place] = {}
        self._outside: set[Place] = set()
        self._made: set[int] = set()
        self._constants: dict[Place, Slot] = {}  # those that nothing was written into yet
        self._streams: dict[int, tuple[Any, Any]] = {}
        self._held: list[tuple[Any, dict[Any, dict[str, Any]]]] = []
        self.arguments = tuple(
            self._add(Slot("argument", x.array, Place(), i, f"x{i}"), x.array)
            for i, x in enumerate(arguments)
        )
        self._outside.update(slot.place for slot in self.arguments)

    replays = True

    # -- what the door and others tell ----------------------------------------------------------

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        given = tuple(self.slot(x) if isinstance(x, Tensor) else x for x in operands)
        where = line()
        if into is not None:
            self._append(op, given, params, self.slot(into), True, where)
            return
        array = result.array
        known = self._slots.get(id(array))
        if known is not None:
            raise CompileError(
                f"compile: {op.name} returned an operand itself ({show_line(where)}); "
                "this is an error in minigrad"
            )
        first = given[0] if given else None
        aliased = op.view and isinstance(first, Slot) and owner(array) is owner(operands[0].array)
        if aliased and isinstance(first, Slot):
            slot = Slot("view", array, first.place)
        else:
            slot = Slot("value", array, Place())
        if op is not draw:  # what the host draws is brought to where it is needed
            self._computes(array, where)
        self._append(op, given, params, self._add(slot, array), False, where)

    def made(self, tensor: Tensor) -> None:
        self._made.add(id(tensor.array))
        self._watch(tensor.array)

    def alias(self, alias: Tensor, of: Tensor) -> None:
        if id(of.array) not in self._made and self.slot(of).origin in ("state", "argument"):
            self._aliases[id(alias)] = (alias, self._aliases.get(id(of), (of, of))[1])

    def turns(self, tensor: Tensor, what: str) -> None:
        if id(tensor.array) in self._made:
            return
        if id(tensor) in self._aliases or self.slot(tensor).origin in ("state", "argument"):
            raise CompileError(
                f"compile: {what} changes what a tensor from outside of the step is, not only its "
                f"numbers ({show_line(line())}): a replay would not do it again; do it outside of "
                "the step, or to a tensor that the step makes"
            )

    def overwrites(self, into: Tensor) -> bool:
        place = self.slot(into).place
        constant = self._constants.pop(place, None)
        if constant is not None:
            if self.hasty and self.phase == "update":
                raise StateBorn
            constant.holder = constant.holder.copy()  # a replay begins with what it was
        return place in self._outside

    def draws(self, stream: Any) -> None:
        if id(stream) not in self._streams:
            self._streams[id(stream)] = (stream, deepcopy(stream.bit_generator.state))

    def read(self, what: str) -> None:
        raise CompileError(
            f"compile: {what} cannot be part of a recorded step ({show_line(line())}): a replay "
            "would not do it again; return the tensor, and do it outside of the step"
        )

    def forgets(self, leaf: Tensor, wholly: bool) -> None:
        if not self._own(leaf):  # also one that is frozen: its gradient goes as the others'
            self._leaf(leaf)
            if wholly:
                self._forgotten.add(id(leaf))

    def receives(self, leaf: Tensor) -> None:
        if not self._own(leaf):
            self._leaf(leaf)

    def lacks(self, leaf: Tensor) -> None:
        self._leaf(leaf)
        if id(leaf) not in self._forgotten:
            self.lacking.add(id(leaf))

    def _own(self, leaf: Tensor) -> bool:
        """Whether the step has made it."""
        if id(leaf) in self._aliases or id(leaf.array) in self._made:
            return True
        found = self._slots.get(id(leaf.array))
        return found is not None and found.origin != "state"

    def _leaf(self, leaf: Tensor) -> None:
        self.leaves.setdefault(id(leaf), leaf)
        self.entry.setdefault(id(leaf), Former(leaf.grad))

    def depends(self, thing: Any) -> None:
        if id(thing) in self.things:
            return
        self.things[id(thing)] = (thing, settings_of(thing))
        if hasattr(thing, "param_groups"):
            self._held.append((thing, {p: dict(state) for p, state in thing.state.items()}))

    # -- slots ----------------------------------------------------------------------------------

    def slot(self, tensor: Tensor) -> Slot:
        """The slot of a tensor's array; one that the door has not seen yet is state, or a constant
        where it was made in the step."""
        tensor = self._aliases.get(id(tensor), (tensor, tensor))[1]
        array = tensor.array
        found = self._slots.get(id(array))
        if found is not None:
            if found.origin == "state":
                self._closes_over(tensor)
            return found
        self._computes(array, None)
        if id(array) in self._made:
            slot = Slot("constant", array, Place(), array)
            self._constants[slot.place] = slot
            return self._add(slot, array)
        self._closes_over(tensor)
        place = self._places.setdefault(id(owner(array)), Place())
        self._outside.add(place)
        return self._add(Slot("state", array, place, tensor), array)

    def _closes_over(self, tensor: Tensor) -> None:
        """Keep a tensor that the step found, each once: one array may be that of several, of
        a parameter and of what it was detached to."""
        if id(tensor) in self._closed_over:
            return
        self._closed_over.add(id(tensor))
        self.states.append((tensor, tensor.array))
        if tensor.tracked and tensor.node is None:
            self._leaf(tensor)

    def _computes(self, array: Array, where: Line | None) -> None:
        if array.ndim or not isinstance(array, np.ndarray):
            self.devices.setdefault(device_of(array), where or line())

    def _add(self, slot: Slot, array: Array) -> Slot:
        self._watch(array)
        self._slots[id(array)] = slot
        return slot

    def _watch(self, array: Array) -> None:
        """Forget the array's id when it dies: another one may get it."""
        key = id(array)

        def forget(_: Any) -> None:
            self._slots.pop(key, None)
            self._made.discard(key)

        self._alive[key] = weakref.ref(array, forget)

    def _append(
        self,
        op: Op,
        operands: tuple[Operand, ...],
        params: dict[str, Any],
        result: Slot,
        into: bool,
        where: Line,
    ) -> None:
        # Those that go without saying as well: what computes it need not know the defaults.
        params = {**op.defaults, **params}
        self.instructions.append(Instruction(op, operands, params, result, into, where, self.phase))

    # -- the end --------------------------------------------------------------------------------

    def undo(self) -> bool:
        """Put back what the rehearsal changed outside the door: streams of random numbers and the
        state of optimizers. Returns whether that state came into being in this step, as does that
        of a parameter which parts from the others' count of steps."""
        self._alive.clear()  # its callbacks hold this recorder
        for stream, state in self._streams.values():
            stream.bit_generator.state = state
        born = False
        for optimizer, before in self._held:
            for p, state in list(optimizer.state.items()):
                former = before.get(p, {})
                if state.keys() != former.keys() or any(state[k] is not former[k] for k in state):
                    born = True
                    if p in before:
                        optimizer.state[p] = former
                    else:
                        del optimizer.state[p]
        return born

    def held_state(self) -> set[int]:
        """The ids of the tensors that optimizers keep for their parameters."""
        return {
            id(tensor)
            for optimizer, _ in self._held
            for state in optimizer.state.values()
            for tensor in state.values()
        }

    def forget_what_differs(self, other: StepRecorder) -> None:
        """Take no settings for granted that the step itself changes (a count of calls): the other
        recording met others, and is the same program."""
        for key, (_, settings) in other.things.items():
            if key in self.things:
                thing, own = self.things[key]
                kept = {k: v for k, v in own.items() if k in settings and settings[k] == v}
                self.things[key] = (thing, kept)

    def restore(self) -> None:
        """Put the gradients back that were there when the step began, but for those that it
        forgets."""
        for key, leaf in self.leaves.items():
            leaf.grad = self.entry[key].gradient()

    def hollowed(self) -> frozenset[int]:
        """Leave gradients that hold no numbers: enough to rehearse the step once more as it is when
        there are gradients already. Returns their arrays' ids."""
        left = []
        for leaf in self.leaves.values():
            if leaf.grad is not None:
                shape, where = leaf.grad.array.shape, leaf.grad.device
                one = where.call("zeros", (), leaf.grad.array.dtype)
                many = where.xp.lib.stride_tricks.as_strided(one, shape, (0,) * len(shape))
                leaf.grad = wrap(many)
                left.append(id(many))
        return frozenset(left)

    def program(self, results: Sequence[Tensor]) -> Program:
        """The program of the step that has just ended and returns these tensors."""
        gradients = []
        self.dropped = [
            x for i, x in self.leaves.items() if i in self._forgotten and x.grad is None
        ]
        for leaf in self.leaves.values():
            if leaf.grad is not None and leaf.grad is not self.entry[id(leaf)].gradient():
                gradients.append((leaf, self.slot(leaf.grad)))
        found = tuple(self.slot(x) for x in results)
        self._name()
        return Program(self.arguments, tuple(self.instructions), found, tuple(gradients))

    def _name(self) -> None:
        """Call the state by the names that modules and optimizers know it by."""
        names: dict[int, str] = {}
        optimizers = []
        for thing, _ in self.things.values():
            if hasattr(thing, "named_parameters"):
                for name, tensor in [*thing.named_parameters(), *thing.named_buffers()]:
                    names.setdefault(id(tensor), name)
            else:
                optimizers.append(thing)
        for optimizer in optimizers:
            for (group, _), rate in optimizer.rates.items():
                names[id(rate)] = f"lr{group or ''}"
            for p, state in optimizer.state.items():
                for name, tensor in state.items():
                    names.setdefault(id(tensor), f"{name}({names.get(id(p), '?')})")
        number = 0
        for each in self.instructions:
            for slot in each.reads:
                if slot.origin == "state" and not slot.name:
                    slot.name = names.get(id(slot.holder), "")
                elif slot.origin == "constant" and slot.shape == ():
                    slot.name = f"{slot.holder.item():g}"
                if slot.origin in ("state", "constant") and not slot.name:
                    slot.name = f"{slot.origin[0]}{number}"
                    number += 1


def settings_of(thing: Any) -> dict[Any, Any]:
    """A module's or an optimizer's `settings`, also where an attribute of it has that name."""
    return type(thing).settings(thing)  # type: ignore[no-any-return]
