"""flip of a number on a GPU."""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x6):
        v16 = x6.flip(0)
        return [v16]

    calls = [
        [given("float64", (), [-1])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
