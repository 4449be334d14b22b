"""Writing down what a step does, as it passes the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.compiler.program import Instruction, Operand, Place, Program, Slot
from minigrad.device import Array
from minigrad.errors import CompileError
from minigrad.op import Op
from minigrad.tape import Line, Recorder, line, show_line
from minigrad.tensor import Tensor, owner


class StepRecorder(Recorder):
    """Collects the instructions of a step.

    Attributes:
        instructions: in the order in which they happened.
        things: the modules and optimizers whose plain settings the step reads, with these.
        entry: for leaves known beforehand, what ``.grad`` was when the step began.
        states: the tensors that the step closes over, with their arrays.
    """

    def __init__(self, arguments: Sequence[Tensor], leaves: Sequence[Tensor] = ()) -> None:
        self.instructions: list[Instruction] = []
        self.things: dict[int, tuple[Any, Any]] = {}
        self.entry = {id(leaf): leaf.grad for leaf in leaves}
        self.states: list[tuple[Tensor, Array]] = []
        self.leaves: dict[int, Tensor] = {id(leaf): leaf for leaf in leaves}
        self.phase = "forward"
        self._slots: dict[int, Slot] = {}
        self._arrays: list[Array] = []  # keeps them alive: an id is good as long as its owner
        self._places: dict[int, Place] = {}
        self._made: dict[int, Array] = {}
        self.arguments = tuple(
            self._add(Slot("argument", x.array, Place(), i, f"x{i}"), x.array)
            for i, x in enumerate(arguments)
        )

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
        self._append(op, given, params, self._add(slot, array), False, where)

    def made(self, tensor: Tensor) -> None:
        self._made[id(tensor.array)] = tensor.array.copy()
        self._arrays.append(tensor.array)

    def read(self, what: str) -> None:
        raise CompileError(
            f"compile: {what} reads a value while the step is being recorded "
            f"({show_line(line())}); return the tensor instead, and read it outside of the step"
        )

    def depends(self, thing: Any) -> None:
        self.things.setdefault(id(thing), (thing, thing.settings()))

    # -- slots ----------------------------------------------------------------------------------

    def slot(self, tensor: Tensor) -> Slot:
        """The slot of a tensor's array; one that the door has not seen yet is state, or a constant
        where it was made in the step."""
        array = tensor.array
        found = self._slots.get(id(array))
        if found is not None:
            return found
        if not isinstance(array, np.ndarray):
            raise CompileError(
                f"compile: a tensor on {tensor.device} ({show_line(line())}); compiled steps run "
                "on the CPU"
            )
        first = self._made.get(id(array))
        if first is not None:
            return self._add(Slot("constant", array, Place(), first), array)
        if tensor.tracked and tensor.node is None:
            self.leaves.setdefault(id(tensor), tensor)
            self.entry.setdefault(id(tensor), tensor.grad)
        self.states.append((tensor, array))
        place = self._places.setdefault(id(owner(array)), Place())
        return self._add(Slot("state", array, place, tensor), array)

    def _add(self, slot: Slot, array: Array) -> Slot:
        self._slots[id(array)] = slot
        self._arrays.append(array)
        return slot

    def _append(
        self,
        op: Op,
        operands: tuple[Operand, ...],
        params: dict[str, Any],
        result: Slot,
        into: bool,
        where: Line,
    ) -> None:
        self.instructions.append(Instruction(op, operands, params, result, into, where, self.phase))

    # -- the end --------------------------------------------------------------------------------

    def program(self, results: Sequence[Tensor]) -> Program:
        """The program of the step that has just ended and returns these tensors."""
        gradients = []
        for leaf in self.leaves.values():
            if leaf.grad is not None and leaf.grad is not self.entry[id(leaf)]:
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
            for p, state in optimizer.state.items():
                for name, tensor in state.items():
                    names.setdefault(id(tensor), f"{name}({names.get(id(p), '?')})")
        for slot in self._slots.values():
            if slot.origin == "state":
                slot.name = names.get(id(slot.holder), slot.name)
        number = 0
        for slot in self._slots.values():
            if slot.origin in ("state", "constant") and not slot.name:
                slot.name = f"{slot.origin[0]}{number}"
                number += 1
