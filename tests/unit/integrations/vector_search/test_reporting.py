"""What is said and counted of each search."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.messages import SearchCompleted, SearchFailed, SearchProgress
from channels.push import Push
from integrations.vector_search.model import Found, Hit
from integrations.vector_search.options import SearchOptions
from integrations.vector_search.query_text import QueryText
from integrations.vector_search.recall import Kind
from integrations.vector_search.reporting import Reporter, numbered
from tests.vector_searches import Ticking, reporting

FOUND = Found((Hit(1, 0.9, {}, "docs"),), 100)


def one_search(reporter: Reporter, text: str | None = None) -> None:
    report = reporter.begin(("docs",), 10, text, 1)
    report.enter("searching", "docs")
    report.complete((FOUND,), 1, depth=10, filtered=False)


def test_times_are_split() -> None:
    """Each stage lasts until the next begins; the whole is from the call to the results."""
    clock = Ticking(0.010)
    reporter, heard = reporting(clock=clock)
    report = reporter.begin(("docs",), 10, "text", 3)
    report.enter("embedding")
    clock.now += 0.100
    report.enter("searching", "docs")
    report.enter("reranking")
    clock.now += 0.050
    report.complete((FOUND,), 1, depth=10, filtered=False)
    completed = heard.of(SearchCompleted)[0]
    parts = [completed[name] for name in ("embed_ms", "search_ms", "rerank_ms", "search_time_ms")]
    assert parts == [pytest.approx(110), pytest.approx(10), pytest.approx(60), pytest.approx(190)]


def test_all_of_the_row_is_always_there() -> None:
    """The seven fields, null where nothing is known."""
    reporter, heard = reporting()
    one_search(reporter)
    assert (
        heard.of(SearchCompleted)[0].items()
        >= {
            "query_id": "q-1",
            "collection": "docs",
            "top_k": 10,
            "results_count": 1,
            "ef_search": 100,
            "recall_estimated": None,
        }.items()
    )
    assert heard.of(SearchCompleted)[0]["search_time_ms"] > 0


def test_recall_is_that_of_searches_of_this_kind() -> None:
    """With its interval and samples; other sizes, other ef_search and filters have their own, exact searches none."""
    reporter, heard = reporting()
    for _ in range(50):
        reporter.sampler.windows.add(Kind("docs", 100, 10, False), 0.9)
    one_search(reporter)
    for found, depth, filtered in (
        (FOUND, 50, False),
        (FOUND, 10, True),
        (Found((), 200), 10, False),
        (Found((), None, "exact"), 10, False),
    ):
        report = reporter.begin(("docs",), 10, None, 1)
        report.complete((found,), 0, depth=depth, filtered=filtered)
    said = heard.of(SearchCompleted)
    assert (said[0]["recall_estimated"], said[0]["recall_samples"]) == (0.9, 50)
    assert said[0]["recall_low"] < 0.9 < said[0]["recall_high"]
    assert [message["recall_estimated"] for message in said[1:]] == [None] * 4


def test_where_collections_differ_there_is_no_one_ef_search() -> None:
    """Where they agree there is."""
    reporter, heard = reporting()
    for found in ((FOUND, Found((), 100)), (FOUND, Found((), 50)), (Found((), None, "a"), Found((), None, "a"))):
        reporter.begin(("a", "b"), 10, None, 2).complete(found, 0, depth=10, filtered=False)
    said = [(message["ef_search"], message["exact_reason"]) for message in heard.of(SearchCompleted)]
    assert said == [(100, None), (None, None), (None, "a")]


def test_only_the_kind_of_an_error_goes_out() -> None:
    """Its text may hold a password or the query."""
    reporter, heard = reporting()
    report = reporter.begin(("docs",), 10, None, 1)
    report.enter("searching", "docs")
    report.fail(ConnectionError("postgresql://tocsin:swordfish@db refused 'my secret query'"))
    failed = heard.of(SearchFailed)[0]
    assert (failed["status"], failed["stage"], failed["reason"]) == ("failed", "searching", "ConnectionError")
    assert "swordfish" not in str(heard.said)
    assert "secret" not in str(heard.said)


def test_failures_are_counted_apart_from_times() -> None:
    """A search that failed after 30 s is no slow search, and one that failed at once no fast one."""
    reporter, _ = reporting()
    for error in (ValueError(), TimeoutError(), asyncio.CancelledError()):
        reporter.begin(("docs",), 10, None, 1).fail(error)
    one_search(reporter)
    numbers = reporter.numbers().collections["docs"]
    assert (numbers.searches, numbers.failed, numbers.cancelled) == (1, 2, 1)


def test_progress_may_be_off() -> None:
    """What a search came to is said all the same."""
    reporter, heard = reporting(SearchOptions(progress=False))
    one_search(reporter)
    reporter.begin(("docs",), 10, None, 1).fail(ValueError())
    assert [type for type, _ in heard.said] == ["search_completed", "search_failed"]


def test_the_whole_query_never_leaves() -> None:
    """In none of the messages, whether the search comes to an end or fails."""
    text = "a question of more than fifty characters, whose end must not be read by anyone"
    for options, shown in (
        (QueryText(), text[:49] + "…"),
        (QueryText("omit"), None),
        (QueryText("hash", key=b"k"), QueryText("hash", key=b"k").shown(text)),
    ):
        reporter, heard = reporting(SearchOptions(query=options))
        one_search(reporter, text)
        failing = reporter.begin(("docs",), 10, text, 1)
        failing.enter("embedding")
        failing.fail(ValueError(text))
        assert [message["query"] for message in heard.of(SearchCompleted) + heard.of(SearchFailed)] == [shown, shown]
        assert "must not be read" not in str(heard.said)


@pytest.mark.parametrize("broken", ["push", "clock", "ids", "random"])
def test_what_breaks_in_here_stays_here(broken: str) -> None:
    """Wherever it breaks, and at every call; what is counted as a fault has an end, too: it reached nobody."""

    def breaks(*_args: Any) -> Any:
        raise RuntimeError("broken")

    reporter = Reporter(
        Push(None),
        clock=breaks if broken == "clock" else Ticking(),
        ids=breaks if broken == "ids" else numbered(),
        random=breaks if broken == "random" else None,
    )
    if broken == "push":
        reporter.push = breaks  # type: ignore[assignment]
    for ending in range(2):
        report = reporter.begin(("docs",), 10, "text", 1)
        report.enter("searching", "docs")
        report.sample("docs", FOUND, 10, filtered=False, prepare=breaks)
        if ending:
            report.complete((FOUND,), 1, depth=10, filtered=False)
        else:
            report.fail(ValueError())
    assert reporter.numbers().faults > 0


def test_odd_names_and_errors_are_one_line() -> None:
    """A collection of somebody else's making may be called anything."""
    reporter, heard = reporting()
    odd = type("Odd\nError", (Exception,), {})
    for name in ("a\nb", "x" * 5_000, "", "\ud800"):
        report = reporter.begin((name,), 10, None, 1)
        report.enter("searching", name)
        report.fail(odd())
    assert {message["reason"] for message in heard.of(SearchFailed)} == {"Odd Error"}
    assert len(heard.of(SearchFailed)) == len(heard.of(SearchProgress)) / 2 == 4


