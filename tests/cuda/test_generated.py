"""Generated CUDA C of chains and bundles: the numbers of their forwards in NumPy, on the CPU; and
every text compiles for a GPU."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.compiler.program import Group, Instruction, Slot
from minigrad.compiler.targets.cuda.device import host, nvrtc
from minigrad.compiler.targets.cuda.kernels import bundles, generated
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.op import register

sys.path.insert(0, str(Path(__file__).parent.parent / "compiler"))
from elementwise import FLOATING, Case, broadcast, case_of, compare, floating, laid, slot_of, whole

on_cpu = pytest.mark.usefixtures("gxx")


def launches(cases: list[Case]) -> list[Launch]:
    return [launch for case in cases for launch in generated.chain(case.chain, case.arrays)]


def run(cases: list[Case]) -> None:
    """Build all chains at once and compare."""
    given = launches(cases)
    library = host.load([launch.kernel for launch in given])
    for launch in given:
        library.launch(launch)
    check(cases)


def check(cases: list[Case]) -> None:
    for case in cases:
        for slot, want in case.expected.items():
            compare(case.arrays[slot], want, case.slack, case.what)


@on_cpu
@pytest.mark.parametrize("kind", ["f", "d"])
def test_every_op_is_its_forward(kind: str) -> None:
    run([case for name in FLOATING for case in floating(name, kind)])


@on_cpu
def test_integers_and_truth_values() -> None:
    run(whole())


@on_cpu
def test_operands_are_broadcast() -> None:
    run(broadcast())


@on_cpu
def test_layout_of_operands_and_results_does_not_matter() -> None:
    run(laid())


@on_cpu
def test_many_numbers_few_and_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "BLOCKS", 2)  # threads go on to further numbers
    shapes = [(), (1,), (0, 3), (255,), (256,), (257,), (3, 1, 5), (3 * 512 + 7,)]
    cases = [case_of("exp", [np.linspace(-1, 1, int(np.prod(s))).reshape(s)], {}) for s in shapes]
    assert [launch.grid for launch in launches(cases)] == [1, 1, 1, 1, 2, 1, 2]
    run(cases)


@on_cpu
def test_what_lies_between_is_left_alone() -> None:
    roomy = np.full((6, 9), 7.0)
    run([case_of("exp", [np.ones((3, 4))], {}, roomy[::2, 1:9:2])])
    assert np.count_nonzero(roomy != 7) == 12


@on_cpu
def test_parts_write_in_place_and_see_what_was_written() -> None:
    a, b = np.linspace(-1, 1, 100).reshape(2, 50), np.linspace(0, 1, 50)
    p, g, between = slot_of(a), slot_of(b), slot_of(a.copy(), "value")
    parts = (
        Instruction(register["mul"], (p, g), {}, between),
        Instruction(register["descend"], (p, between, 0.1), {}, p, True),
        Instruction(register["exp"], (p,), {}, p, True),
    )
    expected = {p: np.exp(a - a * b * 0.1), g: b.copy()}
    run([Case("in place", Group("chain", parts, frozenset({between})), {p: a, g: b}, expected)])


def test_places_are_counted_in_64_bits_where_they_must_be() -> None:
    few = np.empty(1, np.float32)
    for size, word in ((1 << 29, "int"), (1 << 30, "long long")):
        x = np.lib.stride_tricks.as_strided(few, (size,), (0,))
        far = np.lib.stride_tricks.as_strided(few, (2,), (size * 4,))
        for array in (x, far):
            slot = slot_of(array)
            one = Instruction(register["neg"], (slot,), {}, slot, True)
            (launch,) = generated.chain(Group("chain", (one,)), {slot: array})
            text = launch.kernel.text
            assert f"({word} i = " in text


# -- bundles ----------------------------------------------------------------------------------


def bundle(cases: list[Case]) -> list[Launch]:
    arrays: dict[Slot, Any] = {}
    for case in cases:
        arrays |= case.arrays
    return bundles.bundle([case.chain for case in cases], arrays, lambda numbers: numbers)


def update(n: int, kind: str = "f") -> Case:
    """p <- p - g r, as an optimizer does it."""
    p, g, r = np.linspace(-1, 1, n).astype(kind), np.ones(n, kind), np.array(0.25, kind)
    slot = slot_of(p)
    one = Instruction(register["descend"], (slot, slot_of(g), slot_of(r)), {}, slot, True)
    arrays = dict(zip(one.reads, (p, g, r), strict=True))
    return Case(f"update of {n}", Group("chain", (one,)), arrays, {slot: p - g * r})


@on_cpu
def test_a_bundle_does_all_its_chains_by_one_kernel() -> None:
    share = bundles.SHARE
    cases = [update(n) for n in (2, share - 1, share, share + 1, 3 * share + 5, 7)]
    (launch,) = bundle(cases)
    assert launch.grid == 1 + 1 + 1 + 2 + 4 + 1
    assert launch.kernel.text.count("case ") == 1  # equal but for the sizes
    host.load([launch.kernel]).launch(launch)
    check(cases)


@on_cpu
def test_a_bundle_holds_chains_of_any_kind() -> None:
    draw = np.random.default_rng(0)
    cases = [
        update(5),
        update(6, "d"),
        case_of("exp", [draw.standard_normal((4, 6)).T], {}),
        case_of("mul", [draw.standard_normal((30, 70)), draw.standard_normal((30, 1))], {}),
        case_of("mul", [draw.standard_normal((20, 70)), draw.standard_normal((20, 1))], {}),
        case_of("add", [np.array(3.0), 1], {}),
        case_of("eq", [np.arange(9), 4], {}),
        case_of("exp", [np.ones((0, 3))], {}),
    ]
    (launch,) = bundle(cases)
    host.load([launch.kernel]).launch(launch)
    check(cases)


def test_a_bundle_leaves_out_what_is_too_large_and_what_is_nothing() -> None:
    wide = np.lib.stride_tricks.as_strided(np.empty(1, np.float32), (1 << 30,), (0,))
    slot = slot_of(wide)
    one = Instruction(register["neg"], (slot,), {}, slot, True)
    large = Case("large", Group("chain", (one,)), {slot: wide}, {})
    first, second = bundle([large, update(4)])
    names = [work.kernel.name.partition("_")[0] for work in (first, second)]
    assert names == ["chain", "bundle"]
    assert bundle([case_of("exp", [np.ones(0)], {})]) == []


@on_cpu
def test_a_copy() -> None:
    x, out = np.arange(12.0).reshape(3, 4), np.zeros((4, 3)).T
    (launch,) = bundles.copies([(out, x)], lambda numbers: numbers)
    host.load([launch.kernel]).launch(launch)
    np.testing.assert_array_equal(out, x)
    (launch,) = generated.filled(out[1:2], 7)
    host.load([launch.kernel]).launch(launch)
    np.testing.assert_array_equal(out, [x[0], [7] * 4, x[2]])
    assert bundles.copies([], lambda numbers: numbers) == generated.filled(out[:0], 1) == []


# -- for a GPU --------------------------------------------------------------------------------


@pytest.mark.usefixtures("nvrtc")
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_every_expression_compiles_for_a_gpu(arch: str) -> None:
    cases = [case for name in FLOATING for kind in "fd" for case in floating(name, kind)]
    cases += whole()
    parts = [cases[i : i + 25] for i in range(0, len(cases), 25)]  # one of all takes its time
    given = [work for part in parts for work in bundle([*map(update, (3, 5)), *part])]
    if arch == "sm_90":  # and each by itself: the same loops, whatever the architecture
        given += launches(cases)
    assert nvrtc.compiled(source([launch.kernel for launch in given]), arch).startswith(b"\x7fELF")
