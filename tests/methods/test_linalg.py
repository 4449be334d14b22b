"""Products and matrices: what the rows of the op database do not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import linalg
from minigrad.gradcheck import gradcheck, gradgradcheck

torch = pytest.importorskip("torch")
RNG = np.random.default_rng(0)


def both(*arrays: np.ndarray[Any, Any]) -> tuple[list[Any], list[Any]]:
    """The same leaves on either side."""
    ours = [minigrad.tensor(a).requires_grad_() for a in arrays]
    return ours, [torch.tensor(a, requires_grad=True) for a in arrays]


def agree(y: Any, t: Any, xs: list[Any], ts: list[Any], tolerance: float = 1e-10) -> None:
    """Equal results, and equal gradients of their sum of squares."""
    np.testing.assert_allclose(y.detach().numpy(), t.detach().numpy(), tolerance, tolerance)
    y.square().sum().backward()
    t.square().sum().backward()
    for x, other in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), other.grad.numpy(), tolerance, tolerance)


LETTERS = "abcd"


@given(
    st.lists(st.text(LETTERS, min_size=0, max_size=3), min_size=1, max_size=4),
    st.data(),
)
def test_einsum_agrees_with_torch_on_any_equation(terms: list[str], data: Any) -> None:
    used = sorted({letter for term in terms for letter in term})
    lengths = {letter: data.draw(st.integers(1, 3)) for letter in used}
    goal = "".join(data.draw(st.permutations(used)))[: data.draw(st.integers(0, len(used)))]
    equation = ",".join(terms) + data.draw(st.sampled_from(["", "->" + goal]))
    arrays = [RNG.standard_normal([lengths[letter] for letter in term]) for term in terms]
    xs, ts = both(*arrays)
    y, t = minigrad.einsum(equation, *xs), torch.einsum(equation, *ts)
    assert tuple(y.shape) == tuple(t.shape)
    y.sum().backward()
    t.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), t.detach().numpy(), 1e-10, 1e-10)
    for x, other in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), other.grad.numpy(), 1e-10, 1e-10)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("...ij,...jk->...ik", [(2, 1, 3, 4), (5, 4, 2)]),
        ("b...,b...->b", [(2, 3, 4), (2, 3, 4)]),
        ("...a,b->b...a", [(2, 3), (4,)]),
        ("i...i->...", [(3, 2, 3)]),
        ("ij, jk -> ik", [(2, 1), (3, 4)]),
    ],
)
def test_einsum_with_ellipsis_and_broadcasting(equation: str, shapes: list[Any]) -> None:
    xs, ts = both(*[RNG.standard_normal(shape) for shape in shapes])
    agree(minigrad.einsum(equation, *xs), torch.einsum(equation, *ts), xs, ts)


def test_einsum_takes_lists_and_numbers() -> None:
    a, b = minigrad.tensor(RNG.standard_normal((2, 3))), minigrad.tensor(np.ones((3, 4)))
    expected = (a @ b).numpy()
    np.testing.assert_allclose(minigrad.einsum("ij,jk", [a, b]).numpy(), expected)
    np.testing.assert_allclose(minigrad.einsum(a, [0, 1], b, [1, 2], [0, 2]).numpy(), expected)
    np.testing.assert_allclose(minigrad.einsum(a, [..., 1], b, [1, 2], [..., 2]).numpy(), expected)


def test_a_batch_against_one_matrix_is_one_product() -> None:
    xs, ts = both(RNG.standard_normal((2, 3, 4, 5)), RNG.standard_normal((5, 6)))
    y = xs[0] @ xs[1]
    assert y.grad_fn.name() == "ReshapeBackward"
    agree(y, ts[0] @ ts[1], xs, ts)


def test_det_of_a_singular_matrix_has_a_gradient() -> None:
    """The matrix of cofactors. (PyTorch gives 0 here.)"""
    a = minigrad.tensor(np.array([[1.0, 2.0], [2.0, 4.0]])).requires_grad_()
    a.det().backward()
    assert a.grad is not None
    np.testing.assert_allclose(a.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-12)
    b = minigrad.tensor(np.diag([1.0, 2.0, 0.0])).requires_grad_()
    assert gradcheck(lambda b: b.det(), b)


def test_log_determinants() -> None:
    big = minigrad.tensor(np.eye(400) * 1e10)
    sign, log = big.slogdet()
    assert big.det().item() == np.inf and sign.item() == 1
    np.testing.assert_allclose(log.item(), 400 * np.log(1e10))
    assert np.isnan(minigrad.tensor([[0.0, 1.0], [1.0, 0.0]]).logdet().item())
    assert minigrad.zeros(2, 2).logdet().item() == -np.inf


def test_factorisations_give_their_matrix_back() -> None:
    for shape in ((3, 3), (5, 3), (3, 5), (2, 4, 3)):
        array = RNG.standard_normal(shape)
        a = minigrad.tensor(array)
        q, r = linalg.qr(a)
        np.testing.assert_allclose((q @ r).numpy(), array, atol=1e-12)
        assert np.all(np.tril(r.numpy(), -1) == 0)
        for full in (False, True):
            u, s, vh = linalg.svd(a, full_matrices=full)
            theirs = torch.linalg.svd(torch.tensor(array), full_matrices=full)
            assert [tuple(x.shape) for x in (u, s, vh)] == [tuple(x.shape) for x in theirs]
            k = s.shape[-1]
            back = (u[..., :k] * s.unsqueeze(-2)) @ vh[..., :k, :]
            np.testing.assert_allclose(back.numpy(), array, atol=1e-12)
            unit = np.broadcast_to(np.eye(u.shape[-1]), (*u.shape[:-2], *[u.shape[-1]] * 2))
            np.testing.assert_allclose((u.mT @ u).numpy(), unit, atol=1e-12)


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_agrees_with_torch(upper: bool) -> None:
    array = RNG.standard_normal((2, 4, 4))
    array = array @ array.swapaxes(-1, -2) + np.eye(4)
    xs, ts = both(array)
    agree(linalg.cholesky(xs[0], upper=upper), torch.linalg.cholesky(ts[0], upper=upper), xs, ts)


def test_eigh_agrees_with_torch() -> None:
    array = RNG.standard_normal((2, 4, 4))
    array = array + array.swapaxes(-1, -2)
    xs, ts = both(array)
    w, v = linalg.eigh(xs[0])
    tw, tv = torch.linalg.eigh(ts[0])
    # The signs of the vectors are free, their squares are not.
    agree(w * (v**4).sum(-2), tw * (tv**4).sum(-2), xs, ts, 1e-9)
    xs, ts = both(array)
    agree(linalg.eigvalsh(xs[0], "U"), torch.linalg.eigvalsh(ts[0], "U"), xs, ts)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (2, 3, 5)])
def test_svd_agrees_with_torch(shape: tuple[int, ...]) -> None:
    xs, ts = both(RNG.standard_normal(shape))
    u, s, vh = linalg.svd(xs[0], full_matrices=False)
    tu, t, tvh = torch.linalg.svd(ts[0], full_matrices=False)
    agree(
        s * (u**4).sum(-2) + (vh**4).sum(-1),
        t * (tu**4).sum(-2) + (tvh**4).sum(-1),
        xs,
        ts,
        1e-9,
    )


def test_singular_values_that_are_equal_or_zero() -> None:
    xs, ts = both(np.eye(3))
    linalg.svdvals(xs[0]).sum().backward()
    torch.linalg.svdvals(ts[0]).sum().backward()
    np.testing.assert_allclose(xs[0].grad.numpy(), ts[0].grad.numpy(), atol=1e-12)
    a = minigrad.tensor(np.ones((3, 2))).requires_grad_()
    linalg.svd(a, full_matrices=False).S.sum().backward()
    assert a.grad is not None and np.isfinite(a.grad.numpy()).all()


def test_least_squares() -> None:
    a, b = RNG.standard_normal((5, 2)), RNG.standard_normal((5, 3))
    ours = linalg.lstsq(minigrad.tensor(a), minigrad.tensor(b))
    theirs = torch.linalg.lstsq(torch.tensor(a), torch.tensor(b), driver="gelsd")
    np.testing.assert_allclose(ours.solution.numpy(), theirs.solution.numpy(), 1e-10)
    np.testing.assert_allclose(ours.residuals.numpy(), theirs.residuals.numpy(), 1e-10)
    assert ours.rank.item() == 2
    wide = linalg.lstsq(minigrad.tensor(a.T.copy()), minigrad.tensor(b[:2]))
    assert wide.residuals.shape == (0,)


def test_conditions_and_ranks() -> None:
    array = RNG.standard_normal((3, 3))
    a, t = minigrad.tensor(array), torch.tensor(array)
    for p in (None, 1, -1, 2, -2, np.inf, "fro", "nuc"):
        np.testing.assert_allclose(linalg.cond(a, p).item(), torch.linalg.cond(t, p).item(), 1e-9)
    assert linalg.matrix_rank(minigrad.tensor(np.ones((4, 3)))).item() == 1


def test_power_of_many_factors() -> None:
    a = np.array([[1.0, 1.0], [0.0, 1.0]])
    np.testing.assert_array_equal(
        minigrad.tensor(a).matrix_power(1000).numpy(), [[1, 1000], [0, 1]]
    )
    y = minigrad.tensor([[1, 1], [1, 0]]).matrix_power(10)  # Fibonacci's numbers
    assert y.dtype == minigrad.int64 and y.tolist() == [[89, 55], [55, 34]]


def test_second_derivative_of_a_solution() -> None:
    a = minigrad.tensor(RNG.standard_normal((3, 3)) + 3 * np.eye(3)).requires_grad_()
    b = minigrad.tensor(RNG.standard_normal(3)).requires_grad_()
    assert gradgradcheck(lambda a, b: linalg.solve(a, b), (a, b))
    assert gradgradcheck(lambda a: a.det(), a)


BAD: list[tuple[Any, str]] = [
    (lambda a: a @ a, r"matmul: inner sizes differ: a is \(2, 3\), b is \(2, 3\)"),
    (lambda a: a @ minigrad.tensor(1.0), "both arguments need to be at least 1D"),
    (lambda a: a @ minigrad.ones(3, dtype=minigrad.float64), "matmul: expected both to have the"),
    (lambda a: a.mm(minigrad.ones(3)), r"mm: expected mat2 to have 2 dimensions, got shape \(3,"),
    (lambda a: a.mv(a), "mv: expected vec to have 1 dimension"),
    (lambda a: a[0].dot(minigrad.ones(4)), "dot: inner sizes differ"),
    (lambda a: minigrad.ones(2, 1, 3).bmm(minigrad.ones(3, 3, 1)), "bmm: batch sizes differ"),
    (lambda a: a.inner(minigrad.ones(2)), "inner: the last dimensions differ"),
    (lambda a: minigrad.ones(5).addmm(a, a.T), "addmm: self of shape .5,. does not expand"),
    (lambda a: a.det(), "det: A must be batches of square matrices, but they are 2 by 3"),
    (lambda a: a.inverse(), "inverse: A must be batches of square matrices"),
    (lambda a: minigrad.zeros(2, 2).inverse(), "inv: the matrix is singular"),
    (lambda a: minigrad.tensor([[1, 0], [0, 1]]).det(), "det: Expected a floating point tensor"),
    (lambda a: linalg.solve(minigrad.zeros(2, 2), a), "solve: the matrix is singular"),
    (lambda a: linalg.solve(minigrad.eye(3), a), "linalg.solve: Incompatible shapes of A and B"),
    (lambda a: linalg.cholesky(-minigrad.eye(2)), "cholesky: the matrix is not positive definite"),
    (lambda a: linalg.eigh(minigrad.eye(2), "X"), "Expected UPLO argument to be 'L' or 'U'"),
    (lambda a: linalg.qr(a, "full"), "linalg.qr: expected mode to be one of"),
    (lambda a: linalg.matrix_norm(a, 3), "linalg.matrix_norm: Order 3 not supported"),
    (lambda a: linalg.vector_norm(a[0], "fro"), "linalg.vector_norm: expected a number"),
    (lambda a: linalg.multi_dot([a]), "expected at least 2 tensors"),
    (lambda a: a.cross(minigrad.ones(2, 2), 1), "cross: inputs dimension 1 must have length 3"),
    (lambda a: a[0].trace(), "trace: expected a matrix"),
    (lambda a: minigrad.tensordot(a, a, 1), "tensordot: contracted dimensions need to match"),
    (lambda a: minigrad.einsum("ij,jk", a), "has 2 operands, 1 were given"),
    (lambda a: minigrad.einsum("ijk", a), "number of subscripts"),
    (lambda a: minigrad.einsum("ij,ij", a, a.T), "subscript . has size"),
    (lambda a: minigrad.einsum("ij->ik", a), "output subscript k"),
    (lambda a: minigrad.einsum("i1,ij", a, a), "invalid subscript"),
    (lambda a: minigrad.einsum("ii", a), "subscript i is repeated"),
    (lambda a: minigrad.chain_matmul(a, a[0]), "chain_matmul: expected matrices"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call(minigrad.ones(2, 3))


@pytest.mark.parametrize(
    ("a", "b", "dims"),
    [
        ((3, 4), (1, 5), 1),
        ((3, 1), (4, 5), 1),
        ((2, 1, 4), (3, 1, 5), ([1, 2], [0, 1])),
        ((2, 1), (0, 3), 1),
    ],
)
def test_tensordot_repeats_a_length_of_1(a: Any, b: Any, dims: Any) -> None:
    xs, ts = both(RNG.normal(size=a), RNG.normal(size=b))
    agree(minigrad.tensordot(*xs, dims), torch.tensordot(*ts, dims), xs, ts)


def test_singular_matrices_have_an_error_of_their_own() -> None:
    with pytest.raises(linalg.LinAlgError, match=r"shape \(2, 2\)"):
        linalg.inv(minigrad.ones(2, 2) * 0)
