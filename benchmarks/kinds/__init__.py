"""What people train, kind by kind, at sizes of which a step takes some milliseconds on one thread.

Nobody tunes for these: they show where a cliff is. Each is written once, in PyTorch's names.
"""

from benchmarks.kinds.derivatives import DERIVATIVES
from benchmarks.kinds.generating import GENERATING
from benchmarks.kinds.images import IMAGES
from benchmarks.kinds.sequences import SEQUENCES
from benchmarks.kinds.tables import TABLES

KINDS = [*SEQUENCES, *IMAGES, *GENERATING, *TABLES, *DERIVATIVES]
"""Of all kinds."""

__all__ = ["KINDS"]
