"""PyTorch's name for the place of `utils.data` (datasets, samplers, the DataLoader) and of
`utils.dlpack`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minigrad.utils import data as data
    from minigrad.utils import dlpack as dlpack
else:
    import importlib

    def __getattr__(name):
        """``minigrad.utils.data`` without an import of its own, loaded when it is first asked for:
        `import minigrad` stays light."""
        if name in ("data", "dlpack"):
            return importlib.import_module(f"minigrad.utils.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
