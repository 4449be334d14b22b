"""Differences that are meant: each stands in the README's table."""

from __future__ import annotations

import re

SIGN = r"\((-?)(\S+)\) in place of np.float\d+\((?!\1)-?\2\)"
"""The same number with the other sign."""
HOOKED = r"(v\d+)\.register_hook(.|\n)*autograd\.grad\([^\n]*\[[^\]]*\1\b"
"""The gradient of what has a hook."""
KNOWN: list[tuple[str, str, str, str]] = [
    (
        "refused",
        "as_strided: expected a contiguous tensor",
        "as_strided",
        "it counts from the tensor's first element, as there is no storage object",
    ),
    ("refused", "from outside of the step is", "_\\(", "a replay changes numbers alone"),
    (
        "number",
        r"np.int64\(\d+\) in place",
        "kthvalue|median|mode|topk|sort|cummax|cummin|argm",
        "which of equal numbers is named is not determined",
    ),
    (
        "refused|error",
        "has been modified by an inplace operation",
        "",
        "what an op keeps for its rules is its operand here, where PyTorch may have made a copy",
    ),
    ("number", "nan", "poisson_nll_loss", "PyTorch's gradient of negative targets is nan"),
    ("number", "nan", "multi_margin_loss", "PyTorch's mean over nothing is what was in memory"),
    ("number", r"float16\(nan\)", "optim", "an eps of 1e-8 is 0 in float16, and 0 / 0 nan"),
    ("refused|error", "input and target of one shape", "loss", "losses do not broadcast"),
    (
        "refused",
        "IndexError: index: index .* out of bounds",
        r"\[",
        "an index is looked at also where nothing is picked",
    ),
    ("refused", "has freed the values", "inter|put|index|scatter|gather", "places are kept"),
    (
        "refused",
        "is read-only",
        "repeated|overlapping|Threshold|threshold",
        "arrays that share numbers are read-only",
    ),
    ("refused", "solve_triangular: expected one dtype", "", "no type is taken for another"),
    (
        "number",
        r"\((-?)(\S+)\) in place of np.float\d+\((?!\1)-?\2\)",
        "copysign|signbit",
        "a NaN's sign",
    ),
    (
        "number",
        "",
        r"linalg\.(.|\n)*(flatten|ravel)\(\)\n(.|\n)*\w_\(",
        "PyTorch's matrices lie by columns",
    ),
    ("number", "float64 in place of float32", "cross_entropy", "the wider type of the two"),
    ("number", r"np\.int(32|64)\(", "searchsorted|bucketize", "of what is not sorted"),
    (
        "number",
        r"np\.float\d+\(\d\.0\) in place of \S+\(\d\.0\)",
        "bucketize",
        "the same, as a float",
    ),
    ("error", "IndexError: .* is out of bounds", "", "PyTorch's class depends on the kernel"),
    ("refused", "retain_grad on Tensor that has", "", "what has no derivative is not on the tape"),
    ("number", "", HOOKED, "what the hook made is the gradient"),
    ("refused", "target holds NaN", "loss", "the data is broken"),
    ("error", "expected class indices of shape", "", "shapes of labels are a ValueError"),
    (
        "(numpy|native|simulated): accepted",
        "ZeroDivisionError",
        "//|%|div|remainder|fmod",
        "a replay does not look",
    ),
    ("error", "as_strided: expected a contiguous", "", "as above"),
    (
        "refused",
        "add: output with shape .* doesn't match the broadcast shape",
        r"squeeze_\(",
        "a leaf that takes another shape between two walks has no gradient to add to",
    ),
    ("refused", "matmul: expected both to have the same dtype", "", "also where they are empty"),
    ("error", "expected an input with a dimension of classes", "", "the class for a number"),
    ("error", "mv: expected self to have 2 dimensions", r"\.mv\(", "the class for a number"),
    (
        "refused",
        "does not require grad and does not have a grad_fn",
        "replicate|reflect|circular",
        "the gradient of what is linear hangs on nothing, where PyTorch's is a zero's",
    ),
    ("refused", "does not require grad", "heaviside", "what has no derivative is not on the tape"),
    (
        "(numpy|native|simulated): refused",
        "does something else at each call",
        r"copy_\(",
        "a step in which a tensor from outside comes to hang on a gradient is recorded by none",
    ),
    (
        "(native|simulated): number",
        r"float64\(-?\d\.\d+e-1[2-9]\) in place of np.float64\(0.0\)",
        "Norm",
        "what cancels before it is divided by √eps cancels up to rounding",
    ),
    (
        "number",
        r"\b(at the end|call [1-9]): ",
        r"(Batch|Instance|Group)Norm(.|\n)*optim\.Rprop\(\[.*\*m",
        "a Norm's own steps go by the sign of a gradient that cancels",
    ),
    (
        "refused|error",
        "takes . positional arguments but . were given",
        r"\b(add|sub|subtract|addcmul|addcdiv|addmm|addmv|addr|baddbmm|addbmm|[hvd]split)_?\(",
        "no order of before PyTorch 1.5",
    ),
    ("refused", "logical_.*a leaf Variable", r"logical_\w+_\(", "a leaf is written by no op"),
    ("number", "", r"logical_\w+_\(", "PyTorch passes a gradient on through a truth value"),
    ("number", "", r"\blstsq\(", "residuals are there where PyTorch's words say so"),
    ("refused|error", "AdaptiveAvg|adaptive_avg_pool", "AdaptiveAvg|adaptive_avg", "of too few"),
    (
        "refused",
        "argument '(target|weight)' must be Tensor",
        "soft_margin",
        "a number has no shape",
    ),
    ("refused|error", "running statistics of the input's dtype", "norm", "one type"),
    (
        "accepted",
        "backward through the graph a second time",
        r"\] = \w+\n",
        "a write into a part keeps nothing, so that nothing of it is freed",
    ),
    (
        "number",
        r"\bat the end: .*float64",
        r"norm_first=True(.|\n)*optim\.N?Adam",
        "Adam makes steps of the rounding of a gradient that cancels",
    ),
    ("refused", "running statistics should contain", "norm", "also of an empty batch"),
    (
        "number",
        r"in place of np\.float\d+\(nan\)",
        r"centered=True",
        "PyTorch takes the root of a variance that rounding made negative",
    ),
    ("refused", "hardtanh: min_val", "hardtanh_", "as its function is refused"),
    ("refused", "without empty ones, but got weight", "conv", "no filter is empty"),
    (
        "refused",
        "Expected dtype int32/int64 for index",
        "scatter|gather|index",
        "also of no places",
    ),
    ("refused", "ZeroDivisionError", "topk|sort|argm", "by the place of one of equal numbers"),
    ("number", "type float32 in place of", r"torch\.Tensor\(", "its type is float32"),
    ("refused|error", "eigh: Low precision", "eigh", "also where there is no matrix"),
    ("refused|error", "Pad.d: expected one width or", "Pad", "said where the layer is made"),
    ("number", "", r"linalg\.(svd|eigh|qr)\(|\.svd\(", "signs of these vectors are free"),
    ("accepted|error", "scalar types: Long, Int", "embedding", "any integer type is an index"),
    ("number", "requires_grad", "trapezoid", "of no trapezoid PyTorch's gradient is none"),
    (
        "(numpy|native|simulated): accepted",
        "negative entry|out of bounds|between 0 and 1",
        "loss|Loss|binary_cross",
        "replays do not look at numbers",
    ),
]
"""Patterns of side and kind of the fault, of what is told, of the program; and why it is meant."""


def known(text: str, kind: str, told: str) -> bool:
    """Whether a fault is one of the differences."""
    return any(
        re.search(k, kind) and re.search(t, told, re.DOTALL) and re.search(p, text)
        for k, t, p, _ in KNOWN
    )
