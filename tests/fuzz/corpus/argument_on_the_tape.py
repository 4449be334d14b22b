"""an argument that the step puts on the tape was refused"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):
    p1 = given("float64", (1, 1), [1.5]).requires_grad_()

    def step(x0):
        x0[:1] = p1
        (p1.sum() + x0.mean()).backward()
        return [x0, p1.grad]

    calls = [
        [given("float64", (1, 1, 1, 1), [1])],
        [given("float64", (1, 1, 1, 1), [2])],
    ]
    return step, calls, [p1]


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
