"""A mistake in the reporting reaches nobody who searches: one is made at every single line of it, in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from integrations.vector_search import numbers, query_text, recall, reporting, sampling
from integrations.vector_search.model import Point
from integrations.vector_search.search import ObservedSearch
from tests.vector_searches import MemoryStore, always
from tests.vector_searches import reporting as reporter_and_heard

FILES = {str(module.__file__) for module in (numbers, query_text, recall, reporting, sampling)}
SOURCES = {file: Path(file).read_text(encoding="utf-8").splitlines() for file in FILES}
GUARDS = ("def ", "try:", "except ", "self.faults += 1", "self._reporter.faults += 1", "return NoReport()")
"""What catches mistakes can't be made to make one."""

Place = tuple[str, int]


class Mistake(Exception):
    """What is raised in the reporting, and must stay there."""


def _is_guard(place: Place) -> bool:
    return SOURCES[place[0]][place[1] - 1].strip().startswith(GUARDS)


def tracing(at_line: Callable[[Place], None]) -> Any:
    """A trace function that tells of every line of the reporting, but its guards."""

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in FILES:
            return None
        place = (file, frame.f_lineno)
        if event == "line" and not _is_guard(place):
            at_line(place)
        return trace

    return trace


async def searched(at_line: Callable[[Place], None], error: Exception | None) -> tuple[Any, int]:
    """Search with the reporting traced; give what the caller got, and the faults that were counted."""
    store = MemoryStore()
    await store.upsert("docs", [Point(n, [1.0, n / 10]) for n in range(4)])
    store.error = error
    reporter, _ = reporter_and_heard(always())
    search = ObservedSearch(store, reporter, embed=_embed)
    before = sys.gettrace()
    sys.settrace(tracing(at_line))
    try:
        got: Any = await search.search_vectors("docs", "a text", top_k=3)
    except ConnectionError as raised:
        got = raised
    finally:
        sys.settrace(before)
    reporter.flush()
    return got, reporter.faults


async def _embed(_text: str) -> list[float]:
    return [1.0, 0.0]


@pytest.mark.parametrize("error", [None, ConnectionError("away")], ids=["found", "failed"])
async def test_a_mistake_at_any_line_changes_nothing(error: Exception | None) -> None:
    """Neither the results nor the exception; each mistake is counted."""
    lines: set[Place] = set()
    expected, _ = await searched(lines.add, error)
    assert len(lines) > 30
    for line in sorted(lines):

        def make_a_mistake(place: Place, line: Place = line) -> None:
            if place == line:
                raise Mistake(f"{place}")

        got, faults = await searched(make_a_mistake, error)
        assert got == expected, line
        assert faults > 0, line


async def test_what_the_caller_gets_without_mistakes() -> None:
    """The comparison above has something to compare."""
    found, faults = await searched(lambda _place: None, None)
    assert [hit.id for hit in found.hits] == [0, 1, 2]
    assert faults == 0
