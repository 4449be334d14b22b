"""The operations as functions: ``exp(x)`` for ``x.exp()``, and those that take several tensors."""

from minigrad.functions.activation import *
from minigrad.functions.arithmetic import *
from minigrad.functions.combination import *
from minigrad.functions.comparison import *
from minigrad.functions.contraction import *
from minigrad.functions.elementary import *
from minigrad.functions.facts import *
from minigrad.functions.indexing import *
from minigrad.functions.joining import *
from minigrad.functions.limits import *
from minigrad.functions.linalg import *
from minigrad.functions.parts import *
from minigrad.functions.reduction import *
from minigrad.functions.scan import *
from minigrad.functions.shape import *
from minigrad.functions.sorting import *
from minigrad.functions.types import *
from minigrad.names import public
from minigrad.strangers import all_telling as _all_telling
from minigrad.strangers import asks_for_tensors as _asks

_all_telling(globals(), _asks)

public(globals())
