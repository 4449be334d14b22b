"""Units 5 to 9: the tape, checks, arrays, autograd."""

from __future__ import annotations

from minigrad.course.unit import Unit

UNITS = (
    Unit(
        "5",
        "Build the tape",
        30,
        ("4",),
        """
An engine is small. Each number remembers what it was made of, and a function
that hands its gradient on to those. backward calls these functions, newest
first: an order in which a number is complete before it hands on (a topological
order).

A number that is used twice gets two gradients, which are added: += and never =.
That is also why a second backward adds to what is there.
""",
        """
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self.pull = data, 0.0, parents, lambda: None

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


a, b = Value(3.0), Value(2.0)
y = a * a + a * b
y.backward()
print(y.data, a.grad, b.grad)
""",
        """
15.0 8.0 3.0
""",
        "y = a a + a b at a = 3, b = 2: what is dy/da?",
        "2 a + b = 8: from three uses of a, 3 + 3 + 2.",
        ("E",),
    ),
    Unit(
        "6",
        "Is it right? The gradient check",
        20,
        ("3",),
        """
A wrong gradient trains, only worse. So check it: move one number by h both
ways.

    (f(x + h) − f(x − h)) / (2 h)

A large h is wrong because f is curved (an error like h²), a small one because
the two values are rounded (an error like eps / h). In float64 the best is near
1e-5, with an error of about 1e-10; in float32 near 1e-2, with 1e-4. At a kink,
such as ReLU's at 0, both sides differ and any slope between is right.
""",
        """
import math

import minigrad

x = 1.0
errors = {}
for h in (1e-1, 1e-3, 1e-5, 1e-11):
    slope = (math.exp(x + h) - math.exp(x - h)) / (2 * h)
    errors[h] = abs(slope - math.e)
print("the best of these h:", min(errors, key=errors.get))

import numpy as np

pair = (np.sqrt, lambda g, x: (g / np.sqrt(x),))
print(minigrad.check(pair, [np.array([1.0, 2.0, 4.0])], level="quick").suspicion)
""",
        """
the best of these h: 1e-05
a constant factor is wrong
""",
        "Which of the four h is best?",
        "1e-5: smaller ones drown in rounding.",
        (),
        "lesson B9: the V of step against error, in float32 and float64, as a figure",
    ),
    Unit(
        "7",
        "From numbers to arrays",
        25,
        ("2", "4"),
        """
Four rules carry most of a network. The gradient has the shape of what it is the
gradient of; and what was used several times is summed.

    y = x + b      ∂L/∂b = Σ g                   over the rows
    y = x w        ∂L/∂x = g wᵀ, ∂L/∂w = xᵀ g    a product of matrices
    y = Σ x        ∂L/∂x = g                     stretched over x
    y = 1/n Σ x    ∂L/∂x = g/n                   stretched over x

The rules of this engine stand beside their forwards: read
minigrad/ops/arithmetic.py. Broadcasting is undone in one place, the walk
(minigrad/walk.py), and so in no rule.
""",
        """
import numpy as np

import minigrad

rng = np.random.default_rng(0)
x, w, b = rng.standard_normal((5, 3)), rng.standard_normal((3, 2)), rng.standard_normal(2)


def forward(x, w, b):
    return x @ w + b


def backward(g, x, w, b):
    return g @ w.T, x.T @ g, g.sum(axis=0)


print(minigrad.check((forward, backward), [x, w, b]).verdict)


def careless(g, x, w, b):
    return g @ w.T, x.T @ g, g.mean(axis=0)


print(minigrad.check((forward, careless), [x, w, b]).suspicion)
""",
        """
right
a mean where a sum belongs: it is divided by a number of elements too often
""",
        "careless takes the mean for the sum. By which factor is db wrong?",
        "By 1/5: there are five rows.",
        (),
        "lesson B3: why the gradient of a broadcast bias is summed, as a figure",
    ),
    Unit(
        "8",
        "Autograd does it",
        20,
        ("5", "7"),
        """
requires_grad=True puts a tensor on the tape; backward fills .grad of the leaves
and adds to what is there, so zero_grad comes first. Under no_grad nothing is
recorded: that is where a step belongs. detach is a tensor without its past,
item the number alone.
""",
        """
import minigrad as torch

w = torch.tensor(2.0, requires_grad=True)
for time in range(2):
    (w**2).backward()
    print(w.grad)
w.grad = None
with torch.no_grad():
    w -= 0.1
print(w.is_leaf, round(w.item(), 3))
""",
        """
tensor(4.)
tensor(8.)
True 1.9
""",
        "w² at 2 has the slope 4. What stands in w.grad after the second backward?",
        "8: backward adds.",
        ("P3", "V"),
    ),
    Unit(
        "9",
        "A network of five neurons, every number",
        25,
        ("4", "8"),
        """
Two inputs, two hidden neurons, one output. Forward, backward and a step can be
done by hand once in a life, and should be. Then look at the same graph with all
its numbers on the edges.

Two linear layers without an activation between them are one linear layer, so
XOR, which no line divides, cannot be learned without one.
""",
        """
import minigrad as torch
from minigrad import nn

torch.manual_seed(1)
x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = torch.tensor([0.0, 1, 1, 0])
for between in (nn.Identity(), nn.Tanh()):
    model = nn.Sequential(nn.Linear(2, 8), between, nn.Linear(8, 1), nn.Sigmoid())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for step in range(150):
        loss = nn.BCELoss()(model(x).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(type(between).__name__, [round(p, 1) for p in model(x).squeeze(1).tolist()])
""",
        """
Identity [0.5, 0.5, 0.5, 0.5]
Tanh [0.0, 1.0, 1.0, 0.0]
""",
        "What does the network without an activation answer for the four points?",
        "0.5 for each: the best that a line can do.",
        (),
        "lesson B2: a 2-2-1 network with every number on paper",
    ),
)
