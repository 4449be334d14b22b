"""ravel of a number that is repeated is a copy."""

from math import inf, nan  # noqa: F401

DTYPE = "float64"


def program(torch, given):
    p1 = given("float64", (), [-1]).requires_grad_()
    o12 = torch.optim.AdamW([p1], lr=0.05)

    def step():
        v5 = torch.ravel(p1.expand((2, 3)))
        ((v5**2).mean() + p1).backward(retain_graph=True)
        o12.step()
        return [v5]

    calls = [
        [],
    ]
    return step, calls, []


if __name__ == "__main__":
    import sys

    sys.path.insert(0, ".")
    from tests.fuzz.__main__ import main

    sys.exit(main([__file__]))
