"""What a type checker makes of a script: run by mypy, never imported.

A wrong name is an error: each ``type: ignore`` below would itself be one if it were not needed.
"""

from typing import assert_type

import minigrad
import minigrad as torch
from minigrad import Tensor, nn

x = torch.ones(2, 3, requires_grad=True)
assert_type(x, Tensor)
assert_type(x.exp(), Tensor)
assert_type(x.hypot(other=2.0), Tensor)
assert_type(x.sqrt_(), Tensor)
assert_type(x.sum(dim=0, keepdim=True), Tensor)
assert_type(x + 1, Tensor)
assert_type(x[0], Tensor)
assert_type(torch.sin(x), Tensor)
assert_type(torch.cat([x, x], dim=1), Tensor)
assert_type(torch.nn.functional.relu(x), Tensor)
assert_type(x.grad, Tensor | None)
assert_type(x.tolist(), object)  # type: ignore[assert-type]

model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x))
step = minigrad.compile(lambda: x.sum())
network = minigrad.models.LeNet5()

print(minigrad.nosuch)  # type: ignore[attr-defined]
print(torch.nn.Nosuch)  # type: ignore[attr-defined]
print(torch.nn.functional.nosuch)  # type: ignore[attr-defined]
print(torch.utils.nosuch)  # type: ignore[attr-defined]
x.nosuch()  # type: ignore[attr-defined]
x.exp(1)  # type: ignore[call-arg]
