"""A tour of autograd: backward, hooks, retain_graph, higher orders, a function of one's own."""

import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * x + 2 * x
z = y.mean()
print(x.requires_grad, y.requires_grad, x.is_leaf, y.is_leaf, x.grad_fn, y.grad_fn is not None)
z.backward()
print(x.grad)

x.grad.zero_()
y = (x**3).sum()
y.backward(retain_graph=True)
y.backward()
print(x.grad)
try:
    y.backward()
except RuntimeError as error:
    print("a second time" in str(error))

x.grad = None
v = torch.tensor([1.0, 0.1, 0.01])
(x * 2).backward(v)
print(x.grad)

# hooks and gradients in between
h = x * 3
h.retain_grad()
seen = []
handle = h.register_hook(lambda g: seen.append(g.clone()))
h.register_hook(lambda g: g * 2)
x.grad = None
h.pow(2).sum().backward()
handle.remove()
print(seen, h.grad, x.grad)

# derivatives of derivatives
t = torch.tensor(0.5, requires_grad=True)
(first,) = torch.autograd.grad(torch.sin(t), t, create_graph=True)
(second,) = torch.autograd.grad(first, t, create_graph=True)
third = torch.autograd.grad(second, t)[0]
print(first, second, third)


def f(a):
    return (a[0] ** 2 * a[1]).sin() + a[1].exp()


point = torch.tensor([0.3, 0.7], requires_grad=True)
(g,) = torch.autograd.grad(f(point), point, create_graph=True)
hessian = torch.stack([torch.autograd.grad(g[k], point, retain_graph=True)[0] for k in range(2)])
print(g, hessian)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x**2


x.grad = None
Cube.apply(x).sum().backward()
print(x.grad)
double = same(torch.rand(3, dtype=torch.float64, requires_grad=True))
print(torch.autograd.gradcheck(Cube.apply, (double,)))

# switching it off
with torch.no_grad():
    print((x * 2).requires_grad)
print(x.detach().requires_grad, x.clone().requires_grad, torch.is_grad_enabled())


@torch.no_grad()
def quiet(a):
    return a * 2


print(quiet(x).requires_grad)

# gradient descent by hand
w = torch.zeros(2, requires_grad=True)
data = torch.linspace(-1, 1, 21)
target = 3 * data - 0.5
for step in range(50):
    loss = ((w[0] * data + w[1] - target) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
    w.grad.zero_()
    if step % 10 == 0:
        print(step, round(loss.item(), 4), w)
w.data.add_(1)
print(w, w.grad)
old = torch.ones(2)
old.requires_grad_()
(old * old).sum().backward()
print(old.grad)
