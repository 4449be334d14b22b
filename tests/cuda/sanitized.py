"""Run kernels with a sanitizer: python sanitized.py (thread|address)

The sanitizer's library must be loaded before Python (LD_PRELOAD); it ends the process where it
finds something. Wrong kernels, which stand in the same library as those that are looked at, are
each launched in a copy of the process. The last line of what is printed tells of all, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.pop("LD_PRELOAD", None)  # a compiler need not be looked at

import numpy as np

from minigrad.compiler.targets.cuda.device import host
from minigrad.compiler.targets.cuda.device.simulation import multiply
from minigrad.compiler.targets.cuda.launch import Kernel, Launch, Work

FLAGS = {name: [f"-fsanitize={name}", "-g1"] for name in ("thread", "address")}
PLANTED = {
    "thread": {
        # The neighbour's number is read before it has surely been written.
        "no_barrier": """__shared__ float kept[65];
    kept[threadIdx.x] = 1;
    x[mg_thread()] = kept[threadIdx.x + 1];
    __syncthreads();""",
        # It is written again before it has surely been read; the barriers around are no help.
        "one_barrier": """__shared__ float kept[65];
    kept[threadIdx.x] = 1;
    __syncthreads();
    x[mg_thread()] = kept[(threadIdx.x + 1) % 64];
    kept[threadIdx.x] = 2;
    __syncthreads();""",
        # A warp waits for its own threads alone.
        "other_warp": """__shared__ float kept[65];
    kept[threadIdx.x] = 1;
    __syncwarp();
    x[mg_thread()] = kept[(threadIdx.x + 1) % 64];
    __syncthreads();""",
        # Two threads write one number, of one block or of two.
        "one_place": "x[mg_thread() / 2] = threadIdx.x;",
        "two_blocks": "x[(threadIdx.x + blockIdx.x) % 64] = 1;",
    },
    "address": {
        # One number too far in an array.
        "beyond_array": "x[mg_thread() + 1] = 1;",
        # One number too far in shared memory.
        "beyond_shared": """__shared__ float kept[64];
    kept[threadIdx.x + 1] = 1;
    __syncthreads();
    x[mg_thread()] = kept[threadIdx.x];""",
        # One number too far in what a thread has for itself, before it waited and after.
        "beyond_own": "float own[4];\n    x[mg_thread()] = own[threadIdx.x % 4 + 1] = 1;",
        "beyond_later": """float own[4];
    for (int i = 0; i < 4; i++) own[(i + threadIdx.x) % 4] = i;
    __syncthreads();
    x[mg_thread()] = own[threadIdx.x % 4 + 1];""",
    },
}


def found_in(library: host.Library, work: Launch) -> str:
    """What the sanitizer says of a launch; "" if nothing."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 2)
            library.launch(work)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return said.read().decode() if status else ""


def steps() -> list[Work]:
    """All work of a step of each network: generated kernels, bundles and tails among it."""
    from idle import asked
    from test_trained import NETWORKS
    from twins import batches

    # Two samples: no kernel asks how many.
    sizes = [(make, (min(2, shape[0]), *shape[1:])) for make, shape in NETWORKS.values()]
    steps = [asked(make()[0], *batches(1, *shape)[0]) for make, shape in sizes]
    held.extend(steps)
    return [work for _, each in steps for work in each]


held: list[object] = []
"""Compiled steps, on whose memory their work is."""


def main(sanitizer: str) -> None:
    tests = Path(__file__).parent.parent
    sys.path[:0] = [str(tests), str(tests / "compiler"), str(tests / "cuda")]
    from samples import launches
    from test_host import FOLDS, TWICE, compute

    text = 'extern "C" __global__ void {}(float *x) {{\n    {}\n}}'
    wrong = {
        name: Kernel(name, text.format(name, body)) for name, body in PLANTED[sanitizer].items()
    }
    works = [*launches("f"), *steps()]
    launched = [work for work in works if isinstance(work, Launch)]
    kernels = [*wrong.values(), FOLDS, TWICE, *(work.kernel for work in launched)]
    library = host.load(kernels, FLAGS[sanitizer])
    x = np.zeros(128, np.float32)
    found = {name: found_in(library, Launch(kernel, 2, 64, (x,))) for name, kernel in wrong.items()}
    compute(library)
    for work in works:
        library.launch(work) if isinstance(work, Launch) else multiply(work)
    print(json.dumps({"launches": len(launched), "found": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
