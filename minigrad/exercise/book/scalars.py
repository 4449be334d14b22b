"""The scalar engine that students build in unit 5, and engines with mistakes."""

from __future__ import annotations

from typing import Any

from minigrad.creation import tensor
from minigrad.exercise.exercise import replaced
from minigrad.gradients import grad

VALUE = '''
class Value:
    """A number with its gradient, and how it was made."""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.pull = lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def pull():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.pull = pull
        return out

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for parent in v.parents:
                    visit(parent)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.pull()
'''


def scalars(expression: Any) -> Any:
    """The gradients of three numbers by the student's class."""

    def use(value: Any, a: float, b: float, c: float) -> Any:
        given = [value(x) for x in (a, b, c)]
        y = expression(*given)
        y.backward()
        return (y.data, *(x.grad for x in given))

    return use


def by_tape(expression: Any) -> Any:
    """The gradients by minigrad's own tape."""

    def truth(*numbers: float) -> Any:
        given = [tensor(x, dtype="float64", requires_grad=True) for x in numbers]
        y = expression(*given)
        found = grad(y, given)
        return (y.item(), *(0.0 if d is None else d.item() for d in found))

    return truth


def three(rng: Any, turn: int) -> list[Any]:
    """Three numbers to begin with, of other signs at each turn."""
    signs = [(1, 1, 1), (1, -1, 1), (-1, 1, -1)][turn]
    return [float(x) for x in signs * (1.5 + rng.random(3))]


def uses(a: Any, b: Any, c: Any) -> Any:
    """Each is used more than once, on either side, and what is computed is used further."""
    d = a * b + b * c
    return (d + a) * (c + d) * (c * a) + d * (b + d) + (b + a)


def deep(a: Any, b: Any, c: Any) -> Any:
    """Results that are used again, in more than one place."""
    d = a * b
    e = d + c
    return (d * e + e * e * a) * c


GRADS = ("y", "da", "db", "dc")


PLUS = "self.grad += out.grad\n            other.grad += out.grad"


TIMES = "self.grad += other.data * out.grad\n            other.grad += self.data * out.grad"


def engine(expression: Any, *changes: tuple[str, str], text: str = VALUE) -> Any:
    """What an engine with these mistakes gives."""
    for old, new in changes:
        text = replaced(text, old, new)
    space: dict[str, Any] = {}
    exec(text, space)
    return lambda *numbers: scalars(expression)(space["Value"], *numbers)


OVERWRITTEN = "a gradient is overwritten where a number is used again: += in the place of ="


PLUS_SET, TIMES_SET = (PLUS, PLUS.replace("+=", "=")), (TIMES, TIMES.replace("+=", "="))


VISIT = "            if v not in seen:\n                seen.add(v)\n                for"


AGAIN = "            if True:\n                for"


PARENTS = """                for parent in v.parents:
                    visit(parent)
                order.append(v)"""


EARLY = """                order.append(v)
                for parent in v.parents:
                    visit(parent)"""
