"""Units 29 and 30: programs and kernels."""

from __future__ import annotations

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.numbers import Numbers, Question

PROGRAM = Exercise(
    name="predict-the-program",
    title="Predict the list of a compiled step",
    unit="29",
    words="""
A step is recorded: h = relu(x @ w), loss = mean((h - y)²), loss.backward(),
with x (5, 3), w (3, 2), y (5, 2), of which only w requires a gradient. Say
what backward consists of; shapes are tuples.
""",
    asks="answers",
    solution="""
answers = {
    "shape of the gradient of h": (5, 2),
    "factor in the gradient of h, times (h - y)": 0.2,
    "shape of the gradient of w": (3, 2),
    "products of matrices in backward": 1,
    "what relu needs of forward": "h",
    "a gradient of x is computed": False,
}
""",
    grader=Numbers(
        (
            Question(
                "shape of the gradient of h",
                lambda: (5, 2),
                {"a number": ((), "the loss is a number, h is not")},
            ),
            Question(
                "factor in the gradient of h, times (h - y)",
                lambda: 2 / 10,
                {
                    "mean forgotten": (2.0, "the mean is over 10 numbers"),
                    "rows only": (0.4, "the mean is over all 10 numbers, not over 5 rows"),
                    "square": (0.1, "the derivative of a square has a 2"),
                },
            ),
            Question("shape of the gradient of w", lambda: (3, 2)),
            Question(
                "products of matrices in backward",
                lambda: 1,
                {"x too": (2, "x requires no gradient, so only x' g is computed")},
            ),
            Question(
                "what relu needs of forward",
                lambda: "h",
                {"x": ("x", "where h is above 0 is all that relu's rule asks")},
            ),
            Question("a gradient of x is computed", lambda: False),
        )
    ),
    hints=(
        "A gradient has the shape of what it is the gradient of.",
        "mean: 1/10; square: 2 (h - y); relu: where h > 0; matmul: x' g.",
        "What requires no gradient gets none: no product for x.",
    ),
    wrong=(
        ("a number", 'h": (5, 2)', 'h": ()'),
        ("mean forgotten", "0.2", "2.0"),
        ("rows only", "0.2", "0.4"),
        ("square", "0.2", "0.1"),
        ("exchanged", "(3, 2)", "(2, 3)"),
        ("x too", 'backward": 1', 'backward": 2'),
        ("other answer", "False", "True"),
        ("x", '"h",', '"x",'),
    ),
)


ROOF = Exercise(
    name="memory-or-arithmetic",
    title="Bound by memory, or by arithmetic?",
    unit="30",
    words="""
A GPU moves 2,000 GB in a second and does 20,000 billion operations. All
arrays are float32, 4 bytes a number, read once and written once. An op is
bound by memory if moving takes longer.
""",
    asks="answers",
    solution="""
answers = {
    "operations a byte where both take as long": 10,
    "bytes of y = relu(x), x of 1,000,000 numbers": 8000000,
    "microseconds for moving them": 4.0,
    "operations of a product (1000, 1000) @ (1000, 1000)": 2000000000,
    "bytes of that product": 12000000,
    "operations a byte of that product": 166.7,
    "the product is bound by": "arithmetic",
    "launches of relu, exp and a sum of all, one kernel each": 3,
}
""",
    grader=Numbers(
        (
            Question(
                "operations a byte where both take as long",
                lambda: 10,
                {"upside down": (0.1, "that is bytes an operation")},
            ),
            Question(
                "bytes of y = relu(x), x of 1,000,000 numbers",
                lambda: 8000000,
                {
                    "one way": (4000000, "x is read and y is written"),
                    "numbers": (2000000, "4 bytes a number"),
                },
            ),
            Question("microseconds for moving them", lambda: 4.0),
            Question(
                "operations of a product (1000, 1000) @ (1000, 1000)",
                lambda: 2 * 10**9,
                {
                    "multiplications": (10**9, "a multiplication and an addition each"),
                    "square": (10**6, "each of a million numbers is a sum of a thousand products"),
                },
            ),
            Question(
                "bytes of that product",
                lambda: 12000000,
                {
                    "numbers": (3000000, "4 bytes a number"),
                    "result": (8000000, "three matrices: two in, one out"),
                },
            ),
            Question("operations a byte of that product", lambda: 2e9 / 12e6),
            Question(
                "the product is bound by",
                lambda: "arithmetic",
                {"memory": ("memory", "it does far more than 10 operations a byte")},
            ),
            Question("launches of relu, exp and a sum of all, one kernel each", lambda: 3),
        )
    ),
    hints=(
        "20,000 billion operations over 2,000 billion bytes.",
        "A product of (n, k) and (k, m): n m sums of k products, 2 n k m operations.",
        "166 operations a byte are more than 10: arithmetic decides.",
    ),
    wrong=(
        ("upside down", ": 10,", ": 0.1,"),
        ("one way", ": 8000000", ": 4000000"),
        ("numbers", ": 8000000", ": 2000000"),
        ("multiplications", "2000000000", "1000000000"),
        ("square", "2000000000", "1000000"),
        ("result", ": 12000000", ": 8000000.0"),
        ("memory", '"arithmetic"', '"memory"'),
        ("off by one", 'each": 3', 'each": 4'),
    ),
)

EXERCISES = (
    PROGRAM,
    ROOF,
)
