"""as_strided of an argument that overlaps itself is refused, as op by op."""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x15):
        v20 = x15.as_strided((1, 4), (1, 1))[-1]
        return [v20]

    calls = [
        [given("bool", (3, 2), [False, False, False, True, True, False], "overlapping")],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
