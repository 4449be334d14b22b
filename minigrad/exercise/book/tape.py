"""Unit 5: build the tape."""

from __future__ import annotations

from typing import Any

from minigrad.exercise.book.scalars import (
    AGAIN,
    EARLY,
    GRADS,
    OVERWRITTEN,
    PARENTS,
    PLUS,
    PLUS_SET,
    TIMES,
    TIMES_SET,
    VALUE,
    VISIT,
    by_tape,
    deep,
    engine,
    scalars,
    three,
    uses,
)
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.values import Values

OWN = "self.grad += self.data * out.grad\n            other.grad += other.data * out.grad"

AWAY = TIMES.replace("+=", "-=")
KEPT = "        out.pull = pull\n        return out\n\n    def backward"

MULTIPLY = Exercise(
    name="tape-multiply",
    title="A scalar engine: the rule of *",
    unit="5",
    words="""
Value is a number that remembers how it was made. Each operation leaves a
function `pull` that adds to its operands' gradients what comes from out.grad.
The one of + is there: write that of *.
""",
    asks="Value",
    solution=VALUE,
    start=(
        (
            "            self.grad += other.data * out.grad\n"
            "            other.grad += self.data * out.grad\n",
            "            raise NotImplementedError  # your lines\n",
        ),
    ),
    grader=Values(
        by_tape(uses),
        three,
        {
            "as a sum": (
                "that is the rule of +: the derivative of a b by a is b",
                engine(uses, (TIMES, PLUS)),
            ),
            "own value": (
                "each gets its own number; the derivative of a b by a is b",
                engine(uses, (TIMES, OWN)),
            ),
            "not added": (OVERWRITTEN, engine(uses, TIMES_SET)),
            "sign": ("the gradients are taken away, not added", engine(uses, (TIMES, AWAY))),
            "not kept": (
                "out.pull = pull is missing: nothing calls what the operation left",
                engine(uses, (KEPT, "        return out\n\n    def backward")),
            ),
            "one only": (
                "the gradient of the second operand is missing",
                engine(uses, (TIMES, TIMES.split("\n")[0])),
            ),
            "out.grad forgotten": (
                "what comes from behind, out.grad, is missing",
                engine(uses, (TIMES, TIMES.replace(" * out.grad", ""))),
            ),
        },
        results=GRADS,
        use=scalars(uses),
    ),
    hints=(
        "The derivative of a b by a is b, by b it is a.",
        "Times what comes from behind: out.grad.",
        "self.grad += other.data * out.grad, and the other way round.",
    ),
    wrong=(
        (
            "as a sum",
            "+= other.data * out.grad\n            other.grad += self.data * out.grad",
            "+= out.grad\n            other.grad += out.grad",
        ),
        (
            "own value",
            "+= other.data * out.grad\n            other.grad += self.data * out.grad",
            "+= self.data * out.grad\n            other.grad += other.data * out.grad",
        ),
        (
            "not added",
            "+= other.data * out.grad\n            other.grad += self.data * out.grad",
            "= other.data * out.grad\n            other.grad = self.data * out.grad",
        ),
        ("one only", "            other.grad += self.data * out.grad\n", ""),
        (
            "out.grad forgotten",
            "+= other.data * out.grad\n            other.grad += self.data * out.grad",
            "+= other.data\n            other.grad += self.data",
        ),
        (
            "sign",
            "self.grad += other.data * out.grad\n            other.grad += self",
            "self.grad -= other.data * out.grad\n            other.grad -= self",
        ),
        (
            "nothing returned",
            "self.grad = 0.0\n",
            "self.grad = 0.0\n        self.backward = lambda: None\n        self.grad = None\n",
        ),
        (
            "not kept",
            "        out.pull = pull\n        return out\n\n    def backward",
            "        return out\n\n    def backward",
        ),
    ),
)


ACCUMULATE = Exercise(
    name="tape-twice",
    title="A scalar engine: a variable that is used uses",
    unit="5",
    words="""
This engine is right for a b + c, and wrong as soon as a number is used more
than once: its gradient is only that of one use. Repair it.
""",
    asks="Value",
    solution=VALUE,
    start=(
        PLUS_SET,
        TIMES_SET,
    ),
    grader=Values(
        by_tape(uses),
        three,
        {
            "overwritten": (OVERWRITTEN, engine(uses, PLUS_SET, TIMES_SET)),
            "overwritten in +": (f"in +, {OVERWRITTEN}", engine(uses, PLUS_SET)),
            "overwritten in *": (f"in *, {OVERWRITTEN}", engine(uses, TIMES_SET)),
        },
        results=GRADS,
        use=scalars(uses),
    ),
    hints=(
        "A number that is used uses moves the result in two ways: what is their sum?",
        "Each use adds its share to .grad.",
        "+= in the place of =, in + and in *.",
    ),
    wrong=(
        ("overwritten", "+=", "="),
        ("overwritten in +", *PLUS_SET),
        ("overwritten in *", *TIMES_SET),
        ("constant", "self.grad = 1.0", "self.grad = 2.0"),
        ("missing", "self.grad = 1.0", "self.grad = 0.0"),
        ("sign", "self.grad = 1.0", "self.grad = -1.0"),
        ("not done", PLUS, "raise NotImplementedError"),
    ),
)


