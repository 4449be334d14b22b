"""D4: one linear layer on flattened images, with a line of progress every so many steps."""

import numpy as np
import torch
import torch.nn as nn

input_size, num_classes = 28 * 28, 10
num_epochs, batch_size, learning_rate = 2, 20, 0.001

rng = np.random.default_rng(0)
pictures = rng.random((200, 1, 28, 28), dtype=np.float32)
answers = rng.integers(0, 10, 200)
train = torch.utils.data.TensorDataset(torch.from_numpy(pictures), torch.from_numpy(answers))
train_loader = torch.utils.data.DataLoader(dataset=train, batch_size=batch_size, shuffle=False)

model = same(nn.Linear(input_size, num_classes))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

total_step = len(train_loader)
for epoch in range(num_epochs):
    for i, (images, labels) in enumerate(train_loader):
        images = images.reshape(-1, input_size)
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (i + 1) % 5 == 0:
            print(
                "Epoch [{}/{}], Step [{}/{}], Loss: {:.4f}".format(
                    epoch + 1, num_epochs, i + 1, total_step, loss.item()
                )
            )

with torch.no_grad():
    correct = 0
    total = 0
    for images, labels in train_loader:
        images = images.reshape(-1, input_size)
        outputs = model(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum()
    print("Accuracy of the model on the {} images: {} %".format(total, 100 * correct / total))

# what the layer has learned: a picture for each class
templates = model.weight.data.view(10, 28, 28)
print(templates.shape, templates[0].mean(), model.weight.grad.norm(), model.bias)
torch.save(model.state_dict(), folder + "/model.ckpt")
loaded = torch.load(folder + "/model.ckpt")
print(list(loaded.keys()), loaded["weight"].shape, torch.equal(loaded["bias"], model.bias.data))

# the loss by hand
logits = model(images)
by_hand = -torch.log_softmax(logits, dim=1)[range(len(labels)), labels].mean()
print(by_hand, criterion(logits, labels), nn.NLLLoss()(nn.LogSoftmax(dim=1)(logits), labels))
print((logits.exp() / logits.exp().sum(1, keepdim=True)).max(1))
