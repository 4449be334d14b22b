"""Mean goes back twice."""

from math import inf, nan  # noqa: F401

DTYPE = "float32"


def program(torch, given):
    p1 = given(
        "float32",
        (5, 6),
        [
            2,
            1,
            -0,
            1,
            1,
            1,
            0,
            -0,
            -1,
            1,
            -1,
            1,
            1,
            0,
            -0,
            0,
            -0,
            -0,
            0,
            1,
            1,
            -1,
            -1,
            -1,
            -1,
            -0,
            -1,
            2,
            0,
            -2,
        ],
    ).requires_grad_()

    def step(x7, x8):
        v6 = p1.mean(0, keepdim=True)
        (x7 + x8.sum() + v6.sum()).backward()
        (
            x7 + v6.sum() + (p1 * torch.linspace(-1, 2, 30, dtype=p1.dtype).reshape(p1.shape)).sum()
        ).backward(retain_graph=True)
        return []

    calls = [
        [given("float32", (1,), [1]), given("float32", (1,), [0])],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
