"""add and sub with alpha died in a compiled step"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x0, x1):
        v0 = x0.add(x1, alpha=2)
        v1 = x0.sub(x1, alpha=-0.5)
        v2 = v0.clone()
        v2.add_(x1, alpha=3)
        v2.sub_(v1, alpha=2)
        return [v0, v1, v2]

    calls = [
        [given("float64", (2, 3), [1, -2, 0.5, 0.25, 3, -1]), given("float64", (3,), [0.5, 2, -1])],
        [given("float64", (2, 3), [2, 1, 1, -1, -3, 0]), given("float64", (3,), [1, 1, -2])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
