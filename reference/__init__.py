"""The other side: PyTorch models, weight transfer, parity reports and comparisons.

Everything here needs PyTorch; ``minigrad`` itself never imports it.
"""

from __future__ import annotations

from importlib.util import find_spec

if find_spec("torch") is None:
    raise ImportError(
        "reference: PyTorch is not installed, and comparing needs it; in the checkout: "
        'python -m pip install -e ".[reference]", for which PyTorch\'s own CPU wheel will do. '
        "Lessons, training and checks of derivatives run without it"
    )
