"""broadcast_tensors gives the tensor itself where its shape is the common one."""

from math import inf, nan  # noqa: F401

DTYPE = "float32"


def program(torch, given):
    p1 = given("float32", (1, 1, 1), [1]).requires_grad_()
    p2 = given("float32", (1,), [1]).requires_grad_()

    def step():
        (
            v5,
            v6,
        ) = torch.broadcast_tensors(p2, p1)
        (v8,) = torch.autograd.grad(
            v6.sum() + p2.sum() + v5.mean() + p1.sum(), [v6], create_graph=True, retain_graph=True
        )
        return [v8]

    calls = [
        [],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
