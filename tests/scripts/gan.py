"""G1: a generator and a discriminator with an optimizer each, trained in turn."""

import numpy as np
import torch
import torch.nn as nn

latent_size, hidden_size, image_size, batch_size = 16, 32, 64, 20

D = nn.Sequential(
    nn.Linear(image_size, hidden_size),
    nn.LeakyReLU(0.2),
    nn.Linear(hidden_size, hidden_size),
    nn.LeakyReLU(0.2),
    nn.Linear(hidden_size, 1),
    nn.Sigmoid(),
)
G = nn.Sequential(
    nn.Linear(latent_size, hidden_size),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Linear(hidden_size, image_size),
    nn.Tanh(),
)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
D, G = same(D).to(device), same(G).to(device)
criterion = nn.BCELoss()
d_optimizer = torch.optim.Adam(D.parameters(), lr=0.002)
g_optimizer = torch.optim.Adam(G.parameters(), lr=0.002)


def denorm(x):
    out = (x + 1) / 2
    return out.clamp(0, 1)


def reset_grad():
    d_optimizer.zero_grad()
    g_optimizer.zero_grad()


rng = np.random.default_rng(0)
real = torch.tensor(np.tanh(rng.normal(0.5, 0.5, (60, 8, 8))), dtype=torch.float32)
total_step = 3
for epoch in range(4):
    for i in range(total_step):
        images = real[i * batch_size : (i + 1) * batch_size].reshape(batch_size, -1).to(device)
        real_labels = torch.ones(batch_size, 1).to(device)
        fake_labels = torch.zeros(batch_size, 1).to(device)

        # the discriminator: real ones are 1, made ones 0
        outputs = D(images)
        d_loss_real = criterion(outputs, real_labels)
        real_score = outputs
        z = same(torch.randn(batch_size, latent_size)).to(device)
        fake_images = G(z)
        outputs = D(fake_images.detach())
        d_loss_fake = criterion(outputs, fake_labels)
        fake_score = outputs
        d_loss = d_loss_real + d_loss_fake
        reset_grad()
        d_loss.backward()
        d_optimizer.step()

        # the generator: what it makes shall pass for real
        z = same(torch.randn(batch_size, latent_size)).to(device)
        fake_images = G(z)
        outputs = D(fake_images)
        g_loss = criterion(outputs, real_labels)
        reset_grad()
        g_loss.backward()
        g_optimizer.step()
        if (i + 1) % 3 == 0:
            print(
                "Epoch [{}/{}], Step [{}/{}], d_loss: {:.4f}, g_loss: {:.4f}, D(x): {:.2f}, D(G(z)): {:.2f}".format(
                    epoch,
                    4,
                    i + 1,
                    total_step,
                    d_loss.item(),
                    g_loss.item(),
                    real_score.mean().item(),
                    fake_score.mean().item(),
                )
            )

fake_images = fake_images.reshape(fake_images.size(0), 1, 8, 8)
sheet = denorm(fake_images).view(4, 5, 8, 8).permute(0, 2, 1, 3).reshape(32, 40)
print(
    sheet.shape,
    sheet.min() >= 0,
    sheet.max() <= 1,
    fake_images.requires_grad,
    D[0].weight.grad is not None,
)
torch.save(G.state_dict(), folder + "/G.ckpt")
torch.save(D.state_dict(), folder + "/D.ckpt")


def gradient_penalty(critic, real_samples, fake_samples, alpha):
    """The critic's slope between real and made ones is to be 1 (WGAN-GP)."""
    interpolates = (alpha * real_samples + (1 - alpha) * fake_samples).requires_grad_(True)
    d_interpolates = critic(interpolates)
    fake = torch.ones(real_samples.shape[0], 1, requires_grad=False)
    gradients = torch.autograd.grad(
        outputs=d_interpolates,
        inputs=interpolates,
        grad_outputs=fake,
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


critic = D[:-1]
penalty = gradient_penalty(
    critic, images.data, fake_images.view(20, -1).data, torch.linspace(0, 1, 20).unsqueeze(1)
)
d_optimizer.zero_grad()
wasserstein = (
    -critic(images).mean() + critic(fake_images.view(20, -1).detach()).mean() + 10 * penalty
)
wasserstein.backward()
for p in critic.parameters():
    p.data.clamp_(-0.01, 0.01)
print(penalty, wasserstein.item(), D[0].weight.grad.norm(), D[0].weight.abs().max())
with torch.no_grad():
    fixed = G(torch.linspace(-1, 1, latent_size).unsqueeze(0))
