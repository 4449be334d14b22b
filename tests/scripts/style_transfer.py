"""G3: a picture that is optimised itself, against Gram matrices of features; LBFGS and Adam. In
float64, as LBFGS soon makes two pictures of two roundings."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

rng = np.random.default_rng(1)
content_img = torch.tensor(rng.random((1, 3, 16, 16)), dtype=torch.float64)
rows = torch.arange(16).view(1, 1, 16, 1)
style_img = ((rows // 2) % 2).double().expand(1, 3, 16, 16) * torch.tensor(
    [1.0, 0.5, 0.2]
).double().view(1, 3, 1, 1)

cnn = nn.Sequential(
    nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(),
    nn.AvgPool2d(2), nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(),
)  # fmt: skip
cnn = same(cnn).double().eval()
for param in cnn.parameters():
    param.requires_grad_(False)


def gram_matrix(input):
    a, b, c, d = input.size()
    features = input.view(a * b, c * d)
    G = torch.mm(features, features.t())
    return G.div(a * b * c * d)


class ContentLoss(nn.Module):
    def __init__(self, target):
        super(ContentLoss, self).__init__()
        self.target = target.detach()

    def forward(self, input):
        self.loss = F.mse_loss(input, self.target)
        return input


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super(StyleLoss, self).__init__()
        self.target = gram_matrix(target_feature).detach()

    def forward(self, input):
        self.loss = F.mse_loss(gram_matrix(input), self.target)
        return input


model, content_losses, style_losses = nn.Sequential(), [], []
i = 0
for layer in cnn.children():
    if isinstance(layer, nn.Conv2d):
        i += 1
        name = "conv_{}".format(i)
    elif isinstance(layer, nn.ReLU):
        name = "relu_{}".format(i)
        layer = nn.ReLU(inplace=False)
    else:
        name = "pool_{}".format(i)
    model.add_module(name, layer)
    if name == "conv_2":
        content_loss = ContentLoss(model(content_img))
        model.add_module("content_loss_{}".format(i), content_loss)
        content_losses.append(content_loss)
    if name.startswith("conv"):
        style_loss = StyleLoss(model(style_img))
        model.add_module("style_loss_{}".format(i), style_loss)
        style_losses.append(style_loss)
print(model, len(content_losses), len(style_losses), style_losses[0].target)


def total_loss():
    style = sum(sl.loss for sl in style_losses)
    content = sum(cl.loss for cl in content_losses)
    return style * 1000, content * 1.0


# LBFGS calls the closure as often as it likes
input_img = content_img.clone().requires_grad_(True)
optimizer = optim.LBFGS([input_img], lr=0.5, max_iter=4)
run = [0]
while run[0] <= 8:

    def closure():
        with torch.no_grad():
            input_img.clamp_(0, 1)
        optimizer.zero_grad()
        model(input_img)
        style_score, content_score = total_loss()
        loss = style_score + content_score
        loss.backward()
        run[0] += 1
        print(
            "run {}: Style Loss : {:4f} Content Loss: {:4f}".format(
                run[0], style_score.item(), content_score.item()
            )
        )
        return loss

    optimizer.step(closure)
with torch.no_grad():
    input_img.clamp_(0, 1)
print(input_img.grad.shape, (input_img - content_img).abs().mean())


# the picture as a parameter, with Adam
class GeneratedImage(nn.Module):
    def __init__(self, img):
        super().__init__()
        self.weight = nn.Parameter(img.clone())

    def forward(self):
        return self.weight


generated = GeneratedImage(content_img)
trainer = torch.optim.Adam(generated.parameters(), lr=0.03)
scheduler = torch.optim.lr_scheduler.StepLR(trainer, 3, 0.8)


def tv_loss(Y_hat):
    return 0.5 * (
        torch.abs(Y_hat[:, :, 1:, :] - Y_hat[:, :, :-1, :]).mean()
        + torch.abs(Y_hat[:, :, :, 1:] - Y_hat[:, :, :, :-1]).mean()
    )


for epoch in range(4):
    trainer.zero_grad()
    model(generated())
    style_score, content_score = total_loss()
    loss = style_score + content_score + 0.1 * tv_loss(generated())
    loss.backward()
    trainer.step()
    scheduler.step()
    print(epoch, f"{style_score:.4f} {content_score:.4f} {loss:.4f}")
picture = generated().data.clamp(0, 1).squeeze(0).permute(1, 2, 0).numpy()
print(picture.shape, generated.weight.grad.abs().mean(), list(generated.state_dict()))
