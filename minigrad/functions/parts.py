"""The functions of `minigrad.methods.parts`."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

as_strided = function(Tensor.as_strided)
chunk = function(Tensor.chunk)
diag = function(Tensor.diag)
diag_embed = function(Tensor.diag_embed)
diagonal = function(Tensor.diagonal)
dsplit = function(Tensor.dsplit)
flip = function(Tensor.flip)
fliplr = function(Tensor.fliplr)
flipud = function(Tensor.flipud)
hsplit = function(Tensor.hsplit)
narrow = function(Tensor.narrow)
roll = function(Tensor.roll)
rot90 = function(Tensor.rot90)
select = function(Tensor.select)
tensor_split = function(Tensor.tensor_split)
tril = function(Tensor.tril)
triu = function(Tensor.triu)
unbind = function(Tensor.unbind)
vsplit = function(Tensor.vsplit)


def split(
    tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0
) -> tuple[Tensor, ...]:
    """`Tensor.split`, whose arguments PyTorch calls otherwise here.

    Args:
        tensor: what is cut.
        split_size_or_sections: one length for all parts, or a list of lengths.
        dim: the dimension.
    """
    return tensor.split(split_size_or_sections, dim)


public(globals())
