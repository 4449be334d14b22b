"""G4: a network of pictures to pictures, trained against losses of features."""

from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class ConvLayer(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride):
        super().__init__()
        self.reflection_pad = nn.ReflectionPad2d(kernel_size // 2)
        self.conv2d = nn.Conv2d(in_channels, out_channels, kernel_size, stride)

    def forward(self, x):
        return self.conv2d(self.reflection_pad(x))


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = ConvLayer(channels, channels, kernel_size=3, stride=1)
        self.in1 = nn.InstanceNorm2d(channels, affine=True)
        self.conv2 = ConvLayer(channels, channels, kernel_size=3, stride=1)
        self.in2 = nn.InstanceNorm2d(channels, affine=True)
        self.relu = nn.ReLU()

    def forward(self, x):
        residual = x
        out = self.relu(self.in1(self.conv1(x)))
        out = self.in2(self.conv2(out))
        out = out + residual
        return out


class UpsampleConvLayer(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride, upsample=None):
        super().__init__()
        self.upsample = upsample
        self.layer = ConvLayer(in_channels, out_channels, kernel_size, stride)

    def forward(self, x):
        if self.upsample:
            x = nn.functional.interpolate(x, mode="nearest", scale_factor=self.upsample)
        return self.layer(x)


class TransformerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            ConvLayer(3, 4, 3, 1), nn.InstanceNorm2d(4, affine=True), nn.ReLU(),
            ConvLayer(4, 8, 3, 2), nn.InstanceNorm2d(8, affine=True), nn.ReLU(),
        )  # fmt: skip
        self.res = nn.Sequential(*[ResidualBlock(8) for _ in range(2)])
        self.up = UpsampleConvLayer(8, 4, 3, 1, upsample=2)
        self.out = ConvLayer(4, 3, 3, 1)

    def forward(self, X):
        y = self.up(self.res(self.down(X)))
        return self.out(F.relu(y))


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.slice1 = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
        self.slice2 = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU())
        for param in self.parameters():
            param.requires_grad = False

    def forward(self, X):
        h1 = self.slice1(X)
        h2 = self.slice2(h1)
        return namedtuple("Outputs", ["relu1", "relu2"])(h1, h2)


def gram_matrix(y):
    (b, ch, h, w) = y.size()
    features = y.view(b, ch, w * h)
    features_t = features.transpose(1, 2)
    return features.bmm(features_t) / (ch * h * w)


rng = np.random.default_rng(4)
photographs = torch.tensor(rng.random((8, 3, 16, 16)), dtype=torch.float32)
style = torch.tensor(rng.random((3, 16, 16)) > 0.5, dtype=torch.float32).repeat(4, 1, 1, 1)
transformer, features = same(TransformerNet()), same(Features())
optimizer = torch.optim.Adam(transformer.parameters(), 1e-3)
mse_loss = torch.nn.MSELoss()
gram_style = [gram_matrix(y) for y in features(style)]
print([g.shape for g in gram_style], transformer)
for e in range(2):
    transformer.train()
    agg_content_loss = agg_style_loss = 0.0
    for batch_id, x in enumerate(photographs.split(4)):
        n_batch = len(x)
        optimizer.zero_grad()
        y = transformer(x)
        features_y, features_x = features(y), features(x)
        content_loss = 10 * mse_loss(features_y.relu2, features_x.relu2)
        style_loss = 0.0
        for ft_y, gm_s in zip(features_y, gram_style):
            style_loss += mse_loss(gram_matrix(ft_y), gm_s[:n_batch, :, :])
        style_loss *= 100
        total_loss = content_loss + style_loss
        total_loss.backward()
        optimizer.step()
        agg_content_loss += content_loss.item()
        agg_style_loss += style_loss.item()
        print(
            f"{e} {batch_id} content {agg_content_loss / (batch_id + 1):.4f} style {agg_style_loss / (batch_id + 1):.4f}"
        )
transformer.eval()
with torch.no_grad():
    output = transformer(photographs[:1]).cpu()
img = output[0].clone().mul(255).clamp(0, 255).numpy().transpose(1, 2, 0).astype("uint8")
print(img.shape, img.dtype)
torch.save(transformer.state_dict(), folder + "/style.model")
