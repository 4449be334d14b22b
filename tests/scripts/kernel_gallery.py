"""C7: well-known kernels on a picture."""

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

kernels = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "edge detection 1": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "edge detection 2": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "edge detection 3": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "box blur": np.ones((3, 3)) / 9,
    "Gaussian blur": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
}
r, c = np.mgrid[0:24, 0:32]
photograph = np.stack([r * 8, c * 8 % 256, ((r - 12) ** 2 + (c - 16) ** 2 < 60) * 200], -1).astype(
    np.uint8
)
print(photograph.shape, photograph.dtype)

tensor = torch.from_numpy(photograph).permute(2, 0, 1).unsqueeze(0).float() / 255
print(tensor.shape, tensor.min(), tensor.max(), tensor.mean(dim=(0, 2, 3)))
gray = (tensor * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)

fig, axes = plt.subplots(2, 4, figsize=(6, 3))
axes[0, 0].imshow(photograph)
results = {}
for ax, (name, kernel) in zip(axes.flat[1:], kernels.items()):
    weight = torch.tensor(kernel, dtype=torch.float32).view(1, 1, 3, 3)
    colour = F.conv2d(tensor, weight.repeat(3, 1, 1, 1), padding=1, groups=3)
    results[name] = F.conv2d(gray, weight, padding=1)
    picture = colour.squeeze(0).permute(1, 2, 0).clamp(0, 1)
    ax.imshow(picture.numpy())
    ax.imshow(picture)
    ax.set_title(name)
    ax.axis("off")
    print(name, weight.sum(), results[name].mean(), results[name].abs().max(), picture.shape)
fig.savefig(folder + "/gallery.png")
plt.close(fig)

edges = torch.cat(list(results.values()), dim=1)
print(edges.shape, torch.equal(results["identity"], gray), edges.std(dim=(2, 3)))
as_bytes = (picture * 255).round().byte()
print(as_bytes.dtype, as_bytes[0, 0], as_bytes.numpy().max() <= 255)
sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
gx, gy = (F.conv2d(gray, k.view(1, 1, 3, 3)) for k in (sobel, sobel.t()))
magnitude = torch.sqrt(gx**2 + gy**2 + 1e-12)
angle = torch.atan2(gy[..., 11, 5:9], gx[..., 11, 5:9])
