"""A whole program out of a seed."""

from __future__ import annotations

from .drawing import Drawing, is_there_all
from .grammar import FAMILIES, gradients, refusals
from .program import Program

REFUSED = 0.06
"""How many programs end with what PyTorch refuses."""
TRIES = 4
"""Statements that are tried for each that is to stand."""


def drawn(seed: int) -> Program:
    """The program of a seed."""
    d = Drawing(seed)
    d = Drawing(seed, d.one(["float64"] * 8 + ["float32", "float32", "float16"]))
    for _ in range(d.whole(0, 3)):
        d.argument(d.shape(), held=True, leaf=True)
    if d.chance(0.3):
        d.argument(d.shape(), held=True)
    for _ in range(d.whole(1, 3)):
        d.argument(d.shape())
    goal, tries = d.whole(2, 14), 0
    families = [makers for _, makers in FAMILIES]
    while len(d.program.body) < goal and tries < TRIES * goal:
        tries += 1
        (makers,) = d.rng.choices(families, [weight for weight, _ in FAMILIES])
        (maker,) = d.rng.choices([m for m, _ in makers], [w for _, w in makers])
        try:
            text = maker(d)
        except (LookupError, ValueError, RuntimeError, TypeError):
            continue  # what it needs is not there
        if text is not None:
            d.emit(text)
    if d.chance(0.75):
        _train(d)
    if d.chance(REFUSED):
        text = refusals.refused(d)
        if text is not None and is_there_all(text):
            d.program.body.append(text)
    return finished(d, seed)


def _train(d: Drawing) -> None:
    """A backward, and often a step of an optimizer."""
    name = gradients.optimizer(d) if d.chance(0.5) else None
    leaves = list(d.leaves)
    if name is not None:
        first = d.one([f"{name}.zero_grad()"] * 4 + [f"{name}.zero_grad(set_to_none=False)", ""])
        if first:
            d.program.body.insert(0, first)
    elif leaves and d.chance(0.6):
        d.program.body[:0] = [f"{x}.grad = None" for x in leaves]
    done = d.emit(gradients.backward(d, last=True))
    if done is not None and d.chance(0.2):
        d.emit(gradients.backward(d, last=True))
    if name is not None:
        d.emit(f"!{name}.step()")


def finished(d: Drawing, seed: int) -> Program:
    """What the step returns, and without what nothing uses."""
    program = d.program
    text = "\n".join([*program.setup, *program.body])
    words = set(_words(text))
    program.held = [x for x in program.held if x.name in words]
    program.arguments = [x for x in program.arguments if x.name in words]
    made = [x for x in d.names if not x.startswith(("x", "p"))]
    keep = made if len(made) <= 8 else sorted(d.rng.sample(made, 8), key=made.index)
    grads = [f"{x.name}.grad" for x in program.held if x.leaf]
    asked = [x for x in made if f"{x}.retain_grad()" in text or _born(x, program.body)]
    grads += [f"{x}.grad" for x in asked]
    program.results = [*keep, *grads]
    program.state = [x.name for x in program.held]
    program.state += [m for m in d.modules if m in words]
    program.note = f"drawn from {seed}"
    return program


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()


def _born(x: str, body: list[str]) -> bool:
    """Whether it is a leaf that the step makes."""
    return any(line.startswith(f"{x} = ") and line.endswith(".requires_grad_()") for line in body)
