"""Leaves, hooks, backward, optimizers: what turns statements into training."""

from __future__ import annotations

from ..drawing import Drawing

OPTIMIZERS = """SGD({p},lr=0.1) SGD({p},lr=0.1,momentum=0.9) SGD({p},lr=0.1,maximize=True)
SGD({p},lr=0.1,momentum=0.9,nesterov=True,weight_decay=0.01) SGD({p},lr=0.1,momentum=0.5,dampening=0.1)
Adam({p},lr=0.05) Adam({p},lr=0.05,weight_decay=0.1,amsgrad=True) Adam({p},lr=0.05,maximize=True)
AdamW({p},lr=0.05) RMSprop({p},lr=0.02) RMSprop({p},lr=0.02,momentum=0.5,centered=True) Adagrad({p},lr=0.1)
Adadelta({p}) Adamax({p},lr=0.05) NAdam({p},lr=0.05) RAdam({p},lr=0.05) Rprop({p},lr=0.05)
ASGD({p},lr=0.05)""".split()


def leaf(d: Drawing) -> str:
    """A leaf made in the step."""
    x = d.operand()
    return d.one([f"{x}.detach().clone().requires_grad_()", f"{x}.detach().requires_grad_()",
                  f"({x}.detach() * 1).requires_grad_()"])  # fmt: skip


def watched(d: Drawing) -> str | None:
    """A hook, or a gradient that is kept."""
    x = d.pick(lambda t: t.requires_grad)
    if x in d.leaves:
        return None  # it would have one more at each call
    hook = d.one(["g * 2", "g + 1", "None", "g.clamp(-1, 1)"])
    return d.one([f"!{x}.register_hook(lambda g: {hook})", f"!{x}.retain_grad()"])


def weighted(d: Drawing, x: str) -> str:
    """A number that depends on all of x."""
    t = d[x]
    if t.ndim == 0:
        return x
    line = f"torch.linspace(-1, 2, {t.numel()}, dtype={x}.dtype).reshape({x}.shape)"
    return d.one(
        [f"{x}.sum()", f"{x}.mean()", f"{x}.sum()", f"({x} ** 2).mean()", f"({x} * {line}).sum()",
         f"({x} * {d.wide(t.shape)}.detach()).sum()"]
    )  # fmt: skip


def scalar(d: Drawing) -> str | None:
    """A loss of one to three tensors that need a gradient."""
    found = [x for x in d.names if d[x].requires_grad and d[x].is_floating_point()]
    late = found[-6:]
    if not late:
        return None
    chosen = d.rng.sample(late, min(len(late), d.whole(1, 3)))
    return " + ".join(weighted(d, x) for x in dict.fromkeys([late[-1], *chosen]))


def gradient(d: Drawing) -> str | None:
    """Gradients as values, of the second order now and then."""
    total = scalar(d)
    found = [x for x in d.names if d[x].requires_grad]
    if total is None or not found:
        return None
    of = ", ".join(d.rng.sample(found, min(len(found), d.whole(1, 2))))
    graph = d.chance(0.4)
    return f"torch.autograd.grad({total}, [{of}], create_graph={graph}, retain_graph=True)"


def backward(d: Drawing, last: bool = False) -> str | None:
    total = scalar(d)
    if total is None:
        return None
    keep = "" if last and d.chance(0.8) else "retain_graph=True"
    return f"!({total}).backward({keep})"


def optimizer(d: Drawing) -> str | None:
    """An optimizer over leaves and modules that are closed over."""
    parts = [x for x in d.leaves if d.chance(0.8)]
    modules = [m for m in d.modules if list(d[m].parameters()) and d.chance(0.9)]
    if not parts and not modules:
        return None
    name = d.fresh("o")
    groups = f"[{', '.join([*parts, *[f'*{m}.parameters()' for m in modules]])}]"
    if parts and modules and d.chance(0.2):
        groups = f"[{{'params': [{', '.join(parts)}]}}, {{'params': {modules[0]}.parameters(), 'lr': 0.03}}]"
    d.setup(f"{name} = torch.optim.{d.one(OPTIMIZERS).format(p=groups)}")
    return name


MAKERS = [(leaf, 3), (watched, 1), (gradient, 2), (backward, 1)]
