"""Every optimizer and every schedule on a narrow valley."""

import torch
from torch import optim
from torch.optim import lr_scheduler


def f(p):
    return 0.1 * p[0] ** 2 + 2 * p[1] ** 2 + (p[0] * p[1]).sin()


makers = {
    "SGD": lambda ps: optim.SGD(ps, lr=0.1),
    "momentum": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, weight_decay=1e-3),
    "Nesterov": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    "Adagrad": lambda ps: optim.Adagrad(ps, lr=0.4),
    "RMSprop": lambda ps: optim.RMSprop(ps, lr=0.05, alpha=0.9, eps=1e-6, centered=True),
    "Adadelta": lambda ps: optim.Adadelta(ps, rho=0.9),
    "Adam": lambda ps: optim.Adam(ps, lr=0.1, betas=(0.9, 0.99)),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.1, weight_decay=0.01),
    "Adamax": lambda ps: optim.Adamax(ps, lr=0.1),
    "NAdam": lambda ps: optim.NAdam(ps, lr=0.05),
    "RAdam": lambda ps: optim.RAdam(ps, lr=0.1),
    "ASGD": lambda ps: optim.ASGD(ps, lr=0.1),
    "Rprop": lambda ps: optim.Rprop(ps, lr=0.05),
}
for name, make in makers.items():
    p = torch.tensor([-5.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([p])
    path = [p.detach().clone()]
    for step in range(8):
        optimizer.zero_grad()
        loss = f(p)
        loss.backward()
        optimizer.step()
        path.append(p.detach().clone())
    print(
        f"{name:10s} loss {loss:.4f} at ({p[0]:.4f}, {p[1]:.4f})",
        len(path),
        optimizer.param_groups[0]["lr"],
    )

# with a closure
p = torch.tensor([-5.0, -2.0], dtype=torch.float64, requires_grad=True)
optimizer = optim.LBFGS([p], lr=0.5, max_iter=5, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = f(p)
    loss.backward()
    return loss


for _ in range(3):
    print("LBFGS", optimizer.step(closure), p.data)

# by hand, with states
hyperparams, states = {"lr": 0.4, "beta": 0.5}, [torch.zeros(2)]
q = torch.tensor([-5.0, -2.0], requires_grad=True)
for t in range(1, 6):
    f(q).backward()
    with torch.no_grad():
        for v in states:
            v[:] = hyperparams["beta"] * v + q.grad
            q[:] -= hyperparams["lr"] * v / (1 + torch.sqrt(v**2))
    q.grad.data.zero_()
print(q, states)

# schedules
schedules = {
    "step": lambda o: lr_scheduler.StepLR(o, step_size=2, gamma=0.5),
    "milestones": lambda o: lr_scheduler.MultiStepLR(o, milestones=[2, 5], gamma=0.1),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.9),
    "lambda": lambda o: lr_scheduler.LambdaLR(o, lr_lambda=lambda epoch: 0.95**epoch),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=4, eta_min=0.001),
    "restarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=3),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.2, total_steps=10),
    "cyclic": lambda o: lr_scheduler.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=2),
    "linear": lambda o: lr_scheduler.LinearLR(o, start_factor=0.5, total_iters=4),
    "polynomial": lambda o: lr_scheduler.PolynomialLR(o, total_iters=5, power=2),
    "warm": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o, 0.1, 2), lr_scheduler.ExponentialLR(o, 0.5)], [2]
    ),
}
for name, make in schedules.items():
    optimizer = optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(7):
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    print(f"{name:12s}", " ".join(f"{rate:.5f}" for rate in rates), scheduler.get_last_lr())
plateau = lr_scheduler.ReduceLROnPlateau(optimizer, "min", factor=0.1, patience=1)
for value in [1.0, 0.9, 0.9, 0.9, 0.9]:
    plateau.step(value)
print(
    optimizer.param_groups[0]["lr"],
    plateau.num_bad_epochs,
    sorted(optimizer.state_dict()),
    optimizer.state_dict()["state"].keys(),
)
for g in optimizer.param_groups:
    g["lr"] *= 0.5
optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(2))], "lr": 0.7})
print([g["lr"] for g in optimizer.param_groups], len(optimizer.param_groups[1]["params"]))
