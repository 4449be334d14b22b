"""The switches of products of matrices on a GPU."""

from __future__ import annotations

from minigrad import precision

__all__ = ["Matmul", "matmul"]


class Matmul:
    """The type of `matmul`, which stands for all products of matrices."""

    __slots__ = ()

    @property
    def allow_tf32(self) -> bool:
        """Whether factors of float32 may be rounded to TF32; the same setting as
        `set_float32_matmul_precision`, "high" or "highest". Errors: RuntimeError for no bool."""
        return precision.policy().matmul

    @allow_tf32.setter
    def allow_tf32(self, allow: bool) -> None:
        if not isinstance(allow, bool):
            raise RuntimeError(f"allow_tf32: expected a bool, got {allow!r}")
        precision.set_float32_matmul_precision("high" if allow else "highest")


matmul = Matmul()
