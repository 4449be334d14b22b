"""The twin of ``minigrad/lessons/arithmetic.py``."""

# %% tags=["parameters"]
A = [-1.5, 0.0, 0.5, 4.0]
B = [2.0, 0.25, -1.0, 3.0]

# %%
import torch

a = torch.tensor(A)
b = torch.tensor(B)
basic = [a + b, a - b, a * b, a / b, a % b, a**2, -a, abs(a)]
elementary = [a.exp(), a.exp().log(), a.abs().sqrt(), torch.exp(b), b.abs().log()]
bounded = [a.clamp(-1, 1), a.clamp_min(0), torch.clamp_max(a, 0), torch.clamp(a, max=2)]
undefined = [torch.isnan(torch.log(a)), torch.isinf(torch.log(a)), torch.isnan(torch.sqrt(a))]

n = torch.tensor([7, -7])
divided, floored, rest, mixed = n / 2, n // 2, n % 3, n + 0.5

column = torch.tensor([[0], [10], [20]])
row = torch.tensor([1, 2, 3, 4])
each_with_each = column + row
data = torch.tensor([[1.0, 200.0], [2.0, 400.0], [3.0, 600.0]])
standard = (data - data.mean(dim=0)) / data.std(dim=0)

c = torch.ones(4)
other_name = c
c.add_(a).mul_(2).sub_(b)
c += 1
c = c + 1
in_place = [other_name, c, c.clone().abs_().sqrt_(), c.clone().clamp_(0, 2), c.clone().zero_()]
