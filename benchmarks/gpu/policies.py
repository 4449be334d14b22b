"""How much precision a GPU may drop for speed: both sides are set alike, by PyTorch's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Policy:
    """A setting of both libraries.

    Attributes:
        name, what: for the command line and the tables.
        convolutions, products: whether these may round their factors to TF32, which keeps 10 bits
            of a factor where float32 keeps 23.
        autocast: whether PyTorch computes its forward in bfloat16. minigrad has no such type, and
            stands beside it with what it has.
        loss, gradient: how far from float64 results in float32 may be, relative; what rounding
            comes to on top is found by `truths`.
    """

    name: str
    what: str
    convolutions: bool
    products: bool
    autocast: bool = False
    loss: float = 1e-4
    gradient: float = 1e-3

    @property
    def rounds_as(self) -> str:
        """The policy whose rounding minigrad's results have."""
        return "tf32" if self.autocast else self.name

    def set(self, lib: Any) -> None:
        """Set the library, ``minigrad`` or ``torch``."""
        lib.set_float32_matmul_precision("high" if self.products else "highest")
        lib.backends.cudnn.allow_tf32 = self.convolutions


POLICIES = {
    policy.name: policy
    for policy in (
        Policy("default", "PyTorch's: convolutions TF32, products FP32", True, False),
        Policy("tf32", "convolutions and products TF32", True, True),
        Policy("fp32", "convolutions and products FP32", False, False),
        Policy("bf16", "PyTorch under autocast in bfloat16; minigrad TF32", True, True, True),
    )
}
