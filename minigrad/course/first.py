"""Units 1 to 4: numbers, slopes, one neuron."""

from __future__ import annotations

from minigrad.course.unit import Unit

UNITS = (
    Unit(
        "1",
        "Tensors and shapes",
        20,
        (),
        """
A tensor is a box of numbers of one type, and its shape says how many there are
along each axis. Nearly every mistake in a network is a wrong shape, so read
shapes first and numbers later.

A sum along an axis makes that axis go away; with keepdim it stays, of size 1. A
product of matrices sums over the axis in the middle:

    (n, k) (k, m) → (n, m)
""",
        """
import minigrad as torch

scores = torch.tensor([[0.1, 0.7, 0.2], [0.9, 0.0, 0.1], [0.3, 0.3, 0.4]])
labels = torch.tensor([1, 0, 0])
guesses = scores.argmax(dim=1)
print(scores.shape, scores.sum(dim=0).shape, scores.sum(dim=0, keepdim=True).shape)
print(guesses, (guesses == labels).sum().item(), "of", len(labels), "are right")
""",
        """
minigrad.Size([3, 3]) minigrad.Size([3]) minigrad.Size([1, 3])
tensor([1, 0, 2]) 2 of 3 are right
""",
        "How many of the three are right?",
        "Two: the third is taken for class 2.",
        ("T1", "T3", "T5", "T6"),
    ),
    Unit(
        "2",
        "Broadcasting, views, strides",
        20,
        ("1",),
        """
Where two shapes differ, they are written one above the other from the right; an
axis of size 1, or one that is missing, is stretched. Nothing is copied for it:
the stride, how far it is to the next number in memory, is simply 0.

A view is the same memory with another shape or other strides: transposing
exchanges strides, a slice with a step multiplies one. Write into a view and you
write into the tensor.
""",
        """
import minigrad as torch

a = torch.arange(6).reshape(2, 3)
row = torch.tensor([10, 20, 30])
print(a + row)
print(a.stride(), a.T.stride(), row.expand(2, 3).stride())
a.T[0, 1] = 99
print(a)
""",
        """
tensor([[10, 21, 32],
        [13, 24, 35]])
(3, 1) (1, 3) (0, 1)
tensor([[ 0,  1,  2],
        [99,  4,  5]])
""",
        "a.T[0, 1] = 99: which number of a is it?",
        "a[1, 0]: a.T is a view of the same memory.",
        ("T2", "T4"),
    ),
    Unit(
        "3",
        "Guess, or follow the slope",
        25,
        ("1",),
        """
To fit a parabola one can try 100,000 of them at random and keep the best. With
three numbers that works; with a million it does not. The slope of the loss says
where down is, for every number at once:

    w ← w − η ∂L/∂w          η is the rate

Along a direction of curvature c a step leaves 1 - rate c of the error. So the
rate has to be below 2/c for the steepest direction, and then the flattest one
is slow.
""",
        """
x, rate = 1.0, 0.4
for step in range(4):
    slope = 2 * 2 * x  # of f(x) = 2 x**2, whose curvature is 4
    x = x - rate * slope
    print(f"x = {x:+.4f}")
""",
        """
x = -0.6000
x = +0.3600
x = -0.2160
x = +0.1296
""",
        "f(x) = 2 x², rate 0.4: by which factor does a step change x? From where on does x grow?",
        "By 1 - 0.4 · 4 = -0.6; from 2/4 = 0.5 on.",
        ("P1", "P2"),
    ),
    Unit(
        "4",
        "One neuron, one chain",
        20,
        ("3",),
        """
A neuron multiplies, adds and squashes: y = sigmoid(w x + b). To know how y
moves when w does, follow the chain: w moves the product by x, the product moves
the sum by 1, the sum moves y by y (1 - y).

    ∂y/∂w = ∂y/∂z ∂z/∂w = y (1 − y) x

That is the chain rule, and backpropagation is nothing else: from the end, one
factor at each step. The picture of it, which stays with us, has a value and a
gradient on every edge: draw_graph(y, values=True).
""",
        """
import minigrad as torch

w, x, b = (torch.tensor(v, requires_grad=True) for v in (-0.5, 2.0, 0.5))
y = (w * x + b).sigmoid()
y.backward()
print(f"y {y:.4f}  dw {w.grad:.4f}  dx {x.grad:.4f}  db {b.grad:.4f}")
h = 1e-3
z = lambda w: torch.sigmoid(torch.tensor(w * 2.0 + 0.5)).item()
print(f"by numbers: dw {(z(-0.5 + h) - z(-0.5 - h)) / (2 * h):.3f}")
torch.draw_graph(y, "neuron.svg", values=True, params={"w": w, "x": x, "b": b, "y": y})
""",
        """
y 0.3775  dw 0.4700  dx -0.1175  db 0.2350
by numbers: dw 0.470
""",
        "y = 0.3775. What is dy/db?",
        "y (1 - y) = 0.2350, as b moves the sum by 1.",
        (),
        "lesson B1: linear layers without an activation are one layer",
    ),
)
