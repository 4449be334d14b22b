"""Units 18 to 24: windows that slide, and deep networks of them."""

from __future__ import annotations

from minigrad.course.unit import Unit

UNITS = (
    Unit(
        "18",
        "Sliding windows",
        25,
        ("2",),
        """
Lay a small kernel on an image, multiply what lies on each other, add up, move
on: that is cross-correlation, and what every library calls a convolution. The
true convolution turns the kernel around first. In one dimension it is a sum of
what came before:

    y[t] = w₀ x[t] + w₁ x[t − 1] + w₂ x[t − 2]
""",
        """
import numpy as np

x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
k = np.array([[2, 0, 1], [0, 1, 2], [1, 0, 2]])
y = np.zeros((2, 2), int)
for i in range(2):
    for j in range(2):
        y[i, j] = (x[i : i + 3, j : j + 3] * k).sum()
print(y)
print(np.convolve([1, 0, 0, 2, 0], [1, 0.5, 0.25])[:5])
""",
        """
[[15 16]
 [ 6 15]]
[1.   0.5  0.25 2.   1.  ]
""",
        "A pulse of 1 goes through the weights 1, 1/2, 1/4: what comes out?",
        "1, 1/2, 1/4: the weights themselves, one after the other.",
        ("C1", "C2", "C3", "C7"),
    ),
    Unit(
        "19",
        "Sizes, channels, pooling",
        25,
        ("18",),
        """
How large is the result? Padding makes the image larger, a dilation the kernel,
a stride leaves places out:

    ⌊(n + 2 p − d (k − 1) − 1)/s⌋ + 1

A kernel has a slice for each input channel and makes one map; as many kernels,
as many maps. Pooling takes the largest or the mean of each window, channel by
channel, and makes a result that hardly notices a shift.
""",
        """
import minigrad as torch
from minigrad import nn

x = torch.zeros(1, 3, 32, 32)
print(nn.Conv2d(3, 16, 5)(x).shape)
print(nn.Conv2d(3, 16, 5, padding=2, stride=2)(x).shape)
print(nn.MaxPool2d(3, stride=2)(x).shape)
print(nn.Conv2d(3, 16, 5).weight.shape)
p = torch.tensor([[1.0, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
print(nn.MaxPool2d(2)(p[None, None])[0, 0].tolist())
""",
        """
minigrad.Size([1, 16, 28, 28])
minigrad.Size([1, 16, 16, 16])
minigrad.Size([1, 3, 15, 15])
minigrad.Size([16, 3, 5, 5])
[[2.0, 3.0], [4.0, 2.0]]
""",
        "(1, 3, 32, 32) through 16 kernels of 5 with stride 2 and padding 2: which shape?",
        "(1, 16, 16, 16): floor((32 + 4 - 5) / 2) + 1 = 16.",
        ("C4", "C5"),
        "rows C4b, C5b in the lessons: stride (3, 2), padding on one side, min pooling, ties",
    ),
    Unit(
        "20",
        "Backward through a convolution",
        30,
        ("7", "19"),
        """
Write every window as a column, and a convolution is a product of matrices; its
gradients are those of a product. What takes columns apart again, col2im, adds
up where windows overlap. The two are adjoint:

    ⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩

So the gradient of the image is a convolution too, and what is used in many
windows gets += and not =.
""",
        """
import numpy as np


def forward(x, w):
    return np.array([(x[t : t + len(w)] * w).sum() for t in range(len(x) - len(w) + 1)])


def backward(g, x, w):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for t in range(len(g)):
        dx[t : t + len(w)] += g[t] * w
        dw += g[t] * x[t : t + len(w)]
    return dx, dw


import minigrad

rng = np.random.default_rng(0)
print(minigrad.check((forward, backward), [rng.standard_normal(7), rng.standard_normal(3)]).verdict)
""",
        """
right
""",
        "A kernel of 3, 5 results of 7 numbers: in how many of them is the third number of x?",
        "In three: so its gradient is a sum of three.",
        ("C8", "C2", "C6"),
        "lesson B5: convolution, pooling, dense and cross-entropy as one chain",
    ),
    Unit(
        "21",
        "Why convolution",
        20,
        ("19",),
        """
A dense layer from 28 x 28 to 24 x 24 has 451,584 weights; a kernel of 5 has 25,
because it looks for the same thing everywhere: shift the image, and the result
shifts with it (equivariance). Each layer sees a little more of the image, a
stride makes all that follow see twice as much: the receptive field.
""",
        """
import minigrad as torch
from minigrad import nn

torch.manual_seed(0)
conv = nn.Conv2d(1, 1, 3, bias=False)
x = torch.zeros(1, 1, 8, 8)
x[0, 0, 3, 3] = 1
shifted = torch.zeros(1, 1, 8, 8)
shifted[0, 0, 3, 4] = 1
print("equivariant:", torch.equal(conv(x)[..., :-1], conv(shifted)[..., 1:]))
x = torch.rand(1, 1, 28, 28, requires_grad=True)
model = nn.Sequential(nn.Conv2d(1, 1, 5), nn.AvgPool2d(2), nn.Conv2d(1, 1, 5))
model(x)[0, 0, 3, 3].backward()
print("sees", (x.grad[0, 0].abs().sum(dim=0) > 0).sum().item(), "columns of the image")
""",
        """
equivariant: True
sees 14 columns of the image
""",
        "5, then pooling by 2, then 5: how many columns does a number see?",
        "5 + 1 + 4 · 2 = 14.",
        ("V",),
        "row C9 as a lesson: the growing field drawn on a digit",
    ),
    Unit(
        "22",
        "LeNet to AlexNet",
        30,
        ("20", "21"),
        """
Convolution, squash, pool, again, and at the end a few dense layers: LeNet read
cheques with that in 1998. AlexNet is the same, wider and deeper, with ReLU,
dropout and augmentation. When layers do not fit together, print the shapes one
after the other; the first dense layer has to have as many inputs as Flatten
gives.
""",
        """
import minigrad as torch
from minigrad import nn

model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
    nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
)
x = torch.zeros(1, 1, 28, 28)
for layer in model:
    x = layer(x)
    if not isinstance(layer, nn.Tanh):
        print(f"{type(layer).__name__:10}", tuple(x.shape))
print(sum(p.numel() for p in model.parameters()), "parameters")
""",
        """
Conv2d     (1, 6, 28, 28)
AvgPool2d  (1, 6, 14, 14)
Conv2d     (1, 16, 10, 10)
AvgPool2d  (1, 16, 5, 5)
Flatten    (1, 400)
Linear     (1, 120)
Linear     (1, 84)
Linear     (1, 10)
61706 parameters
""",
        "How many numbers does Flatten give?",
        "16 maps of 5 x 5: 400.",
        ("N1", "N2", "N4", "N5", "N6", "V"),
        "rows C10, N1b: a Conv2D by hand, LeNet-5 with 60 partial connections and the RBF output",
    ),
    Unit(
        "23",
        "Batch normalisation",
        25,
        ("7", "14"),
        """
Take each column's mean away and divide by its deviation; then let two learned
numbers undo that if they must. x moves the result in three ways: directly, by
the mean, by the variance. Whoever holds one of them constant has a gradient
that is nearly right, which is worse than wrong: a check tells which path is
missing.

While training the batch's own mean counts, in evaluation the running one: a
batch of one has no variance.
""",
        """
import numpy as np

import minigrad


def forward(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def backward(g, x):
    y = forward(x)
    deviation = np.sqrt(x.var(axis=0) + 1e-5)
    return (g - g.mean(axis=0) - y * (g * y).mean(axis=0)) / deviation


x = np.random.default_rng(0).standard_normal((7, 3))
print(minigrad.check((forward, backward), [x]).verdict)
print(np.round(backward(np.ones((7, 3)), x), 6).any())
""",
        """
right
False
""",
        "What is the gradient if g is all ones?",
        "0: each column of the result sums to 0 whatever x is.",
        (),
        "lesson B6: the graph with the two extra paths",
    ),
    Unit(
        "24",
        "Deeper: VGG, Inception, ResNet",
        25,
        ("22", "23"),
        """
Two kernels of 3 see as much as one of 5, with fewer weights: VGG. A 1 x 1
convolution first makes few maps of many, and what follows is cheap: Inception.
A block that adds what it computes to what it is given hands the gradient on
unchanged, beside everything else: ResNet, a hundred layers and more.
""",
        """
import minigrad as torch
from minigrad import nn


def first_gradient(shortcut, depth=50):
    torch.manual_seed(0)
    layers = [nn.Linear(20, 20) for _ in range(depth)]
    x = torch.randn(10, 20)
    for layer in layers:
        h = torch.tanh(layer(x))
        x = x + h if shortcut else h
    (x**2).mean().backward()
    return layers[0].weight.grad.norm().item()


print("without:", first_gradient(False) < 1e-6, " with:", first_gradient(True) > 1e-2)
print(192 * 32 * 25, "or", 192 * 16 + 16 * 32 * 25, "weights")
""",
        """
without: True  with: True
153600 or 15872 weights
""",
        "Fifty layers: does anything of the gradient arrive at the first without shortcuts?",
        "Less than a millionth; with them it does.",
        ("N7", "N8", "N9-vgg16", "N9-resnet50"),
        "row N7b and a lesson with the norms by layer at 20 and 50 layers",
    ),
)
