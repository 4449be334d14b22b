"""The functions of `minigrad.methods.linalg` and `minigrad.methods.matrix`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

addbmm = function(Tensor.addbmm)
addmm = function(Tensor.addmm)
addmv = function(Tensor.addmv)
addr = function(Tensor.addr)
baddbmm = function(Tensor.baddbmm)
bmm = function(Tensor.bmm)
cross = function(Tensor.cross)
det = function(Tensor.det)
dot = function(Tensor.dot)
ger = function(Tensor.ger, name="ger")
inner = function(Tensor.inner)
inverse = function(Tensor.inverse)
kron = function(Tensor.kron)
logdet = function(Tensor.logdet)
matmul = function(Tensor.matmul)
matrix_power = function(Tensor.matrix_power)
mm = function(Tensor.mm)
mv = function(Tensor.mv)
outer = function(Tensor.outer)
pinverse = function(Tensor.pinverse)
slogdet = function(Tensor.slogdet)
trace = function(Tensor.trace)
vdot = function(Tensor.vdot, name="vdot")

public(globals())
