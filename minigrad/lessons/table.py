"""The lessons."""

from __future__ import annotations

from minigrad.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        Lesson(
            name="P1",
            title="Fitting a curve by Monte Carlo: the best of 100,000 random parabolas",
            script="monte_carlo",
            results=("sums", "best", "least"),
        ),
        Lesson(
            name="P2",
            title="Fitting a curve by gradient descent, the gradients written out",
            script="gradient_descent",
            results=("path", "losses"),
        ),
        Lesson(
            name="P3",
            title="Fitting a curve by autograd, step for step beside the one by hand",
            script="differentiation",
            results=("path", "losses"),
        ),
        Lesson(
            name="A",
            title="Activations, their slopes, and softmax step by step",
            script="activations",
            results=(
                "functions",
                "slopes",
                "by_alpha",
                "through_selu",
                "through_relu",
                "p",
                "jacobian",
            ),
            dtype="float64",
        ),
        Lesson(
            name="C1",
            title="Cross-correlation, each window shown",
            script="correlation",
            results=("y",),
        ),
        Lesson(
            name="C2",
            title="True convolution: the kernel flipped",
            script="convolution",
            results=("y", "correlated", "answer", "mirrored", "wide", "gradient"),
        ),
        Lesson(
            name="C3",
            title="One dimension: slope, mean and bend of a noisy signal; narrow, same, wide",
            script="signal_filters",
            results=("narrow", "same", "wide", "filtered"),
        ),
        Lesson(
            name="C4",
            title="Padding, stride, dilation, channels and bias; 1 x 1 as a dense layer",
            script="geometry",
            results=("sizes", "y", "one_by_one", "over_channels"),
        ),
        Lesson(
            name="C5",
            title="Pooling: max, average, overlapping, rounded down and up",
            script="pooling",
            results=(
                "largest",
                "average",
                "to_largest",
                "to_all",
                "overlapping",
                "down",
                "up",
                "average_up",
            ),
        ),
        Lesson(
            name="C6",
            title="A learned kernel: the edge detector found from an image and its edges",
            script="learned_kernel",
            results=("kernels", "losses"),
        ),
        Lesson(
            name="C7",
            title="A gallery of kernels on a photograph",
            script="kernel_gallery",
            results=("x", "y"),
        ),
        Lesson(
            name="C8",
            title="im2col itself: the column matrix, and col2im as its adjoint",
            script="column_matrix",
            results=("unfolded", "folded", "y", "forth", "back_again", "w_grad", "x_grad"),
            dtype="float64",
        ),
        Lesson(
            name="D6",
            title="MNIST 784-width-10 by hand: layers with their own backward, no autograd",
            script="layers_by_hand",
            results=(
                "first_gradient",
                "second_gradient",
                "losses",
                "accuracies",
                "best_width",
                "test_accuracy",
            ),
            quick={"IMAGES": 1200, "WIDTHS": (10, 20), "SEARCH_EPOCHS": 3, "EPOCHS": 5},
            known="91.6",
        ),
    )
}
"""Every lesson by its name, which is its row in the table of systems."""
