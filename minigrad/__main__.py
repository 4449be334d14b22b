"""``python -m minigrad list | train | compare | gradcheck | doctor``: the command line."""

from __future__ import annotations

import sys

from minigrad.commands import main

if __name__ == "__main__":
    sys.exit(main())
