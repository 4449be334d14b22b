"""`compile`: a step that is recorded once and replayed from then on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable, Sequence
from copy import deepcopy
from functools import update_wrapper
from operator import index
from typing import Any, Generic, ParamSpec, TypeVar, overload

import numpy as np

from minigrad.compiler.build import Options, adopted
from minigrad.compiler.program import Program
from minigrad.compiler.program.printer import printed
from minigrad.compiler.record.names import names_in
from minigrad.compiler.record.recorded import Recorded
from minigrad.compiler.record.recorder import StateBorn, StepRecorder
from minigrad.compiler.record.rehearsal import Rehearsal
from minigrad.compiler.record.tree import flattened, rebuilt
from minigrad.compiler.targets.register import PASSES
from minigrad.compiler.targets.target import Replay
from minigrad.device import Array, device_of
from minigrad.errors import CompileError
from minigrad.ops.window import overlaps
from minigrad.precision import policy
from minigrad.recording import being_recorded, followed, switch
from minigrad.tensor import Tensor, wrap

P = ParamSpec("P")
R = TypeVar("R")

PROGRAMS = 8
"""So many programs are kept for the same arguments."""
KINDS = 64
"""So many kinds of arguments (shapes, types, plain values) are told apart."""


class CompiledStep(Generic[P, R]):
    """A step that is replayed. Made by `compile`; called as the step itself.

    ``print(step)`` shows the program as it was recorded, which is backpropagation spelled out: each
    line is an op, its operands, and the line of the step that asked for it. What is replayed after
    all passes are `programs`, which can be printed as well.

    Where the step takes no arguments, `repeat` does it several times in one call. Its data then lie
    where it computes, and it goes through them itself::

        cursor = minigrad.zeros(1, dtype=minigrad.int64, device=device)

        @minigrad.compile
        def step():
            rows = order.index_select(0, cursor + minigrad.arange(64, device=device))
            loss = criterion(model(x.index_select(0, rows)), y.index_select(0, rows))
            ...
            cursor.add_(64)
            return loss

        loss = step.repeat(len(order) // 64)  # an epoch
    """

    def __init__(
        self, step: Callable[P, R], explain: bool, disable: frozenset[str], native: bool
    ) -> None:
        if not callable(step):
            raise TypeError(f"compile: expected a function, got {type(step).__name__}")
        update_wrapper(self, step)
        self.step, self.explain, self.disable, self.native = step, explain, disable, native
        self._programs: dict[Hashable, list[Recorded]] = {}
        self._begun: set[Hashable] = set()
        self._leaves: dict[int, Tensor] = {}
        self._busy = threading.RLock()
        self._ran: Recorded | None = None  # by the last call; None where it was done op by op

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if being_recorded():
            return self._followed(*args, **kwargs)
        tensors, key = flattened((args, kwargs))
        if switch.recording and any([x.tracked for x in tensors]):
            i = next(i for i, x in enumerate(tensors) if x.tracked)
            raise CompileError(
                f"compile: tensor {i} of {self._name()}'s arguments requires a gradient, which "
                "would not flow out of the step; detach it, or let the step close over it"
            )
        key = (key, switch.recording, policy())
        with self._busy:
            known = self._programs.get(key, ())
            for recorded in known:
                if recorded.fits():
                    self._ran = recorded
                    return recorded.run([x.array for x in tensors])  # type: ignore[no-any-return]
            if len(known) >= PROGRAMS:
                raise CompileError(
                    f"compile: {self._name()} was recorded {PROGRAMS} times for the same "
                    "arguments, and each time something that it closes over had changed; pass "
                    "what changes as a tensor"
                )
            if not known and len(self._programs) >= KINDS:
                raise CompileError(
                    f"compile: {self._name()} was called with {KINDS} kinds of arguments; pass "
                    "numbers that change from call to call as tensors, and tensors in a few shapes"
                )
            return self._record(key, tensors, args, kwargs)

    def _followed(self, *args: Any, **kwargs: Any) -> R:
        """The step as a part of another one that is recorded, or op by op for who looks on."""
        if switch.recorder.replays:
            return self.step(*args, **kwargs)
        return self._by_ops(args, kwargs)

    def _by_ops(self, args: Any, kwargs: Any) -> R:
        """As after a replay: the tape of what is returned is used up."""
        results, shape = flattened(self.step(*args, **kwargs))
        return rebuilt(shape, [x.detach() for x in results])  # type: ignore[no-any-return]

    def repeat(self, times: int) -> R:
        """Do a step without arguments so many times, and return what it returns the last time.

        On a GPU graphs of up to 8 steps are launched, and the host is not asked in between.
        Learning rates can only change before and after. Errors: ValueError for fewer than once,
        TypeError for what is no whole number.
        """
        times = index(times)
        if times < 1:
            raise ValueError(f"repeat: expected a number of times from 1 on, got {times}")
        key = (flattened(((), {}))[1], switch.recording, policy())
        with self._busy:
            while True:
                for each in self._programs.get(key, ()):
                    if each.steady and not being_recorded() and each.fits():
                        return each.run((), times)  # type: ignore[no-any-return]
                result = self()  # type: ignore[call-arg]
                times -= 1
                if not times:
                    return result
                for each in self._programs.get(key, ()):
                    # What fits after it ran once has left things as it found them.
                    each.steady = each is self._ran and each.fits()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method: a compiled step for each object."""
        if instance is None:
            return self
        bound: CompiledStep[..., R] = CompiledStep(
            self.step.__get__(instance), self.explain, self.disable, self.native
        )
        instance.__dict__[self.step.__name__] = bound
        return bound

    def __deepcopy__(self, memo: dict[int, Any]) -> CompiledStep[P, R]:
        """The step of the copied object, if it is a method; with nothing recorded."""
        return CompiledStep(deepcopy(self.step, memo), self.explain, self.disable, self.native)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """For programs that pickle: the step, by its name or as the method of its object, or the
        function itself; nothing that was recorded."""
        owner = getattr(self.step, "__self__", None)
        if owner is not None:
            return getattr, (owner, self.step.__name__)
        place: Any = sys.modules.get(self.step.__module__)
        for name in self.step.__qualname__.split("."):
            place = getattr(place, name, None)
        if place is self:
            return self.step.__qualname__
        return CompiledStep, (self.step, self.explain, self.disable, self.native)

    @property
    def programs(self) -> list[Program]:
        """The programs that are replayed: one for each kind of arguments."""
        return [each.program for known in self._programs.values() for each in known]

    @property
    def replays(self) -> list[Replay]:
        """What replays them, in the same order."""
        return [each.replay for known in self._programs.values() for each in known]

    @property
    def path(self) -> str:
        """What computes: "eager" as long as nothing is replayed, then what the replay says."""
        return self.replays[-1].path if self._programs else "eager"

    def __str__(self) -> str:
        found = [each.source for known in self._programs.values() for each in known]
        return "\n\n".join(map(printed, found)) or f"{self._name()}: not recorded yet"

    def _options(self) -> Options:
        return Options(self._name(), self.explain, self.disable, self.native)

    def _name(self) -> str:
        return getattr(self.step, "__qualname__", repr(self.step))

    def _record(
        self, key: tuple[Hashable, ...], tensors: list[Tensor], args: Any, kwargs: Any
    ) -> R:
        """Rehearse the step until two recordings agree, then replay it.

        A step that brings the state of an optimizer into being is done op by op: the next one is
        another program. So is a gradient that is there already, unless the step forgets it.
        """
        names = names_in(self.step)
        first = self._rehearsed(key[0], tensors, hasty=key not in self._begun)
        if first is None or first.born:
            self._ran = None
            self._begun.add(key)
            return self._by_ops(args, kwargs)
        second = self._rehearsed(key[0], tensors, hollow=first.recorder.hollowed())
        first.recorder.restore()
        assert second is not None
        if first.parts_from(second) is not None:
            second = self._rehearsed(key[0], tensors)
            assert second is not None
            second.recorder.restore()
            told = first.parts_from(second)
            if told is not None:
                raise CompileError(
                    f"compile: {self._name()} does something else at each call: {told}"
                )
        second.recorder.forget_what_differs(first.recorder)
        # Not what the step itself changes: a count of calls.
        names = [name for name in names if name.stands()]
        self._ran = recorded = adopted(second, names, self._options())
        self._programs.setdefault(key, []).append(recorded)
        return recorded.run([x.array for x in tensors])  # type: ignore[no-any-return]

    def _rehearsed(
        self,
        form: Hashable,
        tensors: list[Tensor],
        hasty: bool = False,
        hollow: frozenset[int] = frozenset(),
    ) -> Rehearsal | None:
        """The step, recorded; its gradients are left in place. None where it ended before it was
        done, see `StepRecorder`."""
        # Arrays of their own: a step may get a tensor twice, or one that it closes over as well.
        # And new ones each time, as it may put them on the tape.
        own = [x if x.tracked else wrap(_apart(x.array)) for x in tensors]
        args, kwargs = rebuilt(form, own)
        recorder = StepRecorder(own, list(self._leaves.values()), hasty, hollow)
        try:
            with followed(recorder):
                returned = self.step(*args, **kwargs)
            results, shape = flattened(returned)
            program = recorder.program(results)
        except BaseException as error:
            recorder.undo()
            recorder.restore()
            if isinstance(error, StateBorn):
                return None
            raise
        self._leaves |= recorder.leaves
        born = recorder.undo()
        if born:
            recorder.restore()
        return Rehearsal(recorder, program, shape, born)


@overload
def compile(
    step: Callable[P, R],
    *,
    explain: bool = False,
    disable: Sequence[str] = (),
    native: bool = True,
) -> CompiledStep[P, R]: ...
@overload
def compile(
    step: None = None,
    *,
    explain: bool = False,
    disable: Sequence[str] = (),
    native: bool = True,
) -> Callable[[Callable[P, R]], CompiledStep[P, R]]: ...
def compile(
    step: Any = None,
    *,
    explain: bool = False,
    disable: Sequence[str] = (),
    native: bool = True,
) -> Any:
    """The same step, but recorded and then replayed: nothing is looked up, checked or allocated
    again.

    ``step`` takes tensors (and plain values, in lists, tuples and dictionaries) and returns
    tensors; it may run a model forward and backward and step optimizers::

        @minigrad.compile
        def step(x, y):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

    At the first call the step is rehearsed twice, which changes nothing, and written down; where
    the two recordings agree, this is what every call does. (A step in which an optimizer makes its
    state is done op by op, and the next one is recorded.) Arguments of another shape or type are
    recorded as another program. Models, optimizers and tensors that the step closes over are used
    and changed in place; learning rates may be changed between calls. A name that comes to stand
    for something else (a variable around the step, an attribute of the object whose method it is)
    makes another program; what lies deeper, in lists and other objects, is not looked up again.
    Random numbers are drawn afresh at each call. What is returned is new at each call; the tensors
    in ``.grad`` are the same ones each time.

    What the step's functions check about the numbers of a tensor, they check when it is recorded.
    A replay refuses labels that are no class and indices too large (IndexError), but takes an index
    below 0 from the end.

    A step whose tensors are on a GPU becomes kernels in CUDA C and products. Its first replay gives
    them to the GPU one by one, those after it all at once, as a CUDA graph. Where an op has no
    kernel there is no graph, and CuPy does that op; `CompiledStep.path` says what was done. On the
    GPU a label or an index out of range is no error: it gives nan.

    Args:
        explain: print what each pass did when a program is adopted.
        disable: names of passes to leave out, see `minigrad.compiler.passes.table`.
        native: whether kernels are used: in C where a compiler is found, in CUDA C on a GPU.

    Errors: CompileError, with the user's line, for a step that reads a value while it is recorded
    (``item()``, ``numpy()``, ``if loss > 1``) or steps a schedule, for one that does something else
    at each call, and for one that computes on several devices; ValueError for the name of no pass;
    TypeError for what is no function.
    """
    unknown = [name for name in disable if name not in PASSES]
    if unknown:
        raise ValueError(f"compile: no pass {unknown[0]!r}; there are {', '.join(PASSES)}")
    options = (explain, frozenset(disable), native)
    if step is None:
        return lambda step: CompiledStep(step, *options)
    return CompiledStep(step, *options)


def _apart(array: Array) -> Array:
    """The array, in other words. Where several of its numbers are one, which a replay lays one
    behind the other, a copy with gaps: what is a view of it is one then. As op by op it is not
    written to, and not contiguous."""
    if not overlaps(array.shape, array.strides):
        return array[...]
    apart = device_of(array).call("empty", (*array.shape, 2), array.dtype)[..., 0]
    apart[...] = array
    if isinstance(apart, np.ndarray):
        apart.flags.writeable = False
    return apart
