"""Run kernels with a sanitizer: python sanitized.py (thread|address) (samples|steps|PLANTED ERROR)

The sanitizer's library must be loaded before Python (LD_PRELOAD); it ends the process where it
finds something.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from minigrad.cuda import host
from minigrad.cuda.launch import Kernel, Launch
from minigrad.cuda.simulation import multiply

FLAGS = {
    "thread": ["-fsanitize=thread", "-DMG_THREADS", "-O1"],
    "address": ["-fsanitize=address", "-DMG_THREADS", "-O1"],
}
PLANTED = {
    # One number too far in an array.
    "beyond_array": "x[mg_thread() + 1] = 1;",
    # One number too far in shared memory.
    "beyond_shared": """__shared__ float kept[64];
    kept[threadIdx.x + 1] = 1;
    __syncthreads();
    x[mg_thread()] = kept[threadIdx.x];""",
    # The neighbour's number is read before it has surely been written.
    "no_barrier": """__shared__ float kept[65];
    kept[threadIdx.x] = 1;
    x[mg_thread()] = kept[threadIdx.x + 1];
    __syncthreads();""",
    # Two threads write one number.
    "one_place": "x[mg_thread() / 2] = threadIdx.x;",
}


def main(sanitizer: str, what: str) -> None:
    flags = FLAGS[sanitizer]
    if what in PLANTED:
        text = f'extern "C" __global__ void {what}(float *x) {{\n    {PLANTED[what]}\n}}'
        wrong = Kernel(what, text)
        host.load([wrong], flags).launch(Launch(wrong, 2, 64, (np.zeros(128, np.float32),)))
        return
    sys.path.insert(0, str(Path(__file__).parent))
    if what == "steps":
        steps(flags)
        return
    from samples import launches  # it is long to load

    works = launches("f")
    library = host.load([work.kernel for work in works], flags)
    for work in works:
        library.launch(work)
    print(f"{len(works)} launches")


def steps(flags: list[str]) -> None:
    """All work of a step of each network: generated kernels, bundles and tails among it."""
    from idle import asked
    from test_trained import NETWORKS

    sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
    from twins import batches

    done = 0
    for make, shape in NETWORKS.values():
        kept, works = asked(make()[0], *batches(1, *shape)[0])
        launched = [work for work in works if isinstance(work, Launch)]
        library = host.load([work.kernel for work in launched], flags)
        for work in works:
            library.launch(work) if isinstance(work, Launch) else multiply(work)
        done += len(launched)
        del kept
    print(f"{done} launches")


if __name__ == "__main__":
    main(*sys.argv[1:])
