"""A reshape of an argument whose numbers are one in memory is a copy, also in a replay."""

from math import inf, nan  # noqa: F401

DTYPE = "float32"


def program(torch, given):

    def step(x8, x12):
        v13 = torch.cartesian_prod(x8, x12)
        return [v13]

    calls = [
        [given("float32", (2,), [-1, -1]), given("float32", (2,), [-1, -1], "repeated")],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
