"""The table of endpoints."""

from __future__ import annotations

from pathlib import Path

from hub.http.api.endpoint import Who
from hub.http.api.table import ENDPOINTS

PAGE = Path(__file__).parents[5] / "docs" / "topics" / "http-api.md"
FOR = {Who.ANYONE: "anyone", Who.CALLER: "callers", Who.OPERATOR: "operators", Who.SCRAPER: "operators"}


def test_every_endpoint_is_there_once() -> None:
    """By method and path, and by the name of its handler, which documents use as its id."""
    assert len({(row.method, row.path) for row in ENDPOINTS}) == len(ENDPOINTS)
    assert len({row.handler.__name__ for row in ENDPOINTS}) == len(ENDPOINTS)


def test_what_changes_something_needs_a_caller() -> None:
    """Only reading may be for anyone, giving back one's cookie, and what bears a signature; and a GET has no body."""
    open_to_anyone = [row for row in ENDPOINTS if row.method != "GET" and row.who not in (Who.CALLER, Who.OPERATOR)]
    paths = {(row.method, row.path) for row in open_to_anyone}
    assert paths == {("DELETE", "/api/session"), ("POST", "/hooks/{source}")}
    assert [row.path for row in ENDPOINTS if row.method == "GET" and row.body] == []


def test_the_page_lists_the_same_endpoints() -> None:
    """docs/topics/http-api.md has a row for each, and says for whom it is."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    told = {(row[0].strip("`"), row[2]) for row in rows}
    assert told == {(f"{row.method} {row.path}", FOR[row.who]) for row in ENDPOINTS}