def test_ids_are_nobody_elses() -> None:
    """Two processes give different ones, and each gives none twice."""
    first, second = numbered(), numbered()
    given = [first() for _ in range(100)] + [second() for _ in range(100)]
    assert len(set(given)) == 200


async def test_a_search_only_notes_what_is_said_in_the_next_turn() -> None:
    """In its order; making messages is not its caller's time."""
    said: list[str] = []

    def publish(channel: str, type: str, data: Any) -> bool:
        said.append(f"{data['query_id']} {type} {data.get('status')}")
        return True

    reporter, _ = reporting()
    reporter.push = Push(publish)
    for _ in range(2):
        one_search(reporter)
    assert said == []
    await asyncio.sleep(0)
    expected = ["search_progress searching", "search_progress completed", "search_completed None"]
    assert said == [f"q-{number} {message}" for number in (1, 2) for message in expected]
    one_search(reporter)
    await asyncio.sleep(0)
    assert len(said) == 9


async def test_what_waits_to_be_said_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that never lets the loop turn says it all himself at last; nothing is lost."""
    monkeypatch.setattr("integrations.vector_search.reporting.WAITING_MAX", 5)
    reporter, heard = reporting()
    heard.flush = lambda: None
    for _ in range(2):
        one_search(reporter)
    assert len(heard.said) == 0
    one_search(reporter)
    assert len(heard.said) == 7  # its beginning was one too many
    await asyncio.sleep(0)
    assert len(heard.said) == 9


def test_a_loop_that_ended_keeps_nothing_back() -> None:
    """What it left is said with the next search, in whatever loop, or without one."""
    reporter, heard = reporting()
    heard.flush = lambda: None
    loop = asyncio.new_event_loop()
    reporter.later(lambda: None)

    async def search() -> None:
        one_search(reporter)
        loop.stop()

    task = loop.create_task(search())
    loop.run_forever()
    assert task.done()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    one_search(reporter)
    assert len(heard.said) == 6
