"""Saving and loading: a state_dict, a whole model, a checkpoint with its optimizer."""

import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3, 5, bias=False)
        self.norm = nn.BatchNorm1d(5)
        self.output = nn.Linear(5, 2)
        self.activation = torch.relu
        self.device = torch.device("cpu")

    def forward(self, x):
        x = x.to(self.device)
        return self.output(self.activation(self.norm(self.hidden(x))))


model = same(Model())
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.linspace(-1, 1, 12).reshape(4, 3), torch.tensor([0, 1, 1, 0])
criterion = nn.CrossEntropyLoss()


def step(model, optimizer):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


for _ in range(3):
    print(round(step(model, optimizer), 5))

# the parameters
torch.save(model.state_dict(), folder + "/state.pt")
fresh = Model()
print(fresh.load_state_dict(torch.load(folder + "/state.pt")))
model.eval()
fresh.eval()
print(torch.equal(model(x), fresh(x)), model(x))

# the whole model
torch.save(model, folder + "/model.pt")
whole = torch.load(folder + "/model.pt", weights_only=False)
whole.eval()
print(type(whole).__name__, torch.equal(model(x), whole(x)))

# a checkpoint
torch.save(
    {
        "epoch": 3,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "loss": 0.25,
        "classes": ["no", "yes"],
    },
    folder + "/checkpoint.pt",
)
checkpoint = torch.load(folder + "/checkpoint.pt", map_location="cpu")
again = Model()
again.load_state_dict(checkpoint["model_state_dict"])
optimizer2 = torch.optim.Adam(again.parameters(), lr=0.5)
optimizer2.load_state_dict(checkpoint["optimizer_state_dict"])
print(
    checkpoint["epoch"], checkpoint["loss"], checkpoint["classes"], optimizer2.param_groups[0]["lr"]
)
model.train()
again.train()
a, b = step(model, optimizer), step(again, optimizer2)
print(a == b, all(torch.equal(p, q) for p, q in zip(model.parameters(), again.parameters())))

# what does not fit
try:
    nn.Sequential(nn.Linear(3, 4)).load_state_dict(model.state_dict())
except RuntimeError as error:
    print("Missing key(s)" in str(error), "Unexpected key(s)" in str(error))
tensors = {"a": torch.arange(3), "b": [torch.eye(2), 1.5]}
torch.save(tensors, folder + "/tensors.pt")
print(torch.load(folder + "/tensors.pt"))
