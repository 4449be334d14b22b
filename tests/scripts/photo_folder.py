"""N10: a folder of photographs, a class a subfolder, with transforms of one's own."""

import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

classes = ["glass", "metal", "paper"]
rng = np.random.default_rng(12)
for k, name in enumerate(classes):
    os.makedirs(os.path.join(folder, "train", name), exist_ok=True)
    for i in range(4):
        photo = rng.integers(0, 120, (50 + 4 * i, 60, 3)).astype(np.uint8)
        photo[..., k] += 100
        np.save(os.path.join(folder, "train", name, f"{i}.npy"), photo)


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for t in self.transforms:
            img = t(img)
        return img


class ToTensor:
    def __call__(self, array):
        return torch.from_numpy(array.transpose(2, 0, 1)).contiguous().float().div(255)


class Resize:
    def __init__(self, size):
        self.size = size

    def __call__(self, img):
        return F.interpolate(
            img[None], size=(self.size, self.size), mode="bilinear", align_corners=False
        )[0]


class CenterCrop:
    def __init__(self, size):
        self.size = size

    def __call__(self, img):
        top, left = (img.shape[1] - self.size) // 2, (img.shape[2] - self.size) // 2
        return img[:, top : top + self.size, left : left + self.size]


class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = torch.tensor(mean).view(-1, 1, 1), torch.tensor(std).view(-1, 1, 1)

    def __call__(self, img):
        return img.sub(self.mean).div_(self.std)


class PhotoFolder(Dataset):
    def __init__(self, root, transform=None):
        self.classes = sorted(os.listdir(root))
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}
        self.samples = [
            (os.path.join(root, c, f), self.class_to_idx[c])
            for c in self.classes
            for f in sorted(os.listdir(os.path.join(root, c)))
        ]
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, idx):
        if torch.is_tensor(idx):
            idx = idx.tolist()
        path, target = self.samples[idx]
        image = np.load(path)
        if self.transform:
            image = self.transform(image)
        return image, target


transform = Compose(
    [
        ToTensor(),
        Resize(48),
        CenterCrop(44),
        Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)
dataset = PhotoFolder(os.path.join(folder, "train"), transform)
random.seed(0)
order = random.sample(range(len(dataset)), len(dataset))
loader = DataLoader(dataset, batch_size=2, sampler=order, num_workers=0, drop_last=False)
print(
    dataset.classes,
    dataset.class_to_idx,
    len(dataset),
    dataset[torch.tensor(3)][0].shape,
    len(loader),
)


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 10, 5)
        self.fc1, self.fc2, self.fc3 = (
            nn.Linear(10 * 8 * 8, 32),
            nn.Linear(32, 16),
            nn.Linear(16, 3),
        )

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.shape[0], -1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


net = same(Sorter())
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(2):
    for i, data in enumerate(loader, 0):
        inputs, labels = data
        loss = F.cross_entropy(net(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(epoch, i, labels.tolist(), f"{loss.item():.4f}")
print(inputs.dtype, labels.dtype, inputs.mean((0, 2, 3)))
