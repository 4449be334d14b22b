"""Units 10 to 17: classes, layers, starts, optimizers, learning by heart."""

from __future__ import annotations

from minigrad.course.unit import Unit

UNITS = (
    Unit(
        "10",
        "Softmax and cross-entropy",
        25,
        ("7",),
        """
A softmax makes shares of scores: exp(x) over the sum of them. Take the largest
away first, so that exp(1000) is never computed; it changes nothing, as it
cancels. Every share depends on every score, so its Jacobian is full: y_i (1 -
y_i) on the diagonal, -y_i y_j beside it.

Cross-entropy is minus the logarithm of the right class's share. The two
together are simple:

    L = log Σ exp(x) − x[y]          ∂L/∂x = (p − y)/N

which stays finite where the share itself rounds to 0.
""",
        """
import minigrad as torch
import minigrad.nn.functional as F

x = torch.tensor([[1.0, 2.0, 1.0, 5.0, 6.0]], dtype=torch.float64, requires_grad=True)
loss = F.cross_entropy(x, torch.tensor([4]))
loss.backward()
p = x.softmax(dim=1)
print([round(v, 4) for v in p[0].tolist()])
print([round(v, 4) for v in x.grad[0].tolist()])
print(F.cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])).item())
""",
        """
[0.0048, 0.0131, 0.0048, 0.2628, 0.7145]
[0.0048, 0.0131, 0.0048, 0.2628, -0.2855]
1000.0
""",
        "What is the sum of the five gradients?",
        "0: shares sum to 1, and so does the one-hot row.",
        ("A",),
        "lesson B4: the fused loss beside its parts, with the Jacobian as a picture",
    ),
    Unit(
        "11",
        "Layers by hand on MNIST",
        30,
        ("7", "10"),
        """
A layer has a forward that remembers what backward needs, and a backward that
turns the gradient of its output into that of its input and leaves the gradients
of its weights. Put the layers in a row; backward goes through them the other
way round. That is all that nn.Module hides.

Samples are the rows of x, and the bias is a column of ones appended to it.
Start with He's values, normal with the deviation sqrt(2 / inputs), in front of
a ReLU.
""",
        """
import numpy as np


class FullConnection:
    def __init__(self, inputs, outputs, rng):
        self.W = rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, g):
        self.dW = self.x.T @ g
        return g @ self.W.T


class ReLU:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, g):
        return g * self.on


rng = np.random.default_rng(0)
layers = [FullConnection(4, 8, rng), ReLU(), FullConnection(8, 3, rng)]
x = rng.standard_normal((5, 4))
for layer in layers:
    x = layer.forward(x)
g = np.ones_like(x)
for layer in reversed(layers):
    g = layer.backward(g)
print(g.shape, layers[0].dW.shape, layers[2].dW.shape)
""",
        """
(5, 4) (4, 8) (8, 3)
""",
        "Which shape has the gradient that comes out at the very front?",
        "(5, 4), that of the input.",
        ("D6", "D4", "D5"),
    ),
    Unit(
        "12",
        "What did the 67 % mean?",
        25,
        ("10",),
        """
A network told three classes apart with 67 % and looked fine. But two thirds of
all samples are of the middle class, and it said "middle" to every one: it had
learned nothing. An accuracy is worth what it is above the base rate, the share
of the largest class; a confusion matrix shows it at a glance.

What was wrong is the loss and the step: the squared error of one-hot rows pulls
all three numbers to their shares, and plain gradient descent with a rate of
0.01 does not get away from there. Cross-entropy and Adam reach 99 %. And its
evaluation, pred[:, argmax] = 1, marks whole columns: it calls that network 0 %.
""",
        """
import minigrad as torch
from minigrad import nn

torch.manual_seed(0)
x = torch.rand(2000, 3)
total = x.sum(dim=1)
y = (total >= 1).long() + (total > 2).long()
base = 100 * max((y == c).float().mean().item() for c in range(3))
for loss_function, optim, rate in (("mse", torch.optim.SGD, 0.01), ("ce", torch.optim.Adam, 0.03)):
    model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 3))
    optimizer = optim(model.parameters(), lr=rate)
    for step in range(200):
        scores = model(x)
        if loss_function == "mse":
            loss = nn.MSELoss()(scores, nn.functional.one_hot(y, 3).float())
        else:
            loss = nn.CrossEntropyLoss()(scores, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    guesses = model(x).argmax(dim=1)
    above = 100 * (guesses == y).float().mean().item() - base
    print(loss_function, "classes said:", len(guesses.unique()), "above the base rate:", above > 25)
""",
        """
mse classes said: 1 above the base rate: False
ce classes said: 3 above the base rate: True
""",
        "How many classes does the first network say?",
        "One.",
        ("D1",),
        "rows W9, W10 as a lesson with figures: D1 beside its base rate, repaired to 99 %",
    ),
    Unit(
        "13",
        "Activations",
        20,
        ("7",),
        """
Without them layers collapse into one. Sigmoid and tanh flatten out at both
ends, where their derivative is nearly 0 (saturation): gradients die there. ReLU
has the derivative 1 or 0, so it passes gradients whole, but cuts half of the
signal off, which He's start makes up for. LeakyReLU, ELU, SELU leave something
on the left.
""",
        """
import minigrad as torch
import minigrad.nn.functional as F

x = torch.tensor([-4.0, -1.0, 0.0, 1.0, 4.0], requires_grad=True)
for f in (torch.sigmoid, torch.tanh, F.relu, F.selu):
    x.grad = None
    f(x).sum().backward()
    print(f"{f.__name__:8}", [round(v, 3) for v in x.grad.tolist()])
""",
        """
sigmoid  [0.018, 0.197, 0.25, 0.197, 0.018]
tanh     [0.001, 0.42, 1.0, 0.42, 0.001]
relu     [0.0, 0.0, 0.0, 1.0, 1.0]
selu     [0.032, 0.647, 1.758, 1.051, 1.051]
""",
        "What is the largest derivative that a sigmoid has?",
        "A quarter, at 0: ten layers of it leave at most a millionth.",
        ("A",),
    ),
    Unit(
        "14",
        "Start and depth",
        20,
        ("11", "13"),
        """
Ten layers multiply ten factors. If each is a little below 1, nothing of the
gradient arrives at the first layer; if each is a little above, it explodes.
Xavier's start, variance 2 / (inputs + outputs), keeps tanh level; He's, 2 /
inputs, keeps ReLU level.
""",
        """
import minigrad as torch
from minigrad import nn


def ratio(activation, deviation):
    torch.manual_seed(0)
    layers = [nn.Linear(100, 100, bias=False) for _ in range(10)]
    for layer in layers:
        nn.init.normal_(layer.weight, 0, deviation)
    model = nn.Sequential(*(part for layer in layers for part in (layer, activation())))
    (model(torch.randn(50, 100)) ** 2).mean().backward()
    return (layers[0].weight.grad.norm() / layers[-1].weight.grad.norm()).item()


for name, activation, deviation in (
    ("sigmoid 0.1", nn.Sigmoid, 0.1),
    ("tanh 0.1 (Xavier)", nn.Tanh, 0.1),
    ("tanh 0.01", nn.Tanh, 0.01),
    ("tanh 1", nn.Tanh, 1.0),
    ("ReLU 0.141 (He)", nn.ReLU, 0.1414),
):
    r = ratio(activation, deviation)
    print(f"{name:18}", "vanishes" if r < 0.1 else "explodes" if r > 10 else "arrives")
""",
        """
sigmoid 0.1        vanishes
tanh 0.1 (Xavier)  arrives
tanh 0.01          arrives
tanh 1             explodes
ReLU 0.141 (He)    arrives
""",
        "Which of the five explodes?",
        "tanh with a deviation of 1.",
        (),
        "row W1 as a lesson: histograms by layer, the grid of start and activation",
    ),
    Unit(
        "15",
        "Down the valley",
        25,
        ("3", "8"),
        """
A long valley is steep across and flat along. Gradient descent swings across, or
creeps along. Momentum adds up what stays the same and cancels what swings.
RMSprop and Adam divide each number by how large its gradient is as a rule, so
that both directions get steps of one size.
""",
        """
import minigrad as torch


def steps(make):
    x = torch.tensor([6.0, 3.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([x])
    for count in range(1, 1000):
        loss = x[0] ** 2 / 2 + 25 * x[1] ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (x[0] ** 2 / 2 + 25 * x[1] ** 2).item() < 1e-3:
            return count
    return "diverges" if loss.item() > 1e3 else "more than 1000"


print("SGD 0.02 ", steps(lambda p: torch.optim.SGD(p, lr=0.02)))
print("SGD 0.041", steps(lambda p: torch.optim.SGD(p, lr=0.041)))
print("momentum ", steps(lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9)))
print("Adam 0.3 ", steps(lambda p: torch.optim.Adam(p, lr=0.3)))
""",
        """
SGD 0.02  243
SGD 0.041 diverges
momentum  100
Adam 0.3  82
""",
        "The curvatures are 1 and 50. From which rate on does gradient descent diverge?",
        "2/50 = 0.04.",
        ("P2", "C6"),
        "rows W3, W4 as lessons: contours with paths, the same optimizers on MNIST",
    ),
    Unit(
        "16",
        "How many at a time",
        15,
        ("8",),
        """
A step can look at one sample, at some, or at all. One gives a noisy direction
for little work; all give the true one for much. The noise of a mean of n falls
like 1 / sqrt(n), the work grows like n: so batches of tens to hundreds. An
epoch is once through all samples, which is samples / batch steps, rounded up.
""",
        """
import minigrad as torch

torch.manual_seed(0)
x, noise = torch.randn(10000), torch.randn(10000)
slopes = 2 * x * (0 * x - (x + noise))  # of the squared error of w x at w = 0
for batch in (1, 16, 256):
    means = slopes[: batch * 39].reshape(39, batch).mean(dim=1)
    print(batch, "spread of the slope:", round(means.std().item(), 1))
print("steps of 5 epochs of 10,240 in batches of 1,024:", 5 * 10240 // 1024)
""",
        """
1 spread of the slope: 2.9
16 spread of the slope: 0.8
256 spread of the slope: 0.2
steps of 5 epochs of 10,240 in batches of 1,024: 50
""",
        "From batches of 16 to 256: by which factor should the spread fall?",
        "By 4, the root of 16.",
        ("D2", "D2-batches", "D3"),
        "row W5 as a lesson: noise and time by size of the batch",
    ),
    Unit(
        "17",
        "By heart",
        25,
        ("12", "16"),
        """
With enough numbers a network learns its samples by heart: the training loss
goes on falling while the loss on others rises. Keep some samples aside and
watch both; stop at the best of these. Dropout, weight decay and augmentation
make learning by heart harder.

A polynomial shows it: degree 1 is too stiff, 2 is right, 9 goes through every
point and is wild between them.
""",
        """
import numpy as np

rng = np.random.default_rng(0)
x = np.linspace(-3, 3, 12)
y = x**2 + rng.standard_normal(12)
far = np.linspace(-3, 3, 200)
for degree in (1, 2, 9):
    p = np.polynomial.Polynomial.fit(x, y, degree)
    train, unseen = ((p(x) - y) ** 2).mean(), ((p(far) - far**2) ** 2).mean()
    print(degree, f"train {train:.2f}  unseen {unseen:.2f}")
""",
        """
1 train 9.13  unseen 7.67
2 train 0.42  unseen 0.07
9 train 0.00  unseen 0.55
""",
        "Which degree has the least error on the points, and which on unseen ones?",
        "9 on the points, 2 on unseen ones.",
        ("D2", "N4"),
        "rows W6, W7, W8 as lessons: 300 digits with dropout, decay, augmentation, early stopping",
    ),
)
