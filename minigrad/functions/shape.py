"""The functions of `minigrad.methods.shape`, and those of several tensors."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "broadcast_to",
    "clone",
    "flatten",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "tile",
    "transpose",
    "unflatten",
    "unsqueeze",
]

broadcast_to = Tensor.broadcast_to
clone = Tensor.clone
flatten = Tensor.flatten
moveaxis = movedim = Tensor.movedim
permute = Tensor.permute
ravel = Tensor.ravel
reshape = Tensor.reshape
squeeze = Tensor.squeeze
swapaxes = swapdims = transpose = Tensor.transpose
t = Tensor.t
tile = Tensor.tile
unflatten = Tensor.unflatten
unsqueeze = Tensor.unsqueeze
