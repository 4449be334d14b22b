"""Units 25 to 31 and the side path K: time, attention, two nets, pictures, programs."""

from __future__ import annotations

from minigrad.course.unit import Unit

UNITS = (
    Unit(
        "25",
        "Through time",
        25,
        ("7", "14"),
        """
A recurrent net uses the same weights at each step: h(t) = tanh(x(t) w + h(t-1)
u). Unrolled it is a deep network whose layers share their weights, so their
gradients are summed over the steps, and the gradient of what was long ago is a
product of many factors: it vanishes, or explodes and is clipped. Gates (LSTM,
GRU) give it a way around.
""",
        """
import minigrad as torch
from minigrad import nn

torch.manual_seed(0)
for name, net in (("RNN", nn.RNN(4, 16)), ("LSTM", nn.LSTM(4, 16))):
    if name == "LSTM":
        net.bias_ih_l0.data[16:32] = 3.0  # the forget gate is open
    x = torch.randn(30, 1, 4, requires_grad=True)
    y, _ = net(x)
    y[-1].sum().backward()
    norms = x.grad.norm(dim=2).flatten()
    left = norms[0] / norms[-1]
    print(name, "first step / last step:", "below 1e-6" if left < 1e-6 else "above 1e-3")
""",
        """
RNN first step / last step: below 1e-6
LSTM first step / last step: above 1e-3
""",
        "Thirty steps back: in which of the two does something of the gradient arrive?",
        "In the LSTM whose forget gate is open.",
        ("G2-rnn", "G2-rnn-long", "G2-lstm", "G2-gru"),
        "lesson B7: three steps by hand, the unrolled graph, the gradient by distance",
    ),
    Unit(
        "26",
        "Attention, small",
        25,
        ("10", "25"),
        """
Each place asks a question (query), each place offers a key; their products,
scaled by sqrt(D), through a softmax say how much of each value is taken. A
language model must not see what comes next: before the softmax the future's
scores are set to minus infinity.
""",
        """
import minigrad as torch

torch.manual_seed(0)
q, k, v = (torch.randn(4, 8) for _ in range(3))
scores = q @ k.T / 8**0.5
future = torch.ones(4, 4).triu(1).bool()
weights = scores.masked_fill(future, float("-inf")).softmax(dim=1)
print([int((row > 0).sum().item()) for row in weights], "places looked at")
print("rows sum to", [round(s, 3) for s in weights.sum(dim=1).tolist()])
""",
        """
[1, 2, 3, 4] places looked at
rows sum to [1.0, 1.0, 1.0, 1.0]
""",
        "How many places does the first row look at?",
        "One: itself.",
        (),
        "row G+: three tokens by hand, a small model of letters",
    ),
    Unit(
        "27",
        "Two nets against each other",
        25,
        ("12", "16"),
        """
A discriminator learns to tell real pictures from made ones, a generator to be
taken for real. The balance is delicate: if the discriminator is sure, the
generator's gradient dies, so it is given -log D(G(z)) and not log(1 - D(G(z))).
While the discriminator learns, the made pictures are detached. A tanh at the
end needs real pictures between -1 and 1; a rate of 1e-6, as the source has it,
does not learn.
""",
        """
import minigrad as torch

p = torch.tensor([0.01], requires_grad=True)  # the discriminator is nearly sure
for name, loss in (("log(1 - p)", torch.log(1 - p)), ("-log(p)", -torch.log(p))):
    p.grad = None
    loss.sum().backward()
    print(f"{name:11} slope {p.grad.item():8.2f}")
""",
        """
log(1 - p)  slope    -1.01
-log(p)     slope  -100.00
""",
        "Which of the two losses has the larger slope where the generator is bad?",
        "-log(p), by a factor of 99.",
        ("G1", "G1-source"),
    ),
    Unit(
        "28",
        "Painting by gradient",
        20,
        ("22",),
        """
The gradient of a loss by the image itself tells how to change the picture.
Content is kept by comparing feature maps, style by comparing Gram matrices, F
F' / (C H W), which say which maps are high together, wherever that is.
""",
        """
import minigrad as torch

torch.manual_seed(0)
target = torch.rand(3, 4, 4)
gram = lambda f: f.flatten(1) @ f.flatten(1).T / f.numel()
image = torch.rand(3, 4, 4, requires_grad=True)
optimizer = torch.optim.Adam([image], lr=0.05)
first = None
for step in range(200):
    loss = ((gram(image) - gram(target)) ** 2).sum()
    first = first or loss.item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("the same style:", loss.item() < 1e-3 * first)
print("the same picture:", (image - target).abs().max().item() < 0.1)
""",
        """
the same style: True
the same picture: False
""",
        "The Gram matrices agree. Do the pictures?",
        "No: a Gram matrix does not know where anything is.",
        ("G3", "G4"),
    ),
    Unit(
        "29",
        "Read the program",
        25,
        ("8",),
        """
A graph that is recorded anew at each step is dynamic: any Python is allowed.
One that is recorded once and replayed is static: it can be read, checked and
improved. torch.compile prints it: forward, backward and update as one list.
Read it once from top to bottom; that list is backpropagation.
""",
        """
import minigrad as torch

w = torch.ones(3, 2, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)


@torch.compile
def step(x, y):
    loss = ((x @ w - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


for _ in range(2):
    step(torch.ones(5, 3), torch.zeros(5, 2))
print([line.strip() for line in str(step).splitlines() if line.strip().endswith(":")])
print(str(step).count("matmul("), "products of matrices")
""",
        """
['forward:', 'backward:', 'update:']
2 products of matrices
""",
        "Two products are needed, one forward. Which one backward?",
        "x' g, for w; x requires no gradient.",
        ("E",),
        "lesson B10: the compiled program read line by line, pass by pass",
    ),
    Unit(
        "30",
        "On a GPU",
        20,
        ("29",),
        """
A GPU starts kernels, and each start costs some microseconds; it moves bytes,
and it computes. An op that does less than about ten operations a byte waits for
memory, however fast the arithmetic is. So elementwise chains are fused into one
kernel, and products of matrices are made large. Without a GPU, python -m
minigrad doctor shows what there is, and a simulated one
(minigrad.cuda.simulated) runs and shows the kernels.
""",
        """
flops, bytes_a_second = 20e12, 2e12
print("balance:", flops / bytes_a_second, "operations a byte")
n = 1000
relu = (1 * n * n) / (2 * 4 * n * n)
product = (2 * n**3) / (3 * 4 * n * n)
for name, intensity in (("relu", relu), ("matmul", product)):
    bound = "arithmetic" if intensity > flops / bytes_a_second else "memory"
    print(f"{name:7} {intensity:8.3f} operations a byte: bound by {bound}")
""",
        """
balance: 10.0 operations a byte
relu       0.125 operations a byte: bound by memory
matmul   166.667 operations a byte: bound by arithmetic
""",
        "Is ReLU bound by memory or by arithmetic?",
        "By memory: an eighth of an operation a byte.",
        ("T7",),
        "a lesson with the simulated GPU's log and a plot of scaling",
    ),
    Unit(
        "31",
        "Add an op",
        40,
        ("7", "8"),
        """
An op is two facts: how to compute it and how to differentiate it.
CONTRIBUTING.md of the repository says the four places; the tests find your op
by themselves. In a script, a Function does the same for yourself: forward and
backward, checked like any other.
""",
        """
import minigrad as torch


class Softplus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.log(1 + torch.exp(-x.abs())) + x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(x)


x = torch.linspace(-3, 3, 7, dtype=torch.float64).requires_grad_()
print(torch.autograd.gradcheck(Softplus.apply, [x]))
print(torch.allclose(Softplus.apply(x), torch.nn.functional.softplus(x)))
""",
        """
True
True
""",
        "What is the derivative of log(1 + exp(x))?",
        "The sigmoid of x.",
        ("E",),
    ),
    Unit(
        "K",
        "Side path: the same net in three styles",
        20,
        ("8",),
        """
A loop that is written out, a Module that is trained by it, and fit as in Keras:
three ways to say one thing. The loop shows everything, the Module has the
parameters in one place, fit is short. The numbers are the same.
""",
        """
import minigrad as torch
from minigrad import nn

torch.manual_seed(0)
x = torch.randn(200, 4)
y = (x.sum(dim=1) > 0).long()
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
history = torch.fit(
    model, x, y, loss="CrossEntropyLoss", optimizer="adam", lr=0.02, epochs=10, verbose=0,
    metrics=["accuracy"],
)
print(sorted(history.history))
right = (model(x).argmax(dim=1) == y).float().mean().item()
print("above 90 %:", right > 0.9)
""",
        """
['accuracy', 'loss']
above 90 %: True
""",
        "Which of the three shows where gradients are set to zero?",
        "Only the loop.",
        ("D7",),
        "row K: add, compile, evaluate, predict, save_weights, and a functional Model",
    ),
)
