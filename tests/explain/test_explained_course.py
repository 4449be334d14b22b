"""The course of the site: its pages open and agree, and what its index asks has the answer that it
suggests."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_pages import COLUMNS

from minigrad.lessons import LESSONS
from minigrad.op import register

DOCS = str(Path(__file__).parents[2] / "docs")


@pytest.fixture(scope="module")
def course() -> Iterator[Any]:
    sys.path.insert(0, DOCS)
    from pages import explained

    yield explained
    sys.path.remove(DOCS)


@pytest.fixture(scope="module")
def stop(course: Any, opened: Callable[..., Any]) -> Callable[[str], Any]:
    made = {each.file: each.made for each in course.COURSE}
    return cache(lambda file: opened(made[file](), file))


def test_every_page_opens_and_agrees(course: Any, stop: Callable[[str], Any]) -> None:
    for each in course.COURSE:
        if each.file == "lenet":  # test_pages.py opens one
            continue
        told = stop(each.file).evaluate(COLUMNS)
        assert told and not [one for one in told if one[2]], each.file


def test_what_is_asked_can_be_found_out(stop: Callable[[str], Any]) -> None:
    page = stop("one-weight")
    assert page.evaluate("page.value('w.grad')") == 6
    page.evaluate("page.set('x1', [], 6)")
    assert page.evaluate("page.value('w.grad')") == 0
    page.evaluate("page.reset()")
    assert len(stop("line").evaluate("page.why('w.grad').terms")) == 4
    assert len(stop("c1").evaluate("page.why('kernel.grad', [0, 0, 1, 1]).terms")) == 4
    assert len(stop("c8").evaluate("page.why('image.grad', [0, 0, 1, 1]).terms")) == 4
    same = "page.value('kernel.grad', 4)"
    assert stop("c1").evaluate(same) == stop("c8").evaluate(same)
    zeros = "page.look('0.bias.grad').s[0]"
    bias = stop("batch-norm").evaluate("[0, 1, 2].map(i => page.value('0.bias.grad', i))")
    assert stop("batch-norm").evaluate(zeros) == 3 and max(map(abs, bias)) < 1e-7
    first = stop("d6").evaluate(
        "Array.from({length: 96}, (_, i) => page.value('0.weight.grad', i))"
    )
    assert first.count(0) > 20 and any(first)
    shares = stop("rnn").evaluate("page.why('wh.weight.grad', [0, 1]).terms.map(t => t.product)")
    assert len(shares) == 4 and shares.count(0) == 1


def test_the_index_and_the_pages_lead_somewhere(course: Any, tmp_path: Path) -> None:
    small = [each for each in course.COURSE if each.file in ("one-weight", "c1")]
    course.COURSE, whole = tuple(small), course.COURSE
    try:
        told = course.write(tmp_path)
    finally:
        course.COURSE = whole
    files = re.findall(r'href="([^"]+)"', told)
    assert files == ["one-weight.html", "c1.html"]
    scripts = {f"../lessons/{lesson.script}.py" for lesson in LESSONS.values()}
    assert set(re.findall(r"\]\((\.\./lessons/[^)]+)\)", told)) <= scripts
    assert all('"site":"../"' in (tmp_path / file).read_text(encoding="utf-8") for file in files)


def test_lessons_of_ops_are_there_and_speak_of_them() -> None:
    from minigrad.explainer.links import OF_FAMILIES, OF_OPS

    named = {name for found in (*OF_FAMILIES.values(), *OF_OPS.values()) for name in found}
    assert named <= set(LESSONS)
    assert set(OF_OPS) <= set(register)
    assert set(OF_FAMILIES) <= {op.family for op in register.values()}
