"""What the doctor has seen of parameters, optimizers, models and walks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from minigrad.calls import Call


@dataclass(eq=False)
class Seen:
    """A leaf that requires a gradient.

    Attributes:
        made: where it was made, written: where its numbers were set before training.
        order: in which place the forward used it first, counted from 0; None for never.
        op: the op that used it first.
        grads: how many walks have added to its gradient.
        steps: how many steps have changed it; by_hand: how many writes of the user's own.
        stale: whether its gradient was used by a step and not forgotten since; polluted: the walk
            that added to it nevertheless.
        fresh: whether something has come to its gradient since it was last used or forgotten.
        wiped: how often that was forgotten without being used.
        cut: where what was computed of it left the tape.
        changed: the serial number of the last write by a step; first: its numbers at the beginning.
    """

    param: Any
    made: Call | None = None
    written: Call | None = None
    order: int | None = None
    op: str = ""
    grads: int = 0
    steps: int = 0
    by_hand: int = 0
    stale: bool = False
    polluted: Call | None = None
    fresh: bool = False
    wiped: int = 0
    cut: Any = None
    changed: int = -1
    first: Any = None


@dataclass(eq=False)
class Trainer:
    """An optimizer.

    Attributes:
        made: where.
        steps: how many it has done; idle: how many of them without any gradient.
        at: the last call of step().
        rates: its learning rates, as they were seen.
        updates: the size of its steps relative to the parameters, gains: how much of the loss one
            was to take away, sizes: the norms of the gradients and of the parameters.
    """

    optimizer: Any
    made: Call
    params: list[Seen]
    steps: int = 0
    idle: int = 0
    at: Call | None = None
    rates: list[float] = field(default_factory=list)
    updates: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


@dataclass(eq=False)
class Forward:
    """One call of a model by the user.

    Attributes:
        number: which one.
        root: the model.
        training: its mode; tracked: whether its result is on the tape.
        walked: whether a walk back began at something that depends on the result.
        after: how many steps were done before.
        taken_off: whether the result was detached on purpose.
        done: whether it ended; given: the id of the input's array.
    """

    number: int
    root: Any
    call: Call
    training: bool
    after: int
    tracked: bool = False
    walked: bool = False
    taken_off: bool = False
    done: bool = False
    given: int = 0


@dataclass(eq=False)
class Walk:
    """One walk back; ``serial`` is that of the newest node that it begins at."""

    call: Call
    roots: list[Any]
    adds: bool
    loss: float | None
    after: int
    reached: list[Seen] = field(default_factory=list)
    serial: int = 0
