"""a leaf that a step makes of a tensor that it closes over was refused"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):
    p0 = given("float64", (3,), [1, 2, 3])

    def step(x1):
        v0 = p0.detach().requires_grad_()
        ((v0**2).sum() + (v0 * x1).sum()).backward()
        return [v0, v0.grad]

    calls = [
        [given("float64", (3,), [0.5, 2, -1])],
        [given("float64", (3,), [1, 1, -2])],
    ]
    return step, calls, [p0]


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
