"""N3: LeNet on colour pictures, in functional style, with a training loop that counts on."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x

    def num_flat_features(self, x):
        size = x.size()[1:]
        num_features = 1
        for s in size:
            num_features *= s
        return num_features


net = same(Net())
print(net)
params = list(net.parameters())
print(len(params), params[0].size())

draw = np.random.default_rng(6)
inputs = torch.from_numpy(draw.normal(size=(24, 3, 32, 32)).astype("f4"))
labels = torch.from_numpy(draw.integers(0, 10, 24))
classes = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

out = net(inputs[:1])
net.zero_grad()
out.backward(torch.ones(1, 10), retain_graph=True)
print(out, net.conv1.bias.grad)
print(nn.MSELoss()(out, torch.arange(10.0).view(1, -1)), type(out.grad_fn.next_functions).__name__)

criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(2):
    running_loss = 0.0
    for i in range(0, len(inputs), 4):
        optimizer.zero_grad()
        outputs = net(inputs[i : i + 4])
        loss = criterion(outputs, labels[i : i + 4])
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        if i % 8 == 4:
            print("[%d, %5d] loss: %.3f" % (epoch + 1, i + 1, running_loss / 2))
            running_loss = 0.0
print("Finished Training")

outputs = net(inputs[:4])
_, predicted = torch.max(outputs, 1)
print("Predicted: ", " ".join("%5s" % classes[predicted[j]] for j in range(4)))
class_correct = list(0.0 for i in range(10))
class_total = list(0.0 for i in range(10))
with torch.no_grad():
    c = (net(inputs).argmax(1) == labels).squeeze()
    for i in range(24):
        label = labels[i]
        class_correct[label] += c[i].item()
        class_total[label] += 1
print({classes[i]: 100 * class_correct[i] / max(class_total[i], 1) for i in range(10)})
