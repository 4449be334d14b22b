"""A recorded step: the program, what must hold for it to be replayed, and the replay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.compiler.program import Program
from minigrad.compiler.record.names import Name
from minigrad.compiler.record.recorder import StepRecorder, settings_of
from minigrad.compiler.record.tree import rebuilt
from minigrad.compiler.targets.target import Replay
from minigrad.content import content
from minigrad.device import Array
from minigrad.nn.registry import Registry
from minigrad.tape import serial
from minigrad.tensor import Tensor, wrap


class Recorded:
    """A program with all that must hold for it to be replayed, and the replay.

    Attributes:
        source: the program as it was recorded.
        program: what is replayed.
        steady: whether it is known that it fits again after it ran.
    """

    steady = False

    def __init__(
        self,
        source: Program,
        program: Program,
        recorder: StepRecorder,
        names: list[Name],
        returned: Any,
        replay: Replay,
    ) -> None:
        self.source, self.program, self.returned, self.replay = source, program, returned, replay
        self.names = names
        things = recorder.things.values()
        self.modules = [(t, settings) for t, settings in things if isinstance(t, Registry)]
        self.optimizers = [(t, settings) for t, settings in things if not isinstance(t, Registry)]
        self.clock = Registry.clock
        # Hooks come and go without an attribute being set, but for a module's first.
        self.hooked = [(t, settings) for t, settings in self.modules if t._hooks is not None]
        self.hooks = [(leaf, _hooks(leaf)) for leaf in recorder.leaves.values()]
        known = {id(tensor) for tensor, _ in recorder.states}
        self.held = [
            (optimizer.state, p, name, tensor)
            for optimizer, _ in self.optimizers
            for p, state in optimizer.state.items()
            for name, tensor in state.items()
            if id(tensor) in known
        ]
        # Their arrays as they are now: the replay may have moved an optimizer's state.
        self.states = [(tensor, tensor.array, tensor.tracked) for tensor, _ in recorder.states]
        used = {id(tensor) for tensor, _ in recorder.states}
        new = {id(leaf) for leaf, _ in program.gradients}
        self.grads: list[tuple[Tensor, Tensor | None]] = []
        for key, former in recorder.entry.items():
            leaf, before = recorder.leaves[key], former.gradient()
            if not former.there and (key in new or key in recorder.lacking):
                self.grads.append((leaf, None))
            elif before is not None and id(before) in used:
                self.grads.append((leaf, before))
        self.dropped = recorder.dropped
        arrays = replay.arrays
        self.given = [(leaf, wrap(arrays[slot])) for leaf, slot in program.gradients]
        self.results = [
            slot.holder if slot.origin == "state" else arrays[slot] for slot in program.results
        ]
        places = program.written
        self.written = [
            slot.holder
            for slot in dict.fromkeys(program.slots())
            if slot.origin == "state" and slot.place in places and slot.holder.memory is not None
        ]

    def fits(self) -> bool:
        """Whether nothing that the recording took for granted has changed."""
        return (
            all(t.array is array and t.tracked == tracked for t, array, tracked in self.states)
            and all(name.stands() for name in self.names)
            and all(leaf.grad is before for leaf, before in self.grads)
            and _stand(self.optimizers)
            and all(state[p].get(name) is tensor for state, p, name, tensor in self.held)
            and _stand(self.hooked)
            and all(_hooks(leaf) == count for leaf, count in self.hooks)
            and (self.clock == Registry.clock or self._settled())
        )

    def _settled(self) -> bool:
        """Whether the modules' settings are what they were, although some attribute was set."""
        if not _stand(self.modules):
            return False
        self.clock = Registry.clock
        return True

    def run(self, inputs: Sequence[Array], times: int = 1) -> Any:
        """Do the step, so many times; returns what it returns the last time."""
        for optimizer, _ in self.optimizers:
            optimizer.refresh()
        self.replay.run(inputs, times)
        for leaf, gradient in self.given:
            leaf.grad = gradient
        for leaf in self.dropped:
            leaf.grad = None
        for tensor in self.written:
            tensor.memory.serial = next(serial)
        return rebuilt(
            self.returned,
            [x if isinstance(x, Tensor) else wrap(x.copy()) for x in self.results],
        )


def _stand(things: list[tuple[Any, dict[Any, Any]]]) -> bool:
    """Whether all these settings are as they were, and perhaps others beside them."""
    return all(settings_of(each).items() >= settings.items() for each, settings in things)


def _hooks(leaf: Tensor) -> Any:
    if not leaf.hooks and not leaf.afterwards:
        return None
    return content(leaf.hooks or []), content(leaf.afterwards or [])
