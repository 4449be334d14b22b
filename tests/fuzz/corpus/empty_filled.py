"""empty, filled in the step, was refused by what lay in memory"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x0):
        v0 = torch.empty_like(x0).copy_(x0)
        v1 = torch.empty(2, dtype=torch.float64).fill_(3)
        v2 = x0.new_empty(2).zero_()
        return [v0, v1, v2]

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
