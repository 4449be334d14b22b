"""Modules of all kinds: layers of one's own, lists, buffers, hooks, names, copies."""

import copy
import math
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import Linear, Parameter, init


class MyLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super(MyLinear, self).__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(torch.Tensor(out_features, in_features))
        if bias:
            self.bias = Parameter(torch.Tensor(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def forward(self, input):
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self):
        return "in_features={}, out_features={}, bias={}".format(
            self.in_features, self.out_features, self.bias is not None
        )


class CenteredLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, X):
        self.seen += 1
        return X - X.mean()


class FixedHiddenMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.rand_weight = torch.full((4, 4), 0.1)
        self.linear = nn.Linear(4, 4)

    def forward(self, X):
        X = F.relu(torch.mm(self.linear(X), self.rand_weight) + 1)
        X = self.linear(X)
        while X.abs().sum() > 1:
            X /= 2
        return X.sum()


class MyDict(nn.Module):
    def __init__(self):
        super().__init__()
        self.params = nn.ParameterDict(
            {"linear1": nn.Parameter(torch.ones(2, 2)), "linear2": nn.Parameter(torch.ones(2, 1))}
        )
        self.layers = nn.ModuleList([MyLinear(2, 2, bias=False) for _ in range(2)])

    def forward(self, x, choice="linear1"):
        for layer in self.layers:
            x = layer(x)
        return torch.mm(x, self.params[choice])


X = torch.linspace(-1, 1, 8).view(2, 4)
net = nn.Sequential(
    OrderedDict(
        [
            ("own", MyLinear(4, 4)),
            ("centre", CenteredLayer()),
            ("act", nn.ReLU()),
            ("fixed", FixedHiddenMLP()),
        ]
    )
)
net = same(net)
print(net, net(X), net.centre.seen, net.own, [n for n, _ in net.named_buffers()])
chooser = same(MyDict())
print(
    chooser,
    chooser(X[:, :2]),
    chooser(X[:, :2], "linear2"),
    chooser.state_dict().keys(),
    MyLinear(2, 3, bias=False).bias,
)

# a tour of the tree
rgnet = nn.Sequential(nn.Sequential(nn.Linear(4, 2), nn.ReLU()), nn.Linear(2, 1))
rgnet = same(rgnet)
print(
    rgnet[0][0].bias.data,
    rgnet[0],
    rgnet.state_dict()["1.bias"],
    len(rgnet),
    list(rgnet.named_parameters())[0][0],
)
print(
    [name for name, _ in rgnet.named_modules()],
    sum(p.numel() for p in rgnet.parameters()),
    rgnet[1].weight.grad is None,
)
print(*[(name, param.shape) for name, param in rgnet.named_parameters()])


def init_normal(m):
    if type(m) == nn.Linear:
        nn.init.constant_(m.weight, 0.5)
        nn.init.zeros_(m.bias)


def init_xavier(m):
    classname = m.__class__.__name__
    if "Linear" in str(type(m)) or hasattr(m, "weight"):
        init.xavier_uniform_(m.weight)
        m.bias.data.fill_(0.1)
    return classname


rgnet.apply(init_normal)
print(rgnet[0][0].weight.data[0], rgnet(X))
rgnet[0].apply(init_xavier)
rgnet[0][0].weight.data[:] = 1
rgnet[0][0].weight.data[0, 0] = 42
print(rgnet[0][0].weight.data[0], rgnet[0][0].bias, isinstance(rgnet[0][0], Linear))

# shared, replaced, cut, copied
shared = nn.Linear(4, 4)
tied = same(nn.Sequential(nn.Linear(4, 4), nn.ReLU(), shared, nn.ReLU(), shared))
tied(X).sum().backward()
print(
    tied[2].weight.data[0] == tied[4].weight.data[0],
    len(list(tied.parameters())),
    tied[2].weight.grad is tied[4].weight.grad,
)
body = nn.Sequential(*list(tied.children())[:-2])
body.add_module("head", nn.Identity())
body[1] = nn.Tanh()
del body[0]
print(body, getattr(body, str(0)), "head" in dict(body.named_children()), hasattr(body, "tail"))
twin = copy.deepcopy(rgnet)
twin[1].bias.data.add_(1)
print((twin(X) - rgnet(X)), twin[1].bias is rgnet[1].bias)

# hooks
activation = {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


handles = [
    rgnet[0].register_forward_hook(get_activation("first")),
    rgnet[1].register_forward_hook(get_activation("last")),
]
seen = []
handles.append(
    rgnet[1].register_full_backward_hook(
        lambda m, grad_in, grad_out: seen.append(grad_out[0].shape)
    )
)
rgnet(X.clone().requires_grad_()).sum().backward()
for handle in handles:
    handle.remove()
print(activation["first"], activation["last"].shape, seen)
rgnet.zero_grad()
print(
    rgnet[0][0].weight.grad,
    rgnet.train(False).training,
    rgnet.double()[1].weight.dtype,
    rgnet.float() is rgnet,
)
