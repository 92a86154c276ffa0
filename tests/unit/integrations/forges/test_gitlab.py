"""GitLab's webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import BuildStatus, CodePush, CodeReview
from integrations.forges import Delivery, Forged, Malformed, Unsigned, read
from tests.unit.integrations.forges import gitlab_payloads as payloads
from tests.unit.integrations.forges.gitlab_payloads import ALICE, BOB, CAROL
from tests.unit.integrations.forges.payloads import (
    AFTER,
    NOW,
    SECRET,
    TOKEN,
    ZEROS,
    encoded,
    gitlab_headers,
    signed_headers,
)


def deliver(payload: dict[str, Any]) -> Delivery:
    return read("gitlab", gitlab_headers("Some Hook"), encoded(payload), SECRET, NOW)


def reviews(payload: dict[str, Any]) -> list[tuple[str, str | None, list[str]]]:
    """Who is told what."""
    found: list[tuple[str, str | None, list[str]]] = []
    for event in deliver(payload).events:
        assert isinstance(event.message, CodeReview)
        found.append((event.message.action, event.message.reviewer, [p.login or p.email for p in event.recipients]))
    return found


def test_a_push() -> None:
    """For who pushed and who wrote."""
    delivery = deliver(payloads.push())
    message = delivery.events[0].message
    assert message == CodePush(
        repository="acme/shop",
        branch="main",
        commit=AFTER,
        previous=payloads.push()["before"],
        commits=25,
        author="alice",
        title="Sell umbrellas",
        url=f"https://gitlab.example/acme/shop/-/commit/{AFTER}",
    )
    assert (delivery.id, delivery.pushed) == ("f5e5f430-f57b-4e6e-9fac", AFTER)
    assert [p.login or p.email for p in delivery.events[0].recipients] == ["alice", "carol@example.com"]
    assert deliver(payloads.push(after=ZEROS, checkout_sha=None)).events == ()
    assert deliver(payloads.push(object_kind="tag_push")).events == ()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", "queued"),
        ("running", "running"),
        ("success", "success"),
        ("failed", "failure"),
        ("canceled", "cancelled"),
        ("skipped", None),
        ("manual", None),
    ],
)
def test_a_pipeline(status: str, expected: str | None) -> None:
    """For who caused it and who wrote the commit."""
    events = deliver(payloads.pipeline(status=status)).events
    assert len(events) == (expected is not None)
    for event in events:
        assert event.message == BuildStatus(
            build_id="31",
            project="acme/shop",
            status=expected,  # type: ignore[arg-type]
            branch="main",
            commit=AFTER,
            url="https://gitlab.example/acme/shop/-/pipelines/31",
            duration_seconds=63.0,
            message="Pipeline for main",
        )
        assert [p.login or p.email for p in event.recipients] == ["alice", "carol@example.com"]


def test_reviews_are_asked_for() -> None:
    """When it is opened, when a reviewer is added, and when one is asked again; each reviewer by a message."""
    opened = payloads.merge_request("open", reviewers=[BOB, CAROL])
    assert reviews(opened) == [("requested", "bob", ["bob"]), ("requested", "carol", ["carol"])]
    added = payloads.merge_request("update", changes={"reviewers": {"previous": [BOB], "current": [BOB, CAROL]}})
    assert reviews(added) == [("requested", "carol", ["carol"])]
    again = {"previous": [BOB], "current": [{**BOB, "re_requested": True}]}
    assert reviews(payloads.merge_request("update", changes={"reviewers": again})) == [("requested", "bob", ["bob"])]
    assert reviews(payloads.merge_request("update", changes={"title": {"previous": "a", "current": "b"}})) == []
    assert reviews(payloads.merge_request("open", by=BOB, reviewers=[BOB])) == [("requested", "bob", [])]


def test_what_a_reviewer_says() -> None:
    """The author is told: by name if that stands nearby, else by the address of the last commit."""
    for action in ("approved", "approval"):
        assert reviews(payloads.merge_request(action, by=BOB)) == [("approved", "bob", ["alice@example.com"])]
    assert reviews(payloads.merge_request("approved", by=BOB, assignees=[ALICE])) == [("approved", "bob", ["alice"])]
    states = {"previous": [{**BOB, "state": "unreviewed"}], "current": [{**BOB, "state": "requested_changes"}]}
    changed = payloads.merge_request("update", by=BOB, changes={"reviewers": states}, assignees=[ALICE])
    assert reviews(changed) == [("changes_requested", "bob", ["alice"])]
    assert reviews(payloads.merge_request("unapproved", by=BOB)) == []


def test_an_author_who_is_not_named_is_known_by_number() -> None:
    """When the last commit is the reviewer's own, its address must not stand for the author."""
    theirs = payloads.merge_request("approved", by={**BOB, "email": "alice@example.com"})
    (event,) = deliver(theirs).events
    assert [(person.email, person.number) for person in event.recipients] == [("", "1")]


def test_an_end() -> None:
    """For author and reviewers, but not for who did it."""
    merged = payloads.merge_request("merge", by=BOB, reviewers=[BOB, CAROL], assignees=[ALICE])
    assert reviews(merged) == [("merged", "bob", ["alice", "carol"])]
    assert reviews(payloads.merge_request("close", reviewers=[BOB])) == [("closed", "alice", ["bob"])]


def test_comments() -> None:
    """On merge requests; those that GitLab writes itself are not told."""
    assert reviews(payloads.note()) == [("commented", "bob", ["alice@example.com"])]
    assert deliver(payloads.note()).events[0].message.model_dump()["comment"] == "Where are the raincoats?"
    for quiet in (payloads.note("Issue"), payloads.note(system=True), payloads.note(action="update")):
        assert reviews(quiet) == []


def test_a_signing_token_wants_a_signature() -> None:
    """The plain token is then not enough."""
    body = encoded(payloads.push())
    assert read("gitlab", signed_headers(body), body, TOKEN, NOW).id == "f5e5f430"
    with pytest.raises(Unsigned):
        read("gitlab", gitlab_headers("Push Hook", TOKEN), body, TOKEN, NOW)
    with pytest.raises(Forged):
        read("gitlab", signed_headers(body), body, TOKEN, NOW + 301)


def test_a_secret_token_must_be_right() -> None:
    """And there."""
    body = encoded(payloads.push())
    with pytest.raises(Forged):
        read("gitlab", gitlab_headers("Push Hook", "wrong"), body, SECRET, NOW)
    with pytest.raises(Unsigned):
        read("gitlab", gitlab_headers("Push Hook", ""), body, SECRET, NOW)
    with pytest.raises(Malformed, match="object_kind"):
        read("gitlab", gitlab_headers("Push Hook"), b"{}", SECRET, NOW)


def test_the_id_is_that_of_the_delivery() -> None:
    """Not that of the webhook, which is the same for all."""
    headers = gitlab_headers("Push Hook")
    body = encoded(payloads.push())
    del headers["idempotency-key"]
    assert read("gitlab", headers, body, SECRET, NOW).id == "13792a34-cac6-4fda-95a8-c58e00a3954e"
