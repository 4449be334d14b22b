"""The op database: one row for every op and every public function on tensors.

A row says what the function computes, how it is differentiated, and on which operands to try it.
The tests (forward, first and second derivative, types, layouts, destinations, CPU against GPU) all
read the same row; an op that no row covers fails the suite.
"""

from __future__ import annotations

from minigrad.opdb.activation import ROWS as ACTIVATION
from minigrad.opdb.arithmetic import ROWS as ARITHMETIC
from minigrad.opdb.bounds import ROWS as BOUNDS
from minigrad.opdb.classification import ROWS as CLASSIFICATION
from minigrad.opdb.combination import ROWS as COMBINATION
from minigrad.opdb.comparison import ROWS as COMPARISON
from minigrad.opdb.convolution import ROWS as CONVOLUTION
from minigrad.opdb.elementary import ROWS as ELEMENTARY
from minigrad.opdb.factorization import ROWS as FACTORIZATION
from minigrad.opdb.indexing import ROWS as INDEXING
from minigrad.opdb.layer import ROWS as LAYER
from minigrad.opdb.linalg import ROWS as LINALG
from minigrad.opdb.loss import ROWS as LOSS
from minigrad.opdb.normalization import ROWS as NORMALIZATION
from minigrad.opdb.padding import ROWS as PADDING
from minigrad.opdb.parts import ROWS as PARTS
from minigrad.opdb.pooling import ROWS as POOLING
from minigrad.opdb.random import ROWS as RANDOM
from minigrad.opdb.reduction import ROWS as REDUCTION
from minigrad.opdb.row import Draw, Row, Sample
from minigrad.opdb.scan import ROWS as SCAN
from minigrad.opdb.scatter import ROWS as SCATTER
from minigrad.opdb.shape import ROWS as SHAPE
from minigrad.opdb.sorting import ROWS as SORTING
from minigrad.opdb.vision import ROWS as VISION

__all__ = ["Draw", "Row", "Sample", "rows"]


def rows() -> list[Row]:
    """All rows, in the order of the families."""
    families = [ARITHMETIC, BOUNDS, ELEMENTARY, COMPARISON]
    families += [SHAPE, PARTS, PADDING, REDUCTION, SCAN, INDEXING, SCATTER, SORTING, COMBINATION]
    families += [LINALG, FACTORIZATION, ACTIVATION, LOSS, CLASSIFICATION, LAYER]
    families += [CONVOLUTION, POOLING, NORMALIZATION, VISION, RANDOM]
    return [row for family in families for row in family]
