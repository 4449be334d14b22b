"""sum_to_size did not take size="""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x0):
        v0 = x0.sum_to_size(size=(1, 3))
        return [v0]

    calls = [
        [given("float64", (2, 3), [1, -2, 0.5, 0.25, 3, -1])],
        [given("float64", (2, 3), [2, 1, 1, -1, -3, 0])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
