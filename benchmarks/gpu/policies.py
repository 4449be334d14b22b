"""How much precision a GPU may drop for speed: both sides are set alike, by PyTorch's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Policy:
    """A setting of both libraries.

    Attributes:
        name, what: for the command line and the tables.
        convolutions, products: whether these may round their factors to TF32.
        loss, gradient: how far from float64 results may be, relative. TF32 keeps 10 bits of a
            factor, float32 keeps 23.
    """

    name: str
    what: str
    convolutions: bool
    products: bool
    loss: float
    gradient: float

    def set(self, lib: Any) -> None:
        """Set the library, ``minigrad`` or ``torch``."""
        lib.set_float32_matmul_precision("high" if self.products else "highest")
        lib.backends.cudnn.allow_tf32 = self.convolutions


POLICIES = {
    policy.name: policy
    for policy in (
        Policy("default", "PyTorch's: convolutions TF32, products FP32", True, False, 2e-3, 2e-2),
        Policy("tf32", "convolutions and products TF32", True, True, 2e-3, 2e-2),
        Policy("fp32", "convolutions and products FP32", False, False, 1e-4, 1e-3),
    )
}
