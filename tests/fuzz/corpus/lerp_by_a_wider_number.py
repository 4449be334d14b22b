"""Lerp by a wider number."""

from math import inf, nan  # noqa: F401

DTYPE = "float32"


def program(torch, given):

    def step(x2, x6):
        v8 = x2.new_full((5,), 2.5)
        v9 = v8.mean((0,), dtype=torch.float64)
        v14 = x6.mT.lerp(x6, v9)
        return [v14]

    calls = [
        [given("float32", (1, 1, 1), [-1]), given("float32", (1, 1, 1), [1])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