ORDER = Exercise(
    name="tape-order",
    title="A scalar engine: in which order to walk back",
    unit="5",
    words="""
Write backward: the gradient of the result is 1; then each value's pull is
called, but only when all that was computed from it has been called before
(the reverse of a topological order), and once.
""",
    asks="Value",
    solution=VALUE,
    start=(
        (
            VALUE[VALUE.index("        order, seen = [], set()") :],
            "        raise NotImplementedError  # your lines\n",
        ),
    ),
    grader=Values(
        by_tape(deep),
        three,
        {
            "nothing arrives": (
                "nothing arrives at the inputs: begin at the result, whose gradient is 1, and walk "
                "from it to the inputs",
                engine(deep, ("reversed(order)", "order")),
            ),
            "called again": (
                "values are visited more than once, and add to their operands each time",
                engine(deep, (VISIT, AGAIN)),
            ),
            "too early": (
                "a value's pull is called before all its uses have added to its gradient: append "
                "it after its parents",
                engine(deep, (PARENTS, EARLY), ("reversed(order)", "order")),
            ),
            "one parent": (
                "only the first operand is visited",
                engine(deep, ("in v.parents:", "in v.parents[:1]:")),
            ),
        },
        results=GRADS,
        use=scalars(deep),
    ),
    hints=(
        "A value's gradient is complete when all its uses have added to it.",
        "Visit the parents first, then append the value: the reverse of that list is the order.",
        "A set of those that were seen keeps each from being visited uses.",
    ),
    wrong=(
        ("nothing arrives", "reversed(order)", "order"),
        ("missing", "        self.grad = 1.0\n", ""),
        ("called again", VISIT, AGAIN),
        (
            "too early",
            PARENTS
            + "\n\n        visit(self)\n        self.grad = 1.0\n        for v in reversed(order)",
            EARLY + "\n\n        visit(self)\n        self.grad = 1.0\n        for v in order",
        ),
        ("missing", "            v.pull()\n", "            pass\n"),
        ("constant", "self.grad = 1.0", "self.grad = 3.0"),
        ("one parent", "in v.parents:", "in v.parents[:1]:"),
    ),
)


def _divided(a: Any, b: Any, c: Any) -> Any:
    d = a.exp() / b + c / a
    return d * (b / d + a * b).exp() / (c + d) + d * d + uses(a, b, c)


DIVIDING = f"""
import math
{VALUE.rstrip()}

    def exp(self):
        out = Value(math.exp(self.data), (self,))

        def pull():
            self.grad += out.data * out.grad

        out.pull = pull
        return out

    def __truediv__(self, other):
        out = Value(self.data / other.data, (self, other))

        def pull():
            self.grad += out.grad / other.data
            other.grad -= self.data / other.data**2 * out.grad

        out.pull = pull
        return out
"""


QUOTIENT = (
    "self.grad += out.grad / other.data\n"
    "            other.grad -= self.data / other.data**2 * out.grad"
)
ALONE = "self.grad += 1 / other.data\n            other.grad -= self.data / other.data**2"
DIVISOR = "            other.grad -= self.data / other.data**2 * out.grad\n"


def _engine(change: tuple[str, str]) -> Any:
    return engine(_divided, change, text=DIVIDING)


DIVIDE = Exercise(
    name="tape-exp-and-divide",
    title="A scalar engine: exp and /",
    unit="5",
    words="""
Give the engine two more operations: exp, and division (a / b by a is 1 / b,
by b it is -a / b²).
""",
    asks="Value",
    solution=DIVIDING,
    start=(
        (
            "            self.grad += out.data * out.grad\n",
            "            raise NotImplementedError  # your lines\n",
        ),
        (
            "            self.grad += out.grad / other.data\n"
            "            other.grad -= self.data / other.data**2 * out.grad\n",
            "            raise NotImplementedError  # your lines\n",
        ),
    ),
    grader=Values(
        by_tape(_divided),
        three,
        {
            "sign of b": (
                "the larger the divisor the smaller the result: minus",
                _engine(("other.grad -= self", "other.grad += self")),
            ),
            "not squared": (
                "by b it is -a / b²: the square is missing",
                _engine(("other.data**2", "other.data")),
            ),
            "exp": (
                "the derivative of exp is exp itself: out.data",
                _engine(("out.data * out.grad", "self.data * out.grad")),
            ),
            "exp of one": (
                "the derivative of exp is missing",
                _engine(("self.grad += out.data * out.grad", "self.grad += out.grad")),
            ),
            "divisor": ("the gradient of the divisor is missing", _engine((DIVISOR, ""))),
            "out.grad forgotten": (
                "in /, what comes from behind, out.grad, is missing",
                _engine((QUOTIENT, ALONE)),
            ),
        },
        results=GRADS,
        use=scalars(_divided),
    ),
    hints=(
        "exp is its own derivative: what exp gave stands in out.data.",
        "a / b is a times b to the power of -1.",
        "self.grad += out.grad / other.data; other.grad -= self.data / other.data**2 * out.grad.",
    ),
    wrong=(
        ("sign of b", "other.grad -= self", "other.grad += self"),
        ("not squared", "other.data**2", "other.data"),
        ("exp", "out.data * out.grad", "self.data * out.grad"),
        ("exp of one", "self.grad += out.data * out.grad", "self.grad += out.grad"),
        ("out.grad forgotten", QUOTIENT, ALONE),
        ("divisor", "            other.grad -= self.data / other.data**2 * out.grad\n", ""),
        ("raises", "math.exp(self.data)", "math.exp(self)"),
        ("sign", "self.grad = 1.0", "self.grad = -1.0"),
    ),
)

EXERCISES = (
    MULTIPLY,
    ACCUMULATE,
    ORDER,
    DIVIDE,
)
