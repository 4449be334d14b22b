"""The twin of ``minigrad/lessons/creation.py``."""

# %% tags=["parameters"]
SEED = 0

# %%
import numpy as np
import torch

whole = torch.tensor([1, 2, 3])
real = torch.tensor([1, 2.5, 3])
truths = torch.tensor([True, False])
table = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
single = torch.tensor(3.14)
from_array = torch.tensor(np.array([0.5, 1.5]))

spelled = torch.Tensor([[1, 2]])
spelled_int = torch.IntTensor([1, 3])
found = torch.FloatTensor(3, 2)

zeros = torch.zeros(2, 3)
ones = torch.ones(2, 3)
sevens = torch.full((2, 3), 7.0)
identity = torch.eye(3)
empty = torch.empty(2, 3)

counted = torch.arange(5)
stepped = torch.arange(1, 10, 3)
spaced = torch.linspace(-1, 1, 5)

torch.manual_seed(SEED)
uniform = torch.rand(2, 3)
normal = torch.randn(2, 3)
dice = torch.randint(1, 7, (2, 3))
ordered = torch.randperm(6).sort().values

like = torch.ones_like(dice)
likenesses = (
    like,
    torch.zeros_like(uniform),
    torch.full_like(uniform, 9),
    torch.rand_like(uniform),
    torch.randn_like(uniform),
    torch.empty_like(uniform, dtype=torch.float64),
)

kinds = (torch.float32, torch.float64, torch.int32, torch.int64, torch.bool)
tenths = [torch.tensor(0.1, dtype=kind).double() for kind in kinds]

values = torch.tensor([-1.75, 0.0, 0.25, 2.5])
cut = values.int()
true = values.bool()
wide = values.to(torch.float64)

made = (found, empty, uniform, normal, dice, *likenesses)
shapes = [tuple(each.shape) for each in made]
types = [(each.element_size(), each.is_floating_point()) for each in made]
