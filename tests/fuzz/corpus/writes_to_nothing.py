"""Writes to nothing."""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x35, x36):
        (
            v37,
            v38,
        ) = torch.broadcast_tensors(x35, x36)
        v38[...] += v38
        return [v37, v38]

    calls = [
        [given("float64", (0,), []), given("float64", (1,), [1])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
