"""The table of endpoints."""

from __future__ import annotations

from pathlib import Path

from hub.http.api.endpoint import Who
from hub.http.api.table import ENDPOINTS

TOPICS = Path(__file__).parents[5] / "docs" / "topics"
PAGES = (TOPICS / "http-api.md", TOPICS / "agents.md")
USERS = (Who.MEMBER, Who.FOLLOWER)
METHODS = tuple(f"| `{method} /" for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))
FOR = {
    Who.ANYONE: "anyone",
    Who.CALLER: "callers",
    Who.MEMBER: "users",
    Who.FOLLOWER: "users",
    Who.OPERATOR: "operators",
    Who.SCRAPER: "operators",
}


def test_every_endpoint_is_there_once() -> None:
    """By method and path, and by the name of its handler, which documents use as its id."""
    assert len({(row.method, row.path) for row in ENDPOINTS}) == len(ENDPOINTS)
    assert len({row.handler.__name__ for row in ENDPOINTS}) == len(ENDPOINTS)


def test_what_changes_something_needs_a_caller() -> None:
    """Only reading may be for anyone, giving back one's cookie, what bears a signature, and the way to a token; and a
    GET has no body."""
    known = (Who.CALLER, Who.OPERATOR, *USERS)
    open_to_anyone = [row for row in ENDPOINTS if row.method != "GET" and row.who not in known]
    paths = {(row.method, row.path) for row in open_to_anyone}
    accounts = {("POST", f"/auth/{step}") for step in ("register", "login", "refresh", "logout")}
    assert paths == {("DELETE", "/api/session"), ("POST", "/hooks/{source}")} | accounts
    assert [row.path for row in ENDPOINTS if row.method == "GET" and row.body] == []


def test_the_page_lists_the_same_endpoints() -> None:
    """docs/topics/http-api.md has a row for each, agents.md for those of users, and says for whom it is."""
    text = "\n".join(page.read_text() for page in PAGES)
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(METHODS)]
    told = {(row[0].strip("`"), row[2]) for row in rows}
    assert told == {(f"{row.method} {row.path}", FOR[row.who]) for row in ENDPOINTS}


def test_what_is_below_my_is_a_users_own() -> None:
    """And nothing else is: no endpoint there may be called without a user's token."""
    assert {row.path for row in ENDPOINTS if row.who in USERS} == {
        row.path for row in ENDPOINTS if row.path.startswith("/my/")
    }
