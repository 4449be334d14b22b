"""The tests of a file that need a GPU: what fails is told when it fails, and where it stopped."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.gpu.part import Asked
from benchmarks.process import Process

ROOT = Path(__file__).parents[2]


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """Each test that fails, then how many ended how.

    Errors: RuntimeError where pytest dies or is not content, TimeoutError where a test does not
    come to an end; both name the test that was at work.
    """
    if not (ROOT / asked.file).exists():
        yield {"skipped": [f"suite: {asked.file} is not there: tests are not installed"]}
        return
    end = time.monotonic() + asked.seconds
    counts: Counter[str] = Counter()
    at = "no test yet"
    with Process("benchmarks.gpu.listener", [asked.file, json.dumps(asked.share)]) as process:
        while True:
            heard = process.hear(max(0.0, end - time.monotonic()))
            if "begun" in heard:
                at = heard["begun"]
            elif "outcome" in heard:
                counts[heard["outcome"]] += 1
                if "why" in heard:
                    line = f"suite: {heard['test']}: {heard['why']}"
                    yield {"test": heard["test"], "why": heard["why"], "wrong": [line]}
            else:
                yield {"file": asked.file, "share": list(asked.share), "counts": dict(counts)}
                break
    if "late" in heard:
        raise TimeoutError(f"the time was over in {at}")
    if "failed" in heard:
        raise RuntimeError(f"pytest died in {at}: {heard['failed']}")
    if heard["code"] not in (0, 1, 5):  # 1: a test failed, 5: there is none
        raise RuntimeError(f"pytest ended with code {heard['code']} after {at}")
