"""Lessons C1 to C8: the numbers of the table of systems, and PyTorch's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forking import Program
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minigrad.errors import FileFormatError
from minigrad.lessons import LESSONS, parameters, run
from reference.lessons import compare_lesson

torch = pytest.importorskip("torch")
F = torch.nn.functional

ROOT = Path(__file__).parents[2]
NAMES = ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"]
FIGURES = {
    "C1": {"windows"},
    "C2": {"flip", "convolution", "pulse"},
    "C3": {"lengths", "signal", "frequencies"},
    "C4": {"settings", "channels"},
    "C5": {"windows", "gradient", "overlap", "rounding"},
    "C6": {"edges", "steps", "path"},
    "C7": {"gallery"},
    "C8": {"product", "back", "operator"},
}
each = pytest.mark.parametrize("name", NAMES)


@cache
def left(name: str) -> dict[str, Any]:
    """What the lesson leaves behind; run once."""
    return run(LESSONS[name], None)


def numbers(name: str, result: str) -> np.ndarray:
    value = left(name)[result]
    return np.squeeze(value.detach().numpy() if hasattr(value, "detach") else np.asarray(value))


def assert_numbers(name: str, result: str, expected: Any) -> None:
    np.testing.assert_allclose(numbers(name, result), expected, rtol=0, atol=1e-6)


@each
def test_twins_agree(name: str) -> None:
    outcome = compare_lesson(LESSONS[name], None)
    tolerance = {"float32": 1e-5, "float64": 1e-10}[LESSONS[name].dtype]
    assert outcome.differences.keys() == set(LESSONS[name].results)
    assert max(outcome.differences.values()) <= tolerance, outcome.differences


@pytest.mark.slow
@each
def test_as_a_program(name: str, program: Program, tmp_path: Path) -> None:
    """In a process of its own, as a student starts it: the words, no warnings, no window."""
    done = program(LESSONS[name].path, anew=name == "C1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) > 10
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@each
def test_its_figures(name: str, tmp_path: Path) -> None:
    from PIL import Image

    run(LESSONS[name], tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == FIGURES[name]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            ink = np.asarray(image.convert("L"))
            assert ink.shape[0] > 150 and ink.shape[1] > 300, f"{path.name} {ink.shape}"
            assert ink.std() > 5, f"{path.name} is empty"
            # What is cut off would leave ink on the margin.
            border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
            assert border.min() > 250, f"{path.name} is cut off"


@each
def test_every_cell_is_a_cell(name: str) -> None:
    """It opens in notebooks: prose is in cells of prose, figures are shown in their cell."""
    source = LESSONS[name].path.read_text(encoding="utf-8")
    first, *cells = source.split("# %%")
    assert first == ""
    assert cells[0].startswith(' [markdown]\n"""')
    assert cells[1].startswith(' tags=["parameters"]\n')
    for cell in cells[2:]:
        prose = cell.startswith(" [markdown]\n")
        lines = [line for line in cell.splitlines()[1:] if line]
        assert lines and all(line.startswith("#") for line in lines) is prose, cell
        assert cell.count("plt.figure(") + cell.count("Board(") <= cell.count("plt.show()"), cell


# C1


def test_correlation() -> None:
    assert_numbers("C1", "y", [[15, 16], [6, 15]])
    assert_numbers("C1", "by_hand", [[15, 16], [6, 15]])


def test_correlation_shows_each_window(capsys: pytest.CaptureFixture[str]) -> None:
    run(LESSONS["C1"], None)
    said = capsys.readouterr().out
    for total in (15, 16, 6):
        assert f"sum {total}\n" in said
    assert said.count("×") == 4
    assert "1 2 3       2 0 1       2 0 3" in said


def test_correlation_of_another_image() -> None:
    """The cell of parameters may be changed."""
    changed = run(LESSONS["C1"], None, IMAGE=[[1, 2, 3], [4, 5, 6]], KERNEL=[[1, -1]])
    np.testing.assert_array_equal(changed["y"].numpy()[0, 0], [[-1, -1], [-1, -1]])
    np.testing.assert_array_equal(changed["by_hand"], [[-1, -1], [-1, -1]])


