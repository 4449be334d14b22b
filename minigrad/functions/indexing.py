"""The functions of `minigrad.methods.selection` and `minigrad.methods.scatter`."""

from __future__ import annotations

from minigrad.functions.method import function
from minigrad.names import public
from minigrad.tensor import Tensor

gather = function(Tensor.gather)
index_add = function(Tensor.index_add)
index_copy = function(Tensor.index_copy)
index_fill = function(Tensor.index_fill)
index_put = function(Tensor.index_put)
index_select = function(Tensor.index_select)
masked_fill = function(Tensor.masked_fill)
masked_scatter = function(Tensor.masked_scatter)
masked_select = function(Tensor.masked_select)
put = function(Tensor.put)
scatter = function(Tensor.scatter)
scatter_add = function(Tensor.scatter_add)
scatter_reduce = function(Tensor.scatter_reduce)
take = function(Tensor.take)
take_along_dim = function(Tensor.take_along_dim)

public(globals())
