"""The functions of `minigrad.methods.linalg` and `minigrad.methods.matrix`."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "cross",
    "det",
    "dot",
    "ger",
    "inner",
    "inverse",
    "kron",
    "logdet",
    "matmul",
    "matrix_power",
    "mm",
    "mv",
    "outer",
    "pinverse",
    "slogdet",
    "trace",
    "vdot",
]

addbmm = Tensor.addbmm
addmm = Tensor.addmm
addmv = Tensor.addmv
addr = Tensor.addr
baddbmm = Tensor.baddbmm
bmm = Tensor.bmm
cross = Tensor.cross
det = Tensor.det
dot = Tensor.dot
ger = Tensor.ger
inner = Tensor.inner
inverse = Tensor.inverse
kron = Tensor.kron
logdet = Tensor.logdet
matmul = Tensor.matmul
matrix_power = Tensor.matrix_power
mm = Tensor.mm
mv = Tensor.mv
outer = Tensor.outer
pinverse = Tensor.pinverse
slogdet = Tensor.slogdet
trace = Tensor.trace
vdot = Tensor.vdot