# C2


def test_convolution() -> None:
    known = np.array([[0, -2, -1], [2, 2, 4], [-1, 0, 0]])
    assert_numbers("C2", "y", known)
    assert_numbers("C2", "by_hand", known)
    assert_numbers("C2", "correlated", -known)


def test_convolution_everywhere() -> None:
    """The sum over copies is what a product of polynomials does."""
    x, k = numbers("C2", "x"), numbers("C2", "k")
    size = (x.shape[0] + k.shape[0] - 1, x.shape[1] + k.shape[1] - 1)
    full = np.fft.irfft2(np.fft.rfft2(x, size) * np.fft.rfft2(k, size), size)
    for result in ("copies", "wide", "swapped"):
        np.testing.assert_allclose(numbers("C2", result), full, atol=1e-6)
    assert_numbers("C2", "y", full[2:-2, 2:-2])
    assert_numbers("C2", "gradient", numbers("C2", "convolved"))


def test_a_pulse_gives_the_kernel() -> None:
    kernel = np.arange(1, 10).reshape(3, 3)
    assert_numbers("C2", "answer", kernel)
    assert_numbers("C2", "mirrored", kernel[::-1, ::-1])


# C3


def test_a_convolution_is_a_sum_of_what_came_before() -> None:
    lesson = left("C3")
    assert lesson["delayed"].tolist() == [1, 0.5, 0.25, 2, 1, 0.5]
    assert_numbers("C3", "delayed", np.convolve(lesson["pulses"], [1, 1 / 2, 1 / 4])[:6])


def test_lengths_of_one_dimension() -> None:
    short = left("C3")["short"]
    for mode in ("narrow", "same", "wide"):
        name = {"narrow": "valid", "wide": "full"}.get(mode, mode)
        assert_numbers("C3", mode, np.correlate(short, [-1, 0, 1], name))
    assert [len(left("C3")[mode]) for mode in ("narrow", "same", "wide")] == [4, 6, 8]


def test_three_filters_of_a_signal() -> None:
    signal = left("C3")["signal"]
    filtered = numbers("C3", "filtered")
    assert filtered.shape == (3, 120)
    inner = slice(1, -1)
    np.testing.assert_allclose(filtered[0, inner], signal[2:] - signal[:-2], atol=1e-6)
    mean = (signal[:-2] + signal[1:-1] + signal[2:]) / 3
    np.testing.assert_allclose(filtered[1, inner], mean, atol=1e-6)
    bend = signal[:-2] - 2 * signal[1:-1] + signal[2:]
    np.testing.assert_allclose(filtered[2, inner], bend, atol=1e-6)


def test_the_mean_is_a_low_pass() -> None:
    """Noise of many numbers: it comes out of each filter √(Σ k²) times as strong."""
    noise = run(LESSONS["C3"], None, LENGTH=20000, NOISE=1.0)
    for name, gain in (("slope", 2**0.5), ("mean", 3**-0.5), ("bend", 6**0.5)):
        found = (noise["noisy"][name] - noise["smooth"][name])[1:-1].std()
        assert found == pytest.approx(gain, rel=0.03)


# C4


@settings(max_examples=60)
@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4),
    st.integers(0, 3), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2),
    st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_setting(
    H: int, W: int, FH: int, FW: int, P: int, S: int, D: int, N: int, C: int, FN: int, seed: int
) -> None:
    """The formula's output size and the loops' numbers are PyTorch's."""
    size, by_hand = left("C4")["size"], left("C4")["by_hand"]
    OH, OW = size(H, FH, P, S, D), size(W, FW, P, S, D)
    assume(OH > 0 and OW > 0 and H + 2 * P >= D * (FH - 1) + 1 and W + 2 * P >= D * (FW - 1) + 1)
    rng = np.random.default_rng(seed)
    x, w, b = (rng.standard_normal(s) for s in ((N, C, H, W), (FN, C, FH, FW), (FN,)))
    theirs = F.conv2d(*map(torch.from_numpy, (x, w, b)), S, P, D).numpy()
    assert theirs.shape == (N, FN, OH, OW)
    np.testing.assert_allclose(by_hand(x, w, b, P, S, D), theirs, rtol=1e-10, atol=1e-10)


