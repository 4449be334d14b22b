"""Which ops NumPy does in compiled steps on a CPU, and why: all others have a kernel in C, for some
arrays at least."""

from __future__ import annotations

from minigrad.compiler.targets.cpu.kernels import LOWERINGS
from minigrad.native.hook import described
from minigrad.op import register

WITHOUT = {
    "LAPACK does them": (
        *("cholesky", "cofactor", "det", "eigh", "eigvalsh", "inv", "log_abs_det", "pinv", "qr"),
        *("sign_det", "solve", "svd", "svdvals"),
    ),
    "they sort, search or count": (
        *("argsort", "bincount", "histc", "median", "median_place", "mode_place", "nonzero"),
        *("searchsorted", "topk_place", "unique", "unique_place"),
    ),
    "special functions, or elementwise without an expression": (
        *("digamma", "lgamma", "polygamma", "sinc_slope", "tanhshrink"),
    ),
    "they draw, count on, or go between devices": (
        *("advance", "clear", "draw", "transfer", "write_view"),
    ),
    "nobody has written one": (
        *("all", "any", "class_share", "col2im", "cummax_place", "cummin_place", "cumprod"),
        *("im2col", "logcumsumexp", "logsumexp", "prod", "recurrence", "scatter_amax"),
        *("scatter_amin", "scatter_prod", "std", "unwindows", "var", "window_pick"),
        "window_place",
    ),
}
"""By the reason."""


def test_all_others_have_a_kernel() -> None:
    found = {
        name
        for name, op in register.items()
        if not (op.scalar or op.view or op in LOWERINGS or op in described)
    }
    assert found == {name for names in WITHOUT.values() for name in names}
