"""A real browser without a network, one for all of these tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from absent import missing

from minigrad.explainer import Explanation

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install minigrad-engine[browser]")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        missing(f"no browser: none of {', '.join(NAMES)} is there")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Opens an explanation, and holds that nothing is asked of a network or told to the console."""
    folder: Path = tmp_path_factory.mktemp("pages")
    problems: list[str] = []
    contexts: list[Any] = []

    def open_(explanation: Explanation, name: str, **how: Any) -> Any:
        path = explanation.save(folder / f"{name}.html")
        context = browser.new_context(offline=True, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: problems.append(f"{name}: {told.text}"))
        page.on("pageerror", lambda error: problems.append(f"{name}: {error}"))
        page.on("request", lambda asked: asked.url == path.as_uri() or problems.append(asked.url))
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready]")
        page.problems = problems
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems
