"""The kernel that does a product's bias and ReLU where cuBLASLt does not."""

from __future__ import annotations

from minigrad.compiler.targets.cuda.kernels.sources import kernel
from minigrad.compiler.targets.cuda.launch import Gemm, Launch

BLOCK = 256
BLOCKS = 1024
REALS = {"f": "float", "d": "double"}


def after(gemm: Gemm) -> Launch:
    """out = relu(out + bias), what of it ``gemm`` asks for; to be launched after the product."""
    facts = {
        "real": REALS[gemm.out.dtype.char],
        "BIAS": str(int(gemm.bias is not None)),
        "RELU": str(int(gemm.relu)),
    }
    numbers = gemm.batch * gemm.m * gemm.n
    bias = 0 if gemm.bias is None else gemm.bias
    return Launch(
        kernel("epilogue", "EPILOGUE", tuple(facts.items())),
        grid=min(-(-numbers // BLOCK), BLOCKS),
        block=BLOCK,
        args=(gemm.out, bias, numbers, gemm.m, gemm.n, gemm.ldc, gemm.steps[2]),
    )
