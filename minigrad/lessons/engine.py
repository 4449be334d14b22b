# %% [markdown]
"""The engine on a page: a whole autograd engine, to be read from top to bottom.

An *op* is two facts: how to compute it, and how to differentiate it. For a loss L its rules turn
g = ∂L/∂z, the cotangent of the result z, into those of the operands:

    z = x · y      ∂L/∂x = g · y                ∂L/∂y = g · x
    z = x @ y      ∂L/∂x = g @ yᵀ               ∂L/∂y = xᵀ @ g

Every number passes one *door*, which computes it and leaves a mark on the *tape*. The *walk* goes
back over the marks, newest first, and adds up what the rules say. That is all of backpropagation.
The engine around this page has the same parts, fast and careful: op, door, tape and walk.
"""

# %% tags=["parameters"]
SEED = 0
STEPS = 300
RATE = 0.1
HIDDEN = 8

# %% [markdown]
# ## Ops, the door, the tape

# %%
import heapq
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

serial = itertools.count(1)


class Op:
    """How to compute it, and for each operand a rule, of such ops: gradients have gradients."""

    def __init__(self, forward: Callable[..., Any], *rules: Callable[..., "Tensor"]) -> None:
        self.forward, self.rules = forward, rules

    def __call__(self, *operands: Any, **params: Any) -> "Tensor":
        """The door: compute, and leave a mark if a gradient is asked for."""
        tensors = [x if isinstance(x, Tensor) else Tensor(x) for x in operands]
        result = Tensor(self.forward(*(x.array for x in tensors), **params))
        if any(x.place() for x in tensors):
            result.node = Node(self, tensors, params)
        return result


class Node:
    """The mark of one op. It points back only, to what the op worked on."""

    def __init__(self, op: Op, operands: "list[Tensor]", params: dict[str, Any]) -> None:
        self.op, self.operands, self.params = op, operands, params
        self.serial = next(serial)  # what is newer depends on what is older, never otherwise


class Tensor:
    """Numbers that remember what they were computed from."""

    def __init__(self, array: Any, requires_grad: bool = False) -> None:
        self.array: Any = np.asarray(array, dtype=float)
        self.requires_grad = requires_grad
        self.node: Node | None = None

    def place(self) -> "Node | Tensor | None":
        """Where its cotangent belongs: to its mark, or to itself if it is a leaf that wants one."""
        return self.node or (self if self.requires_grad else None)

    __add__: Any = lambda x, y: add(x, y)
    __sub__: Any = lambda x, y: add(x, mul(y, -1))
    __mul__: Any = lambda x, y: mul(x, y)
    __truediv__: Any = lambda x, y: div(x, y)
    __matmul__: Any = lambda x, y: matmul(x, y)


# %% [markdown]
# ## The table of derivatives
#
# A rule gets g and the operands. `summed` and `spread` are each other's derivative.

# %%
add: Op = Op(np.add, lambda g, x, y: g, lambda g, x, y: g)
mul: Op = Op(np.multiply, lambda g, x, y: g * y, lambda g, x, y: g * x)
div: Op = Op(np.divide, lambda g, x, y: g / y, lambda g, x, y: g * x / (y * y) * -1)
exp: Op = Op(np.exp, lambda g, x: g * exp(x))
log: Op = Op(np.log, lambda g, x: g / x)
sin: Op = Op(np.sin, lambda g, x: g * cos(x))
cos: Op = Op(np.cos, lambda g, x: g * sin(x) * -1)
tanh: Op = Op(np.tanh, lambda g, x: g - g * tanh(x) * tanh(x))
transpose: Op = Op(np.transpose, lambda g, x: transpose(g))
matmul: Op = Op(np.matmul, lambda g, x, y: g @ transpose(y), lambda g, x, y: transpose(x) @ g)
spread: Op = Op(np.broadcast_to, lambda g, x, shape: summed(g, shape=x.array.shape))


def folded(x: Any, shape: tuple[int, ...]) -> Any:
    """Σ over whatever broadcasting would spread from this shape to x's."""
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


summed: Op = Op(folded, lambda g, x, shape: spread(g, shape=x.array.shape))

# %% [markdown]
# ## The walk back


# %%
def grad(y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """∂(Σ y)/∂x for each of the inputs."""
    cotangents: dict[Any, Tensor] = {y.place(): Tensor(np.ones_like(y.array))}
    todo = [(-y.node.serial, y.node)] if y.node else []
    while todo:
        node = heapq.heappop(todo)[1]  # the newest: all that used its result has been here
        for x, rule in zip(node.operands, node.op.rules, strict=True):
            if place := x.place():
                g = rule(cotangents[node], *node.operands, **node.params)
                g = summed(g, shape=x.array.shape)  # what broadcasting has spread; in no rule
                if x.node and place not in cotangents:
                    heapq.heappush(todo, (-x.node.serial, x.node))
                cotangents[place] = cotangents[place] + g if place in cotangents else g
    return [cotangents.get(x.place(), Tensor(0 * x.array)) for x in inputs]


# %% [markdown]
# ## It learns: a network for "one, but not both"

# %%
draw, losses = np.random.default_rng(SEED), []
x, target = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), Tensor([[0], [1], [1], [0]])
shapes = (2, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)
w1, b1, w2, b2 = parameters = [Tensor(draw.standard_normal(n), requires_grad=True) for n in shapes]
for step in range(STEPS + 1):
    error = tanh(x @ w1 + b1) @ w2 + b2 - target
    loss = summed(error * error, shape=()) / 4
    losses.append(loss.array.item())
    if step % 50 == 0:
        print(f"step {step:3}   loss {losses[-1]:.6f}   errors {error.array.ravel().round(3)}")
    for p, g in zip(parameters, grad(loss, parameters), strict=True):
        p.array = p.array - RATE * g.array  # not on the tape

# %% [markdown]
# ## Twice: (x eˣ)″ = (x + 2) eˣ, by a walk over the marks that the first has left

# %%
at = Tensor([0.0, 1.0, 2.0], requires_grad=True)
once = grad(at * exp(at), [at])
twice = grad(once[0], [at])[0].array.tolist()
print("(x eˣ)″ =", twice, "   (x + 2) eˣ =", ((at + 2) * exp(at)).array.tolist())
