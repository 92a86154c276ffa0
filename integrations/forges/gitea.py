"""Gitea's and Forgejo's webhooks: signed with HMAC-SHA256 over the body, and much like GitHub's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from integrations.forges import github
from integrations.forges.delivery import Delivery, Event, Malformed, people
from integrations.forges.payload import Payload
from integrations.forges.signatures import check_hex

_REVIEWS: Final[dict[str, github.Action]] = {
    "approved": "approved",
    "rejected": "changes_requested",
    "comment": "commented",
}
"""How types of reviews end, such as `pull_request_review_approved`."""


def check(headers: Mapping[str, str], body: bytes, secret: str, _now: float) -> None:
    """Check `X-Gitea-Signature`, or Forgejo's of its own name. Without a secret both send an empty one.

    Raises:
        Unsigned, Forged: see `integrations.forges.signatures`.
    """
    check_hex(headers.get("x-gitea-signature") or headers.get("x-forgejo-signature", ""), "", body, secret)


def delivery_id(headers: Mapping[str, str]) -> str:
    """Return the id, which is the same when a delivery is sent again by hand."""
    return headers.get("x-gitea-delivery") or headers.get("x-forgejo-delivery", "")


def read(id: str, headers: Mapping[str, str], body: Payload) -> Delivery:
    """Read a signed body.

    Raises:
        Malformed: it isn't what Gitea documents.
    """
    kind = headers.get("x-gitea-event") or headers.get("x-forgejo-event", "")
    if not kind:
        raise Malformed("headers: expected X-Gitea-Event")
    # The event's name of a review has changed between versions; what its body says has not.
    if body.at("review") and body.word("action") == "reviewed":
        return github.deliver(id, kind, body, {kind: _reviewed})
    return github.deliver(id, kind, body, _EVENTS)


def _reviewed(body: Payload) -> Event | None:
    """Read what a reviewer says. The reviewer is who sent the event."""
    review, author, reviewer = body.at("review"), body.at("pull_request").person("user"), body.person("sender")
    said = _REVIEWS.get(review.word("type").rpartition("_")[2])
    if said is None:
        return None
    message = github.review_of(body, said, reviewer, review.text("content"))
    return Event(people([author], but=reviewer), message, reviewer)


_EVENTS: Final[dict[str, Callable[[Payload], Event | None]]] = {
    "push": github.push,
    "workflow_run": github.workflow_run,
    "status": github.status,
    "pull_request": github.pull_request,
    "issue_comment": github.issue_comment,
}
"""The kinds of events that are told, beside reviews."""
