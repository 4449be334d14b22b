"""T1: tensors from lists, from NumPy, from sizes, from numbers and from chance."""

import numpy as np
import torch

# from data
print(torch.tensor([1, 2, 3]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor(3.14))
print(torch.Tensor([[1, 2]]), torch.FloatTensor([1, 2]), torch.IntTensor([1, 3]))
print(torch.LongTensor([[0, 1], [1, 0]]), torch.DoubleTensor([0.5]), torch.BoolTensor([1, 0]))
print(torch.tensor([True, False]), torch.tensor((1, 2)), torch.tensor(range(4)), torch.tensor([]))
print(
    torch.as_tensor(np.array([1.5, 2.5])), torch.tensor(np.arange(3)), torch.from_numpy(np.eye(2))
)

# from sizes
print(torch.Tensor(2, 3).shape, torch.FloatTensor(3, 2).size(), torch.empty(4).shape)
print(torch.zeros(2, 3), torch.zeros((2, 3)), torch.zeros([2]), torch.zeros(size=(1, 2)))
print(
    torch.ones(2, 2, dtype=torch.int64), torch.full((2, 2), 7), torch.full((2,), 0.5), torch.eye(3)
)
x = same(torch.rand(2, 3))
print(torch.zeros_like(x), torch.ones_like(x, dtype=torch.int32), torch.full_like(x, 9))
print(
    x.new_zeros(2),
    x.new_ones(2, 2),
    x.new_tensor([1, 2]),
    x.new_full((3,), 4),
    x.new_empty(5).shape,
)
print(torch.empty_like(x).shape, torch.rand_like(x).shape, torch.randn_like(x).dtype)

# from numbers
print(torch.arange(5), torch.arange(1, 10, 3), torch.arange(0, 1, 0.25), torch.arange(3, 0, -1))
print(torch.arange(5, dtype=torch.float32), torch.linspace(0, 1, 5), torch.linspace(-1, 1, steps=3))
print(torch.logspace(0, 2, 3), torch.arange(12).view(3, 4), torch.arange(5.0))

# types
for dtype in (torch.float32, torch.float64, torch.int32, torch.int64, torch.bool, torch.uint8):
    t = torch.ones(2, dtype=dtype)
    print(t.dtype, t, t.element_size(), t.dtype == dtype)
print(torch.tensor([1, 2]).dtype, torch.tensor([1.0]).dtype, torch.tensor([1, 2.5]).dtype)
print(torch.float == torch.float32, torch.long == torch.int64, torch.get_default_dtype())
print(
    x.double().dtype, x.int().dtype, x.long().dtype, x.bool().dtype, x.half().dtype, x.float() is x
)
print(torch.tensor([1.7, -1.7]).int(), torch.tensor([0, 2, -1]).bool(), torch.tensor([3]).float())
print(torch.tensor([1.9]).to(torch.int64), torch.tensor([1]).type(torch.FloatTensor))

# from chance
torch.manual_seed(0)
drawn = [torch.rand(3)]
torch.manual_seed(0)
drawn.append(torch.rand(3))
print(torch.equal(*drawn), bool((drawn[0] >= 0).all()), bool((drawn[0] < 1).all()))
print(
    torch.randn(2, 3).shape, torch.randn(1000).mean().abs() < 0.2, torch.randn(1000).std() - 1 < 0.2
)
print(
    torch.randint(0, 10, (2, 3)).dtype,
    torch.randint(5, (100,)).max() < 5,
    torch.randint(2, 3, (2,)),
)
print(
    torch.randperm(6).sort()[0], torch.normal(0, 1, (2, 2)).shape, torch.normal(2.0, torch.zeros(3))
)
print(torch.bernoulli(torch.tensor([0.0, 1.0])), torch.empty(3).uniform_(0, 1).shape)
kept = same(torch.randn(2, 3))
print(kept, kept.shape, kept.numel())
