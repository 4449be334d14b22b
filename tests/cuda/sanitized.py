"""Run kernels with a sanitizer: python sanitized.py (thread|address) (samples|steps|PLANTED ERROR)

The sanitizer's library must be loaded before Python (LD_PRELOAD); it ends the process where it
finds something.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.device.simulation import multiply
from minigrad.compiler.targets.cuda.launch import Kernel, Launch

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
        text = 'extern "C" __global__ void {}(float *x) {{\n    {}\n}}'
        # All of them are built together, once.
        wrong = {name: Kernel(name, text.format(name, body)) for name, body in PLANTED.items()}
        work = Launch(wrong[what], 2, 64, (np.zeros(128, np.float32),))
        host.load([*wrong.values()], flags).launch(work)
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

    tests = Path(__file__).parent.parent
    sys.path[:0] = [str(tests), str(tests / "compiler")]
    from twins import batches

    # Two samples: each thread of a kernel is one of the host's, and no kernel asks how many.
    sizes = [(make, (min(2, shape[0]), *shape[1:])) for make, shape in NETWORKS.values()]
    steps = [asked(make()[0], *batches(1, *shape)[0]) for make, shape in sizes]
    works = [work for _, each in steps for work in each]
    launched = [work for work in works if isinstance(work, Launch)]
    library = host.load([work.kernel for work in launched], flags)
    for work in works:
        library.launch(work) if isinstance(work, Launch) else multiply(work)
    print(f"{len(launched)} launches")


if __name__ == "__main__":
    main(*sys.argv[1:])