def test_sizes_of_the_table() -> None:
    assert [tuple(s) for s in left("C4")["sizes"]] == [
        (3, 3), (5, 5), (3, 3), (2, 2), (3, 3), (7, 7), (6, 6), (3, 3)
    ]  # fmt: skip


def test_channels_and_one_by_one() -> None:
    lesson = left("C4")
    assert lesson["y"].shape == (2, 4, 3, 4)
    np.testing.assert_allclose(lesson["loops"], lesson["y"].numpy(), atol=1e-5)
    assert lesson["one_by_one"].shape == (2, 4, 6, 7)
    np.testing.assert_allclose(
        numbers("C4", "one_by_one"), numbers("C4", "over_channels"), atol=1e-6
    )


# C5


def test_pooling() -> None:
    assert_numbers("C5", "largest", [[2, 3], [4, 2]])
    assert_numbers("C5", "average", [[1, 1.5], [2.25, 1]])
    assert_numbers("C5", "overlapping", [[7, 6], [7, 9]])
    assert_numbers("C5", "down", [[5, 4], [7, 6]])
    assert_numbers("C5", "up", [[5, 4, 6], [7, 6, 3], [4, 2, 9]])
    assert_numbers("C5", "average_up", [[2.75, 1.75, 3], [2.5, 3, 2.5], [2, 1.5, 9]])


def test_the_way_back_of_pooling() -> None:
    assert_numbers("C5", "to_largest", [[0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 4], [0, 3, 0, 0]])
    assert_numbers("C5", "to_all", np.array([[1, 2], [3, 4]]).repeat(2, 0).repeat(2, 1) / 4)


@settings(max_examples=60)
@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 5), st.booleans(),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_pooling(H: int, W: int, K: int, S: int, up: bool, seed: int) -> None:
    """Sizes rounded down and up, and the numbers of the loops, are PyTorch's."""
    assume(min(H, W) >= K)
    x = np.random.default_rng(seed).standard_normal((H, W))
    image = torch.from_numpy(x)[None, None]
    for of, pool in ((np.max, F.max_pool2d), (np.mean, F.avg_pool2d)):
        theirs = pool(image, K, S, ceil_mode=up).double().numpy()[0, 0]
        ours = left("C5")["pooled"](x, K, S, of, up)  # float32, as the lesson's numbers
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


# C6


def test_the_kernel_is_learned() -> None:
    kernels, losses = numbers("C6", "kernels"), numbers("C6", "losses")
    assert kernels.shape == (11, 2) and losses.shape == (10,)
    assert_numbers("C6", "by_hand", kernels)
    assert (np.diff(losses) < 0).all() and losses[-1] < 0.02
    np.testing.assert_allclose(kernels[-1], [1, -1], atol=0.05)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_its_way_is_the_one_that_curvature_tells(seed: int) -> None:
    """w - w* = (I - η A)^n (w0 - w*), with A = [[36, 24], [24, 36]]."""
    learned = run(LESSONS["C6"], None, SEED=seed)
    np.testing.assert_array_equal(learned["curvature"], [[36, 24], [24, 36]])
    step = np.eye(2) - 0.03 * learned["curvature"]
    for n, kernel in enumerate(learned["kernels"]):
        error = np.linalg.matrix_power(step, n) @ (learned["kernels"][0] - [1, -1])
        np.testing.assert_allclose(kernel, np.array([1, -1]) + error, atol=1e-5)


# C7


