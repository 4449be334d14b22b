"""The functions of `minigrad.methods.parts`."""

from __future__ import annotations

from minigrad.tensor import Tensor

__all__ = [
    "as_strided",
    "chunk",
    "diag",
    "diag_embed",
    "diagonal",
    "dsplit",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "narrow",
    "roll",
    "rot90",
    "select",
    "split",
    "tensor_split",
    "tril",
    "triu",
    "unbind",
    "vsplit",
]

as_strided = Tensor.as_strided
chunk = Tensor.chunk
diag = Tensor.diag
diag_embed = Tensor.diag_embed
diagonal = Tensor.diagonal
dsplit = Tensor.dsplit
flip = Tensor.flip
fliplr = Tensor.fliplr
flipud = Tensor.flipud
hsplit = Tensor.hsplit
narrow = Tensor.narrow
roll = Tensor.roll
rot90 = Tensor.rot90
select = Tensor.select
split = Tensor.split
tensor_split = Tensor.tensor_split
tril = Tensor.tril
triu = Tensor.triu
unbind = Tensor.unbind
vsplit = Tensor.vsplit
