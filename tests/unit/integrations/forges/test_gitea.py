"""Gitea's and Forgejo's webhooks. What they have in common with GitHub's is in test_github.py."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import BuildStatus, CodePush, CodeReview
from integrations.forges import Delivery, Forged, Malformed, Unsigned, read
from tests.unit.integrations.forges import payloads
from tests.unit.integrations.forges.payloads import NOW, SECRET


def deliver(event: str, payload: dict[str, Any]) -> Delivery:
    body = payloads.encoded(payload)
    return read("gitea", payloads.gitea_headers(event, body), body, SECRET, NOW)


def told(delivery: Delivery) -> list[list[str]]:
    return [[person.login or person.email for person in event.recipients] for event in delivery.events]


def test_a_push() -> None:
    """With the number of all commits, and the address of the comparison, under Gitea's names."""
    payload = payloads.push(total_commits=30, compare_url="https://forge.example/compare")
    del payload["compare"]
    delivery = deliver("push", payload)
    message = delivery.events[0].message
    assert isinstance(message, CodePush)
    assert (message.commits, message.url) == (30, "https://forge.example/compare")
    assert told(delivery) == [["alice", "carol"]]


@pytest.mark.parametrize(
    ("event", "type", "action"),
    [
        ("pull_request_approved", "pull_request_review_approved", "approved"),
        ("pull_request_rejected", "pull_request_review_rejected", "changes_requested"),
        ("pull_request_comment", "pull_request_review_comment", "commented"),
        ("pull_request_review", "pull_request_review_approved", "approved"),
    ],
)
def test_what_a_reviewer_says(event: str, type: str, action: str) -> None:
    """Whatever the event is called."""
    delivery = deliver(event, payloads.gitea_review(type))
    message = delivery.events[0].message
    assert isinstance(message, CodeReview)
    assert (message.action, message.reviewer, message.comment) == (action, "bob", "Where are the raincoats?")
    assert told(delivery) == [["alice"]]
    assert deliver(event, payloads.gitea_review("pull_request_review_odd")).events == ()


def test_requests_builds_ends_and_comments() -> None:
    """As GitHub tells them."""
    assert told(deliver("pull_request", payloads.review_requested())) == [["bob"]]
    assert told(deliver("pull_request", payloads.closed(merged=True, by=payloads.BOB))) == [["alice"]]
    assert told(deliver("issue_comment", {**payloads.issue_comment(on_pull=False), "is_pull": True})) == [["alice"]]
    assert isinstance(deliver("workflow_run", payloads.workflow_run()).events[0].message, BuildStatus)
    assert isinstance(deliver("status", payloads.status(state="warning")).events[0].message, BuildStatus)
    assert deliver("release", {"repository": payloads.REPOSITORY}).events == ()


def test_forgejos_own_headers() -> None:
    """Will do as well."""
    body = payloads.encoded(payloads.push())
    renamed = {k.replace("x-gitea", "x-forgejo"): v for k, v in payloads.gitea_headers("push", body).items()}
    assert read("gitea", renamed, body, SECRET, NOW).id == "f6266f16-1bf3-46a5"


def test_refusals() -> None:
    """Gitea without a secret sends an empty signature; GitHub's beside it doesn't count."""
    body = payloads.encoded(payloads.push())
    headers = payloads.gitea_headers("push", body)
    with pytest.raises(Unsigned):
        read("gitea", headers | {"x-gitea-signature": ""}, body, SECRET, NOW)
    with pytest.raises(Forged):
        read("gitea", headers, body + b" ", SECRET, NOW)
    with pytest.raises(Malformed, match="X-Gitea-Event"):
        read("gitea", headers | {"x-gitea-event": ""}, body, SECRET, NOW)
