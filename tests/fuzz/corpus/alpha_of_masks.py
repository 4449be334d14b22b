"""the sum of two masks with alpha was int64"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x0):
        v0 = x0.add(x0, alpha=2)
        return [v0]

    calls = [
        [given("bool", (3,), [True, False, True])],
        [given("bool", (3,), [False, False, True])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
