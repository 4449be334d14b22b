"""The explain pages that are part of the site: from one weight to a convolution, and on to memory
and attention. Each is a step that is done as the site is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import minigrad as torch
from minigrad import nn, optim
from minigrad.commands.explain import explain_recipe
from minigrad.explainer import Explanation, explain
from minigrad.lessons import LESSONS
from minigrad.nn import functional as F
from minigrad.recipes import RECIPES

Made = Callable[[], Explanation]


def one_weight() -> Explanation:
    w = torch.tensor(2.0, requires_grad=True)
    optimizer = optim.SGD([w], lr=0.05)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        guess = w * x
        loss = (guess - y) ** 2
        loss.backward()
        optimizer.step()
        return loss

    return explain(step, torch.tensor(3.0), torch.tensor(5.0), title="One weight")


def line() -> Explanation:
    w, b = (torch.tensor(v, requires_grad=True) for v in (0.5, 0.0))
    optimizer = optim.SGD([w, b], lr=0.05)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        guess = w * x + b
        loss = ((guess - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    x, y = torch.tensor([-1.0, 0.0, 1.0, 2.0]), torch.tensor([-1.1, 0.9, 3.2, 4.8])
    return explain(step, x, y, title="A line through four points")


def trained(model: nn.Module, criterion: Any, given: tuple[Any, Any], title: str) -> Explanation:
    """A step of stochastic gradient descent."""
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        return loss

    return explain(step, *given, title=title)


def two_layers() -> Explanation:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    given = torch.randn(4, 3), torch.tensor([0, 1, 1, 0])
    return trained(model, nn.CrossEntropyLoss(), given, "Two layers")


def batch_norm() -> Explanation:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    given = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    return trained(model, nn.CrossEntropyLoss(), given, "Batch normalisation")


IMAGE = [[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]
KERNEL = [[2, 0, 1], [0, 1, 2], [1, 0, 2]]


def correlation() -> Explanation:
    """The image and the kernel of C1, and a result that the kernel is to be moved towards."""
    image = torch.tensor(IMAGE, dtype=torch.float32).reshape(1, 1, 4, 4)
    kernel = torch.tensor(KERNEL, dtype=torch.float32).reshape(1, 1, 3, 3).requires_grad_()
    wanted = torch.tensor([[14.0, 16.0], [6.0, 17.0]]).reshape(1, 1, 2, 2)
    optimizer = optim.SGD([kernel], lr=0.01)

    def step() -> Any:
        optimizer.zero_grad()
        windows = F.conv2d(image, kernel)
        loss = ((windows - wanted) ** 2).sum()
        loss.backward()
        optimizer.step()
        return loss

    return explain(step, title="C1: a kernel, and each window that it meets")


def columns() -> Explanation:
    """The same by im2col: a matrix product, as in C8."""
    image = torch.tensor(IMAGE, dtype=torch.float32).reshape(1, 1, 4, 4).requires_grad_()
    kernel = torch.tensor(KERNEL, dtype=torch.float32).reshape(1, 9).requires_grad_()
    wanted = torch.tensor([[14.0, 16.0, 6.0, 17.0]])

    def step() -> Any:
        columns = F.unfold(image, 3)
        products = kernel @ columns
        loss = ((products - wanted) ** 2).sum()
        loss.backward()
        return loss

    return explain(step, title="C8: the same as a product of matrices")


def by_hand() -> Explanation:
    """The network of D6 on pictures that are small enough to be looked at."""
    torch.manual_seed(6)
    model = nn.Sequential(nn.Linear(16, 6), nn.ReLU(), nn.Linear(6, 3))
    upright = [[0, 1, 0, 0]] * 4
    level = [[0] * 4, [1] * 4, [0] * 4, [0] * 4]
    slanted = [[float(i == j) for j in range(4)] for i in range(4)]
    x = torch.tensor([upright, level, slanted], dtype=torch.float32).reshape(3, 16)
    title = "D6: a dense layer, ReLU, softmax and cross-entropy"
    return trained(model, nn.CrossEntropyLoss(), (x, torch.tensor([0, 1, 2])), title)


def recurrent() -> Explanation:
    torch.manual_seed(0)
    wx, wh, head = nn.Linear(2, 3), nn.Linear(3, 3, bias=False), nn.Linear(3, 2)
    parameters = [p for layer in (wx, wh, head) for p in layer.parameters()]
    optimizer = optim.SGD(parameters, lr=0.1)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        h = torch.zeros(1, 3)
        for t in range(4):
            h = torch.tanh(wx(x[:, t]) + wh(h))
        out = head(h)
        loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        return loss

    given = torch.randn(1, 4, 2), torch.tensor([1])
    return explain(step, *given, title="A recurrent network of four steps")


def attention() -> Explanation:
    torch.manual_seed(0)
    query, key, value, head = (nn.Linear(4, n, bias=False) for n in (4, 4, 4, 2))
    parameters = [p for layer in (query, key, value, head) for p in layer.parameters()]
    optimizer = optim.SGD(parameters, lr=0.1)

    def step(tokens: Any, y: Any) -> Any:
        optimizer.zero_grad()
        scores = query(tokens) @ key(tokens).T / 2
        weights = scores.softmax(1)
        mixed = weights @ value(tokens)
        out = head(mixed.mean(0, keepdim=True))
        loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        return loss

    given = torch.randn(3, 4), torch.tensor([1])
    return explain(step, *given, title="Attention among three tokens")


def recipe(name: str, batch: int) -> Made:
    return lambda: explain_recipe(replace(RECIPES[name], batch=batch))


@dataclass(frozen=True)
class Stop:
    """A page of the course.

    Attributes:
        file: its file, without the ending.
        title, text: what the index says of it.
        ask: what to find out there.
        made: makes it.
        lessons: those that go with it.
    """

    file: str
    title: str
    text: str
    ask: str
    made: Made
    lessons: tuple[str, ...] = ()


COURSE = (
    Stop(
        "one-weight",
        "One weight",
        "A number times a number, and how far off it is, squared. There is one path from the loss "
        "to the weight, so the gradient is one product: the slope of the square times the slope of "
        "the product.",
        "Why is `w.grad` 6? What becomes of it when the label, `x1`, is set to 6, or to 7?",
        one_weight,
        ("P2", "P3"),
    ),
    Stop(
        "line",
        "A line through four points",
        "Two weights and four points. A weight that is used four times has a gradient of four "
        "terms: that is where the sum over the batch comes from.",
        "Open `w.grad` and `b.grad`: which point pulls hardest, and which way?",
        line,
        ("P2", "P3"),
    ),
    Stop(
        "two-layers",
        "Two layers",
        "The first layer gets its gradient through the second: a sum over all the ways that lead "
        "from the weight to the loss.",
        "Follow `0.weight.grad[2, 1]` down to the loss. Press *Predict* and do the next one alone.",
        two_layers,
        ("E",),
    ),
    Stop(
        "d1",
        "D1: five layers",
        "The network of the course's first exercise, with the squared error that it is trained by.",
        "How much smaller are the gradients of the first layer than those of the last?",
        recipe("D1", 3),
    ),
    Stop(
        "d6",
        "D6: what the lesson does by hand",
        "Dense layer, ReLU, softmax and cross-entropy on three drawn strokes of sixteen pixels. "
        "The last two together give (P − Y) / N, which the page shows as one rule.",
        "Some gradients of the first layer are exactly 0. Which two reasons are there for that?",
        by_hand,
        ("D6",),
    ),
    Stop(
        "batch-norm",
        "Batch normalisation",
        "Each number of a column depends on the whole column, so gradients mix among the samples.",
        "Why is the gradient of the bias in front of it zero to within rounding?",
        batch_norm,
    ),
    Stop(
        "c1",
        "C1: a convolution, window by window",
        "One kernel meets four windows. Each of its numbers is used four times, and its gradient "
        "is the sum of the four.",
        "Of which four pixels is `kernel.grad[0, 0, 1, 1]` made? Is that a correlation as well?",
        correlation,
        ("C1", "C2"),
    ),
    Stop(
        "c8",
        "C8: the same as a product of matrices",
        "`im2col` writes each window as a column, and the convolution is a product. On the way "
        "back `col2im` adds up what belongs to the same pixel.",
        "Compare `kernel.grad` with the page before. Which pixel of `image.grad` has four terms?",
        columns,
        ("C8",),
    ),
    Stop(
        "lenet",
        "LeNet-5's first step",
        "Two digits, three convolutions, two poolings, 61,706 weights: the same rules, and every "
        "number can still be asked for.",
        "Click on a pixel of `net.0.weight.grad`: of how many products is it the sum?",
        recipe("N1", 2),
        ("C4", "C5"),
    ),
    Stop(
        "rnn",
        "A recurrent network of four steps",
        "The same weights at each step, so their gradient has a share of each: the further back, "
        "the more slopes of tanh are in it.",
        "How do the four shares of `wh.weight.grad` differ in size?",
        recurrent,
        ("A",),
    ),
    Stop(
        "attention",
        "Attention among three tokens",
        "Products of tokens become weights by softmax, and weights mix tokens. Each token is used "
        "three times: as a query, as a key and as a value.",
        "Which token is looked at most, and what would make it be looked at more?",
        attention,
        ("A",),
    ),
)

HEAD = """# Step by step

Pages that show every number of a step, from one weight to a convolution, and on to memory and
attention. Click on a number to see the sum that it is; change an input and everything is
computed anew. Each page is one file, which works without a network, and leads to the rules and
to the lessons. [How to read them](../guides/explain.md), and how to make one of your own
network.

"""


def write(folder: Path) -> str:
    """Write the pages; returns what the index is."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [HEAD]
    for number, stop in enumerate(COURSE, 1):
        stop.made().save(folder / f"{stop.file}.html", site="../")
        read = [f"[{name}](../lessons/{LESSONS[name].script}.py)" for name in stop.lessons]
        more = f" Lesson{'s' * (len(read) > 1)} {', '.join(read)}." if read else ""
        link = f'<a href="{stop.file}.html">Open the page</a>'
        told.append(f"## {number}. {stop.title}\n\n{stop.text}{more}\n\n{link}. *{stop.ask}*\n")
    return "\n".join(told)
