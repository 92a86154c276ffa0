"""GitHub's webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import BuildStatus, CodePush, CodeReview
from integrations.forges import Event, read
from tests.unit.integrations.forges import payloads
from tests.unit.integrations.forges.payloads import AFTER, ALICE, BEFORE, BOB, NOW, SECRET, ZEROS, account


def deliver(event: str, payload: dict[str, Any]) -> Any:
    body = payloads.encoded(payload)
    return read("github", payloads.github_headers(event, body), body, SECRET, NOW)


def one(event: str, payload: dict[str, Any]) -> Event:
    (found,) = deliver(event, payload).events
    assert isinstance(found, Event)
    return found


def told(event: Event) -> list[str]:
    return [person.login or person.email for person in event.recipients]


def test_a_push() -> None:
    """For who pushed and who wrote; the hub is told what to look at."""
    delivery = deliver("push", payloads.push())
    assert (delivery.id, delivery.repository, delivery.pushed) == ("72d3162e-cc78-11e3", "acme/shop", AFTER)
    (event,) = delivery.events
    assert event.message == CodePush(
        repository="acme/shop",
        branch="main",
        commit=AFTER,
        previous=BEFORE,
        commits=2,
        author="alice",
        title="Sell umbrellas",
        url="https://forge.example/acme/shop/compare/6113728f27ae...0d1a26e67d8f",
    )
    assert told(event) == ["alice", "carol"]


@pytest.mark.parametrize(
    "fields", [{"ref": "refs/tags/v1"}, {"deleted": True}, {"after": ZEROS}, {"ref": "refs/pull/1/head"}], ids=str
)
def test_only_branches_that_are_there_are_told(fields: dict[str, Any]) -> None:
    """No tags, no deleted branches."""
    delivery = deliver("push", payloads.push(**fields))
    assert (delivery.events, delivery.pushed) == ((), "")


def test_a_new_branch() -> None:
    """Has no revision before."""
    message = one("push", payloads.push(before=ZEROS, commits=[], created=True)).message
    assert isinstance(message, CodePush)
    assert (message.previous, message.commits) == (None, 0)


def test_a_build() -> None:
    """For who caused it and who wrote the commit, once."""
    event = one("workflow_run", payloads.workflow_run())
    assert event.message == BuildStatus(
        build_id="30433642",
        project="acme/shop",
        status="failure",
        branch="main",
        commit=AFTER,
        url="https://forge.example/acme/shop/actions/runs/30433642",
        duration_seconds=81.0,
        message="Build: failure",
    )
    assert told(event) == ["alice", "alice@example.com"]


@pytest.mark.parametrize(
    ("status", "conclusion", "expected"),
    [
        ("queued", None, "queued"),
        ("in_progress", None, "running"),
        ("completed", "success", "success"),
        ("completed", "timed_out", "failure"),
        ("completed", "cancelled", "cancelled"),
        ("completed", "skipped", None),
        ("completed", None, None),
        ("odd", None, None),
    ],
)
def test_states_of_a_build(status: str, conclusion: str | None, expected: str | None) -> None:
    """What was skipped isn't told."""
    events = deliver("workflow_run", payloads.workflow_run(status=status, conclusion=conclusion)).events
    assert [event.message.status for event in events] == ([expected] if expected else [])


def test_checks_of_others() -> None:
    """Those of GitHub Actions come as runs already."""
    message = one("check_run", payloads.check_run()).message
    assert isinstance(message, BuildStatus)
    assert (message.status, message.duration_seconds, message.url) == ("success", 30.0, "https://ci.example/128620228")
    assert deliver("check_run", payloads.check_run(app={"slug": "github-actions"})).events == ()


def test_a_commit_status() -> None:
    """As other build systems report."""
    event = one("status", payloads.status())
    assert isinstance(event.message, BuildStatus)
    assert (event.message.build_id, event.message.status) == (f"ci/jenkins@{AFTER}", "failure")
    assert event.message.message == "ci/jenkins: 2 of 617 tests failed"
    assert told(event) == ["alice", "alice@example.com", "ci-bot"]
    assert deliver("status", payloads.status(state="odd")).events == ()


def test_a_review_is_asked_for() -> None:
    """Only the reviewer is told; not who asks for their own, and no team."""
    event = one("pull_request", payloads.review_requested())
    assert event.message == CodeReview(
        review_id="42",
        repository="acme/shop",
        title="Sell umbrellas",
        action="requested",
        author="alice",
        reviewer="bob",
        url="https://forge.example/acme/shop/pull/42",
    )
    assert told(event) == ["bob"]
    assert told(one("pull_request", payloads.review_requested(sender=BOB))) == []
    team = payloads.review_requested(requested_team={"name": "backend"})
    del team["requested_reviewer"]
    assert deliver("pull_request", team).events == ()


@pytest.mark.parametrize("action", ["opened", "synchronize", "labeled", "edited", "reopened"])
def test_other_actions_are_not_told(action: str) -> None:
    """A hub is no second inbox."""
    assert deliver("pull_request", payloads.review_requested(action=action)).events == ()


@pytest.mark.parametrize(
    ("state", "action"),
    [("approved", "approved"), ("changes_requested", "changes_requested"), ("commented", "commented"), ("odd", None)],
)
def test_what_a_reviewer_says(state: str, action: str | None) -> None:
    """Only the author is told."""
    events = deliver("pull_request_review", payloads.review(state)).events
    assert [(event.message.action, event.message.reviewer, told(event)) for event in events] == (
        [(action, "bob", ["alice"])] if action else []
    )
    if events:
        assert events[0].message.comment == "Where are the raincoats?\nAnd the boots?"
        assert events[0].message.url.endswith("#pullrequestreview-237895671")


def test_nobody_is_told_what_they_said() -> None:
    """An author who comments on their own change."""
    assert told(one("pull_request_review", payloads.review("commented", by=ALICE))) == []


@pytest.mark.parametrize(("merged", "action"), [(True, "merged"), (False, "closed")])
def test_an_end(merged: bool, action: str) -> None:
    """For author and reviewers, but not for who did it."""
    for by, expected in ((account("carol", 3), ["alice", "bob"]), (BOB, ["alice"]), (ALICE, ["bob"])):
        event = one("pull_request", payloads.closed(merged=merged, by=by))
        assert isinstance(event.message, CodeReview)
        assert (event.message.action, told(event)) == (action, expected)


def test_comments() -> None:
    """On pull requests; issues are not told."""
    event = one("issue_comment", payloads.issue_comment(on_pull=True))
    assert isinstance(event.message, CodeReview)
    assert (event.message.action, event.message.comment, told(event)) == ("commented", "Nice", ["alice"])
    assert deliver("issue_comment", payloads.issue_comment(on_pull=False)).events == ()


def test_a_deleted_account_has_a_name() -> None:
    """GitHub tells null for it."""
    gone = payloads.review("approved")
    gone["pull_request"]["user"] = None
    event = one("pull_request_review", gone)
    assert isinstance(event.message, CodeReview)
    assert (event.message.author, event.recipients) == ("unknown", ())
