"""The functions of `minigrad.methods.shape`, and those of several tensors."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

broadcast_to = function(Tensor.broadcast_to, name="broadcast_to")
clone = function(Tensor.clone)
flatten = function(Tensor.flatten)
moveaxis = movedim = function(Tensor.movedim)
permute = function(Tensor.permute)
ravel = function(Tensor.ravel)
reshape = function(Tensor.reshape)
squeeze = function(Tensor.squeeze)
swapaxes = function(Tensor.swapaxes)
swapdims = transpose = function(Tensor.transpose)
t = function(Tensor.t)
tile = function(Tensor.tile)
unflatten = function(Tensor.unflatten)
unsqueeze = function(Tensor.unsqueeze)

public(globals())