def test_gallery(tmp_path: Path) -> None:
    """Its kernels on a picture that tells them apart."""
    from PIL import Image

    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    lesson = run(LESSONS["C7"], None, IMAGE=str(tmp_path / "noise.png"))
    x = pixels.transpose(2, 0, 1) / 255
    np.testing.assert_allclose(lesson["x"].numpy()[:, 0], x, atol=1e-7)
    y = dict(zip(lesson["KERNELS"], lesson["y"].numpy().swapaxes(0, 1), strict=True))
    assert len(y) == 7 and sum("edges" in name for name in y) == 3

    np.testing.assert_allclose(y["identity"], x, atol=1e-7)
    inner = np.s_[:, 1:-1, 1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    np.testing.assert_allclose(y["box blur"][inner], windows.mean((-2, -1)), atol=1e-6)
    across = (x[:, :, :-2] + 2 * x[:, :, 1:-1] + x[:, :, 2:]) / 4
    gauss = (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]) / 4
    np.testing.assert_allclose(y["Gaussian blur"][inner], gauss, atol=1e-6)
    np.testing.assert_allclose(y["sharpen"], y["identity"] + y["edges, 4 neighbours"], atol=1e-5)
    np.testing.assert_allclose(
        y["edges, 8 neighbours"], 9 * (y["identity"] - y["box blur"]), atol=1e-5
    )
    corners = x[:, :-2, :-2] - x[:, :-2, 2:] - x[:, 2:, :-2] + x[:, 2:, 2:]
    np.testing.assert_allclose(y["diagonal edges"][inner], corners, atol=1e-6)


def test_gallery_of_one_colour(tmp_path: Path) -> None:
    """A kernel's sum is what it makes of a surface, to the border."""
    from PIL import Image

    Image.new("RGB", (8, 6), (255, 102, 51)).save(tmp_path / "plain.png")
    lesson = run(LESSONS["C7"], None, IMAGE=str(tmp_path / "plain.png"))
    for name, result in zip(lesson["KERNELS"], lesson["y"].numpy().swapaxes(0, 1), strict=True):
        kept = 0 if "edges" in name else 1
        expected = kept * np.array([1, 0.4, 0.2])[:, None, None]
        np.testing.assert_allclose(result, np.broadcast_to(expected, (3, 6, 8)), atol=1e-5)


def test_gallery_of_no_picture(tmp_path: Path) -> None:
    words = tmp_path / "words.jpg"
    words.write_text("no picture")
    with pytest.raises(FileFormatError, match=r"words\.jpg"):
        run(LESSONS["C7"], None, IMAGE=str(words))
    with pytest.raises(FileNotFoundError):
        run(LESSONS["C7"], None, IMAGE=str(tmp_path / "nothing.jpg"))


# C8


def test_columns() -> None:
    lesson = left("C8")
    assert lesson["unfolded"].dtype == lesson["y"].dtype
    assert numbers("C8", "unfolded").dtype == np.float64
    np.testing.assert_array_equal(lesson["columns"], numbers("C8", "unfolded"))
    np.testing.assert_array_equal(lesson["product"].reshape(2, 2, 2), numbers("C8", "y"))


@pytest.mark.parametrize("seed", [1, 2])
def test_adjoint(seed: int) -> None:
    lesson = run(LESSONS["C8"], None, SEED=seed)
    forth, back = lesson["forth"].item(), lesson["back_again"].item()
    assert forth == pytest.approx(back, rel=1e-12, abs=1e-12)
    x, c = lesson["x"], lesson["c"]
    assert (lesson["im2col"](x) * c).sum() == pytest.approx(forth, rel=1e-12, abs=1e-12)
    assert (lesson["col2im"](c) * x).sum() == pytest.approx(forth, rel=1e-12, abs=1e-12)
    assert lesson["same"] and lesson["transposed"]
    np.testing.assert_array_equal(np.diag(lesson["A"].T @ lesson["A"]), lesson["count"].ravel())


def test_gradients_of_a_convolution_from_its_columns() -> None:
    lesson = left("C8")
    np.testing.assert_allclose(lesson["w_by_hand"], lesson["w_grad"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(lesson["x_by_hand"], lesson["x_grad"][0], rtol=0, atol=1e-10)
    assert np.abs(lesson["w_grad"]).max() > 1 and np.abs(lesson["x_grad"]).max() > 1


@each
def test_its_twin_has_the_same_parameters(name: str) -> None:
    twin = ROOT / "reference" / "lessons" / LESSONS[name].path.name
    assert parameters(twin) == parameters(LESSONS[name].path)
