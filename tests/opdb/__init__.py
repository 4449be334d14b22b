"""The op database: one row for every op and every public function on tensors.

A row says on which operands to try it, what PyTorch calls it, and, where it is no op (which says so
itself), what it computes. The tests (forward, first and second derivative, types, layouts,
destinations, formulas, CPU against GPU) all read the same row; an op that no row covers fails the
suite.
"""

from __future__ import annotations

from .activation import ROWS as ACTIVATION
from .arithmetic import ROWS as ARITHMETIC
from .bounds import ROWS as BOUNDS
from .classification import ROWS as CLASSIFICATION
from .combination import ROWS as COMBINATION
from .comparison import ROWS as COMPARISON
from .convolution import ROWS as CONVOLUTION
from .elementary import ROWS as ELEMENTARY
from .factorization import ROWS as FACTORIZATION
from .indexing import ROWS as INDEXING
from .layer import ROWS as LAYER
from .linalg import ROWS as LINALG
from .loss import ROWS as LOSS
from .normalization import ROWS as NORMALIZATION
from .padding import ROWS as PADDING
from .parts import ROWS as PARTS
from .pooling import ROWS as POOLING
from .random import ROWS as RANDOM
from .reduction import ROWS as REDUCTION
from .row import Draw, Row, Sample
from .scan import ROWS as SCAN
from .scatter import ROWS as SCATTER
from .shape import ROWS as SHAPE
from .sorting import ROWS as SORTING
from .vision import ROWS as VISION

__all__ = ["Draw", "Row", "Sample", "rows"]


def rows() -> list[Row]:
    """All rows, in the order of the families."""
    families = [ARITHMETIC, BOUNDS, ELEMENTARY, COMPARISON]
    families += [SHAPE, PARTS, PADDING, REDUCTION, SCAN, INDEXING, SCATTER, SORTING, COMBINATION]
    families += [LINALG, FACTORIZATION, ACTIVATION, LOSS, CLASSIFICATION, LAYER]
    families += [CONVOLUTION, POOLING, NORMALIZATION, VISION, RANDOM]
    return [row for family in families for row in family]
