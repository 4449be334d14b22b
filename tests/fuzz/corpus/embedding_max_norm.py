"""embedding with max_norm was refused in a compiled step"""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):

    def step(x0, x2):
        v0 = x0.clone()
        v1 = torch.nn.functional.embedding(x2, v0, max_norm=1.0)
        return [v0, v1]

    calls = [
        [given("float64", (2, 3), [1, -2, 0.5, 0.25, 3, -1]), given("int64", (3,), [0, 0, 1])],
        [given("float64", (2, 3), [2, 1, 1, -1, -3, 0]), given("int64", (3,), [1, 1, 0])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
