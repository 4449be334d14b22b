"""Every family of methods: the way from ``x.exp`` to its file is one look here."""

from __future__ import annotations

from minigrad.methods.activation import Activation
from minigrad.methods.arithmetic import Arithmetic
from minigrad.methods.bounds import Bounds
from minigrad.methods.comparison import Comparison
from minigrad.methods.conversion import Conversion
from minigrad.methods.copying import Copying
from minigrad.methods.core import Core
from minigrad.methods.elementary import Elementary
from minigrad.methods.facts import Facts
from minigrad.methods.filling import Filling
from minigrad.methods.hooks import Hooks
from minigrad.methods.indexing import Indexing
from minigrad.methods.linalg import Linalg
from minigrad.methods.matrix import Matrix
from minigrad.methods.operators import Operators
from minigrad.methods.parts import Parts
from minigrad.methods.reduction import Reduction
from minigrad.methods.rounding import Rounding
from minigrad.methods.scan import Scan
from minigrad.methods.scatter import Scatter
from minigrad.methods.selection import Selection
from minigrad.methods.shape import Shape
from minigrad.methods.sorting import Sorting
from minigrad.methods.special import Special
from minigrad.methods.statistics import Statistics
from minigrad.strangers import asks_for_tensors, telling


class Families(
    Core,
    Hooks,
    Facts,
    Copying,
    Conversion,
    Arithmetic,
    Rounding,
    Bounds,
    Elementary,
    Special,
    Comparison,
    Operators,
    Shape,
    Parts,
    Reduction,
    Statistics,
    Scan,
    Indexing,
    Selection,
    Scatter,
    Sorting,
    Linalg,
    Matrix,
    Activation,
    Filling,
):
    """What a tensor can say. No family has a name that another one has."""


_telling: dict[object, object] = {}
for _family in Families.__bases__:
    for _name, _method in list(vars(_family).items()):
        if _name[0] != "_" and asks_for_tensors(_method):
            # What has two names is one method still.
            setattr(Families, _name, _telling.setdefault(_method, telling(_method)))
