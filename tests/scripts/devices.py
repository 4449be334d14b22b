"""T7: code that runs on the GPU where there is one, and on the CPU where there is none."""

import torch
import torch.nn as nn

device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
accelerated = torch.accelerator.is_available()
print(torch.cuda.is_available() == (torch.cuda.device_count() > 0), device.type in ("cpu", "cuda"))

torch.manual_seed(0)
torch.cuda.manual_seed(0)
torch.cuda.manual_seed_all(0)
torch.backends.cudnn.deterministic = True
torch.backends.cudnn.benchmark = False


def missing(move):
    """Whether the move says that there is no GPU."""
    try:
        move()
    except (RuntimeError, AssertionError) as error:
        return len(str(error)) > 20
    return False


x = torch.arange(6.0).reshape(2, 3)
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
if not torch.cuda.is_available():
    print(
        missing(lambda: x.to("cuda:0")),
        missing(lambda: x.cuda()),
        missing(lambda: model.to("cuda:0")),
    )
    print(missing(lambda: torch.zeros(2, device="cuda")), missing(model.cuda))

x = x.to(device)
model = same(model).to(device)
out = model(x)
print(out.cpu(), out.device == x.device, next(model.parameters()).device == x.device)
print(
    x.cpu().device,
    x.to("cpu").device,
    torch.device("cpu"),
    torch.device("cuda", 0),
    torch.device("cuda:1").index,
)
print(
    torch.ones(2, device=device).cpu(),
    torch.zeros_like(x).device == x.device,
    x.is_cuda == (device.type == "cuda"),
)
print(
    x.to(torch.float64).dtype,
    x.to(device, torch.float64).dtype,
    x.to(device=device, non_blocking=True) is x,
)
print(model.double()(x.double()).dtype, model.float()[0].weight.dtype, model.half()[0].bias.dtype)
model.float().cpu()
print(str(device).startswith(("cpu", "cuda")), f"{torch.device('cpu')}", x.cpu().numpy())
y = x.cpu()
